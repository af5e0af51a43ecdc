"""Dates and hours as French professionals type and read them.

« demain », « mardi », « 24/11 », « mardi 24 novembre », « 2026-11-24 »; « 14 h 30 », « 14:30 »,
« 9h ». A day without its year, or a weekday, means the next one to come.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from content.dates import clock_time, day, day_and_time

__all__ = [
    "WEEKDAYS",
    "ago",
    "clock_time",
    "datetime",
    "day",
    "day_and_time",
    "folded",
    "month",
    "of_name",
    "parse_day",
    "parse_moment",
    "parse_time",
    "short_day",
]

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_RELATIVE = {
    "hier": -1,
    "avant-hier": -2,
    "aujourd'hui": 0,
    "ce jour": 0,
    "demain": 1,
    "apres-demain": 2,
    "apres demain": 2,
}
_SLASHED = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDED = re.compile(
    r"(?:(?P<weekday>[a-z]+)\s+)?(?P<day>\d{1,2})(?:er)?\s+(?P<month>[a-z]+)"
    r"(?:\s+(?P<year>\d{4}))?"
)
# First names begin so where their h is mute: « d'Hélène », but « de Hamza ».
_MUTE_H = ("hel", "henri", "hermi", "hippol", "honor", "hortense", "hubert", "hugo")
_TIME = re.compile(r"(\d{1,2})\s*(?:[h:]\s*(\d{2})?|heures?\s*(\d{2})?)?")


def folded(text: str) -> str:
    """Lower case, without accents, single spaces: how people's typing is compared."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


_MONTH_NUMBERS = {folded(name): number for number, name in enumerate(MONTHS, 1)}


def parse_day(text: str, today: date, *, past: bool = False) -> date | None:
    """The day that these words mean, or None when they mean no day.

    A day that may be read as two means the one to come, or with `past` the last one gone by.
    """
    said = folded(text)
    if said in _RELATIVE:
        return today + timedelta(days=_RELATIVE[said])
    if said in WEEKDAYS:
        ahead = (WEEKDAYS.index(said) - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead - 7 if past else ahead)
    if found := _ISO.fullmatch(said):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.fullmatch(said):
        return _dated(int(found[1]), int(found[2]), found[3], today, past)
    if found := _WORDED.fullmatch(said):
        return _worded(found, today, past)
    return None


def parse_time(text: str) -> time | None:
    """« 14 h 30 », « 14h », « 14:30 », « 14 »; None when these words mean no hour."""
    found = _TIME.fullmatch(folded(text))
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or found[3] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def parse_moment(text: str, today: date) -> datetime | None:
    """One line with a day and an hour: « jeudi 26 novembre à 15 h », « 26/11 15:00 »."""
    said = folded(text)
    for separator in (" a ", ", ", " "):
        before, found, after = said.rpartition(separator)
        while found:
            on, at = parse_day(before.rstrip(" ,"), today), parse_time(after)
            if on and at:
                return datetime.combine(on, at)
            before, found, rest = before.rpartition(separator)
            after = f"{rest}{separator}{after}"
    return None


def short_day(of: date, today: date) -> str:
    """« aujourd'hui », « demain », « hier », otherwise « mardi 24 novembre », with another year."""
    near = {0: "aujourd'hui", 1: "demain", -1: "hier"}.get((of - today).days)
    if near:
        return near
    return day(of, today=today)


def ago(at: datetime, now: datetime) -> str:
    """Both local: « à l'instant », « il y a 5 min », « hier à 14 h », « mardi 24 novembre »."""
    gap = now - at
    if timedelta(0) <= gap < timedelta(minutes=1):
        return "à l'instant"
    if timedelta(0) <= gap < timedelta(hours=1):
        return f"il y a {int(gap.total_seconds() // 60)}\u00a0min"
    on = short_day(at.date(), now.date())
    return f"{on} à\u00a0{clock_time(at)}" if abs(gap) < timedelta(days=7) else on


def month(text: str) -> str:
    """« 2010-05 » as « mai 2010 »."""
    year, number = text.split("-")
    return f"{MONTHS[int(number) - 1]}\u00a0{year}"


def of_name(name: str) -> str:
    """« de Maya », « d'Inès », « d'Hugo », « de Hamza », « de Yanis », « d'Yves »."""
    first = folded(name)
    elided = first.startswith(("a", "e", "i", "o", "u", "œ", *_MUTE_H)) or (
        first[:1] == "y" and first[1:2] not in tuple("aeiou")
    )
    return f"d'{name}" if elided else f"de {name}"


def _worded(found: re.Match[str], today: date, past: bool) -> date | None:
    number = _MONTH_NUMBERS.get(found["month"])
    if number is None or (found["weekday"] and found["weekday"] not in WEEKDAYS):
        return None
    on = _dated(int(found["day"]), number, found["year"], today, past)
    if on and found["weekday"] and WEEKDAYS[on.weekday()] != found["weekday"]:
        return None  # « lundi 24 novembre » when the 24th is a Tuesday: better asked again
    return on


def _dated(number: int, of_month: int, year: str | None, today: date, past: bool) -> date | None:
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), of_month, number)
    this = _date(today.year, of_month, number)
    if past:
        return this if this and this <= today else _date(today.year - 1, of_month, number)
    return this if this and this >= today else _date(today.year + 1, of_month, number)


def _date(year: int, of_month: int, number: int) -> date | None:
    try:
        return date(year, of_month, number)
    except ValueError:
        return None

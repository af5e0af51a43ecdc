"""Days and hours as people say them: « mardi 14 octobre à 14 h 30 », with non-breaking spaces."""

from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, get_day_names

NBSP = "\u00a0"


def _is_french(language: str) -> bool:
    """With « tu » or with « vous » (`content.formal`)."""
    return language.startswith("fr")


def month(of: str, language: str = "fr") -> str:
    """« mars 2010 » from « 2010-03 »."""
    first = date.fromisoformat(f"{of}-01")
    return str(format_date(first, "MMMM y", locale=language[:2])).replace(" ", NBSP)


def clock_time(at: datetime, language: str = "fr") -> str:
    """« 14 h 30 », « 9 h »; in English « 14:30 »."""
    if not _is_french(language):
        return f"{at:%H:%M}"
    return f"{at.hour}{NBSP}h{NBSP}{at.minute:02}" if at.minute else f"{at.hour}{NBSP}h"


def day(of: date, language: str = "fr", *, today: date | None = None) -> str:
    """« mardi 14 octobre »; « dimanche 1er février »; in English « Tuesday 14 October ».

    With `today`, a day of another year tells which one: « mardi 14 octobre 2025 ».
    """
    said = _day(of.year, of.month, of.day, language)
    return said if today is None or of.year == today.year else f"{said}{NBSP}{of.year}"


@lru_cache(1024)
def _day(year: int, month_: int, number: int, language: str) -> str:
    """By its parts: one instant is another day in another zone, and yet equal to itself."""
    said = format_date(date(year, month_, number), "EEEE d MMMM", locale=language[:2])
    if _is_french(language) and number == 1:
        said = said.replace(" 1 ", " 1er ")
    return said.replace(" ", NBSP)


def short_day(of: date, language: str = "fr") -> str:
    """« 14 oct. », for a button."""
    return str(format_date(date(of.year, of.month, of.day), "d MMM", locale=language[:2])).replace(
        " ", NBSP
    )


def day_and_time(at: datetime, language: str = "fr", *, today: date | None = None) -> str:
    """`at` is local to the reader. « mardi 14 octobre à 14 h 30 »; the year as `day` tells it."""
    word = "à" if _is_french(language) else "at"
    return f"{day(at, language, today=today)} {word}{NBSP}{clock_time(at, language)}"


def reading_hours(hours: dict[str, list[str]], language: str = "fr") -> str:
    """« du lundi au vendredi, de 9 h à 18 h », from ISO weekdays to their span of the day."""
    spans = [(int(weekday), tuple(span)) for weekday, span in sorted(hours.items())]
    groups: list[tuple[int, int, tuple[str, ...]]] = []
    for weekday, span in spans:
        if groups and groups[-1][1] == weekday - 1 and groups[-1][2] == span:
            groups[-1] = (groups[-1][0], weekday, span)
        else:
            groups.append((weekday, weekday, span))
    return f"{NBSP}; ".join(_span(*group, language) for group in groups)


def _span(first: int, last: int, span: tuple[str, ...], language: str) -> str:
    names = get_day_names(locale=language[:2])
    start, end = (clock_time(datetime.strptime(t, "%H:%M"), language) for t in span)  # noqa: DTZ007
    if not _is_french(language):
        days = names[first - 1] if first == last else f"{names[first - 1]} to {names[last - 1]}"
        return f"{days}, {start} to {end}"
    days = (
        f"le {names[first - 1]}"
        if first == last
        else (f"du {names[first - 1]} au {names[last - 1]}")
    )
    return f"{days}, de {start} à {end}"


def span(days: float, language: str = "fr") -> str:
    """« 30 jours », « 6 mois »: months where it is whole ones, as people say it."""
    months = round(days / 30.4)
    if months >= 2 and abs(days - months * 30.4) < 1:
        return f"{months}{NBSP}{'mois' if _is_french(language) else 'months'}"
    count = round(days)
    one = count < 2 if _is_french(language) else count == 1
    word = "jour" if _is_french(language) else "day"
    return f"{count}{NBSP}{word if one else f'{word}s'}"

"""Dates as the phone and the demo page say them, in French."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime

_NO_BREAK = "\u00a0"


def moment(when: datetime) -> str:
    """« mardi 24 novembre 2026, 14 h 30 »; the moment is in the zone to be shown."""
    hour = f"{when.hour}{_NO_BREAK}h{_NO_BREAK}{when.minute:02}"
    return f"{_first(format_date(when, 'EEEE d MMMM y', 'fr'))}, {hour}"


def clock(when: datetime) -> str:
    """« 14:30 », as phones write it."""
    return str(format_datetime(when, "HH:mm", locale="fr"))


def day(when: date, today: date) -> str:
    """« Aujourd'hui », « Hier », « mardi 24 novembre », with the year if it is another one."""
    if when == today:
        return "Aujourd'hui"
    if when == today - timedelta(days=1):
        return "Hier"
    pattern = "EEEE d MMMM" if when.year == today.year else "EEEE d MMMM y"
    return _first(format_date(when, pattern, "fr"))


def _first(words: str) -> str:
    """French says « 1er » for the first of a month, and only for the first."""
    return words.replace(" 1 ", " 1er ")

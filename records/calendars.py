"""Days unlike the others: public holidays by place, school holidays by zone.

A day that no published calendar names is an ordinary school day: the window is narrower then, and
nothing reaches a pupil in class. `published_until` says how far a zone's calendar goes.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import holidays
from vacances_scolaires_france import SchoolHolidayDates

# A place with public holidays of its own, and its code in the library that knows them.
PLACES = {
    "alsace-moselle": "57",
    "guadeloupe": "971",
    "martinique": "972",
    "guyane": "973",
    "reunion": "974",
    "mayotte": "976",
    "saint-pierre": "PM",
    "saint-barthelemy": "BL",
    "saint-martin": "MF",
    "caledonie": "NC",
    "polynesie": "PF",
    "wallis": "WF",
}
MAINLAND = ("A", "B", "C")
SCHOOL_ZONES = (
    *MAINLAND,
    "corse",
    "guadeloupe",  # Saint-Martin and Saint-Barthélemy are of this académie
    "martinique",
    "guyane",
    "reunion",
    "mayotte",
    "saint-pierre",
    "caledonie",
    "polynesie",
    "wallis",
    "none",
)


def is_public_holiday(day: date, place: str) -> bool:
    """French public holidays; `place` is empty, or one of `PLACES`."""
    return day in _public(place)


def is_school_holiday(day: date, zone: str) -> bool:
    """Whether school is known to be out on this day in this zone."""
    if zone in MAINLAND:
        known = _mainland().data.get(day)
        return bool(known and known[f"vacances_zone_{zone.lower()}"])
    return any(out["first"] <= day <= out["last"] for out in _elsewhere(zone).get("breaks", ()))


def published_until(zone: str) -> date | None:
    """The last day that the zone's school calendar knows; None when it knows none."""
    if zone in MAINLAND:
        last: date = max(_mainland().data)
        return last
    until: date | None = _elsewhere(zone).get("until")
    return until


@cache
def _public(place: str) -> holidays.HolidayBase:
    return holidays.country_holidays("FR", subdiv=PLACES.get(place))


@cache
def _mainland() -> SchoolHolidayDates:
    return SchoolHolidayDates()


def _elsewhere(zone: str) -> dict[str, Any]:
    told: dict[str, Any] = _file()["zones"].get(zone, {})
    return told


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("school_calendars.toml").read_text("utf-8"))

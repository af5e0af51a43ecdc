"""Public holidays by place, school holidays by zone, and what no calendar knows."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from records.calendars import (
    PLACES,
    SCHOOL_ZONES,
    is_public_holiday,
    is_school_holiday,
    published_until,
)
from records.hours import Hours


@pytest.mark.parametrize(
    ("place", "day"),
    [
        ("alsace-moselle", date(2027, 3, 26)),  # Good Friday
        ("alsace-moselle", date(2026, 12, 26)),
        ("guadeloupe", date(2027, 5, 27)),  # from here on, the end of slavery
        ("martinique", date(2027, 5, 22)),
        ("guyane", date(2027, 6, 10)),
        ("reunion", date(2027, 12, 20)),
        ("mayotte", date(2027, 4, 27)),
        ("saint-martin", date(2027, 5, 28)),
        ("saint-barthelemy", date(2027, 10, 9)),
        ("caledonie", date(2027, 9, 24)),
        ("polynesie", date(2027, 3, 5)),
        ("polynesie", date(2027, 11, 20)),
        ("wallis", date(2027, 4, 28)),
    ],
)
def test_each_place_has_holidays_of_its_own(place: str, day: date) -> None:
    assert is_public_holiday(day, place)
    assert not is_public_holiday(day, "")


@pytest.mark.parametrize("place", ["", *PLACES])
def test_every_place_keeps_those_of_all_france(place: str) -> None:
    easter_mondays = (date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17))
    for day in (*easter_mondays, date(2027, 1, 1), date(2027, 5, 8), date(2028, 11, 11)):
        assert is_public_holiday(day, place)


def test_a_public_holiday_in_the_school_holidays_stays_silent() -> None:
    for school_aged in (True, False):
        assert Hours("Europe/Paris", "C", "", school_aged).window(date(2027, 7, 14)) is None


@pytest.mark.parametrize("zone", SCHOOL_ZONES)
def test_what_no_calendar_knows_counts_as_a_school_day(zone: str) -> None:
    """A summer after the last one published: at school until five in the afternoon."""
    later = (published_until(zone) or date(2026, 11, 24)) + timedelta(days=1)
    tuesday = later + timedelta(days=(1 - later.weekday()) % 7)
    assert not is_school_holiday(tuesday, zone)
    pupils = Hours("Europe/Paris", zone, "", school_aged=True)
    span = pupils.window(tuesday)
    assert span is None or span[0].astimezone(ZoneInfo("Europe/Paris")).hour == 17


@pytest.mark.parametrize(
    ("zone", "out", "back"),
    [
        ("A", date(2027, 2, 15), date(2027, 3, 1)),
        ("B", date(2027, 2, 22), date(2027, 3, 8)),
        ("C", date(2027, 2, 8), date(2027, 2, 22)),
        ("corse", date(2027, 2, 15), date(2027, 3, 1)),
        ("reunion", date(2027, 1, 29), date(2027, 2, 1)),
        ("caledonie", date(2027, 1, 5), date(2026, 11, 24)),
    ],
)
def test_each_zone_has_its_own_school_holidays(zone: str, out: date, back: date) -> None:
    assert is_school_holiday(out, zone)
    assert not is_school_holiday(back, zone)


def test_pupils_of_two_zones_are_written_to_at_different_hours_on_one_day() -> None:
    day = date(2027, 2, 9)  # holidays in C, school in A
    opening = {
        zone: Hours("Europe/Paris", zone, "", school_aged=True).next_open(
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Paris"))
        )
        for zone in ("A", "C")
    }
    assert opening["A"] - opening["C"] == timedelta(hours=7)


def test_no_published_break_is_turned_round() -> None:
    """Each zone's known holidays are within what is published, and none lasts for ever."""
    for zone in set(SCHOOL_ZONES) - {"none"}:
        until = published_until(zone)
        days = [date(2026, 9, 1) + timedelta(days=n) for n in range(900)]
        out = [day for day in days if is_school_holiday(day, zone)]
        assert (until is not None) == bool(out)
        assert all(day <= until for day in out if until)

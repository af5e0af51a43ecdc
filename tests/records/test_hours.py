"""When an unasked message may leave: over zones, holidays and clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.calendars import PLACES, SCHOOL_ZONES, is_public_holiday, is_school_holiday
from records.hours import Hours, late_change_at, local_instant

PARIS = ZoneInfo("Europe/Paris")
ZONES = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Wallis",
    "America/Miquelon",
    "America/Marigot",
    "America/St_Barthelemy",
)
at_school = Hours("Europe/Paris", "C", "", school_aged=True)
adult = Hours("Europe/Paris", "C", "", school_aged=False)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 6, 1), timezones=st.just(UTC))
anyones = st.builds(
    Hours,
    st.sampled_from(ZONES),
    st.sampled_from(SCHOOL_ZONES),
    st.sampled_from(["", *PLACES]),
    st.booleans(),
)


def paris(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)


MONDAY = date(2026, 11, 23)  # a school day
SUNDAY = date(2026, 11, 22)


def test_the_school_aged_hear_nothing_before_five_on_a_school_day() -> None:
    assert not at_school.is_open(paris(MONDAY, 16, 59))
    assert at_school.is_open(paris(MONDAY, 17))
    assert not at_school.is_open(paris(MONDAY, 19, 30))


def test_others_hear_from_ten_on_weekdays() -> None:
    assert adult.is_open(paris(MONDAY, 10))
    assert not adult.is_open(paris(MONDAY, 9, 59))


def test_in_school_holidays_the_school_aged_hear_from_ten() -> None:
    christmas = date(2026, 12, 23)
    assert is_school_holiday(christmas, "C")
    assert at_school.is_open(paris(christmas, 10))


def test_saturdays_end_at_seven() -> None:
    saturday = date(2026, 11, 28)
    assert at_school.is_open(paris(saturday, 18, 59))
    assert not at_school.is_open(paris(saturday, 19))


@pytest.mark.parametrize("day", [SUNDAY, date(2026, 12, 25), date(2027, 5, 1), date(2027, 3, 29)])
def test_sundays_and_public_holidays_are_silent(day: date) -> None:
    assert adult.window(day) is None


def test_good_friday_is_silent_in_alsace_moselle_only() -> None:
    good_friday = date(2027, 3, 26)
    assert is_public_holiday(good_friday, "alsace-moselle")
    assert not is_public_holiday(good_friday, "")


def test_the_end_of_slavery_is_a_holiday_in_la_reunion() -> None:
    assert is_public_holiday(date(2026, 12, 20), "reunion")


def test_a_structure_may_choose_other_windows() -> None:
    chosen = Hours("Europe/Paris", "C", "", False, '{"saturday": null}')
    assert chosen.window(date(2026, 11, 28)) is None


@given(anyones, instants)
def test_what_waits_leaves_inside_a_window(hours: Hours, at: datetime) -> None:
    opening = hours.next_open(at)
    assert opening >= at
    assert hours.is_open(opening)


@given(anyones, instants)
def test_a_reminder_moves_earlier_and_into_a_window(hours: Hours, at: datetime) -> None:
    moved = hours.last_open(at)
    assert moved is not None
    assert moved <= at
    assert hours.is_open(moved)


@given(anyones, instants)
def test_nothing_leaves_on_a_sunday_or_at_night(hours: Hours, at: datetime) -> None:
    local = hours.next_open(at).astimezone(ZoneInfo(hours.zone))
    assert local.isoweekday() != 7
    assert 10 <= local.hour < 20


@given(st.sampled_from(ZONES), instants, st.timedeltas(timedelta(minutes=1), timedelta(hours=24)))
def test_a_late_change_leaves_by_day_or_in_time(zone: str, at: datetime, gap: timedelta) -> None:
    leaves = late_change_at(at, zone, at + gap)
    local = leaves.astimezone(ZoneInfo(zone))
    assert at <= leaves < at + gap
    assert 7 <= local.hour < 21 or leaves == at


def test_a_skipped_local_time_is_refused() -> None:
    with pytest.raises(ValueError, match="does not exist"):
        local_instant(datetime(2027, 3, 28, 2, 30), "Europe/Paris")


def test_a_repeated_local_time_means_the_first() -> None:
    assert local_instant(datetime(2026, 10, 25, 2, 30), "Europe/Paris") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )

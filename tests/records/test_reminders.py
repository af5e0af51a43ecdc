"""The reminders of a meeting: when each rung falls due, and when two of them are one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.hours import Hours, local_instant
from records.reminders import rungs_due
from records.sending import opens_at

PUPIL = Hours("Europe/Paris", "C", "", school_aged=True)
ADULT = Hours("Europe/Paris", "C", "", school_aged=False)
LONG_BEFORE = timedelta(days=90)


def due(hours: Hours, ladder: list[str], wall: str, now: datetime | None = None) -> list[str]:
    """Local times at which a meeting at this wall time is reminded of."""
    starts_at = local_instant(datetime.fromisoformat(wall), hours.zone)
    found = rungs_due(ladder, now or starts_at - LONG_BEFORE, starts_at, hours)
    return [f"{at.astimezone(ZoneInfo(hours.zone)):%Y-%m-%d %H:%M}" for at in found.values()]


def test_a_pupils_reminder_of_three_hours_before_joins_that_of_the_day_before() -> None:
    assert due(PUPIL, ["1d", "3h"], "2026-12-02 14:30") == ["2026-12-01 17:30"]
    assert due(ADULT, ["1d", "3h"], "2026-12-02 14:30") == ["2026-12-01 17:30", "2026-12-02 11:30"]


def test_two_rungs_before_an_early_meeting_are_one_the_evening_before() -> None:
    assert due(ADULT, ["3h", "1h"], "2026-12-02 09:00") == ["2026-12-01 19:29"]


def test_a_sunday_rung_joins_that_of_saturday() -> None:
    assert due(ADULT, ["2d", "1d"], "2026-11-30 14:30") == ["2026-11-28 17:30"]


def test_the_day_before_the_first_of_march_is_the_twenty_ninth_of_february() -> None:
    assert due(ADULT, ["1d"], "2028-03-01 14:30") == ["2028-02-29 17:30"]


@pytest.mark.parametrize(
    ("zone", "wall", "day_before"),
    [
        ("Europe/Paris", "2026-10-26 14:30", "2026-10-24 18:59"),  # the 25th is a Sunday
        ("Europe/Paris", "2027-03-30 14:30", "2027-03-27 18:59"),  # Easter Monday, Sunday
        ("America/Miquelon", "2026-11-02 14:30", "2026-10-31 18:59"),
        ("America/Miquelon", "2027-03-15 14:30", "2027-03-13 18:59"),
    ],
)
def test_the_day_before_is_told_on_the_wall_clock_over_a_change_of_time(
    zone: str, wall: str, day_before: str
) -> None:
    assert due(Hours(zone, "C", "", school_aged=False), ["1d"], wall) == [day_before]


def test_three_hours_before_are_hours_that_pass() -> None:
    """On the last Monday of October and on the others, 11 h 30 for 14 h 30."""
    assert due(ADULT, ["3h"], "2026-10-26 14:30") == ["2026-10-26 11:30"]
    before = rungs_due(
        ["26h"], datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 26, 10, tzinfo=UTC), ADULT
    )
    assert before == {"26h": datetime(2026, 10, 24, 16, 59, tzinfo=UTC)}


def test_a_meeting_planned_at_the_last_minute_is_told_at_once() -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    assert due(ADULT, ["7d", "1d"], "2026-11-28 09:00", friday) == ["2026-11-27 17:30"]
    assert due(ADULT, ["7d", "1d"], "2026-11-27 18:00", friday) == ["2026-11-27 16:00"]


def test_a_meeting_planned_when_no_window_is_left_is_told_by_day_all_the_same() -> None:
    saturday_night = datetime(2026, 11, 28, 21, 30, tzinfo=UTC)
    assert due(ADULT, ["1d"], "2026-11-30 08:00", saturday_night) == ["2026-11-29 07:00"]


def test_what_was_told_today_is_not_told_again_today() -> None:
    now = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    meeting = datetime(2026, 12, 2, 13, 30, tzinfo=UTC)
    assert list(rungs_due(["now", "1d", "3h"], now, meeting, ADULT, told=[now])) == ["3h"]


zones = st.sampled_from(["Europe/Paris", "America/Miquelon", "Pacific/Tahiti", "Pacific/Noumea"])
days = st.dates(date(2026, 9, 1), date(2028, 9, 30)) | st.sampled_from(
    [date(2026, 10, 25), date(2027, 3, 28), date(2026, 11, 1), date(2027, 3, 14), date(2028, 2, 29)]
)
anyones = st.builds(
    Hours,
    zones,
    st.sampled_from(["A", "corse", "caledonie", "none"]),
    st.sampled_from(["", "alsace-moselle", "polynesie", "wallis"]),
    st.booleans(),
    st.sampled_from(["{}", '{"saturday": null}', '{"weekday": ["07:00", "08:30"]}']),
)
rungs = st.one_of(
    st.just("now"), st.builds("{}{}".format, st.integers(1, 72), st.sampled_from("dh"))
)


@settings(max_examples=400)
@given(
    anyones,
    st.lists(rungs, unique=True, max_size=5),
    days,
    st.times(),
    st.timedeltas(timedelta(minutes=1), timedelta(days=80)),
)
def test_reminders_come_before_the_meeting_in_a_window_and_one_a_day(
    hours: Hours, ladder: list[str], day: date, at: time, ahead: timedelta
) -> None:
    now = datetime.combine(day, at, UTC)
    found = rungs_due(ladder, now, now + ahead, hours)
    assert bool(found) == bool(ladder), "whoever asks for a reminder has one at least"
    leaving = {rung: opens_at(hours, due, "reminder", now + ahead) for rung, due in found.items()}
    told_on = [hours.local_day(when) for when in leaving.values()]
    assert len(told_on) == len(set(told_on))
    for rung, due_at in found.items():
        assert now <= due_at <= leaving[rung] < now + ahead
        assert hours.is_open(leaving[rung]) or hours.next_open(leaving[rung]) > now + ahead - (
            timedelta(hours=1)
        )
    again = rungs_due(ladder, now, now + ahead, hours, told=leaving.values())
    assert not {hours.local_day(at) for at in again.values()} & set(told_on)

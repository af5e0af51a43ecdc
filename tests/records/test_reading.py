"""Reading hours: how long an alert waits, over nights, holidays and clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.calendars import is_public_holiday
from records.reading import is_reading, next_read, read_until
from records.structure import DEFAULT_READING

PARIS = "Europe/Paris"
ZONES = (PARIS, "America/Cayenne", "Indian/Reunion", "Pacific/Tahiti", "America/Miquelon")
walls = st.integers(0, 23 * 60).flatmap(
    lambda first: st.integers(first + 30, 24 * 60 - 1).map(lambda last: [wall(first), wall(last)])
)
weeks = st.dictionaries(st.sampled_from("1234567"), walls, min_size=1)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


def wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def local(text: str, zone: str = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "minutes", "until"),
    [
        ("2026-11-23T11:00", 30, "2026-11-23T11:30"),
        ("2026-11-23T17:45", 30, "2026-11-24T09:15"),  # fifteen minutes tonight, fifteen tomorrow
        ("2026-11-20T17:30", 30, "2026-11-20T18:00"),
        ("2026-11-20T17:31", 30, "2026-11-23T09:01"),  # over a weekend
        ("2026-11-21T12:00", 30, "2026-11-23T09:30"),
        ("2026-12-24T17:50", 30, "2026-12-28T09:20"),  # Christmas is a Friday
        ("2026-03-27T17:50", 30, "2026-03-30T09:20"),  # the clocks go forward in between
        ("2026-10-23T17:50", 30, "2026-10-26T09:20"),  # and back
        ("2026-11-23T08:00", 540 + 60, "2026-11-24T10:00"),
    ],
)
def test_only_reading_hours_count(since: str, minutes: int, until: str) -> None:
    assert read_until(DEFAULT_READING, PARIS, "", local(since), minutes) == local(until)


def test_where_no_hours_are_set_every_minute_counts_and_nobody_is_said_to_read() -> None:
    at = local("2026-11-22T03:00")
    assert read_until({}, PARIS, "", at, 30) == at + timedelta(minutes=30)
    assert next_read({}, PARIS, "", at) is None
    assert not is_reading({}, PARIS, "", at)


def test_a_holiday_of_the_place_is_no_reading_day() -> None:
    at = local("2026-05-22T12:00", "America/Cayenne")  # a Friday; slavery's abolition is 10 June
    june = local("2026-06-10T12:00", "America/Cayenne")
    assert is_reading(DEFAULT_READING, "America/Cayenne", "guyane", at)
    assert not is_reading(DEFAULT_READING, "America/Cayenne", "guyane", june)
    assert is_reading(DEFAULT_READING, "America/Cayenne", "", june)


@given(weeks, st.sampled_from(ZONES), instants, st.integers(1, 300))
def test_exactly_so_many_reading_minutes_go_by(
    hours: dict[str, list[str]], zone: str, since: datetime, minutes: int
) -> None:
    until = read_until(hours, zone, "", since, minutes)
    counted = 0
    at = since
    while at < until and counted <= minutes:
        begins = next_read(hours, zone, "", at)
        assert begins is not None
        at = max(at, begins)
        while at < until and is_reading(hours, zone, "", at):
            counted += 1
            at += timedelta(minutes=1)
    assert counted == minutes
    assert is_reading(hours, zone, "", until - timedelta(minutes=1))


@given(weeks, st.sampled_from(ZONES), instants)
def test_somebody_reads_when_it_is_a_day_and_an_hour_of_theirs(
    hours: dict[str, list[str]], zone: str, at: datetime
) -> None:
    here = at.astimezone(ZoneInfo(zone))
    span = hours.get(str(here.isoweekday()))
    theirs = span is not None and span[0] <= f"{here:%H:%M}" < span[1]
    expected = theirs and not is_public_holiday(here.date(), "")
    if here.utcoffset() == (here + timedelta(hours=2)).utcoffset():  # nor in the hour that repeats
        assert is_reading(hours, zone, "", at) == expected


@given(weeks, st.sampled_from(ZONES), instants, st.integers(1, 300), st.integers(0, 600))
def test_a_later_start_or_a_longer_wait_ends_no_sooner(
    hours: dict[str, list[str]], zone: str, since: datetime, minutes: int, more: int
) -> None:
    until = read_until(hours, zone, "", since, minutes)
    assert since < until
    assert read_until(hours, zone, "", since, minutes + more) >= until
    assert read_until(hours, zone, "", since + timedelta(minutes=more), minutes) >= until

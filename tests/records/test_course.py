"""The calendar of a course, for any rhythm, zone and date; and that the phone gets what it shows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.course import AFTER_MEETING, ANCHORS, Around, Rhythm, Step, lay_out
from records.hours import Hours
from records.sending import opens_at

ZONES = ("Europe/Paris", "America/Martinique", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti")
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 6, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)

rhythms = st.builds(
    Rhythm,
    st.sets(st.integers(1, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    st.times(time(10), time(18, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
)
anchors = st.sampled_from(["", "", "", *ANCHORS])


@st.composite
def calendars(draw: st.DrawFn) -> tuple[list[Step], Rhythm, date, Around, datetime]:
    now = draw(NOWS)
    hours = Hours(
        draw(st.sampled_from(ZONES)), draw(st.sampled_from("ABC")), "", draw(st.booleans())
    )
    steps = [
        Step(place, draw(anchors), draw(st.integers(0, 10)))
        for place in range(draw(st.integers(1, 12)))
    ]
    away = draw(st.none() | st.integers(0, 90))
    ends_on = None if away is None else now.date() + timedelta(days=away)
    met = sorted(
        now + timedelta(hours=draw(st.integers(1, 1000))) for _ in range(draw(st.integers(0, 3)))
    )
    around = Around(hours, "2009-03", ends_on, tuple(met))
    return steps, draw(rhythms), now.date() + timedelta(days=draw(st.integers(-5, 40))), around, now


@given(calendars())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_step_has_an_hour_to_come_or_a_reason(
    drawn: tuple[list[Step], Rhythm, date, Around, datetime],
) -> None:
    steps, rhythm, first, around, now = drawn
    slots = lay_out(*drawn)
    assert [slot.position for slot in slots] == [step.position for step in steps]
    zone = ZoneInfo(around.hours.zone)
    turns = []
    for step, slot in zip(steps, slots, strict=True):
        assert (slot.due_at is None) == bool(slot.held)
        if slot.due_at is None or slot.not_after is None:
            continue
        local = slot.due_at.astimezone(zone)
        assert now <= slot.due_at < slot.not_after
        assert around.ends_on is None or local.date() <= around.ends_on
        if not step.anchor:
            assert local.date() >= first
            assert local.isoweekday() in rhythm.days
            assert local.time() == rhythm.time
            turns.append(slot.due_at)
    assert turns == sorted(set(turns))
    days = [_day(at, around) for at in turns]
    assert len(days) == len(set(days)), "one a day"


def _day(at: datetime, around: Around) -> date:
    return around.hours.local_day(opens_at(around.hours, at, "offer", None))


def test_a_rhythm_keeps_its_hour_over_a_change_of_the_clock() -> None:
    hours = Hours("Europe/Paris", "C", "", False)
    around = Around(hours, "2005-01", None)
    now = datetime(2027, 3, 22, 9, tzinfo=UTC)
    rhythm = Rhythm.named(["tuesday", "friday"], "18:00")
    slots = lay_out([Step(0), Step(1), Step(2)], rhythm, now.date(), around, now)
    walls = [s.due_at.astimezone(hours_zone) for s in slots if s.due_at]
    assert [f"{at:%a %H:%M %z}" for at in walls] == [
        "Tue 18:00 +0100",
        "Fri 18:00 +0100",
        "Tue 18:00 +0200",
    ]


hours_zone = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(("days", "on"), [(1, "2026-11-26"), (2, "2026-11-27")])
def test_a_step_stands_so_many_days_after_a_meeting_and_the_turn_gives_way(
    days: int, on: str
) -> None:
    hours = Hours("Europe/Paris", "C", "", False)
    met = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    rhythm = Rhythm.named(["friday"], "18:00")
    steps = [Step(0), Step(1, AFTER_MEETING, days)]
    first, second = lay_out(steps, rhythm, now.date(), Around(hours, "2005-01", None, (met,)), now)
    assert second.due_at is not None
    assert first.due_at is not None
    assert second.due_at.astimezone(hours_zone).date().isoformat() == on
    assert first.due_at.astimezone(hours_zone).date().isoformat() == (
        "2026-12-04" if days == 2 else "2026-11-27"
    )

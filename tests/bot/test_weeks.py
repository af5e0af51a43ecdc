"""Whatever is planned, moved, called off, agreed to and withdrawn: what was shown beforehand is what
leaves, once, at its hour, within the week's budget and never after its meaning."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.calendars import is_public_holiday, is_school_holiday
from records.database import Database
from records.hours import DEFAULT_WINDOWS
from tests.bot.weeks import Act, Plan, World
from tests.cast import Cast

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# IANA zone, school zone, place of public holidays: wherever a structure may be.
TERRITORIES = (
    ("Europe/Paris", "A", ""),
    ("Europe/Paris", "B", "alsace-moselle"),
    ("Europe/Paris", "C", ""),
    ("Europe/Paris", "corse", ""),
    ("Europe/Paris", "none", ""),
    ("America/Guadeloupe", "guadeloupe", "guadeloupe"),
    ("America/Marigot", "guadeloupe", "saint-martin"),
    ("America/St_Barthelemy", "guadeloupe", "saint-barthelemy"),
    ("America/Martinique", "martinique", "martinique"),
    ("America/Cayenne", "guyane", "guyane"),
    ("Indian/Reunion", "reunion", "reunion"),
    ("Indian/Mayotte", "mayotte", "mayotte"),
    ("America/Miquelon", "saint-pierre", "saint-pierre"),
    ("Pacific/Noumea", "caledonie", "caledonie"),
    ("Pacific/Tahiti", "polynesie", "polynesie"),
    ("Pacific/Marquesas", "polynesie", "polynesie"),
    ("Pacific/Wallis", "wallis", "wallis"),
)
DELICATE = (
    date(2026, 10, 21),  # the clocks go back, in Paris on the 25th, in Miquelon on 1 November
    date(2026, 10, 29),
    date(2026, 12, 22),  # Christmas, and a year whose last week is the 53rd
    date(2027, 3, 10),  # Miquelon goes forward
    date(2027, 3, 24),  # Paris goes forward, between Good Friday and Easter Monday
    date(2027, 4, 28),  # three public holidays in ten days
    date(2027, 5, 19),  # the end of slavery, on other days in other places
    date(2027, 6, 30),  # the end of the school year
    date(2028, 2, 24),  # the 29th of February
    date(2028, 8, 29),  # after the last published school calendar
)
WINDOWS: tuple[dict[str, Any], ...] = (
    {},
    {"saturday": None},
    {"school_day": ["16:00", "18:00"]},
    {"weekday": ["08:30", "12:00"], "saturday": ["07:00", "21:00"]},
    {"school_day": None},
)
RUNGS = ("now", "7d", "3d", "2d", "1d", "24h", "3h", "1h")
PURPOSES = ("reminders", "messages", "exercises", "checkins", "surveys")

minutes = st.integers(0, 10 * 24 * 60).map(lambda m: timedelta(minutes=m))
soon = st.one_of(
    st.integers(1, 36 * 60).map(lambda m: timedelta(minutes=m)),
    st.integers(1, 8 * 24 * 4).map(lambda q: timedelta(minutes=15 * q)),
)
days = st.one_of(st.sampled_from(DELICATE), st.dates(date(2026, 9, 1), date(2028, 10, 1)))
starts = st.builds(
    lambda day, at: datetime.combine(day, at, UTC),
    days,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
ladders = st.lists(st.sampled_from(RUNGS), unique=True, max_size=4).map(tuple)
first = st.just(timedelta(0))
planned_first = st.one_of(
    st.builds(Act, first, st.just("meet"), soon, ladder=ladders),
    st.builds(Act, first, st.just("write"), soon, weekly=st.booleans()),
    st.builds(Act, first, st.just("offer"), soon, purpose=st.sampled_from(PURPOSES[2:])),
)
later = st.one_of(
    st.builds(Act, minutes, st.just("meet"), soon, ladder=ladders),
    st.builds(Act, minutes, st.just("write"), soon, weekly=st.booleans()),
    st.builds(Act, minutes, st.just("move"), soon, which=st.integers(0, 3)),
    st.builds(Act, minutes, st.just("cancel"), which=st.integers(0, 3)),
    st.builds(
        Act, minutes, st.sampled_from(["withdraw", "agree"]), purpose=st.sampled_from(PURPOSES)
    ),
    st.builds(Act, minutes, st.sampled_from(["pause", "resume"])),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    zone, school_zone, place = draw(st.sampled_from(TERRITORIES))
    asked = draw(st.dictionaries(st.sampled_from(PURPOSES[2:]), st.booleans(), max_size=3))
    return Plan(
        zone,
        school_zone,
        place,
        draw(st.booleans()),
        draw(st.sampled_from([0, 1, 2, 5])),
        draw(st.sampled_from(WINDOWS)),
        draw(starts),
        {"reminders": True, "messages": True} | asked,
        tuple(
            draw(st.lists(planned_first, min_size=1, max_size=6))
            + draw(st.lists(later, max_size=3))
        ),
    )


# One database for all: each plan has its own youth, and the clock may go back for the next one.
shared = [HealthCheck.function_scoped_fixture]


@settings(max_examples=60, suppress_health_check=shared)
@given(plans())
async def test_what_was_promised_is_what_leaves(database: Database, cast: Cast, plan: Plan) -> None:
    await lived(database, cast, plan)


@pytest.mark.prove
@pytest.mark.parametrize("_dozen", range(12))
@settings(max_examples=150, suppress_health_check=shared)
@given(plan=plans())
async def test_what_was_promised_is_what_leaves_in_many_more_weeks(
    database: Database, cast: Cast, plan: Plan, _dozen: int
) -> None:
    await lived(database, cast, plan)


async def lived(database: Database, cast: Cast, plan: Plan) -> None:
    world = World(database, cast, plan)
    rows = await world.live()
    _as_promised(world, {row.id: row for row in rows})
    sent = [row for row in rows if row.state == "sent"]
    assert Counter(world.channel.left) == Counter(row.sent_at for row in sent), "each once"
    for row in sent:
        assert row.sent_at >= world.first_due.get(row.id, row.sent_at), "never early"
        assert row.sent_at < row.not_after, "never after its meaning"
        assert _in_window(plan, row.sent_at) or _too_late_otherwise(plan, row)
        if row.kind == "reminder":
            assert _meant_it(world, row)
    _two_reminders_never_share_a_day(plan, sent)
    _within_budget(plan, sent)


def _as_promised(world: World, rows: dict[int, Any]) -> None:
    """The last word said beforehand, by message, is what became of it."""
    for which, verdict in world.promised.items():
        row = rows[which]
        if verdict.action == "send":
            assert (row.state, row.sent_at) == ("sent", verdict.at), verdict
        else:
            assert (row.state, row.reason) == ("dropped", verdict.reason), verdict


def _span(plan: Plan, day: date) -> tuple[str, str] | None:
    """The window of a local day, in wall times: none on Sundays and public holidays."""
    if day.weekday() == 6 or is_public_holiday(day, plan.place):
        return None
    pupil = plan.school_aged and not is_school_holiday(day, plan.school_zone)
    name = "saturday" if day.weekday() == 5 else "school_day" if pupil else "weekday"
    span: tuple[str, str] | None = (DEFAULT_WINDOWS | plan.windows)[name]
    return span


def _in_window(plan: Plan, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(plan.zone))
    span = _span(plan, local.date())
    return span is not None and span[0] <= f"{local:%H:%M}" < span[1]


def _too_late_otherwise(plan: Plan, row: Any) -> bool:
    """Only about a meeting: a change within a day of it, or news that no window would let pass an
    hour before; by day, unless even seven in the morning would be too late."""
    if row.kind not in ("reminder", "changed", "cancelled"):
        return False
    zone, at = ZoneInfo(plan.zone), row.sent_at
    useful: datetime = row.useful_until if row.useful_until > at else row.not_after
    local = at.astimezone(zone)
    days = [local.date() + n * DAY for n in range((useful - at).days + 2)]
    opening = [
        datetime.combine(d, time.fromisoformat(s[0]), zone) for d in days if (s := _span(plan, d))
    ]
    no_window = not any(at < start.astimezone(UTC) <= useful - HOUR for start in opening)
    late = row.kind != "reminder" and useful - at <= DAY
    if not (no_window or late):
        return False
    morning = datetime.combine(local.date() + (local.hour >= 7) * DAY, time(7), zone)
    return 7 <= local.hour < 21 or morning.astimezone(UTC) > useful - HOUR


def _meant_it(world: World, row: Any) -> bool:
    """When it left, the meeting was planned, at that time, and had not begun."""
    lives = world.lives[row.appointment_id]
    ends = [since for since, _ in lives[1:]] + [datetime.max.replace(tzinfo=UTC)]
    return any(
        since <= row.sent_at <= end
        and meeting.state == "planned"
        and meeting.revision == row.revision
        and row.sent_at < meeting.starts_at
        for (since, meeting), end in zip(lives, ends, strict=True)
    )


def _two_reminders_never_share_a_day(plan: Plan, sent: list[Any]) -> None:
    zone = ZoneInfo(plan.zone)
    days = Counter(
        (row.appointment_id, row.revision, row.sent_at.astimezone(zone).date())
        for row in sent
        if row.kind == "reminder"
    )
    assert max(days.values(), default=1) == 1


def _within_budget(plan: Plan, sent: list[Any]) -> None:
    """What is not about a meeting leaves only while the week, Monday to Sunday, has room."""
    zone = ZoneInfo(plan.zone)
    for row in sent:
        if row.purpose == "reminders":
            continue
        week = row.sent_at.astimezone(zone).isocalendar()[:2]
        alike = [r for r in sent if r.sent_at.astimezone(zone).isocalendar()[:2] == week]
        assert sum(r.sent_at < row.sent_at for r in alike) < plan.budget
        others = [r for r in alike if r.sent_at == row.sent_at and r.purpose != "reminders"]
        assert sum(r.sent_at < row.sent_at for r in alike) + len(others) <= plan.budget

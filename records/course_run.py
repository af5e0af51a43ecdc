"""Courses under way: which steps a youth was offered, what is still to come, pause and stop.

A course is pinned to the steps that it began with. Each step that has its hour is a message row,
one a step, under a key that is the step's own; whatever changes the calendar rewrites these rows
in its own commit (`plan_again`). A course that a youth began alone, and a step that depends on
what they answered, are messages of the kind « course », which staff never see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, delete, select
from sqlalchemy import text as sql

from records import appointment, erased, message, structure, youth
from records.columns import Instant, key, link, new_id
from records.course import (
    ANY_AGE,
    BEFORE_END,
    Around,
    Rhythm,
    Slot,
    Step,
    begins,
    check_rhythm,
    lay_out,
)
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.message import REST, Draft
from records.reasons import Dropped
from records.structure import Structure
from records.youth import Youth

KEY = "course:"
UNDER_WAY = ("active", "paused")
PASSED_BY = ("moved_on", "condition_unmet", "cancelled_by_staff")  # a step so dropped had its turn
MEETINGS_BEFORE = timedelta(days=35)  # the longest « so many days after », and a little

course_run = Table(
    "course_run",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    link("started_by", "staff", nullable=True),
    link("appointment_id", "appointment", nullable=True),  # from which its beginning is counted
    Column("course", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("own", Boolean, nullable=False),  # begun by the youth alone
    Column("days", JSON, nullable=False),  # ISO weekdays
    Column("hour", String(5), nullable=False),
    Column("begins_on", Date, nullable=True),
    Column("anchor", String(16), nullable=False),
    Column("anchor_days", Integer, nullable=False),
    Column("state", String(8), nullable=False),  # active | paused | stopped
    Column("paused_by", String(8)),  # youth | staff
    Column("paused_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_course_run_youth", "youth_id", "id"),
    Index(
        "ix_course_run_under_way",
        "youth_id",
        sqlite_where=sql("state IN ('active', 'paused')"),
        postgresql_where=sql("state IN ('active', 'paused')"),
    ),
)

course_element = Table(
    "course_element",
    metadata,
    key(),
    link("youth_id", "youth"),
    link("run_id", "course_run", index=True),
    Column("position", Integer, nullable=False),
    Column("step", String(32), nullable=False),  # its name in the course
    Column("script", String(48), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("anchor", String(16), nullable=False),
    Column("anchor_days", Integer, nullable=False),
    Column("ages", JSON, nullable=False),
    Column("needs", JSON, nullable=False),  # done, answered, agreed: what must hold
    Column("skipped", Boolean, nullable=False),
    Column("held", String(24), nullable=False),  # why it has no hour
    Column("due_at", Instant),
    Column("wave", String(12)),  # of a survey
    Index("ix_course_element_youth", "youth_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A step as its author wrote it. `needs`: {"done": step, "answered": [script, variable,
    [values]], "agreed": purpose}, each only where it is asked for."""

    step: str
    script: str
    purpose: str
    anchor: str = ""
    anchor_days: int = 0
    ages: tuple[int, int] = ANY_AGE
    needs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A course as somebody wants it begun: on a day, or relative to a meeting or to the end."""

    course: str
    version: int
    steps: Sequence[Offered]
    rhythm: Rhythm
    on: date | None = None
    anchor: str = ""
    anchor_days: int = 0
    appointment_id: int | None = None
    own: bool = False
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    structure_id: int
    youth_id: int
    started_by: int | None
    appointment_id: int | None
    course: str
    version: int
    own: bool
    days: list[int]
    hour: str
    begins_on: date | None
    anchor: str
    anchor_days: int
    state: str
    paused_by: str | None
    paused_at: datetime | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(tuple(self.days), time.fromisoformat(self.hour))


@dataclass(frozen=True, slots=True)
class Element:
    """A step of a course under way; `private` where staff may not know whether it was proposed."""

    id: int
    run_id: int
    position: int
    step: str
    script: str
    purpose: str
    anchor: str
    anchor_days: int
    ages: list[int]
    needs: dict[str, Any]
    skipped: bool
    held: str
    due_at: datetime | None
    wave: str | None

    @property
    def key(self) -> str:
        return f"{KEY}{self.id}"

    @property
    def private(self) -> bool:
        return "answered" in self.needs


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a step's message."""

    id: int
    state: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None

    @property
    def had_its_turn(self) -> bool:
        return self.state in ("sent", "claimed", "uncertain") or self.reason in PASSED_BY


async def start(tx: Tx, now: datetime, who: Youth, wanted: Wanted) -> Run:
    """Begin a course: its calendar is planned in the same commit. One at a time, apart from one
    that the youth began alone, of which nobody else knows."""
    await youth.lock(tx, who.id)
    of = await structure.get(tx, who.structure_id)
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    for one in await under_way(tx, who.id, own=wanted.own):
        if not await is_over(tx, one):
            raise Refused("course_under_way")
        await _end(tx, now, one, "stopped")
    today = now.astimezone(of.tz).date()
    check_rhythm(wanted.rhythm, of.hours(who.school_aged), today)
    if wanted.on is not None and wanted.on < today:
        raise Refused("in_the_past", wall=wanted.on)
    if wanted.anchor == BEFORE_END and who.support_ends_on is None:
        raise Refused("course_without_end")
    run = new_id()
    await tx.run(course_run.insert(), _run_row(run, who, wanted, now, today))
    rows = [_element_row(run, who, place, one) for place, one in enumerate(wanted.steps)]
    await tx.run(course_element.insert(), rows)
    began = await get(tx, run)
    await _plan(tx, now, began, who, of)
    return began


def _run_row(run: int, who: Youth, wanted: Wanted, now: datetime, today: date) -> dict[str, Any]:
    return {
        "id": run,
        "structure_id": who.structure_id,
        "youth_id": who.id,
        "started_by": wanted.by,
        "appointment_id": wanted.appointment_id,
        "course": wanted.course,
        "version": wanted.version,
        "own": wanted.own,
        "days": list(wanted.rhythm.days),
        "hour": f"{wanted.rhythm.time:%H:%M}",
        "begins_on": None if wanted.anchor else wanted.on or today,
        "anchor": wanted.anchor,
        "anchor_days": wanted.anchor_days,
        "state": "active",
        "paused_by": None,
        "paused_at": None,
        "started_at": now,
        "ended_at": None,
    }


def _element_row(run: int, who: Youth, place: int, one: Offered) -> dict[str, Any]:
    return {
        "id": new_id(),
        "youth_id": who.id,
        "run_id": run,
        "position": place,
        "step": one.step,
        "script": one.script,
        "purpose": one.purpose,
        "anchor": one.anchor,
        "anchor_days": one.anchor_days,
        "ages": list(one.ages),
        "needs": dict(one.needs or {}),
        "skipped": False,
        "held": "",
        "due_at": None,
        "wave": None,
    }


async def get(tx: Tx, run_id: int, youth_id: int | None = None) -> Run:
    """A course under way or over; with `youth_id`, only this youth's."""
    mine = [] if youth_id is None else [course_run.c.youth_id == youth_id]
    row = await tx.row(select(course_run).where(course_run.c.id == run_id, *mine))
    if row is None:
        raise NotFound("course_unknown")
    return Run(**row._mapping)


async def of_youth(tx: Tx, youth_id: int, *, own: bool | None = None) -> list[Run]:
    """A youth's courses, the latest first; `own` for those begun alone, or only for the others."""
    which = [] if own is None else [course_run.c.own == own]
    rows = await tx.rows(
        select(course_run)
        .where(course_run.c.youth_id == youth_id, *which)
        .order_by(course_run.c.id.desc())
    )
    return [Run(**row._mapping) for row in rows]


async def under_way(tx: Tx, youth_id: int, *, own: bool | None = None) -> list[Run]:
    which = [] if own is None else [course_run.c.own == own]
    rows = await tx.rows(
        select(course_run)
        .where(
            course_run.c.youth_id == youth_id,
            course_run.c.state.in_(UNDER_WAY),
            *which,
        )
        .order_by(course_run.c.id)
    )
    return [Run(**row._mapping) for row in rows]


async def elements(tx: Tx, run_id: int) -> list[Element]:
    columns = [course_element.c[name] for name in Element.__slots__]
    rows = await tx.rows(
        select(*columns)
        .where(course_element.c.run_id == run_id)
        .order_by(course_element.c.position)
    )
    return [Element(**row._mapping) for row in rows]


async def sent(tx: Tx, of: Iterable[Element]) -> dict[str, Sent]:
    """The message of each step that has one, by its key."""
    m = message.message.c
    rows = await tx.rows(
        select(m.unique_key, m.id, m.state, m.reason, m.due_at, m.sent_at).where(
            m.unique_key.in_([one.key for one in of])
        )
    )
    return {
        row.unique_key: Sent(row.id, row.state, row.reason, row.due_at, row.sent_at) for row in rows
    }


async def is_over(tx: Tx, run: Run) -> bool:
    """Whether nothing of it can still come."""
    if run.state == "stopped":
        return True
    steps = await elements(tx, run.id)
    became = await sent(tx, steps)
    return (
        run.state == "active"
        and not any(one.key in became and became[one.key].state in message.OPEN for one in steps)
        and not any(one.held in ("no_meeting", "no_end") for one in _left(steps, became))
    )


def _left(steps: Sequence[Element], became: Mapping[str, Sent]) -> list[Element]:
    """What had no turn yet: of those that follow the rhythm, all after the last that had one."""
    had = {one.position for one in steps if one.skipped or _had(one, became)}
    last = max(
        (one.position for one in steps if one.position in had and not one.anchor), default=-1
    )
    return [one for one in steps if one.position not in had and (one.anchor or one.position > last)]


def _had(one: Element, became: Mapping[str, Sent]) -> bool:
    return one.key in became and became[one.key].had_its_turn


# Pause, resume, stop ----------------------------------------------------------------------------


async def pause(tx: Tx, now: datetime, run: Run, by: str) -> None:
    """`by`: « youth » or « staff ». What waits is dropped; it has its place when it goes on."""
    if run.state != "active":
        raise Refused("course_not_active")
    await _drop(tx, run, "course_paused")
    values = {"state": "paused", "paused_by": by, "paused_at": now}
    await tx.run(course_run.update().where(course_run.c.id == run.id), values)


async def resume(tx: Tx, now: datetime, run: Run, by: str) -> None:
    """From the next hour of the rhythm on, one step after the other: never all at once. A pause
    that the youth wanted is theirs to end."""
    if run.state != "paused":
        raise Refused("course_not_paused")
    if run.paused_by == "youth" and by != "youth":
        raise Refused("course_paused_by_youth")
    values = {"state": "active", "paused_by": None, "paused_at": None}
    await tx.run(course_run.update().where(course_run.c.id == run.id), values)
    await plan_again(tx, now, run.youth_id)


async def stop(tx: Tx, now: datetime, run: Run, by: str) -> None:
    """For good. What a youth stopped stays so in a backup that is restored."""
    if run.state not in UNDER_WAY:
        raise Refused("course_over")
    if by == "youth":
        await erased.note_rows(
            tx, now, "course_element", [e.id for e in await elements(tx, run.id)]
        )
        await erased.note_rows(tx, now, "course_run", [run.id])
    await _end(tx, now, run, "stopped")


async def stop_all(tx: Tx, now: datetime, youth_id: int) -> None:
    """« Tout arrêter »: no course comes back with a consent that is given again."""
    for run in await under_way(tx, youth_id):
        await stop(tx, now, run, "youth")


async def skip(tx: Tx, run: Run) -> bool:
    """Leave the next step out; whether there was one."""
    steps = await elements(tx, run.id)
    became = await sent(tx, steps)
    coming = [
        one
        for one in steps
        if one.key in became and became[one.key].state == "waiting" and not one.skipped
    ]
    if not coming:
        return False
    first = min(coming, key=lambda one: became[one.key].due_at)
    await tx.run(course_element.update().where(course_element.c.id == first.id), {"skipped": True})
    await message.drop_waiting(tx, "moved_on", message.message.c.unique_key == first.key)
    return True


async def forget_all(tx: Tx, youth_id: int) -> None:
    """At closure."""
    await tx.run(delete(course_element).where(course_element.c.youth_id == youth_id))
    await tx.run(delete(course_run).where(course_run.c.youth_id == youth_id))


async def _end(tx: Tx, now: datetime, run: Run, state: str) -> None:
    await _drop(tx, run, "course_stopped")
    values = {"state": state, "ended_at": now, "paused_by": None}
    await tx.run(course_run.update().where(course_run.c.id == run.id), values)


async def _drop(tx: Tx, run: Run, reason: Dropped) -> None:
    keys = [one.key for one in await elements(tx, run.id)]
    await message.drop_waiting(tx, reason, message.message.c.unique_key.in_(keys))


# The calendar's rows ----------------------------------------------------------------------------


async def plan_again(tx: Tx, now: datetime, youth_id: int) -> None:
    """Something that a calendar stands on has changed: a meeting, the end, a consent, a pause."""
    runs = [run for run in await under_way(tx, youth_id) if run.state == "active"]
    if not runs:
        return
    await youth.lock(tx, youth_id)
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    for run in runs:
        await _plan(tx, now, run, who, of)


async def _plan(tx: Tx, now: datetime, run: Run, who: Youth, of: Structure) -> None:
    """Give each step that is left its hour. One that is due already and waits keeps its own."""
    steps = await elements(tx, run.id)
    became = await sent(tx, steps)
    standing = {one.id for one in steps if _stands(one, became, now)}
    around = await _around(tx, run, who, of, [one for one in steps if one.id in standing])
    first = await _first_day(tx, run, around)
    left = [one for one in _left(steps, became) if one.id not in standing]
    if first is None:
        why = "no_end" if run.anchor == BEFORE_END else "no_meeting"
        slots = [Slot(one.position, held=why) for one in left]
    else:
        slots = lay_out([_step(one) for one in left], run.rhythm, first, around, now)
    begun = any(_had(one, became) for one in steps) or bool(standing)
    firsts = [slot for slot in slots if slot.due_at]
    opening = min(firsts, key=lambda slot: slot.due_at or now).position if firsts else -1
    by_position = {one.position: one for one in left}
    for slot in slots:
        one = by_position[slot.position]
        await _write(tx, now, run, who, of, one, slot, not begun and slot.position == opening)


def _step(one: Element) -> Step:
    return Step(one.position, one.anchor, one.anchor_days, (one.ages[0], one.ages[1]))


def _stands(one: Element, became: Mapping[str, Sent], now: datetime) -> bool:
    waits = one.key in became and became[one.key].state == "waiting"
    return waits and one.due_at is not None and one.due_at <= now


async def _around(
    tx: Tx, run: Run, who: Youth, of: Structure, standing: Sequence[Element]
) -> Around:
    hours = of.hours(who.school_aged)
    since = run.started_at - MEETINGS_BEFORE
    planned = await appointment.of_youths(tx, [who.id], since)
    starts = tuple(m.starts_at for m in planned if m.starts_at >= run.started_at)
    days = frozenset(hours.local_day(one.due_at) for one in standing if one.due_at)
    return Around(hours, who.birth_month, who.support_ends_on, starts, days)


async def _first_day(tx: Tx, run: Run, around: Around) -> date | None:
    if not run.anchor:
        return run.begins_on
    meeting = None
    if run.appointment_id is not None:
        which = await appointment.get(tx, run.appointment_id)
        meeting = which.starts_at if which.state == "planned" else None
    return begins(run.anchor, run.anchor_days, around, meeting)


async def _write(
    tx: Tx,
    now: datetime,
    run: Run,
    who: Youth,
    of: Structure,
    one: Element,
    slot: Slot,
    opening: bool,
) -> None:
    """A step's row, made or moved; without an hour, what waits of it is dropped."""
    wave = _wave(slot.due_at, of) if slot.due_at and one.purpose == "surveys" else None
    values = {"held": slot.held, "due_at": slot.due_at, "wave": wave}
    await tx.run(course_element.update().where(course_element.c.id == one.id), values)
    m = message.message
    if slot.due_at is None or slot.not_after is None:
        reason: Dropped = "meeting_cancelled" if slot.held == "no_meeting" else "after_end"
        await message.drop_waiting(tx, reason, m.c.unique_key == one.key)
        return
    draft = _draft(run, who, of, replace(one, wave=wave), slot.due_at, slot.not_after, opening)
    row = await tx.row(select(m.c.id).where(m.c.unique_key == one.key))
    if row is None:
        await message.queue(tx, now, [draft])
        return
    again = {
        "state": "waiting",
        "bot_id": draft.bot_id,
        "reason": None,
        "held_by": None,
        "due_at": draft.due_at,
        "not_after": draft.not_after,
        "params": tx.vault.seal_data("message.params", row.id, draft.params),
    }
    ended = ("waiting", "dropped", "refused")
    await tx.run(m.update().where(m.c.id == row.id, m.c.state.in_(ended)), again)
    await tx.announce()


def _draft(
    run: Run,
    who: Youth,
    of: Structure,
    one: Element,
    due: datetime,
    until: datetime,
    opening: bool,
) -> Draft:
    hidden = run.own or one.private
    return Draft(
        of.id,
        of.bot_id,
        who.id,
        "course" if hidden else "offer",
        due,
        until,
        {
            "script": one.script,
            "wave": one.wave,
            "course": run.course,
            "run": run.id,
            "first": opening,
            "own": run.own,
        },
        key=one.key,
        purpose=one.purpose,
        unasked=True,
        priority=REST,
        created_by=run.started_by,
    )


def _wave(at: datetime, of: Structure) -> str:
    local = at.astimezone(of.tz)
    return f"{local.year}-T{(local.month - 1) // 3 + 1}"

"""The hours of what is left of a course: each step that has one is a message row under its own key.

Whatever changes the calendar rewrites these rows in its own commit (`plan_again`). A course that a
youth began alone, and a step that depends on what they answered, are messages of the kind
« course », which staff never see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from records import appointment, message, structure, survey, youth
from records.course import (
    BEFORE_END,
    Around,
    Slot,
    Step,
    begins,
    lay_out,
)
from records.course_record import (
    Element,
    Run,
    Sent,
    course_element,
    elements,
    had,
    left,
    sent,
    under_way,
)
from records.database import Tx
from records.message import REST, Draft
from records.reasons import Dropped
from records.structure import Structure
from records.youth import Youth

MEETINGS_BEFORE = timedelta(days=35)  # the longest « so many days after », and a little


async def plan_again(tx: Tx, now: datetime, youth_id: int) -> None:
    """Something that a calendar stands on has changed: a meeting, the end, a consent, a pause."""
    runs = [run for run in await under_way(tx, youth_id) if run.state == "active"]
    if not runs:
        return
    await youth.lock(tx, youth_id)
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    for run in runs:
        await plan(tx, now, run, who, of)


async def plan(tx: Tx, now: datetime, run: Run, who: Youth, of: Structure) -> None:
    """Give each step that is left its hour. One that is due already and waits keeps its own."""
    steps = await elements(tx, run.id)
    became = await sent(tx, steps)
    standing = {one.id for one in steps if _stands(one, became, now)}
    around = await _around(tx, run, who, of, [one for one in steps if one.id in standing])
    first = await _first_day(tx, run, around)
    to_come = [one for one in left(steps, became) if one.id not in standing]
    if first is None:
        why = "no_end" if run.anchor == BEFORE_END else "no_meeting"
        slots = [Slot(one.position, held=why) for one in to_come]
    else:
        slots = lay_out([_step(one) for one in to_come], run.rhythm, first, around, now)
    begun = any(had(one, became) for one in steps) or bool(standing)
    firsts = [slot for slot in slots if slot.due_at]
    opening = min(firsts, key=lambda slot: slot.due_at or now).position if firsts else -1
    by_position = {one.position: one for one in to_come}
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
    wave = None
    if slot.due_at and one.purpose == "surveys":
        wave = survey.wave_of(slot.due_at.astimezone(of.tz))
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

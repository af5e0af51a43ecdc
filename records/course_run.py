"""Begin a course, pause it, take it up, leave a step out, stop it (`records.course_record`)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from records import erased, message, structure, youth
from records.columns import new_id
from records.course import (
    BEFORE_END,
    check_rhythm,
)
from records.course_planning import plan, plan_again
from records.course_record import (
    UNDER_WAY,
    Offered,
    Run,
    Wanted,
    course_element,
    course_run,
    elements,
    get,
    is_over,
    sent,
    under_way,
)
from records.database import Tx
from records.errors import Refused
from records.reasons import Dropped
from records.youth import Youth


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
    await plan(tx, now, began, who, of)
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

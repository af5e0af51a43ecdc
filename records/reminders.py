"""The messages that go with a meeting: reminders by rung, changes, cancellations."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from records import message, structure, youth
from records.database import Tx
from records.errors import Refused
from records.hours import Hours, late_change_at, local_instant
from records.sending import LATE, opens_at

if TYPE_CHECKING:
    from records.appointment import Appointment

_rows = message.message.c
REMINDER_TIME = time(17, 30)  # open for everyone on every open day


def reminder_due(rung: str, starts_at: datetime, hours: Hours) -> datetime:
    """When a rung falls due: a day rung at 17 h 30 local that day, an hour rung to the minute;
    then moved earlier into the sending window, never later."""
    count, unit = int(rung[:-1]), rung[-1]
    if unit == "h":
        target = starts_at - timedelta(hours=count)
    else:
        day = hours.local_day(starts_at) - timedelta(days=count)
        target = local_instant(datetime.combine(day, REMINDER_TIME), hours.zone)
    return hours.last_open(target) or target


def rungs_due(
    ladder: Sequence[str],
    now: datetime,
    starts_at: datetime,
    hours: Hours,
    told: Collection[datetime] = (),
) -> dict[str, datetime]:
    """Which rungs of a ladder remind, and when each falls due.

    Two that would leave on the same day are one: the first speaks for both. `told` are the
    instants at which the youth hears of this meeting anyway (a change that is announced, a
    reminder that has left); such a day needs no reminder either.
    """
    due = {
        rung: now if rung == "now" else reminder_due(rung, starts_at, hours)
        for rung in ladder
        if not (told and rung == "now")
    }
    ahead = {rung: at for rung, at in due.items() if at >= now}
    if due and not ahead:  # planned at the last minute: the last rung, at the first chance
        last = max(due, key=lambda rung: due[rung])
        unheard = all(at < due[last] for at in told)
        return {last: opens_at(hours, now, "reminder", starts_at)} if unheard else {}
    days, chosen = {hours.local_day(at) for at in told}, {}
    for rung, at in sorted(ahead.items(), key=lambda one: one[1]):
        day = hours.local_day(opens_at(hours, at, "reminder", starts_at))
        if day not in days:
            days.add(day)
            chosen[rung] = at
    return chosen


async def queue_reminders(
    tx: Tx,
    now: datetime,
    which: "Appointment",
    who: youth.Youth,
    of: structure.Structure,
    by: int | None,
    told: Collection[datetime] = (),
) -> None:
    hours = of.hours(who.school_aged)
    await message.queue(
        tx,
        now,
        [
            message.Draft(
                which.structure_id,
                of.bot_id,
                which.youth_id,
                "reminder",
                at,
                which.starts_at,
                {"rung": rung},
                key=f"reminder:{which.id}:{which.revision}:{rung}",
                purpose="reminders",
                unasked=True,
                priority=message.REMINDER,
                appointment_id=which.id,
                revision=which.revision,
                useful_until=which.starts_at,
                created_by=by,
            )
            for rung, at in rungs_due(which.ladder, now, which.starts_at, hours, told).items()
        ],
    )


def notice(
    now: datetime,
    which: "Appointment",
    kind: str,
    of: structure.Structure,
    by: int | None,
    useful_until: datetime,
    params: dict[str, Any],
) -> message.Draft:
    """A change or a cancellation. It should precede `useful_until`, the start that the youth has
    in mind or the new one if that is sooner; it means something until the later of the two."""
    due = late_change_at(now, which.zone, useful_until) if useful_until - now <= LATE else now
    return message.Draft(
        which.structure_id,
        of.bot_id,
        which.youth_id,
        kind,
        due,
        max(which.starts_at, useful_until),
        params,
        key=f"{kind}:{which.id}:{which.revision}",
        purpose="reminders",
        unasked=True,
        priority=message.REMINDER,
        appointment_id=which.id,
        revision=which.revision,
        useful_until=useful_until,
        created_by=by,
    )


async def last_told(tx: Tx, which: "Appointment") -> tuple[str, datetime]:
    """The time that the youth last heard of for this meeting, as a wall time and an instant:
    while a change has not left, the time before it."""
    row = await tx.row(
        select(message.message).where(
            _rows.appointment_id == which.id, _rows.kind == "changed", _rows.state == "waiting"
        )
    )
    if row is None:
        return which.wall, which.starts_at
    params = tx.vault.open_data("message.params", row.id, row.params)
    return params["was"], local_instant(datetime.fromisoformat(params["was"]), which.zone)


async def heard_at(
    tx: Tx, which: "Appointment", hours: Hours, since_revision: int = 1
) -> list[datetime]:
    """When the youth was reminded of this meeting, or will hear of the change that waits."""
    rows = await tx.rows(
        select(message.message).where(
            _rows.appointment_id == which.id,
            _rows.revision >= since_revision,
            or_(
                _rows.kind.in_(("reminder", "changed")) & _rows.sent_at.is_not(None),
                (_rows.kind == "changed") & _rows.state.in_(message.OPEN),
            ),
        )
    )
    return [row.sent_at or opens_at(hours, row.due_at, row.kind, row.useful_until) for row in rows]


def check_ladder(ladder: list[str]) -> None:
    for rung in ladder:
        counted = re.fullmatch("([0-9]{1,2})[dh]", rung)
        if rung != "now" and not (counted and 1 <= int(counted[1]) <= 72):
            raise Refused("ladder_rung", rung=rung)

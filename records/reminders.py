"""The messages that go with a meeting: reminders by rung, changes, cancellations."""

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from records import message, structure, youth
from records.database import Tx
from records.errors import Refused
from records.hours import Hours, late_change_at, local_instant
from records.sending import LATE

if TYPE_CHECKING:
    from records.appointment import Appointment

REMINDER_TIME = time(17, 30)  # open for everyone on every open day


def reminder_due(rung: str, starts_at: datetime, zone: str, hours: Hours) -> datetime:
    """When a rung falls due: a day rung at 17 h 30 local that day, an hour rung to the minute;
    then moved earlier into the sending window, never later (domain.md § 6)."""
    count, unit = int(rung[:-1]), rung[-1]
    if unit == "h":
        target = starts_at - timedelta(hours=count)
    else:
        day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=count)
        target = local_instant(datetime.combine(day, REMINDER_TIME), zone)
    return hours.last_open(target) or target


async def queue_reminders(
    tx: Tx,
    now: datetime,
    which: "Appointment",
    who: youth.Youth,
    of: structure.Structure,
    by: int | None,
    *,
    announced: bool = False,
) -> None:
    hours = of.hours(who.school_aged)
    due = {
        rung: now if rung == "now" else reminder_due(rung, which.starts_at, which.zone, hours)
        for rung in which.ladder
        if not (announced and rung == "now")
    }
    missed = [rung for rung, at in due.items() if at < now]
    if len(missed) == len(due) and due and not announced:
        due = {missed[-1]: _first_chance(now, which, hours)}  # planned at the last minute
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
            for rung, at in due.items()
            if at >= now
        ],
    )


def _first_chance(now: datetime, which: "Appointment", hours: Hours) -> datetime:
    opening = hours.next_open(now)
    if opening < which.starts_at - timedelta(hours=1):
        return opening
    return late_change_at(now, which.zone, which.starts_at)


def notice(
    now: datetime,
    which: "Appointment",
    kind: str,
    of: structure.Structure,
    by: int | None,
    useful_until: datetime,
    params: dict[str, Any],
) -> message.Draft:
    """A change or a cancellation; it must precede the earlier of the old and the new start."""
    due = late_change_at(now, which.zone, useful_until) if useful_until - now <= LATE else now
    return message.Draft(
        which.structure_id,
        of.bot_id,
        which.youth_id,
        kind,
        due,
        which.starts_at,
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


def check_ladder(ladder: list[str]) -> None:
    for rung in ladder:
        counted = re.fullmatch("([0-9]{1,2})[dh]", rung)
        if rung != "now" and not (counted and 1 <= int(counted[1]) <= 72):
            raise Refused("ladder_rung", rung=rung)

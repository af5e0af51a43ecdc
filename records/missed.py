"""What a youth missed while nothing could reach them, told once the reason is over.

A consent given back, a parent's agreement noted, a phone that can be reached again: what still
means something is planned anew. An educator's own words are not: they were told that these did
not leave, and may have said them otherwise since.
"""

from datetime import datetime

from records import appointment, course_planning, cover, structure, youth
from records.appointment import Appointment
from records.database import Tx
from records.message import message, queue
from records.reminders import heard_at, notice, queue_reminders


async def tell_again(tx: Tx, now: datetime, youth_id: int) -> None:
    """Remind of each meeting to come, call off those whose cancellation was never heard of, and go
    on with the courses."""
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    for which in await appointment.listed(tx, youth_id=youth_id, since=now):
        missed = await _taken_back(tx, which)
        if which.state == "planned":
            heard = await heard_at(tx, which, of.hours(who.school_aged), which.revision)
            await queue_reminders(tx, now, which, who, of, None, heard)
        elif "cancelled" in missed:
            news = notice(now, which, "cancelled", of, None, which.starts_at, {})
            await queue(tx, now, [news])
    await tell_who_reads(tx, now, youth_id)
    await course_planning.plan_again(tx, now, youth_id)


async def tell_who_reads(tx: Tx, now: datetime, youth_id: int) -> None:
    """Of a cover that they could not be told of, or that began before they came."""
    who = await youth.get(tx, youth_id)
    for away in await cover.of(tx, now, who.educator_id):
        await cover.tell(tx, now, away, [who])


async def _taken_back(tx: Tx, which: Appointment) -> set[str]:
    """The kinds of what did not arrive about this meeting as it is now; their rows make room."""
    rows = await tx.rows(
        message.delete()
        .where(
            message.c.appointment_id == which.id,
            message.c.revision == which.revision,
            message.c.state.in_(("dropped", "refused")),
        )
        .returning(message.c.kind)
    )
    return {row.kind for row in rows}

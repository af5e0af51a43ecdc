"""Closure: the end of an accompaniment, and all that ends with it in the same commit.

At closure the contact link goes, and so does what the youth kept to themself; nothing more is sent.
Answers that were shown stay for their six months.
"""

from datetime import datetime

from records import (
    alert,
    appointment,
    contact,
    conversation,
    course_run,
    erased,
    message,
    question,
    response,
    takeaway,
)
from records.database import Tx
from records.errors import Refused
from records.youth import Youth, youth


async def close(tx: Tx, now: datetime, who: Youth, *, forget_alerts: bool = False) -> None:
    """Close an accompaniment; `Refused("youth_closed")` when it is closed already, and
    `Refused("alert_waits")` while an alert waits that nobody took up, unless whoever closes says
    that it is to be forgotten."""
    if not forget_alerts and await alert.is_open(tx, who.id):
        raise Refused("alert_waits", code=who.code)
    changed = await tx.run(
        youth.update().where(youth.c.id == who.id, youth.c.closed_at.is_(None)), {"closed_at": now}
    )
    if not changed:
        raise Refused("youth_closed", code=who.code)
    await erased.note_closed(tx, now, who.id)
    await message.drop_waiting(tx, "closed", message.message.c.youth_id == who.id)
    await conversation.forget_all(tx, who.id)
    await course_run.forget_all(tx, who.id)
    await response.forget_private(tx, who.id)
    await takeaway.forget(tx, who.id)
    await question.forget(tx, who.id)
    await alert.forget_open(tx, who.id)
    await appointment.call_off_all(tx, now, who.id)
    await contact.unlink_all(tx, now, who.id)

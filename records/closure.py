"""Closure: the end of an accompaniment, and all that ends with it in the same commit.

At closure the contact link goes and nothing more is sent; answers stay for their six months
(domain.md § 5.8).
"""

from datetime import datetime

from records import appointment, contact, conversation, message, question
from records.database import Tx
from records.errors import Refused
from records.youth import Youth, youth


async def close(tx: Tx, now: datetime, who: Youth) -> None:
    """Close an accompaniment; `Refused("youth_closed")` when it is closed already."""
    changed = await tx.run(
        youth.update().where(youth.c.id == who.id, youth.c.closed_at.is_(None)), {"closed_at": now}
    )
    if not changed:
        raise Refused("youth_closed", code=who.code)
    await message.drop_waiting(tx, "closed", message.message.c.youth_id == who.id)
    await conversation.forget_all_anonymous(tx, who.id)
    await question.forget(tx, who.id)
    await appointment.call_off_all(tx, now, who.id)
    await contact.unlink_all(tx, now, who.id)

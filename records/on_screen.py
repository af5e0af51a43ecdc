"""Whether the screen of a script, on a phone, is still where its conversation stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from records.contact import contact
from records.conversation import conversation
from records.database import Tx


@dataclass(frozen=True, slots=True)
class Place:
    """The turn of a conversation, and since when it stands there."""

    turn: int
    since: datetime


async def place(tx: Tx, conversation_id: int, contact_id: int | None) -> Place | None:
    """Where a script under way stands; None once it was put away, ended or erased, and when the
    phone is linked no more."""
    row = await tx.row(
        select(conversation.c.id, conversation.c.state, conversation.c.touched_at)
        .join(contact, contact.c.youth_id == conversation.c.youth_id)
        .where(
            conversation.c.id == conversation_id,
            conversation.c.status.in_(("open", "linking")),
            contact.c.id == contact_id,
            contact.c.state.in_(("confirmed", "unconfirmed")),
        )
    )
    if row is None or not row.state:
        return None
    state = tx.vault.open_data("conversation.state", row.id, row.state)
    return Place(state["turn"], row.touched_at) if state else None

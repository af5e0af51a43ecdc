"""What youths are told about who accompanies them and who reads: unasked messages, under their consent
to messages and within their hours, like an educator's own words.

Nothing is made for whoever has no phone: it could only end as a message that did not leave, and
tell their educator nothing. Whoever links one later is told then (`records.missed`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import column, select, table

from records import message, structure
from records.database import Tx
from records.youth import Youth

# By its name: `records.contact` comes here itself, when a phone is linked.
_contact = table("contact", column("youth_id"), column("state"))


async def announce(
    tx: Tx,
    now: datetime,
    people: Sequence[Youth],
    said: dict[str, Any],
    key: str,
    due_at: datetime,
    not_after: datetime,
) -> None:
    """Tell each of these youths, all of one structure, who has a phone; once, whoever asks again
    under `key`."""
    people = await with_phone(tx, people)
    if not people:
        return
    of = await structure.get(tx, people[0].structure_id)
    drafts = [
        message.Draft(
            of.id,
            of.bot_id,
            who.id,
            "notice",
            due_at,
            not_after,
            said,
            key=f"{key}:{who.id}",
            purpose="messages",
            unasked=True,
            priority=message.REST,
        )
        for who in people
    ]
    await message.queue(tx, now, drafts)


async def with_phone(tx: Tx, people: Sequence[Youth]) -> list[Youth]:
    """Those who have one, whether its two words are confirmed yet or not."""
    ids = [who.id for who in people]
    rows = await tx.rows(
        select(_contact.c.youth_id).where(
            _contact.c.youth_id.in_(ids), _contact.c.state != "unlinked"
        )
    )
    linked = {row.youth_id for row in rows}
    return [who for who in people if who.id in linked]

"""What youths are told about who accompanies them and who reads: unasked messages, under their consent
to messages and within their hours, like an educator's own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from records import message, structure
from records.database import Tx
from records.youth import Youth


async def announce(
    tx: Tx,
    now: datetime,
    people: Sequence[Youth],
    said: dict[str, Any],
    key: str,
    due_at: datetime,
    not_after: datetime,
) -> None:
    """Tell each of these youths, all of one structure; once, whoever asks again under `key`."""
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

"""The outbox: claim what is due, with all that the rule and the sentence need.

A row is claimed by one conditional UPDATE, for as long as its lease; how it ended is written by
`records.settling`. Leases run on the real clock; due times on the product's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select, tuple_

from records.columns import new_id
from records.database import Tx
from records.due import Due, gathered
from records.message import CLAIMED, PRIORITIES, WAITING, is_open, message
from records.structure import bot

LEASE = timedelta(seconds=60)  # twice the longest send: an edit, then a new message


def _claim_statement() -> Any:
    """The first due message of each chat that has none in flight, in order of priority."""
    m, other = message, message.alias("other")
    before = tuple_(other.c.priority, other.c.due_at, other.c.id) < tuple_(
        m.c.priority, m.c.due_at, m.c.id
    )
    behind = exists().where(
        other.c.youth_id == m.c.youth_id,
        is_open(other),
        or_(other.c.state == "claimed", and_(other.c.due_at <= bindparam("now"), before)),
    )
    due = (
        select(m.c.id)
        .where(
            WAITING,
            m.c.bot_id == bindparam("bot"),
            m.c.priority.in_(PRIORITIES),  # so that what is not due yet is not even looked at
            m.c.due_at <= bindparam("now"),
            ~behind,
            m.c.youth_id.not_in(bindparam("resting", expanding=True)),
        )
        .order_by(m.c.priority, m.c.due_at, m.c.id)
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        m.update()
        .where(m.c.id.in_(select(due.c.id)))
        .values(
            state="claimed",
            claim=bindparam("token"),
            claimed_until=bindparam("until"),
            attempts=m.c.attempts + 1,
        )
    )


_CLAIM = _claim_statement()
_IN_TURN = (message.c.priority, message.c.due_at, message.c.id)


async def claim_due(
    tx: Tx,
    now: datetime,
    real_now: datetime,
    bot_id: int,
    at_most: int,
    *,
    resting: Sequence[int] = (),
    lease: timedelta = LEASE,
) -> list[Due]:
    """Claim up to `at_most` messages of a bot that are due, at most one a chat.

    `resting` are youths whose chat has no permit yet; after `lease` others may take over.
    """
    token = new_id()
    claimed = await tx.run(
        _CLAIM,
        {
            "now": now,
            "bot": bot_id,
            "at_most": at_most,
            "token": token,
            "until": real_now + lease,
            "resting": list(resting),
        },
    )
    if not claimed:
        return []
    mine = message.c.claim == bindparam("mine")
    return await gathered(tx, now, CLAIMED, mine, order=_IN_TURN, mine=token)


async def next_due(tx: Tx, bots: Collection[int] | None = None) -> datetime | None:
    """When the earliest waiting message falls due, over all bots or these."""
    which = message.c.bot_id.is_not(None) if bots is None else message.c.bot_id.in_(bots)
    row = await tx.row(
        select(message.c.due_at).where(WAITING, which).order_by(message.c.due_at).limit(1)
    )
    return None if row is None else row.due_at


async def with_something_due(tx: Tx, now: datetime, bots: Collection[int]) -> list[int]:
    """Those of these bots for which some message is due, in order."""
    due = exists().where(
        WAITING,
        message.c.bot_id == bot.c.id,
        message.c.priority.in_(PRIORITIES),
        message.c.due_at <= now,
    )
    rows = await tx.rows(select(bot.c.id).where(bot.c.id.in_(bots), due))
    return sorted(row.id for row in rows)


async def awaited(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int | None = None,
    youth_id: int | None = None,
    limit: int = 100,
) -> list[Due]:
    """What waits, soonest first, with its facts: for previews and for `relais queue`."""
    which = [WAITING]
    if structure_id is not None:
        which.append(message.c.structure_id == structure_id)
    if youth_id is not None:
        which.append(message.c.youth_id == youth_id)
    return await gathered(tx, now, *which, limit=limit)

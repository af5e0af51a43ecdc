"""The outbox: claim what is due, gather what the rule and the sentence need, settle the outcome.

A row is claimed by one conditional UPDATE and settled only with the claim's own token, so that a
worker that lost its lease cannot overwrite another's word. Leases run on the real clock; due times
on the product's.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, literal_column, or_, select, tuple_

from records import contact
from records.columns import new_id
from records.contact import channel_message
from records.database import Tx
from records.facts import Due, with_facts
from records.hours import next_week
from records.message import OPEN, TEXT_LIFE, TRACELESS, Draft, message, queue

LEASE = timedelta(seconds=60)  # twice the longest send: an edit, then a new message
REPEATABLE = ("screen", "phrase", "passing", "card", "reminder", "changed", "cancelled", "offer")
EPHEMERAL = ("screen", "phrase")  # their words are forgotten as soon as they have left


@dataclass(frozen=True, slots=True)
class Settled:
    """How one claimed message ended: sent | later | refused | dropped | uncertain.

    `at` is when to try again (later). `lost` is a permanent reason that the phone is out of
    reach. `channel_id` is the channel's identifier of what was sent.
    """

    due: Due
    outcome: str
    reason: str | None = None
    at: datetime | None = None
    channel_id: int | None = None
    lost: str | None = None


def _claim_statement() -> Any:
    """The first due message of each chat that has none in flight, in order of priority."""
    m, other = message, message.alias("other")
    waiting = literal_column("message.state") == literal_column("'waiting'")
    open_ = literal_column("other.state").in_([literal_column(f"'{s}'") for s in OPEN])
    before = tuple_(other.c.priority, other.c.due_at, other.c.id) < tuple_(
        m.c.priority, m.c.due_at, m.c.id
    )
    behind = exists().where(
        other.c.youth_id == m.c.youth_id,
        open_,
        or_(other.c.state == "claimed", and_(other.c.due_at <= bindparam("now"), before)),
    )
    due = (
        select(m.c.id)
        .where(
            waiting,
            m.c.bot_id == bindparam("bot"),
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
        .returning(*m.c)
    )


_CLAIM = _claim_statement()


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
    rows = await tx.rows(
        _CLAIM,
        {
            "now": now,
            "bot": bot_id,
            "at_most": at_most,
            "token": new_id(),
            "until": real_now + lease,
            "resting": list(resting),
        },
    )
    ordered = sorted(rows, key=lambda r: (r.priority, r.due_at, r.id))
    return await with_facts(tx, now, ordered)


async def next_due(tx: Tx, bots: Collection[int] | None = None) -> datetime | None:
    """When the earliest waiting message falls due, over all bots or these."""
    waiting = literal_column("message.state") == literal_column("'waiting'")
    which = message.c.bot_id.is_not(None) if bots is None else message.c.bot_id.in_(bots)
    row = await tx.row(
        select(message.c.due_at).where(waiting, which).order_by(message.c.due_at).limit(1)
    )
    return None if row is None else row.due_at


async def with_something_due(tx: Tx, now: datetime, bots: Collection[int]) -> list[int]:
    """Those of these bots for which some message is due, in order."""
    waiting = literal_column("message.state") == literal_column("'waiting'")
    rows = await tx.rows(
        select(message.c.bot_id)
        .where(waiting, message.c.bot_id.in_(bots), message.c.due_at <= now)
        .distinct()
    )
    return sorted(row.bot_id for row in rows)


async def settle(tx: Tx, now: datetime, outcomes: Iterable[Settled]) -> None:
    """Write how messages ended, in one commit with what follows from it."""
    done = list(outcomes)
    changes = [_change(s, now) for s in done]
    if changes:
        await tx.run(_SETTLE, changes)
    if any(change["st"] == "waiting" for change in changes):
        await tx.announce()  # whoever settles it may be gone by then
    sent = [s for s in done if s.outcome == "sent"]
    kept = [
        {
            "id": new_id(),
            "structure_id": s.due.structure.id,
            "bot_id": s.due.row.bot_id,
            "contact_id": s.due.contact_id,
            "channel": s.due.row.channel,
            "direction": "out",
            "channel_id": s.channel_id,
            "at": now,
        }
        for s in sent
        if s.channel_id and s.due.contact_id and not s.due.edits
    ]
    if kept:
        await tx.run(channel_message.insert(), kept)
    traceless = [
        s.due.id
        for s, change in zip(done, changes, strict=True)
        if s.due.kind in TRACELESS and change["st"] != "waiting"
    ]
    if traceless:
        await tx.run(delete(message).where(message.c.id.in_(traceless)))
    for s in done:
        if s.lost and s.due.contact_id:
            await contact.set_reachable(tx, s.due.contact_id, s.lost)
    await queue(
        tx,
        now,
        [
            _again_next_week(s.due)
            for s in done
            if s.due.repeat and s.outcome != "later" and s.reason not in ("closed", "refused")
        ],
    )


_SETTLE = (
    message.update()
    .where(
        message.c.id == bindparam("which"),
        message.c.claim == bindparam("token"),
        message.c.state == "claimed",
    )
    .values(
        state=bindparam("st"),
        reason=bindparam("why"),
        held_by=bindparam("held"),
        due_at=bindparam("due"),
        sent_at=bindparam("sent"),
        claim=None,
        claimed_until=None,
        channel_message_id=bindparam("channel_id"),
        params=bindparam("kept"),
        repeated=bindparam("again"),
    )
)


def _change(s: Settled, now: datetime) -> dict[str, Any]:
    row = s.due.row
    state, again = s.outcome, row.repeated
    if s.outcome == "later":
        state = "waiting"
    elif s.outcome == "uncertain" and s.due.kind in REPEATABLE and not row.repeated:
        state, again = "waiting", True  # repeated once, and said so
    final = state not in ("waiting", "uncertain")
    forgotten = state == "dropped" or (final and s.due.kind in EPHEMERAL)
    return {
        "which": s.due.id,
        "token": s.due.claim,
        "st": state,
        "why": s.reason,
        "held": s.reason if state == "waiting" else None,
        "due": s.at or row.due_at,
        "sent": now if state in ("sent", "uncertain") else None,
        "channel_id": s.channel_id,
        "kept": None if forgotten else row.params,
        "again": again,
    }


def _again_next_week(due: Due) -> Draft:
    wall, at = next_week(due.wall or "", due.structure.zone)
    series = due.row.unique_key.rsplit("@", 1)[0]
    return Draft(
        due.structure.id,
        due.structure.bot_id,
        due.youth.id,
        due.kind,
        at,
        at + TEXT_LIFE,
        due.params,
        key=f"{series}@{wall}",
        purpose=due.facts.purpose,
        unasked=True,
        priority=due.row.priority,
        repeat="weekly",
        wall=wall,
        created_by=due.row.created_by,
    )


async def recover(tx: Tx, real_now: datetime, *, everything: bool = False) -> int:
    """Mark uncertain what a dead worker had claimed; what may be repeated waits again, once.

    `everything` when this process is alone and just started: no claim can be alive.
    """
    lost = [message.c.state == literal_column("'claimed'")]
    if not everything:
        lost.append(message.c.claimed_until < real_now)
    freed = {"claim": None, "claimed_until": None}
    once = await tx.run(
        message.update().where(*lost, message.c.kind.in_(REPEATABLE), ~message.c.repeated),
        freed | {"state": "waiting", "repeated": True, "held_by": "uncertain"},
    )
    await tx.run(delete(message).where(*lost, message.c.kind.in_(TRACELESS)))
    unknown = await tx.rows(
        message.update()
        .where(*lost)
        .values(**freed, state="uncertain", reason="interrupted", sent_at=real_now)
        .returning(*message.c)
    )
    weekly = await with_facts(tx, real_now, [row for row in unknown if row.repeat])
    await queue(tx, real_now, [_again_next_week(due) for due in weekly])
    if once:
        await tx.announce()
    return once + len(unknown)


async def awaited(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int | None = None,
    youth_id: int | None = None,
    limit: int = 100,
) -> list[Due]:
    """What waits, soonest first, with its facts: for previews and for `relais queue`."""
    query = select(message).where(message.c.state == literal_column("'waiting'"))
    if structure_id is not None:
        query = query.where(message.c.structure_id == structure_id)
    if youth_id is not None:
        query = query.where(message.c.youth_id == youth_id)
    rows = await tx.rows(query.order_by(message.c.due_at, message.c.id).limit(limit))
    return await with_facts(tx, now, rows)

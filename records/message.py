"""Outgoing messages: everything due is a row, with an expiry and a unique key.

A message says what it is about (`kind`, `params`), never the final words: they are rendered when
it is sent, from the meaning it has then. `kind` is one of:

- reminder, changed, cancelled: about an appointment (purpose: reminders);
- text: an educator's own words (purpose: messages);
- offer: a script to begin (purpose: exercises, checkins or surveys);
- course: the same, of a course begun alone or depending on answers: staff see none of it;
- plan: what a youth asked to read again (purpose: that of its script);
- nudge: a script that was left in the middle (`records.silence`; purpose: that of its script);
- again: a consent to be asked again (`records.consent_text`; purpose: consents);
- rule: the structure's rule for minors changed (`records.told_rule`; purpose: consents);
- notice: who reads meanwhile, who accompanies from now on (purpose: messages);
- phrase, screen: answers to what the youth just did;
- passing, card: the same, whose rows are deleted once sent (anonymous survey, help numbers);
- question: « Je préviens Nadia ? » (`records.question`), deleted once sent as well;
- wipe: the chat is emptied, and a last word sent; its row is deleted too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.sql.selectable import FromClause

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.reasons import Dropped

PRIORITIES = HELP, REPLY, REMINDER, REST = tuple(range(4))  # the order in which messages leave
REPLY_LIFE = timedelta(hours=24)
TEXT_LIFE = timedelta(days=2)
OPEN = ("waiting", "claimed")
TRACELESS = (
    "passing",
    "card",
    "question",
    "wipe",
)  # their rows go once sent

message = Table(
    "message",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("bot_id", "bot", nullable=True),
    link("youth_id", "youth"),
    link("contact_id", "contact", nullable=True),  # only when meant for one phone
    link("appointment_id", "appointment", nullable=True),
    link("created_by", "staff", nullable=True),
    Column("channel", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("purpose", String(16)),
    Column("unasked", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("params", LargeBinary),
    Column("revision", Integer, nullable=False, default=0),
    Column("edits", BigInteger),  # the channel's message to edit, instead of sending anew
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("useful_until", Instant),  # about a meeting: the start it must precede
    Column("unique_key", String(120), nullable=False),
    Column("repeat", String(8)),  # weekly
    Column("wall", String(16)),  # the local wall time that repeats, YYYY-MM-DDTHH:MM
    Column("state", String(10), nullable=False),
    Column("reason", String(32)),
    Column("held_by", String(32)),  # why it waits beyond its time, for the desk
    Column("attempts", Integer, nullable=False, default=0),
    Column("repeated", Boolean, nullable=False, default=False),
    Column("claim", BigInteger),
    Column("claimed_until", Instant),
    Column("sent_at", Instant),
    Column("channel_message_id", BigInteger),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("unique_key"),
    Index(
        "ix_message_due",
        "bot_id",
        "priority",
        "due_at",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_message_next",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_message_open",
        "youth_id",
        "priority",
        "due_at",
        "id",
        sqlite_where=text("state IN ('waiting', 'claimed')"),
        postgresql_where=text("state IN ('waiting', 'claimed')"),
    ),
    Index(
        "ix_message_youth",
        "youth_id",
        "id",
        sqlite_where=text("purpose IS NOT NULL"),
        postgresql_where=text("purpose IS NOT NULL"),
    ),
    Index(
        "ix_message_week",
        "youth_id",
        "sent_at",
        sqlite_where=text("purpose IS NOT NULL AND sent_at IS NOT NULL"),
        postgresql_where=text("purpose IS NOT NULL AND sent_at IS NOT NULL"),
    ),
    Index(
        "ix_message_appointment",
        "appointment_id",
        sqlite_where=text("appointment_id IS NOT NULL"),
        postgresql_where=text("appointment_id IS NOT NULL"),
    ),
    Index(
        "ix_message_claimed",
        "claimed_until",
        sqlite_where=text("state = 'claimed'"),
        postgresql_where=text("state = 'claimed'"),
    ),
)


WAITING, CLAIMED = (message.c.state == literal_column(f"'{s}'") for s in OPEN)


def by_staff(of: FromClause) -> ColumnElement[bool]:
    """What was planned: only that has a purpose. The indexes of a youth's messages
    hold no answers to taps, which are the most and which nobody looks up."""
    return of.c.purpose.is_not(None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be queued. `key` is what makes a second copy of it impossible.

    With a `claim` it is on its way as soon as it is committed (`records.outbox`), under the `id`
    that it was given beforehand.
    """

    structure_id: int
    bot_id: int | None
    youth_id: int
    kind: str
    due_at: datetime
    not_after: datetime
    params: dict[str, Any]
    key: str | None = None
    purpose: str | None = None
    unasked: bool = False
    priority: int = REPLY
    contact_id: int | None = None
    appointment_id: int | None = None
    revision: int = 0
    useful_until: datetime | None = None
    edits: int | None = None
    repeat: str | None = None
    wall: str | None = None
    created_by: int | None = None
    channel: str = "telegram"
    id: int | None = None
    claim: int | None = None
    claimed_until: datetime | None = None


def is_open(of: FromClause) -> ColumnElement[bool]:
    """Waiting or claimed. The bound on priority leaves nothing out: it makes SQLite take
    `ix_message_open`, and not the index of all that a youth was ever sent."""
    states: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in OPEN]
    return and_(of.c.state.in_(states), of.c.priority >= HELP)


def claimed(until: datetime) -> dict[str, Any]:
    """What makes a draft its own process's, to be sent as soon as it is committed."""
    return {"id": new_id(), "claim": new_id(), "claimed_until": until}


async def queue(tx: Tx, now: datetime, drafts: Iterable[Draft]) -> list[int]:
    """Insert drafts in order, in one statement; one whose key exists already is left out."""
    rows = [_row(tx, now, draft) for draft in drafts]
    if rows:
        await tx.run(tx.upsert(message).on_conflict_do_nothing(index_elements=["unique_key"]), rows)
        await tx.announce()
    return [row["id"] for row in rows]


def _row(tx: Tx, now: datetime, draft: Draft) -> dict[str, Any]:
    row = draft.id or new_id()
    values = dict(zip(_PLAIN, _plain(draft), strict=True))
    sealed = tx.vault.seal_data("message.params", row, draft.params)
    return values | {
        "id": row,
        "params": sealed,
        "unique_key": draft.key or f"once:{row}",
        "state": "claimed" if draft.claim else "waiting",
        "created_at": now,
        "attempts": 1 if draft.claim else 0,
        "repeated": False,
    }


_PLAIN = [f for f in Draft.__slots__ if f not in ("id", "params", "key")]
_plain = attrgetter(*_PLAIN)


async def give_bot(tx: Tx, structures: Select[Any], bot_id: int) -> None:
    """These structures have a bot now: what was planned before leaves by it."""
    await tx.run(
        message.update().where(
            message.c.structure_id.in_(structures),
            message.c.bot_id.is_(None),
            message.c.state == "waiting",
        ),
        {"bot_id": bot_id},
    )
    await tx.announce()


async def free_key(tx: Tx, key: str) -> None:
    """Let a key be used again: what was under it never left."""
    row = await tx.row(
        select(message.c.id).where(
            message.c.unique_key == key, message.c.state.in_(("dropped", "refused"))
        )
    )
    if row is not None:
        mine = message.update().where(message.c.id == row.id)
        await tx.run(mine, {"unique_key": f"{key}:{row.id}"})


async def drop_waiting(tx: Tx, reason: Dropped, *which: ColumnElement[bool]) -> int:
    """Drop what has not left yet; in the same commit as the fact that took its meaning away.

    A message in flight cannot be called back: its own claim decides. What leaves no trace is
    deleted.
    """
    unsent = message.c.state == "waiting"
    await tx.run(message.delete().where(unsent, message.c.kind.in_(TRACELESS), *which))
    return await tx.run(
        message.update().where(message.c.state == "waiting", *which),
        {"state": "dropped", "reason": reason, "params": None},
    )


async def counts(tx: Tx) -> dict[str, int]:
    """How many messages wait, are on their way, or are uncertain; for the metrics."""
    alive = ("waiting", "claimed", "uncertain")
    rows = await tx.rows(
        select(message.c.state, func.count().label("total"))
        .where(message.c.state.in_(alive))
        .group_by(message.c.state)
    )
    return dict.fromkeys(alive, 0) | {row.state: row.total for row in rows}

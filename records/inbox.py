"""What youths address to their educator: words, requests, answers that call for someone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, String, Table, or_, select

from records import erased
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound

# words: free text; shared: answers opened to the educator; held: words that wait for « c'est pour Nadia ? »; the others are requests.
KINDS = (
    "words",
    "held",
    "shared",
    "meeting_late",
    "meeting_change",
    "meeting_no",
    "meeting_wanted",
    "help",
)

KEPT = timedelta(days=30)
HELD = timedelta(hours=24)

inbox = Table(
    "inbox",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    link("appointment_id", "appointment", nullable=True),
    Column("kind", String(16), nullable=False),
    Column("text", LargeBinary),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant),
    link("seen_by", "staff", nullable=True),
    Index("ix_inbox_youth", "youth_id", "id"),
    Index("ix_inbox_unseen", "structure_id", "seen_at", "id"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a youth addressed to staff; `seen_at` is when somebody opened it."""

    id: int
    youth_id: int
    appointment_id: int | None
    kind: str
    text: str | None
    at: datetime
    seen_at: datetime | None


async def add(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    youth_id: int,
    kind: str,
    text: str | None = None,
    appointment_id: int | None = None,
) -> int:
    row = new_id()
    said = Said(row, structure_id, youth_id, kind, text, appointment_id)
    await keep(tx, now, [said])
    return row


@dataclass(frozen=True, slots=True)
class Said:
    """An item about to be kept, under an identifier that it has already."""

    id: int
    structure_id: int
    youth_id: int
    kind: str
    text: str | None = None
    appointment_id: int | None = None


async def keep(tx: Tx, now: datetime, items: Sequence[Said]) -> None:
    """Put items into the inbox, in one statement."""
    rows = [
        {
            "id": said.id,
            "structure_id": said.structure_id,
            "youth_id": said.youth_id,
            "kind": said.kind,
            "at": now,
            "appointment_id": said.appointment_id,
            "seen_at": None,
            "seen_by": None,
            "text": said.text and tx.vault.seal("inbox.text", said.id, said.text),
        }
        for said in items
    ]
    if rows:
        await tx.run(inbox.insert(), rows)


async def add_once(tx: Tx, now: datetime, *, structure_id: int, youth_id: int, kind: str) -> None:
    """The same request again says nothing new until somebody has seen the first."""
    waits = select(inbox.c.id).where(
        inbox.c.youth_id == youth_id, inbox.c.kind == kind, inbox.c.seen_at.is_(None)
    )
    if await tx.row(waits.limit(1)) is None:
        await add(tx, now, structure_id=structure_id, youth_id=youth_id, kind=kind)


async def release(tx: Tx, youth_id: int, item_id: int, *, send: bool) -> str:
    """Send held words to the educator, or forget them. What became of them: sent, forgotten,
    already (sent before), or gone (nobody decided in time)."""
    theirs = (inbox.c.id == item_id, inbox.c.youth_id == youth_id)
    held = (*theirs, inbox.c.kind == "held")
    statement = inbox.update().where(*held) if send else inbox.delete().where(*held)
    if await tx.run(statement, {"kind": "words"} if send else ()):
        return "sent" if send else "forgotten"
    if await tx.row(select(inbox.c.id).where(*theirs)) is not None:
        return "already"
    return "gone" if send else "forgotten"


async def see(tx: Tx, now: datetime, item_ids: Sequence[int], by: int) -> int:
    """Mark as seen what was opened, and nothing else: the youth may read « vu »."""
    return await tx.run(
        inbox.update().where(inbox.c.id.in_(item_ids), inbox.c.seen_at.is_(None)),
        {"seen_at": now, "seen_by": by},
    )


async def of_youth(
    tx: Tx,
    youth_id: int,
    *,
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Item]:
    """Newest first; `before` is the last identifier of the page before. `since` leaves out what
    somebody had read by then."""
    query = select(inbox).where(inbox.c.youth_id == youth_id, inbox.c.kind != "held")
    if since is not None:
        query = query.where(or_(inbox.c.seen_at.is_(None), inbox.c.seen_at >= since))
    if before is not None:
        query = query.where(inbox.c.id < before)
    return [
        _opened(tx, row) for row in await tx.rows(query.order_by(inbox.c.id.desc()).limit(limit))
    ]


async def unseen(tx: Tx, youth_ids: list[int], limit: int = 200) -> list[Item]:
    """What nobody has opened yet, for these youths, oldest first."""
    rows = await tx.rows(
        select(inbox)
        .where(inbox.c.youth_id.in_(youth_ids), inbox.c.seen_at.is_(None), inbox.c.kind != "held")
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [_opened(tx, row) for row in rows]


async def get(tx: Tx, item_id: int) -> Item:
    row = await tx.row(select(inbox).where(inbox.c.id == item_id, inbox.c.kind != "held"))
    if row is None:
        raise NotFound("inbox_item_unknown")
    return _opened(tx, row)


async def erase_one(tx: Tx, now: datetime, youth_id: int, item_id: int) -> bool:
    """Take back, for good, words that a youth wrote. False when they are not theirs, or no more."""
    theirs = (inbox.c.id == item_id, inbox.c.youth_id == youth_id)
    if not await tx.run(inbox.delete().where(*theirs)):
        return False
    await erased.note_rows(tx, now, "inbox", [item_id])
    return True


async def forget_notices(tx: Tx, youth_id: int) -> None:
    """Sharing was withdrawn: that there are answers to read is not told any more."""
    await tx.run(
        inbox.delete().where(
            inbox.c.youth_id == youth_id, inbox.c.kind == "shared", inbox.c.seen_at.is_(None)
        )
    )


def _opened(tx: Tx, row: Any) -> Item:
    words = row.text and tx.vault.open("inbox.text", row.id, row.text)
    return Item(row.id, row.youth_id, row.appointment_id, row.kind, words, row.at, row.seen_at)

"""The access log: who read what about whom. Lines are only ever added; youths by keyed hash.

Whoever reads adds a plain line and waits for nobody. Within the minute `records.sealing` puts the
new lines under a seal, chained to the one before; `records.verifying` tells what no longer fits.
The database itself refuses to change a line, and to delete one whose seal does not say that
retention let it go (migration 0005).
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    func,
    select,
)

from records import chain
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata

access = Table(
    "access_log",
    metadata,
    key(),
    link("staff_id", "staff", nullable=True),
    Column("action", String(32), nullable=False),
    Column("youth_index", LargeBinary),
    Column("about", String(400)),  # identifiers of what was read, never its content
    Column("at", Instant, nullable=False),
    Column("seal", BigInteger),  # its seal's number; nothing until it is sealed
    Index("ix_access_log_youth", "youth_index", "id"),
    Index("ix_access_log_at", "at"),
    Index("ix_access_log_seal", "seal", "id"),
)

seal = Table(
    # One for each minute that had lines; kept when the lines go (`records.chain.Seal`).
    "access_seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),  # UTC: structures of several zones share one log
    Column("lines", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("dropped", LargeBinary),
    Index("ix_access_seal_day", "day"),
)

READ, WORDS_READ = "responses_read", "words_read"
ALERT_SEEN, ALERT_TAKEN = "alert_seen", "alert_taken"
REFUSED, EXPORTED, SIGNED_IN = "page_refused", "exported", "signed_in"
SEEN = (READ, WORDS_READ, ALERT_SEEN, ALERT_TAKEN, EXPORTED)  # what a youth sees under « Qui a lu »
ROWS_A_LINE = 15  # so many identifiers fit in `about`; more go on further lines


@dataclass(frozen=True, slots=True)
class Line:
    """`about`: identifiers of the rows that were shown; `youth_index`: whose they are, hashed."""

    staff_id: int | None
    action: str
    at: datetime
    about: tuple[int, ...] = ()
    youth_index: bytes | None = None
    id: int = 0


async def note(
    tx: Tx,
    now: datetime,
    staff_id: int | None,
    action: str,
    youth_id: int | None = None,
    about: Iterable[int] = (),
) -> None:
    """Write down what was done (responses_read, page_refused, exported…), in as many lines as it
    takes to name every row of `about`."""
    index = None if youth_id is None else named(tx, youth_id)
    rows = [str(row) for row in about]
    lines = [rows[at : at + ROWS_A_LINE] for at in range(0, len(rows), ROWS_A_LINE)]
    await tx.run(
        access.insert(),
        [
            {
                "id": new_id(),
                "staff_id": staff_id,
                "action": action,
                "youth_index": index,
                "about": json.dumps(line) if line else None,
                "at": now,
                "seal": None,
            }
            for line in lines or [[]]
        ],
    )


def named(tx: Tx, youth_id: int) -> bytes:
    """How lines name this youth: a hash that only the key's holder can make."""
    return tx.vault.lasting("access.youth", str(youth_id))


async def about_youth(tx: Tx, youth_id: int, *, limit: int = 50) -> list[Line]:
    """What was done about this youth, newest first, line by line."""
    return await listed(tx, youth_id=youth_id, limit=limit)


async def listed(
    tx: Tx,
    *,
    youth_id: int | None = None,
    staff_id: int | None = None,
    actions: Collection[str] = (),
    since: datetime | None = None,
    limit: int = 50,
) -> list[Line]:
    """What was done, newest first, line by line: about a youth, by somebody, from a moment on."""
    query = select(access)
    if youth_id is not None:
        query = query.where(access.c.youth_index == named(tx, youth_id))
    if staff_id is not None:
        query = query.where(access.c.staff_id == staff_id)
    if actions:
        query = query.where(access.c.action.in_(actions))
    if since is not None:
        query = query.where(access.c.at >= since)
    rows = await tx.rows(query.order_by(access.c.id.desc()).limit(limit))
    return [Line(r.staff_id, r.action, r.at, _rows(r.about), r.youth_index, r.id) for r in rows]


def _rows(about: str | None) -> tuple[int, ...]:
    return tuple(int(row) for row in json.loads(about or "[]"))


async def readings(
    tx: Tx, youth_id: int, limit: int = 50, *, before: int | None = None
) -> list[Line]:
    """Who read this youth's answers or words, or handed all of it over, newest first; whoever was
    refused read nothing.

    One reading is one line, however many answers it showed; `before` is the `id` of the last one
    of the page before.
    """
    newest = func.max(access.c.id)
    query = (
        select(access.c.staff_id, access.c.at, access.c.action, newest.label("id"))
        .where(access.c.youth_index == named(tx, youth_id), access.c.action.in_(SEEN))
        .group_by(access.c.staff_id, access.c.at, access.c.action)
        .order_by(newest.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.having(newest < before)
    return [Line(r.staff_id, r.action, r.at, id=r.id) for r in await tx.rows(query)]


async def readings_of(tx: Tx, youth_id: int, rows: Collection[int], limit: int) -> list[Line]:
    """Who read one of these answers, newest first; one line for each time."""
    theirs = access.c.youth_index == named(tx, youth_id)
    lines = await tx.rows(
        select(access).where(theirs, access.c.action == READ).order_by(access.c.id.desc())
    )
    read = {
        (line.staff_id, line.at): Line(line.staff_id, line.action, line.at)
        for line in lines
        if not set(rows).isdisjoint(_rows(line.about))
    }
    return list(read.values())[:limit]


async def count_before(tx: Tx, before: date) -> int:
    """How many lines `drop_days` would let go now: for a dry run."""
    lapsed = select(seal.c.number).where(seal.c.day < before, seal.c.dropped.is_(None))
    return int(
        await tx.value(select(func.count()).select_from(access).where(access.c.seal.in_(lapsed)))
    )


async def drop_days(tx: Tx, before: date) -> int:
    """Let go of all lines of the (UTC) days before this one, and keep their seals.

    For the retention schedule: `before` is today less the months that the log is kept. Returns
    how many lines went; asked twice, it does nothing. Lines that wait for their seal stay.
    """
    lapsed = await tx.rows(
        select(seal.c.number, seal.c.mark).where(seal.c.day < before, seal.c.dropped.is_(None))
    )
    if not lapsed:
        return 0
    told = seal.update().where(seal.c.number == bindparam("which"))
    await tx.run(
        told.values(dropped=bindparam("proof")),
        [{"which": r.number, "proof": chain.dropping(tx.vault, bytes(r.mark))} for r in lapsed],
    )
    gone = select(seal.c.number).where(seal.c.day < before)
    return await tx.run(access.delete().where(access.c.seal.in_(gone)))

"""The access log: who read what about whom. Lines are only ever added; youths by keyed hash."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, String, Table, func, select

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
    Index("ix_access_log_youth", "youth_index", "id"),
    Index("ix_access_log_at", "at"),
)

READ = "responses_read"
ROWS_A_LINE = 15  # so many identifiers fit in `about`; more go on further lines


@dataclass(frozen=True, slots=True)
class Line:
    staff_id: int | None
    action: str
    at: datetime


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
    index = None if youth_id is None else tx.vault.index("access.youth", str(youth_id))
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
            }
            for line in lines or [[]]
        ],
    )


async def about_youth(tx: Tx, youth_id: int, *, limit: int = 50) -> list[Line]:
    """What was done about this youth, newest first, line by line."""
    query = select(access).where(
        access.c.youth_index == tx.vault.index("access.youth", str(youth_id))
    )
    rows = await tx.rows(query.order_by(access.c.id.desc()).limit(limit))
    return [Line(r.staff_id, r.action, r.at) for r in rows]


async def readings(tx: Tx, youth_id: int, limit: int = 50) -> list[Line]:
    """Who read this youth's answers, newest first; whoever was refused read nothing.

    One reading is one line, however many answers it showed.
    """
    rows = await tx.rows(
        select(access.c.staff_id, access.c.at)
        .where(
            access.c.youth_index == tx.vault.index("access.youth", str(youth_id)),
            access.c.action == READ,
        )
        .group_by(access.c.staff_id, access.c.at)
        .order_by(func.max(access.c.id).desc())
        .limit(limit)
    )
    return [Line(r.staff_id, READ, r.at) for r in rows]

"""The access log: who read what about whom. Lines are only ever added; youths by keyed hash."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, String, Table, select

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
    """Add a line: `action` is what was done (responses_read, page_refused, exported…)."""
    index = None if youth_id is None else tx.vault.index("access.youth", str(youth_id))
    listed = json.dumps([str(row) for row in about][:15]) if about else None
    await tx.run(
        access.insert(),
        {
            "id": new_id(),
            "staff_id": staff_id,
            "action": action,
            "youth_index": index,
            "about": listed,
            "at": now,
        },
    )


async def about_youth(
    tx: Tx, youth_id: int, *, action: str | None = None, limit: int = 50
) -> list[Line]:
    """What was done about this youth, newest first; `action` for one kind only."""
    query = select(access).where(
        access.c.youth_index == tx.vault.index("access.youth", str(youth_id))
    )
    if action is not None:
        query = query.where(access.c.action == action)
    rows = await tx.rows(query.order_by(access.c.id.desc()).limit(limit))
    return [Line(r.staff_id, r.action, r.at) for r in rows]


async def readings(tx: Tx, youth_id: int, limit: int = 50) -> list[Line]:
    """Who read this youth's answers, newest first; whoever was refused read nothing."""
    return await about_youth(tx, youth_id, action=READ, limit=limit)

"""What a youth takes away: a link of their own, for a quarter of an hour.

What is stored about them would otherwise pass through Telegram and stay there. The link opens
without an account; the page and the file may each be taken once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, LargeBinary, String, Table

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound
from records.vault import hashed

LIFE = timedelta(minutes=15)
FORMS = ("page", "file")

takeaway = Table(
    "takeaway",
    metadata,
    key(),
    link("youth_id", "youth", index=True),
    Column("token", LargeBinary, nullable=False),  # hashed
    Column("form", String(8), nullable=False),  # page | file
    Column("expires_at", Instant, nullable=False, index=True),
)


async def offer(tx: Tx, now: datetime, youth_id: int) -> str:
    """A token that opens the page once and the file once. An earlier one stops working."""
    await forget(tx, youth_id)
    token = secrets.token_urlsafe(24)
    rows = [
        {
            "id": new_id(),
            "youth_id": youth_id,
            "token": hashed(token),
            "form": form,
            "expires_at": now + LIFE,
        }
        for form in FORMS
    ]
    await tx.run(takeaway.insert(), rows)
    return token


@dataclass(frozen=True, slots=True)
class Offered:
    """What a link still opens: `forms` of it, until then."""

    youth_id: int
    forms: list[str]
    expires_at: datetime


async def offered(tx: Tx, now: datetime, token: str) -> Offered:
    """Raises `NotFound("takeaway_gone")` when the link is unknown, used or too old."""
    rows = await tx.rows(
        takeaway.select().where(takeaway.c.token == hashed(token), takeaway.c.expires_at > now)
    )
    if not rows:
        raise NotFound("takeaway_gone")
    forms = [form for form in FORMS if form in {row.form for row in rows}]
    return Offered(rows[0].youth_id, forms, rows[0].expires_at)


async def take(tx: Tx, now: datetime, token: str, form: str) -> int:
    """Whose it is; it cannot be taken again. Raises `NotFound("takeaway_gone")`."""
    youth_id = await tx.value(
        takeaway.delete()
        .where(
            takeaway.c.token == hashed(token),
            takeaway.c.form == form,
            takeaway.c.expires_at > now,
        )
        .returning(takeaway.c.youth_id)
    )
    if youth_id is None:
        raise NotFound("takeaway_gone")
    return int(youth_id)


async def forget(tx: Tx, youth_id: int) -> None:
    """Links that were given open nothing any more."""
    await tx.run(takeaway.delete().where(takeaway.c.youth_id == youth_id))

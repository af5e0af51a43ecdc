"""Invitations: links that work once, for seven days, for one youth and one bot.

Whether a youth comes in by Telegram at all is `way_in`: asked when the link is made, and again when
it is opened. Whoever is enrolled already stays so when the structure raises its age.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Column, LargeBinary, Row, Table, select

from records import structure
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import Refused
from records.vault import hashed
from records.youth import Youth, age_on, youth

INVITATION_LIFE = timedelta(days=7)

invitation = Table(
    "invitation",
    metadata,
    key(),
    link("youth_id", "youth", index=True),
    link("created_by", "staff", nullable=True),
    Column("token", LargeBinary, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    token: str
    expires_at: datetime


def way_in(
    birth_month: str, of: structure.Structure, now: datetime
) -> Literal["telegram", "chat_page"]:
    """By which channel a youth is reached: whoever is under the age that the structure set for
    Telegram, on its own calendar, has the structure's chat page. Until that page
    exists, they are followed at the desk."""
    age = age_on(birth_month, now.astimezone(of.tz).date())
    return "telegram" if age >= of.telegram_minimum_age else "chat_page"


async def invite(tx: Tx, now: datetime, who: Youth, by: int | None = None) -> Invitation:
    """A single-use link of seven days. Earlier unused ones stop working.

    Refused while the structure has not chosen its alert rule, and to whoever is
    under the channel's own age limit (§ 5.3).
    """
    of = await structure.get(tx, who.structure_id)
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    if not of.alert_rule_is_chosen:
        raise Refused("alert_rule_missing", structure=of.name)
    if way_in(who.birth_month, of, now) != "telegram":
        raise Refused("too_young_for_telegram", minimum=of.telegram_minimum_age)
    await revoke(tx, now, who.id)
    token = secrets.token_urlsafe(24)
    await tx.run(
        invitation.insert(),
        {
            "id": new_id(),
            "youth_id": who.id,
            "created_by": by,
            "token": hashed(token),
            "created_at": now,
            "expires_at": now + INVITATION_LIFE,
            "used_at": None,
            "revoked_at": None,
        },
    )
    return Invitation(token, now + INVITATION_LIFE)


async def revoke(tx: Tx, now: datetime, youth_id: int) -> None:
    await tx.run(
        invitation.update().where(
            invitation.c.youth_id == youth_id,
            invitation.c.used_at.is_(None),
            invitation.c.revoked_at.is_(None),
        ),
        {"revoked_at": now},
    )


async def opened(tx: Tx, now: datetime, token: str, bot_id: int) -> Row[Any]:
    """The invitation of a token that may still be used, with its youth's structure; locked.

    Raises `Refused` with link_unknown, link_used, link_expired or link_too_young: the age may
    have been raised, or the birth month corrected, since the link was given.
    """
    row = await tx.row(
        select(invitation, *_WHOSE, structure.structure.c.bot_id)
        .join(youth, youth.c.id == invitation.c.youth_id)
        .join(structure.structure, structure.structure.c.id == youth.c.structure_id)
        .where(invitation.c.token == hashed(token))
        .with_for_update(of=invitation)
    )
    if row is None or row.revoked_at or row.closed_at or row.bot_id != bot_id:
        raise Refused("link_unknown")
    if row.used_at is not None:
        raise Refused("link_used")
    if row.expires_at <= now:
        raise Refused("link_expired")
    if way_in(row.birth_month, await structure.get(tx, row.structure_id), now) != "telegram":
        raise Refused("link_too_young")
    return row


_WHOSE = (youth.c.structure_id, youth.c.closed_at, youth.c.birth_month)


async def use(tx: Tx, now: datetime, invitation_id: int) -> None:
    """It worked once, and works no more."""
    await tx.run(invitation.update().where(invitation.c.id == invitation_id), {"used_at": now})

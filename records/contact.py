"""How a youth is reached: invitations, linked phones, and the two words that confirm them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Row, String, Table, select

from records import consent, erased, invitation, message, missed, structure, takeaway, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.words import two_words

_AT_ONCE = 500  # values of one statement
MESSAGE_IDS_KEPT = timedelta(hours=48)  # what the Bot API still lets a bot delete

contact = Table(
    "contact",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("bot_id", "bot"),
    link("youth_id", "youth"),
    Column("channel", String(16), nullable=False),
    Column("address", LargeBinary),
    Column("address_index", LargeBinary),
    Column("state", String(16), nullable=False),  # unconfirmed|confirmed|unreachable|unlinked
    Column("reason", String(32)),
    Column("words", String(40), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
    Index("uq_contact_address", "bot_id", "channel", "address_index", unique=True),
    Index("ix_contact_youth", "youth_id", "state"),
)

channel_message = Table(
    # Identifiers of messages both ways, kept 48 hours, so that « /efface » can remove them.
    "channel_message",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("bot_id", "bot"),
    link("contact_id", "contact"),
    Column("channel", String(16), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("direction", String(3), nullable=False),  # in | out
    Column("at", Instant, nullable=False),
    Index("ix_channel_message_contact", "contact_id", "id"),
    Index("ix_channel_message_at", "at"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A linked phone. `address` is the channel's own identifier, opened; None once unlinked."""

    id: int
    structure_id: int
    bot_id: int
    youth_id: int
    channel: str
    address: str | None
    state: str
    reason: str | None
    words: str
    linked_at: datetime
    confirmed_at: datetime | None


async def accept(
    tx: Tx, now: datetime, token: str, bot_id: int, channel: str, address: str
) -> Contact:
    """Link the phone that opened an invitation; it stays unconfirmed until the words are.

    Raises `Refused` with link_unknown, link_used, link_expired, link_too_young or
    phone_already_linked; only success consumes the token.
    """
    row = await invitation.opened(tx, now, token, bot_id)
    indexes = tx.vault.indexes("contact.address", address)
    if await tx.row(
        select(contact.c.id).where(
            contact.c.bot_id == bot_id,
            contact.c.channel == channel,
            contact.c.address_index.in_(indexes),
        )
    ):
        raise Refused("phone_already_linked")
    await invitation.use(tx, now, row.id)
    for other in await of_youth(tx, row.youth_id):
        if other.state == "unconfirmed":  # a newer link was given: that phone was not the one
            await unlink(tx, now, other)
    contact_id = new_id()
    await tx.run(
        contact.insert(),
        {
            "id": contact_id,
            "structure_id": row.structure_id,
            "bot_id": bot_id,
            "youth_id": row.youth_id,
            "channel": channel,
            "address_index": indexes[0],
            "address": tx.vault.seal("contact.address", contact_id, address),
            "state": "unconfirmed",
            "reason": None,
            "words": two_words(),
            "linked_at": now,
            "confirmed_at": None,
            "ended_at": None,
        },
    )
    return await get(tx, contact_id)


async def get(tx: Tx, contact_id: int) -> Contact:
    row = await tx.row(select(contact).where(contact.c.id == contact_id))
    if row is None:
        raise NotFound("contact_unknown")
    return opened(tx, row)


async def of_youth(tx: Tx, youth_id: int) -> list[Contact]:
    """The phones of a youth that are not unlinked, newest last."""
    rows = await tx.rows(
        select(contact)
        .where(contact.c.youth_id == youth_id, contact.c.state != "unlinked")
        .order_by(contact.c.id)
    )
    return [opened(tx, row) for row in rows]


async def confirm(tx: Tx, now: datetime, youth_id: int, words: str | None = None) -> Contact:
    """The educator saw the same two words. An earlier phone of this youth is unlinked.

    `words` given (from the command line), they must match: `Refused("words_differ")`.
    """
    waiting = [c for c in await of_youth(tx, youth_id) if c.state == "unconfirmed"]
    if not waiting:
        raise Refused("nothing_to_confirm")
    newest = waiting[-1]
    if words is not None and words.split() != newest.words.split():
        raise Refused("words_differ")
    for other in await of_youth(tx, youth_id):
        if other.id != newest.id:
            await unlink(tx, now, other)
    await tx.run(
        contact.update().where(contact.c.id == newest.id),
        {"state": "confirmed", "confirmed_at": now},
    )
    await consent.take_effect(tx, now, youth_id, newest.id)
    await _welcome(tx, now, newest)
    return await get(tx, newest.id)


async def _welcome(tx: Tx, now: datetime, phone: Contact) -> None:
    """And, under the age of consent, what is still missing before anything else leaves."""
    who, of = await youth.get(tx, phone.youth_id), await structure.get(tx, phone.structure_id)
    today = now.astimezone(of.tz).date()
    said: list[dict[str, Any]] = [{"say": "welcome", "menu": True}]
    if await consent.needs_parent(tx, who, of.consent_age, today):
        said.append({"say": "welcome.needs_parent"})
    drafts = [
        message.Draft(
            phone.structure_id,
            phone.bot_id,
            phone.youth_id,
            "phrase",
            now,
            now + message.REPLY_LIFE,
            params,
            key=f"{params['say']}:{phone.id}",
            contact_id=phone.id,
        )
        for params in said
    ]
    await message.queue(tx, now, drafts)


async def unlink(tx: Tx, now: datetime, which: Contact) -> None:
    """Forget a phone at once: its address goes, and what was meant for that phone only."""
    await tx.run(
        contact.update().where(contact.c.id == which.id),
        {"state": "unlinked", "address": None, "address_index": None, "ended_at": now},
    )
    await erased.note_unlinked(tx, now, which.id)
    await message.drop_waiting(tx, "unlinked", message.message.c.contact_id == which.id)
    await takeaway.forget(tx, which.youth_id)  # a lost phone opens nothing any more


async def unlink_all(tx: Tx, now: datetime, youth_id: int) -> int:
    """Forget every phone and every open invitation of a youth. Returns how many phones."""
    phones = await of_youth(tx, youth_id)
    for phone in phones:
        await unlink(tx, now, phone)
    await invitation.revoke(tx, now, youth_id)
    return len(phones)


async def keep_message_ids(tx: Tx, now: datetime, of: list[tuple[Contact, int]]) -> None:
    """Remember which messages came in, so that they can be removed within 48 hours."""
    rows = [
        {
            "id": new_id(),
            "structure_id": phone.structure_id,
            "bot_id": phone.bot_id,
            "contact_id": phone.id,
            "channel": phone.channel,
            "channel_id": channel_id,
            "direction": "in",
            "at": now,
        }
        for phone, channel_id in of
    ]
    if rows:
        await tx.run(channel_message.insert(), rows)


async def shown_ids(tx: Tx, contact_id: int) -> list[int]:
    """What a phone shows, both ways, and may still be removed; oldest first, each once."""
    rows = await tx.rows(
        select(channel_message.c.channel_id)
        .where(channel_message.c.contact_id == contact_id)
        .order_by(channel_message.c.id)
    )
    return list(dict.fromkeys(row.channel_id for row in rows))


async def forget_message_ids(tx: Tx, contact_id: int, channel_ids: Sequence[int]) -> None:
    """These messages are no longer there."""
    for first in range(0, len(channel_ids), _AT_ONCE):
        some = channel_ids[first : first + _AT_ONCE]
        await tx.run(
            channel_message.delete().where(
                channel_message.c.contact_id == contact_id, channel_message.c.channel_id.in_(some)
            )
        )


async def set_reachable(tx: Tx, contact_id: int, reason: str | None) -> None:
    """Blocked, deactivated or gone (`reason`), or back again (None)."""
    state = "unreachable" if reason else "confirmed"
    was = "confirmed" if reason else "unreachable"
    changed = await tx.run(
        contact.update().where(contact.c.id == contact_id, contact.c.state == was),
        {"state": state, "reason": reason},
    )
    if changed and reason:
        await message.drop_waiting(tx, "unreachable", message.message.c.contact_id == contact_id)


def opened(tx: Tx, row: Row[Any], address: str | None = None) -> Contact:
    """A phone from its row; `address` where it is known already, and need not be unsealed."""
    if address is None and row.address:
        address = tx.vault.open("contact.address", row.id, row.address)
    return Contact(
        row.id,
        row.structure_id,
        row.bot_id,
        row.youth_id,
        row.channel,
        address,
        row.state,
        row.reason,
        row.words,
        row.linked_at,
        row.confirmed_at,
    )


async def reachable_again(tx: Tx, now: datetime, which: Contact) -> None:
    """Whoever writes, taps or unblocks can be told again what they missed meanwhile."""
    if which.state == "unreachable":
        await set_reachable(tx, which.id, None)
        await missed.tell_again(tx, now, which.youth_id)


async def of_youths(tx: Tx, youth_ids: list[int]) -> dict[int, list[Contact]]:
    """The phones of many youths that are not unlinked, newest last, in one query."""
    found: dict[int, list[Contact]] = {youth_id: [] for youth_id in youth_ids}
    for row in await tx.rows(
        select(contact)
        .where(contact.c.youth_id.in_(youth_ids), contact.c.state != "unlinked")
        .order_by(contact.c.id)
    ):
        found[row.youth_id].append(opened(tx, row))
    return found

"""Whoever writes to the bot, with all that answering them needs: one load for a whole batch."""

from dataclasses import dataclass

from sqlalchemy import select

from records import contact, conversation, staff, structure, youth
from records.database import Tx


@dataclass(slots=True)
class Person:
    """A linked phone and the youth behind it, as they stand in this transaction.

    `talk` is the youth's open script; a phone that nobody confirmed never sees it.
    """

    contact: contact.Contact
    youth: youth.Youth
    structure: structure.Structure
    educator: str
    talk: conversation.Conversation | None

    @property
    def confirmed(self) -> bool:
        return self.contact.state in ("confirmed", "unreachable")


async def at(tx: Tx, bot_id: int, channel: str, addresses: set[str]) -> dict[str, Person]:
    """The people behind these addresses; strangers are absent.

    Locks their rows, in the order of their identifiers, so that two processes that receive for
    the same youth wait for each other instead of losing a step (design § 3).
    """
    table = contact.contact
    indexes = [tx.vault.index("contact.address", address) for address in addresses]
    phones = [
        contact.opened(tx, row)
        for row in await tx.rows(
            select(table).where(
                table.c.bot_id == bot_id,
                table.c.channel == channel,
                table.c.address_index.in_(indexes),
            )
        )
    ]
    if not phones:
        return {}
    ids = sorted({phone.youth_id for phone in phones})
    rows = await tx.rows(
        select(youth.youth)
        .where(youth.youth.c.id.in_(ids))
        .order_by(youth.youth.c.id)
        .with_for_update()
    )
    youths = {row.id: youth.opened(tx, row) for row in rows}
    structures = {s.id: s for s in await structure.all_structures(tx)}
    names = await staff.names(tx, {y.educator_id for y in youths.values()})
    talks = await conversation.open_of(tx, ids)
    people = {
        phone.address or "": Person(
            phone,
            youths[phone.youth_id],
            structures[phone.structure_id],
            names[youths[phone.youth_id].educator_id],
            None,
        )
        for phone in phones
    }
    for who in people.values():
        who.talk = talks.get(who.youth.id) if who.confirmed else None
    return people

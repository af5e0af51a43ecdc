"""Whoever writes to the bot, with all that answering them needs: one load for a whole batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, literal_column, or_, select

from records import consent, contact, conversation, cover, structure, youth
from records.conversation import conversation as talks
from records.database import Tx
from records.message import by_staff, is_open, message
from records.staff import staff


@dataclass(slots=True)
class Person:
    """A linked phone and the youth behind it, as they stand in this transaction.

    `educator` is whoever reads what they write now: their own, or whoever covers for them.
    `said` is what they last said of each purpose, and `given` what counts of it today. `talk` is the youth's open script, which a phone that
    nobody confirmed never sees; `interrupted`, whether an educator's words came since it last
    moved. `expects` is whether a message is on its way to them, or due.
    """

    contact: contact.Contact
    youth: youth.Youth
    structure: structure.Structure
    educator: str
    said: dict[str, consent.Standing]
    given: dict[str, bool]
    talk: conversation.Conversation | None
    interrupted: bool
    expects: bool

    @property
    def confirmed(self) -> bool:
        return self.contact.state in ("confirmed", "unreachable")


async def at(
    tx: Tx, now: datetime, bot_id: int, channel: str, addresses: set[str]
) -> dict[str, Person]:
    """The people behind these addresses; strangers are absent.

    Locks their rows, in the order of their identifiers, so that two processes that receive for
    the same youth wait for each other instead of losing a step (design § 3). What they change is
    read after that: what a query saw before it waited would be old.
    """
    indexes = {
        index: address
        for address in addresses
        for index in tx.vault.indexes("contact.address", address)
    }
    where = {"bot": bot_id, "channel": channel, "indexes": list(indexes)}
    found = [(row, indexes[bytes(row.address_index)]) for row in await tx.rows(_PHONES, where)]
    phones = [(address, contact.opened(tx, row, address)) for row, address in found]
    if not phones:
        return {}
    ids = {"ids": sorted({phone.youth_id for _, phone in phones})}
    youths = {row.id: row for row in await tx.rows(_YOUTHS, ids | {"now": now})}
    doing = {row.youth_id: row for row in await tx.rows(_DOING, ids | {"now": now})}
    said = await consent.of_youths(tx, ids["ids"])
    places = {phone.structure_id for _, phone in phones}
    structures = {of.id: of for of in await structure.some(tx, places)}
    names = _names(tx, youths.values())
    return {
        address: _person(tx, now, phone, youths[who], names, structures, said[who], doing[who])
        for address, phone in phones
        if (who := phone.youth_id) in youths  # not erased while their rows were waited for
    }


def _names(tx: Tx, rows: Iterable[Any]) -> dict[int, str]:
    """Of those who read, by identifier."""
    sealed = {row.reader_id: row.reader for row in rows}
    return {who: tx.vault.open("staff.name", who, name) for who, name in sealed.items()}


def _person(
    tx: Tx,
    now: datetime,
    phone: contact.Contact,
    row: Any,
    names: Mapping[int, str],
    structures: Mapping[int, structure.Structure],
    said: dict[str, consent.Standing],
    doing: Any,
) -> Person:
    of, them = structures[phone.structure_id], youth.opened(tx, row)
    who = Person(
        phone,
        them,
        of,
        names[row.reader_id],
        said,
        consent.holding(said, _law(now, them, of)),
        None,
        doing.interrupted,
        doing.expects,
    )
    if who.confirmed and doing.id is not None:
        who.talk = conversation.opened(tx, doing)
    return who


def _law(now: datetime, who: youth.Youth, of: structure.Structure) -> str:
    return consent.regime(who.birth_month, of.consent_age, now.astimezone(of.tz).date())


_PHONES = select(contact.contact).where(
    contact.contact.c.bot_id == bindparam("bot"),
    contact.contact.c.channel == bindparam("channel"),
    contact.contact.c.address_index.in_(bindparam("indexes", expanding=True)),
)
_YOUTHS = (
    select(youth.youth, staff.c.id.label("reader_id"), staff.c.name.label("reader"))
    .outerjoin_from(
        youth.youth, cover.cover, cover.reading_for(youth.youth.c.educator_id, bindparam("now"))
    )
    .join(staff, staff.c.id == cover.reader_of(youth.youth))
    .where(youth.youth.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(youth.youth.c.id)
    .with_for_update(of=youth.youth)
)


def _doing() -> Any:
    """What each is in the middle of: an open script, words that came meanwhile, what is due."""
    who, due, spoken = youth.youth.c.id, message.alias("due"), message.alias("spoken")
    expects = exists().where(
        due.c.youth_id == who,
        is_open(due),
        or_(due.c.state == "claimed", due.c.due_at <= bindparam("now")),
    )
    interrupted = exists().where(
        spoken.c.youth_id == who,
        spoken.c.sent_at > talks.c.touched_at,
        spoken.c.kind == "text",
        by_staff(spoken),
    )
    open_ = and_(talks.c.youth_id == who, talks.c.status == literal_column("'open'"))
    return (
        select(
            who.label("youth_id"),
            *(column for column in talks.c if column.name != "youth_id"),
            interrupted.label("interrupted"),
            expects.label("expects"),
        )
        .outerjoin_from(youth.youth, talks, open_)
        .where(who.in_(bindparam("ids", expanding=True)))
    )


_DOING = _doing()

"""Erasure of one person: every row about them, in every table, in one commit.

Which rows those are is read from the tables themselves: whatever refers to a youth, directly or
through something of theirs, goes. What is found by a keyed hash is named in `BY_HASH`, and what
says nothing of a person in `STAYS`, with the reason. A table that is none of these is refused, so
that one added later cannot be forgotten.

Counts for evaluation will be frozen each month, without codes, before anything is erased; until
then a past month's meetings go with the person.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Table, or_, select

from records import contact, erased, receipt, survey, youth
from records.database import Database, Tx, metadata, wipe_freed_pages
from records.errors import NotFound
from records.receipt import Receipt

STAYS: Mapping[str, str] = {
    "access_log": "names youths by keyed hash; a day of it is one sealed chain",
    "access_seal": "sums up lines of the access log, which name youths by keyed hash",
    "accepted_update": "numbers of updates, without whose",
    "bot": "the installation's own",
    "consent_text": "which texts are in force",
    "cover": "between professionals: who replaces whom",
    "erased": "what a restored backup must not bring back, by keyed hash",
    "mail_server": "the installation's own",
    "mailbox": "a professional's",
    "note": "the installation's own",
    "notification": "tells a professional that something waits, never of whom",
    "pace": "the installation's own",
    "receipt": "proves an act, without whose",
    "referral_tally": "a monthly count, never stored on a youth",
    "recovery_code": "a professional's",
    "second_factor": "a professional's",
    "session": "a professional's",
    "sign_in_attempt": "a professional's",
    "sign_in_doorstep": "a professional's",
    "staff": "a professional's",
    "standby": "between professionals: who is told next",
    "structure": "the installation's own",
    "survey_answer": "anonymous: nobody can be found in it, not even to erase",
}

BY_HASH: Mapping[str, Callable[[Tx, int], ColumnElement[bool]]] = {
    "survey_completion": lambda tx, youth_id: survey.survey_completion.c.person.in_(
        survey.persons_of(tx, youth_id)
    ),
}


class UnknownTable(LookupError):
    """A table of which nobody has said whether it is about a youth."""


async def erase_all(tx: Tx, now: datetime, youth_id: int) -> Receipt:
    """Delete every row about a youth, so that no restored backup brings them back; `NotFound` when
    there is none. Afterwards, outside the transaction, `wipe` what is left of them on the disk."""
    if not await delete(tx, youth_id):
        raise NotFound("youth_unknown")
    await erased.note(tx, now, youth_id)
    return await receipt.give(tx, now, "erased_all")


async def delete(tx: Tx, youth_id: int) -> int:
    """The deletion alone, which a restore does again. Returns how many rows went."""
    await youth.lock(tx, youth_id)
    await tx.rows(  # deliveries write which messages a phone holds, and know nothing of its youth
        select(contact.contact.c.id).where(contact.contact.c.youth_id == youth_id).with_for_update()
    )
    return sum(
        [
            await tx.run(table.delete().where(of_youth(tx, table, youth_id)))
            for table in about_a_youth()
        ]
    )


async def wipe(database: Database) -> None:
    """Overwrite what the deleted rows left on the disk, while everybody else goes on."""
    await wipe_freed_pages(database, [table.name for table in about_a_youth()], rewrite=False)


def about_a_youth() -> list[Table]:
    """All that may hold rows about a youth, what refers to others first. Raises `UnknownTable`."""
    personal: set[Table] = {youth.youth}
    found = [youth.youth]
    in_order = metadata.sorted_tables
    for table in in_order:  # whatever is referred to comes first
        if table is youth.youth or table.name in STAYS:
            continue
        if table.name not in BY_HASH and not _leading(table, personal):
            raise UnknownTable(table.name)
        personal.add(table)
        found.append(table)
    return sorted(found, key=in_order.index, reverse=True)


def of_youth(tx: Tx, table: Table, youth_id: int) -> ColumnElement[bool]:
    """Which rows of a table are about this youth."""
    if table is youth.youth:
        return youth.youth.c.id == youth_id
    if table.name in BY_HASH:
        return BY_HASH[table.name](tx, youth_id)
    return or_(*(_through(tx, key, youth_id) for key in _ways(table)))


def _ways(table: Table) -> list[ForeignKey]:
    """The foreign keys that lead to the youth: their own if each row has one, else all."""
    own = [key for key in table.foreign_keys if key.column.table is youth.youth]
    if any(not key.parent.nullable for key in own):
        return own
    return _leading(table, set(table.metadata.tables.values()))


def _leading(table: Table, personal: set[Table]) -> list[ForeignKey]:
    """The foreign keys to other tables that are about a youth."""
    return [
        key
        for key in table.foreign_keys
        if key.column.table in personal - {table} and key.column.table.description not in STAYS
    ]


def _through(tx: Tx, key: ForeignKey, youth_id: int) -> ColumnElement[bool]:
    to = key.column.table
    assert isinstance(to, Table)
    if to is youth.youth:
        return key.parent == youth_id
    return key.parent.in_(select(key.column).where(of_youth(tx, to, youth_id)))

"""Everything stored about one person, opened.

What there is to show is read from the same tables as what there is to erase (`records.erasure`), so
that a record added later joins it: every row about a youth, every column of it. What is left out,
and why, is named below; nothing else is.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Row, Table, literal, select

from records import audit, retention, staff, structure, youth
from records.conversation import conversation
from records.database import Tx
from records.erasure import about_a_youth, of_youth
from records.errors import Unusable
from records.message import by_staff, message
from records.retention import Periods

LEFT_OUT = {
    "structure_id": "the same everywhere: said once",
    "bot_id": "the installation's own",
    "youth_id": "the same everywhere: said once",
    "contact_id": "an identifier without meaning for people",
    "token": "a hash",
    "address_index": "a hash",
    "person": "a hash",
    "claim": "the delivery's own",
    "claimed_until": "the delivery's own",
    "unique_key": "the delivery's own",
}
ANONYMOUS = "state"  # half-answered without a name: shown nowhere but where it is taken up again


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table about a youth, oldest first; instants are local to their structure."""

    table: str
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is stored. `read_by` says who read what the youth shows."""

    youth: youth.Youth
    structure: structure.Structure
    made_at: datetime
    sections: Sequence[Section]
    read_by: Sequence[dict[str, Any]]
    periods: Periods

    def facts(self) -> dict[str, Any]:
        """The same for a file: texts, numbers, lists."""
        whole = {
            "made_at": self.made_at,
            "code": self.youth.code,
            "structure": self.structure.name,
            "stored": {section.table: section.rows for section in self.sections},
            "read_by": self.read_by,
        }
        found: dict[str, Any] = _plain(whole)
        return found


async def everything(tx: Tx, now: datetime, youth_id: int) -> Stored:
    """What is stored about a youth, table by table; `NotFound` for nobody."""
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    found = [await section(tx, who, of, table) for table in reversed(about_a_youth())]
    read = await readings(tx, who, of)
    kept = await retention.periods(tx)
    return Stored(who, of, now.astimezone(of.tz), [s for s in found if s.rows], read, kept)


async def section(
    tx: Tx,
    who: youth.Youth,
    of: structure.Structure,
    table: Table,
    *which: ColumnElement[bool],
) -> Section:
    """The rows of one table about a youth, or those of them that meet `which`."""
    found = await tx.rows(
        select(table)
        .where(of_youth(tx, table, who.id), *which)
        .order_by(*table.primary_key.columns)
    )
    rows = [_opened(tx, table, row, of) for row in found]
    people = _people(table)
    names = await staff.names(tx, {row[key] for row in rows for key in people if row[key]})
    return Section(
        table.name, [row | {key: names.get(row[key], "") for key in people} for row in rows]
    )


async def shelf(tx: Tx, who: youth.Youth, of: structure.Structure, name: str) -> Section | None:
    """One table by its name, as it is read in the chat: of the messages, those of professionals,
    for of the bot's own replies nothing is left to read. None for a table that is not theirs."""
    table = next((table for table in about_a_youth() if table.name == name), None)
    if table is None:
        return None
    which = [by_staff(message)] if table is message else []
    return await section(tx, who, of, table, *which)


async def readings(
    tx: Tx, who: youth.Youth, of: structure.Structure, limit: int = 1000
) -> list[dict[str, Any]]:
    """Who read what this youth said, or handed it over, newest first; one line for each time."""
    lines = await audit.listed(tx, youth_id=who.id, actions=audit.SEEN, limit=limit)
    names = await staff.names(tx, {line.staff_id for line in lines if line.staff_id})
    return [
        {"at": at.astimezone(of.tz), "by": names.get(by or 0, ""), "kind": action}
        for at, by, action in dict.fromkeys((x.at, x.staff_id, x.action) for x in lines)
    ]


async def held(tx: Tx, youth_id: int) -> list[Table]:
    """The tables that hold something about a youth, the youth first."""
    return [
        table
        for table in reversed(about_a_youth())
        if await tx.row(select(literal(1)).where(of_youth(tx, table, youth_id)).limit(1))
    ]


def _opened(tx: Tx, table: Table, row: Row[Any], of: structure.Structure) -> dict[str, Any]:
    values = {}
    for column in shown(table):
        if not (table is conversation and row.anonymous and column.name == ANONYMOUS):
            values[column.name] = _value(tx, table, column, row, of)
    return values


def shown(table: Table) -> list[Column[Any]]:
    """The columns of a table that a youth sees of themself."""
    return [column for column in table.columns if column.name not in LEFT_OUT]


def _value(
    tx: Tx, table: Table, column: Column[Any], row: Row[Any], of: structure.Structure
) -> Any:
    value = row._mapping[column]
    if isinstance(value, datetime):
        return value.astimezone(of.tz)
    if isinstance(value, bytes | memoryview):
        return _said(tx, f"{table.name}.{column.name}", getattr(row, "id", 0), bytes(value))
    return value


def _said(tx: Tx, field: str, row: int, sealed: bytes) -> Any:
    """Sealed data is JSON; words are words, even when they look like a number. What does not open
    is a hash, which says nothing to anybody."""
    try:
        opened = tx.vault.open(field, row, sealed)
    except Unusable:
        return None
    if opened[:1] in "[{":
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(opened)
    return opened


def _people(table: Table) -> list[str]:
    """The columns that name a professional."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is staff.staff]


def _plain(value: Any) -> Any:
    """Identifiers are texts, as everywhere in a file of ours: no reader rounds them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    large = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53
    return str(value) if large else value

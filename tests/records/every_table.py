"""A row about one youth in every table that may hold one, whatever its columns are."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from records import erasure, youth
from records.columns import new_id
from records.database import Tx, metadata
from tests.cast import Cast

_numbers = itertools.count(1)


@contextmanager
def declared(*tables: sa.Table) -> Iterator[None]:
    """Tables as a later version may add them."""
    try:
        yield
    finally:
        for table in tables:
            metadata.remove(table)


async def fill(tx: Tx, cast: Cast, who: youth.Youth) -> dict[str, int]:
    """Write them, and return how many rows of each table are about this youth now."""
    rows = {"youth": who.id}
    for table in reversed(erasure.about_a_youth()):
        if table is not youth.youth:
            row = {c.name: _value(c, cast, rows) for c in table.columns}
            if table.name in erasure.BY_HASH:
                row["person"] = tx.vault.index("survey.person", str(who.id))
            await tx.run(table.insert(), row)
            rows[table.name] = row.get("id", 0)
    return await held(tx, who.id)


async def held(tx: Tx, youth_id: int) -> dict[str, int]:
    """How many rows of each table are about this youth."""
    return {
        table.name: await tx.value(
            sa.select(sa.func.count())
            .select_from(table)
            .where(erasure.of_youth(tx, table, youth_id))
        )
        for table in erasure.about_a_youth()
    }


def _value(column: sa.Column[Any], cast: Cast, rows: dict[str, int]) -> Any:
    for key in column.foreign_keys:
        return {
            "staff": cast.nadia.id,
            "structure": cast.structure_id,
            "bot": cast.bot_id,
        }.get(key.column.table.name) or rows[key.column.table.name]
    number, kind = next(_numbers), column.type
    if column.name == "id":
        return new_id()
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Date):
        return date(2026, 11, 23)
    if isinstance(kind, sa.LargeBinary):
        return f"sealed {number}".encode()
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.String):
        return f"{number}"[: kind.length]
    return datetime(2026, 11, 23, tzinfo=UTC)

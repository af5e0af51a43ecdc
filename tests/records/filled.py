"""Rows in every table, whatever it is: what seals, saves and restores must know them all."""

import datetime as dt
import hashlib
from typing import Any

import sqlalchemy as sa

from records import erased
from records.database import Database, Tx, metadata
from records.sealed import BESIDE, OF_YOUTHS, sealed_columns
from records.vault import Vault


async def fill(database: Database, rows: int = 2, first: int = 1) -> None:
    """Rows `first` to `first + rows - 1`, in every table but the installation's own notes."""
    numbers = range(first, first + rows)
    async with database.write() as tx:
        for table in metadata.sorted_tables:
            if table.name != "note":
                await tx.run(table.insert(), [_row(tx.vault, table, n) for n in numbers])


def _row(vault: Vault, table: sa.Table, number: int) -> dict[str, Any]:
    row = {column.name: _plain(column, number) for column in table.columns}
    for one in sealed_columns().get(table.name, []):
        row[one.column.name] = vault.seal_data(one.field, number, said(one.field, number))
    for name in [column.name for column in table.columns]:
        row[name] = _hash(vault, f"{table.name}.{name}", row, number) or row[name]
    return row


def said(field: str, number: int) -> dict[str, Any]:
    """What is sealed in a column of a row."""
    if field == "erased.what":
        return {"row": 10**9 + number}  # of nobody
    return {"said": f"{field} de {number}"}


def _hash(vault: Vault, name: str, row: dict[str, Any], number: int) -> bytes | None:
    if name == "erased.about":
        return vault.index("erased.about", erased.about(row["kind"], said("erased.what", number)))
    if name in BESIDE:
        field, source = BESIDE[name]
        table = name.partition(".")[0]
        return vault.index(field, vault.open(f"{table}.{source}", number, row[source]))
    return vault.index(OF_YOUTHS[name], str(number)) if name in OF_YOUTHS else None


def _plain(column: sa.Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Date):
        return dt.date(2026, 11, 23)
    if isinstance(kind, sa.LargeBinary):
        return hashlib.sha256(f"{column} {number}".encode()).digest()
    if isinstance(kind, sa.JSON):
        return {"1": ["09:00", None, number]}
    if str(column) == "erased.kind":
        return "unlinked"
    if isinstance(kind, sa.String):
        return f"{number}é{column.name}"[: kind.length]
    return dt.datetime(2026, 11, 23, 8, 0, 0, number % 10**6, tzinfo=dt.UTC)


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the columns' own types read it."""
    async with database.read() as tx:
        return {table.name: await _rows(tx, table) for table in metadata.sorted_tables}


async def _rows(tx: Tx, table: sa.Table) -> list[tuple[Any, ...]]:
    rows = await tx.rows(sa.select(table).order_by(*table.primary_key.columns))
    return [tuple(row) for row in rows]

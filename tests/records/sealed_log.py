"""A sealed log to tamper with: three days of readings, and hands that the database cannot stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from records import audit, chain, sealing, verifying
from records.database import Database, Tx
from tests.cast import NOW, Cast

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STRETCHES = [NOW - 2 * DAY, NOW - DAY, NOW - DAY + MINUTE, NOW, NOW + MINUTE]


async def read(database: Database, cast: Cast, at: datetime, count: int = 1) -> None:
    """Nadia reads answers of Sami's, so many times."""
    async with database.write() as tx:
        for number in range(count):
            await audit.note(tx, at, cast.nadia.id, audit.READ, cast.sami.id, about=[number + 1])


async def three_days(database: Database, cast: Cast) -> None:
    """Five stretches of three lines, each sealed within the minute."""
    for at in STRETCHES:
        await read(database, cast, at, 3)
        await sealing.seal_new(database, at + MINUTE)


@asynccontextmanager
async def by_force(database: Database, *, undone: bool = True) -> AsyncIterator[Tx]:
    """What somebody does who holds the database and not the key: its triggers do not stop them.
    By default it did not happen once the block is left."""
    async with database.write() as tx:
        await _unguarded(tx)
        yield tx
        if undone:
            await tx.connection.rollback()


async def _unguarded(tx: Tx) -> None:
    if tx.dialect != "sqlite":
        await tx.run(text("SET LOCAL session_replication_role = replica"))
        return
    await tx.run(text("PRAGMA defer_foreign_keys = ON"))
    names = await tx.rows(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for row in names:
        await tx.run(text(f"DROP TRIGGER {row.name}"))


async def rows_of(tx: Tx, table: Any) -> list[Any]:
    return list(await tx.rows(table.select().order_by(next(iter(table.primary_key)))))


async def verdict(database: Database, noted: str = "") -> verifying.Verdict:
    async with database.read() as tx:
        return await verifying.verify(tx, noted)


async def head(database: Database) -> str:
    async with database.read() as tx:
        return chain.code(await sealing.last(tx))

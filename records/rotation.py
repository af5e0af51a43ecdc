"""A change of key while everything runs: every sealed value and every keyed hash is made anew.

The new key is put first in RELAIS_KEY and the programs are started again; then this seals anew,
batch by batch, what other keys sealed. Nothing needs to be remembered between two lives: a value
names the key that sealed it. Each batch is one short transaction, and a pause as long as the batch
follows, so that the bot and the desk wait for no more than that (docs/decisions/0012).

Rows that somebody else holds are left for another round. When values sealed with an old key keep
coming, some program still writes them, and that is said.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import Column, ColumnElement, bindparam, func, literal, or_, select

from records import survey
from records.database import Database, Tx, prove_again, wipe_freed_pages
from records.errors import Refused
from records.sealed import OF_YOUTHS, Sealed, column_named, made_anew, sealed_columns
from records.youth import youth

BATCH = 200
ROUNDS = 4
REST = 0.005  # seconds at least between two batches

Told = Callable[[str, int, int], None]  # of which table, how many are done, of how many


@dataclass(slots=True)
class Done:
    """What a rotation did: rows made anew, by table, and the longest that others may have waited
    for one of its transactions, in seconds."""

    tables: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0


async def rotate(database: Database, told: Told, *, batch: int = BATCH) -> Done:
    """Make everything anew with the first key. Asked again after a kill, it goes on.

    Raises `Refused("key_not_everywhere")` while a program is at work that has not the new key,
    and `Refused("key_still_written")` when old values keep coming.
    """
    first = database.vault.key_ids[0]
    if any(first not in keys for keys in await database.others()):
        raise Refused("key_not_everywhere")
    work = _Work(database, told, batch)
    for _ in range(ROUNDS):
        if await work.round() == 0:
            await _end(database)
            return work.done
    raise Refused("key_still_written")


async def _end(database: Database) -> None:
    """Anonymous answers are shuffled once more, so that the order of the batches tells nothing,
    and old pages are wiped; from here on the old key proves nothing."""
    await survey.shuffle(database)
    async with database.write() as tx:
        await prove_again(tx)
    await wipe_freed_pages(database, ())


async def left(tx: Tx) -> int:
    """How many rows still hold something that another key sealed."""
    return sum([await _stale_rows(tx, sealed) for sealed in sealed_columns().values()])


class _Work:
    """One run of `rotate`."""

    def __init__(self, database: Database, told: Told, batch: int) -> None:
        self._database, self._told, self._batch = database, told, batch
        self.done = Done()

    async def round(self) -> int:
        """Once through every table; returns how many rows are left, or came meanwhile."""
        for sealed in sealed_columns().values():
            await self._table(sealed)
        for name, hashed in OF_YOUTHS.items():
            await self._of_youths(column_named(name), hashed)
        async with self._database.read() as tx:
            return await left(tx)

    async def _table(self, sealed: Sequence[Sealed]) -> None:
        table, last, done = sealed[0].table, -1, 0
        async with self._database.read() as tx:
            total = await _stale_rows(tx, sealed)
        while total:
            # Looked for outside the transaction that writes: a table that is nearly done is long
            # to look through.
            async with self._database.read() as tx:
                which = await _next(tx, sealed, last, self._batch)
            if not which:
                return
            async with self._briefly() as tx:
                done += await _seal_again(tx, sealed, which)
            last = which[-1]
            self._tell(table.name, done, max(total, done))

    async def _of_youths(self, column: Column[bytes], hashed: str) -> None:
        """Hashes of youths' identifiers: each old one is known, since every youth is."""
        last, done, old_keys = -1, 0, len(self._database.vault.key_ids) - 1
        while old_keys:
            async with self._database.read() as tx:
                page = select(youth.c.id).where(youth.c.id > last).order_by(youth.c.id)
                which = [row.id for row in await tx.rows(page.limit(self._batch))]
            if not which:
                return
            async with self._briefly() as tx:
                done += await _hash_again(tx, column, hashed, which)
            last = which[-1]
        self._tell(column.table.name, done, done)

    def _tell(self, table: str, done: int, of: int) -> None:
        self.done.tables[table] = max(done, self.done.tables.get(table, 0))
        self._told(table, done, of)

    @asynccontextmanager
    async def _briefly(self) -> AsyncIterator[Tx]:
        async with self._database.write() as tx:
            began = time.perf_counter()
            yield tx
        spent = time.perf_counter() - began
        self.done.longest = max(self.done.longest, spent)
        await asyncio.sleep(max(spent, REST))


def _stale(tx: Tx, sealed: Sequence[Sealed]) -> ColumnElement[bool]:
    ours = literal(tx.vault.current)
    return or_(*(func.substr(s.column, 1, len(tx.vault.current)) != ours for s in sealed))


async def _stale_rows(tx: Tx, sealed: Sequence[Sealed]) -> int:
    counted = select(func.count()).select_from(sealed[0].table).where(_stale(tx, sealed))
    return int(await tx.value(counted))


async def _next(tx: Tx, sealed: Sequence[Sealed], last: int, batch: int) -> list[int]:
    key = sealed[0].row
    page = select(key).where(key > last, _stale(tx, sealed)).order_by(key).limit(batch)
    return [row[0] for row in await tx.rows(page)]


async def _seal_again(tx: Tx, sealed: Sequence[Sealed], which: list[int]) -> int:
    """What somebody else holds is passed over; what they changed meanwhile is read anew."""
    key, table = sealed[0].row, sealed[0].table
    rows = await tx.rows(select(table).where(key.in_(which)).with_for_update(skip_locked=True))
    if not rows:
        return 0
    made = [made_anew(tx.vault, sealed, row._mapping) for row in rows]
    change = table.update().where(key == bindparam("which"))
    await tx.run(
        change.values({name: bindparam(f"new_{name}") for name in made[0]}),
        [
            {"which": row._mapping[key]} | {f"new_{name}": new for name, new in values.items()}
            for row, values in zip(rows, made, strict=True)
        ],
    )
    return len(rows)


async def _hash_again(tx: Tx, column: Column[bytes], hashed: str, which: list[int]) -> int:
    hashes = [tx.vault.indexes(hashed, str(one)) for one in which]
    change = column.table.update().where(column == bindparam("old"))
    return await tx.run(
        change.values({column.name: bindparam("new")}),
        [{"old": old, "new": first} for first, *before in hashes for old in before],
    )

"""Transactions: nothing is lost between writers, nothing half-written stays, a wrong key is seen."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from records.database import Database, note, recall, remember
from records.errors import Unusable
from records.vault import Vault, new_key
from tests.conftest import KEY


async def test_twenty_writers_at_once_lose_nothing(database: Database) -> None:
    async with database.write() as tx:
        await remember(tx, "count", "0")

    async def add_one() -> None:
        async with database.write() as tx:
            await tx.row(select(note.c.value).where(note.c.name == "count").with_for_update())
            await remember(tx, "count", str(int(await recall(tx, "count") or 0) + 1))

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with database.read() as tx:
        assert await recall(tx, "count") == "20"


async def test_what_fails_halfway_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as tx:
            await remember(tx, "half", "written")
            raise ZeroDivisionError
    async with database.read() as tx:
        assert await recall(tx, "half") is None


async def test_after_a_failure_the_next_writer_is_served(database: Database) -> None:
    for _ in range(30):
        with pytest.raises(ZeroDivisionError):
            async with database.write():
                raise ZeroDivisionError
    async with database.write() as tx:
        await remember(tx, "next", "served")


async def test_a_cancelled_writer_leaves_the_way_free(database: Database) -> None:
    async def slow() -> None:
        async with database.write() as tx:
            await remember(tx, "slow", "1")
            await asyncio.sleep(60)

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), database.write() as tx:
        assert await recall(tx, "slow") is None


async def test_a_wrong_key_is_refused(database: Database, database_url: str) -> None:
    other = Database(database_url, Vault(new_key()))
    with pytest.raises(Unusable, match="key_wrong"):
        await other.prove_key()
    await other.close()


async def test_a_naive_datetime_is_refused(database: Database) -> None:
    from datetime import datetime

    from sqlalchemy.exc import StatementError

    from records.youth import youth

    async with database.read() as tx:
        with pytest.raises(StatementError, match="naive datetime"):
            await tx.rows(select(youth).where(youth.c.created_at > datetime(2026, 1, 1)))


async def test_once_a_new_key_has_begun_the_old_one_alone_is_refused(
    database: Database, database_url: str
) -> None:
    newer = new_key()
    await database.prove_key()
    for keys, right in ((newer, False), (f"{newer},{KEY}", True), (KEY, False), (newer, False)):
        other = Database(database_url, Vault(keys))
        if right:
            await other.prove_key()
        else:
            with pytest.raises(Unusable, match="key_wrong"):
                await other.prove_key()
        await other.close()


async def test_an_older_database_gets_its_second_proof_with_a_right_key(
    database: Database,
) -> None:
    async with database.write() as tx:
        await tx.run(note.delete().where(note.c.name == "index"))
    await database.prove_key()
    async with database.read() as tx:
        names = {row.name for row in await tx.rows(select(note.c.name))}
    assert names == {"key", "index", "lasting"}


async def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}", Vault(KEY))
    with pytest.raises(Unusable, match="database_missing"):
        nowhere.require_file()
    await nowhere.close()
    assert not list(tmp_path.iterdir())

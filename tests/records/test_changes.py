"""What one process commits is noticed by the others, and what only one may hold, one holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from records import message
from records.database import Database
from records.vault import Vault
from tests.cast import NOW, Cast
from tests.conftest import KEY

POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
SOON = 5.0  # seconds that a loaded machine may take


@asynccontextmanager
async def watched(url: str) -> AsyncIterator[asyncio.Event]:
    """Another process, as far as the database can tell: set when it sees a change."""
    other, seen = Database(url, Vault(KEY)), asyncio.Event()
    task = asyncio.create_task(other.watch(seen.set))
    await asyncio.sleep(0.5)  # it has begun to watch
    seen.clear()
    yield seen
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await other.close()


async def queue_something(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        draft = message.Draft(
            cast.structure_id, cast.bot_id, cast.sami.id, "card", NOW, NOW + message.REPLY_LIFE, {}
        )
        await message.queue(tx, NOW, [draft])


async def test_what_another_process_queues_is_noticed(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with watched(database_url) as seen:
        await queue_something(database, cast)
        await asyncio.wait_for(seen.wait(), SOON)


async def test_nothing_is_noticed_where_nothing_is_committed(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with watched(database_url) as seen:
        async with database.read() as tx:
            await message.counts(tx)
        with pytest.raises(ZeroDivisionError):
            async with database.write() as tx:
                await tx.announce()
                raise ZeroDivisionError
        await asyncio.sleep(1.2)
        assert not seen.is_set()


async def end_others(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@POSTGRES
async def test_a_listener_that_was_cut_listens_again_and_looks_once(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with watched(database_url) as seen:
        await end_others(database)
        await asyncio.wait_for(seen.wait(), SOON)  # something may have been missed meanwhile
        seen.clear()
        await queue_something(database, cast)
        await asyncio.wait_for(seen.wait(), SOON)


@POSTGRES
async def test_only_one_holds_and_the_next_follows_when_its_connection_ends(
    database: Database, database_url: str
) -> None:
    first, second, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(has_it: asyncio.Event, until: asyncio.Event | None) -> None:
        process = Database(database_url, Vault(KEY))
        async with process.alone("receive") as lost:
            has_it.set()
            await (until or lost).wait()
        await process.close()

    async with asyncio.timeout(20):
        one = asyncio.create_task(hold(first, None))
        await first.wait()
        other = asyncio.create_task(hold(second, done))
        await asyncio.sleep(0.5)
        assert not second.is_set(), "one at a time"
        await end_the_holder(database)
        await one  # it knows that it lost its turn
        await second.wait()
        done.set()
        await other


async def end_the_holder(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_nobody_to_wait_for(database: Database) -> None:
    async with database.alone("receive") as lost, database.alone("receive"):
        assert not lost.is_set()

"""The program seals by itself: at its start, then each minute, and it waits out a database away."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from records import sealing
from records.database import Database
from records.vault import Vault
from relais import upkeep
from tests.cast import Cast
from tests.conftest import KEY
from tests.records.sealed_log import read


async def test_lines_that_wait_are_sealed_as_soon_as_the_program_is_there(
    database: Database, cast: Cast
) -> None:
    await read(database, cast, datetime.now(UTC), 2)
    scheduler = upkeep.scheduled(database, lambda: datetime.now(UTC) + timedelta(days=90))
    scheduler.start()
    try:
        async with asyncio.timeout(20):
            while await _waiting(database):  # noqa: ASYNC110  (the scheduler works)
                await asyncio.sleep(0.02)
        [job] = [job for job in scheduler.get_jobs() if job.func is upkeep.seal]
        assert job.trigger.interval == timedelta(minutes=1)
    finally:
        scheduler.shutdown(wait=False)
    async with database.read() as tx:
        head = await sealing.last(tx)
    assert head is not None
    assert head.day <= datetime.now(UTC).date(), "on the machine's clock, never on the demo's"


async def _waiting(database: Database) -> int:
    async with database.read() as tx:
        return len(await sealing.waiting(tx))


async def test_a_database_that_is_away_keeps_the_lines_for_the_next_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = Database("postgresql+asyncpg://relais@127.0.0.1:1/relais", Vault(KEY))
    with caplog.at_level(logging.DEBUG):
        await upkeep.seal(away, lambda: datetime.now(UTC))
    await away.close()
    assert caplog.messages == []

"""The program seals by itself: at its start, then each minute, and it waits out a database away."""

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


async def test_lines_are_sealed_at_the_start_and_each_minute_on_the_machine_s_clock(
    database: Database, cast: Cast
) -> None:
    await read(database, cast, datetime.now(UTC), 2)
    ahead = datetime.now(UTC) + timedelta(days=90)  # as the demo's clock may be
    jobs = upkeep.scheduled(database, lambda: ahead).get_jobs()
    [job] = [job for job in jobs if job.func is upkeep.seal]
    assert job.trigger.interval == timedelta(minutes=1)
    assert job.next_run_time <= datetime.now(UTC)
    await job.func(*job.args)
    async with database.read() as tx:
        assert await sealing.waiting(tx) == []
        head = await sealing.last(tx)
    assert head is not None
    assert head.at < ahead


async def test_a_database_that_is_away_keeps_the_lines_for_the_next_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = Database("postgresql+asyncpg://relais@127.0.0.1:1/relais", Vault(KEY))
    with caplog.at_level(logging.DEBUG):
        await upkeep.seal(away, lambda: datetime.now(UTC))
    await away.close()
    assert caplog.messages == []

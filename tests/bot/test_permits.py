"""A bot's permits are the same for all its processes: shared in the database on PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.pace import BOT_BURST, BOT_RATE, CHAT_BURST, Pace, Permits
from records.database import Database
from records.pace import pace
from records.vault import Vault
from tests.cast import Cast
from tests.conftest import KEY

POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@asynccontextmanager
async def processes(url: str, cast: Cast, count: int) -> AsyncIterator[list[Permits]]:
    """As many as asked for, as far as the database can tell."""
    opened = [Database(url, Vault(KEY)) for _ in range(count)]
    yield [Permits(database, cast.bot_id) for database in opened]
    for database in opened:
        await database.close()


async def held_permits(database: Database, permits: Permits) -> int | None:
    async with database.write() as tx, permits.held(tx) as found:
        return None if found is None else found.permits(time.monotonic())


@POSTGRES
async def test_four_processes_together_have_the_permits_of_one(
    database_url: str, cast: Cast
) -> None:
    async with processes(database_url, cast, 4) as four:
        began, taken = time.monotonic(), 0

        async def take_all(permits: Permits, chats: range) -> None:
            nonlocal taken
            for chat in chats:
                if await permits.granted(chat):
                    taken += 1

        await asyncio.gather(
            *(take_all(p, range(n * 100, n * 100 + 40)) for n, p in enumerate(four))
        )
        assert BOT_BURST / 2 <= taken <= BOT_BURST + BOT_RATE * (time.monotonic() - began)


@POSTGRES
async def test_a_chat_rests_in_every_process(database_url: str, cast: Cast) -> None:
    async with processes(database_url, cast, 2) as (one, other):
        began, tries = time.monotonic(), [one, other] * 5
        given_ = [await permits.granted(7) for permits in tries]
        assert given_[:3] == [True] * 3
        assert sum(given_) <= CHAT_BURST + (time.monotonic() - began) + 0.01


@POSTGRES
async def test_a_429_that_one_process_gets_stops_the_others(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with processes(database_url, cast, 2) as (one, other):
        assert await other.granted(1)
        one.stop(30)
        assert one.has_news(time.monotonic())
        assert await held_permits(database, one) == 0
        assert await held_permits(database, other) == 0
        assert 25 < other.pace.next_permit(time.monotonic()) <= 30
        await held_permits(database, one)
        assert not one.has_news(time.monotonic()), "it is in the row: the others know"


@POSTGRES
async def test_a_stop_whose_transaction_failed_is_told_by_the_next(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with processes(database_url, cast, 2) as (one, other):
        one.stop(30)
        with pytest.raises(ZeroDivisionError):
            async with database.write() as tx, one.held(tx):
                raise ZeroDivisionError
        assert await held_permits(database, other) == BOT_BURST
        await held_permits(database, one)
        assert await held_permits(database, other) == 0


@POSTGRES
async def test_a_bot_that_another_process_claims_for_is_left_to_it(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with processes(database_url, cast, 2) as (one, other):
        assert await held_permits(database, one) == BOT_BURST
        async with database.write() as tx, one.held(tx) as mine:
            assert mine is not None
            assert await held_permits(database, other) is None
            assert not await other.granted(1)
        assert await other.granted(1)


@POSTGRES
async def test_a_database_clock_that_was_set_back_stops_nobody(
    database: Database, database_url: str, cast: Cast
) -> None:
    async with processes(database_url, cast, 1) as (one,):
        for chat in range(int(BOT_BURST) + 5):
            await one.granted(chat)
        async with database.write() as tx:
            at = await tx.value(select(pace.c.at))
            await tx.run(pace.update(), {"at": at + timedelta(hours=1)})
        async with asyncio.timeout(5):
            while not await one.granted(1000):  # noqa: ASYNC110  (the clock is the database's)
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_the_memory_is_enough(database: Database, cast: Cast) -> None:
    permits = Permits(database, cast.bot_id)
    assert [await permits.granted(7) for _ in range(4)] == [True, True, True, False]
    permits.stop(30)
    assert await held_permits(database, permits) == 0
    async with database.read() as tx:
        assert await tx.rows(select(pace)) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 0.3)), max_size=100), st.floats(0, 1e5))
def test_a_pace_that_processes_hand_to_each_other_goes_on_as_one(
    tries: list[tuple[int, float]], apart: float
) -> None:
    """`apart` is how far the clock of every second process is from that of the others."""
    alone, before, state = Pace(), 1000.0, Pace().state(1000.0)
    for turn, (chat, pause) in enumerate(tries):
        now, ahead, next_one = before + pause, apart * (turn % 2), Pace()
        next_one.become(state, before + ahead)
        assert next_one.permits(now + ahead) == pytest.approx(alone.permits(now), abs=1)
        if alone.permits(now) and chat not in alone.resting(now):
            alone.take(chat, now)
            next_one.take(chat, now + ahead)
        before, state = now, next_one.state(now + ahead)

"""While nothing is due nothing is read; what is set, or what others do, is noticed all the same."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from records import appointment
from records.database import Database
from records.vault import Vault
from tests.bot.scripted import Scripted, delivering, words
from tests.cast import NOW, Cast, link, write
from tests.conftest import KEY
from tests.journeys.thumb import wall
from tests.town import Town

IDLE = 2.2  # seconds


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def a_meeting_tomorrow(town: Town) -> None:
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.quiet()
    await asyncio.sleep(1.2)  # its own last commits are seen, and looked into


async def test_nothing_is_read_before_the_next_due_time(town: Town) -> None:
    await town.linked(town.cast.sami)
    await a_meeting_tomorrow(town)
    with statements_of(town.database) as said:
        await asyncio.sleep(IDLE)
    assert set(said) <= {"PRAGMA data_version"}
    assert len(said) <= (IDLE + 1 if town.database.is_sqlite else 0)


async def test_a_clock_that_is_set_ahead_is_noticed(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await a_meeting_tomorrow(town)
    town.at += timedelta(days=1, hours=7)
    await town.until(lambda: any(m.text.startswith("RDV") for m in phone.received))


async def test_what_another_process_plans_leaves_at_once(town: Town, database_url: str) -> None:
    phone = await town.linked(town.cast.sami)
    desk = Database(database_url, Vault(KEY))
    async with desk.write() as tx:
        await write(tx, town.now(), town.cast, town.cast.sami, "À mardi")
    await desk.close()
    await town.until(lambda: any("À mardi" in m.text for m in phone.received))


async def test_what_is_due_is_not_asked_for_while_its_bot_must_wait(town: Town) -> None:
    await town.linked(town.cast.sami)
    town.deliverer.permits[town.cast.bot_id].stop(60)
    async with town.database.write() as tx:
        await write(tx, town.now(), town.cast, town.cast.sami, "À mardi")
    await asyncio.sleep(1.2)
    with statements_of(town.database) as said:
        await asyncio.sleep(IDLE)
    assert set(said) <= {"PRAGMA data_version"}


async def test_what_waited_for_a_bot_leaves_once_the_bot_is_served(
    database: Database, cast: Cast
) -> None:
    """Another process named the bot, then queued: both may be seen before the bot is looked up."""
    channel, deliverer = Scripted(cast.bot_id), delivering(database)
    async with database.write() as tx:
        await link(tx, NOW, cast.sami, cast.bot_id, "5001")
    at_work = asyncio.create_task(deliverer.run())
    try:
        await words(database, cast, cast.sami, cast.bot_id, "À mardi")
        await asyncio.sleep(1.5)  # it has seen the change, and rests again
        assert channel.said == []
        deliverer.serve(channel)
        async with asyncio.timeout(10):
            while "À mardi" not in channel.said:  # noqa: ASYNC110  another task sends
                await asyncio.sleep(0.01)
    finally:
        await deliverer.stop()
        await at_work

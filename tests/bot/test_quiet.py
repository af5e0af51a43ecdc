"""When Telegram asks for quiet, or loses replies: who waits, who goes on, what is risked."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only

from bot.channel import Incoming, Later, Uncertain
from bot.deliver import Deliverer
from bot.receive import Receiver
from records import outgoing, structure, youth
from records.database import Database
from records.message import message
from tests.admin.house import linked
from tests.bot.scripted import Scripted, delivering, words
from tests.cast import NOW, RULE, Cast
from tests.journeys.thumb import rows_of
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FLOOD = Later(timedelta(seconds=0.8), "rate_limited", whole_bot=True)


@asynccontextmanager
async def at_work(deliverer: Deliverer) -> AsyncIterator[None]:
    """Whatever was queued to begin with has left when the block begins."""
    await deliverer.until_idle()
    task = asyncio.create_task(deliverer.run())
    try:
        yield
    finally:
        await deliverer.stop()
        await task


async def until(true: Callable[[], bool]) -> float:
    """Wait for something to become so; the moment at which it did."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (watches a channel)
            await asyncio.sleep(0.005)
    return time.monotonic()


async def state(database: Database, which: int) -> tuple[str, str | None]:
    async with database.read() as tx:
        kept = await outgoing.get(tx, which)
    return kept.state, kept.reason


@pytest.fixture
async def phones(database: Database, cast: Cast) -> None:
    for who in (cast.sami, cast.ines, cast.maya):
        await linked(database, cast, who, "messages")


@pytest.fixture
async def far(database: Database, cast: Cast) -> youth.Youth:
    """Someone followed by another structure, which has another bot."""
    async with database.write() as tx:
        other = await structure.bot_with(tx, NOW, "888000:another-token-on-loopback")
        place = await structure.add(tx, NOW, "Plus loin", "cjc", alert_rule=RULE, bot_id=other)
        who = await youth.add(
            tx,
            NOW,
            structure_id=place,
            educator_id=cast.nadia.id,
            nickname="Lou",
            birth_month="2007-01",
        )
    await linked(database, replace(cast, bot_id=other), who, "messages")
    return who


@pytest.mark.usefixtures("phones")
async def test_only_the_bot_that_was_asked_waits_and_it_says_nothing_meanwhile(
    database: Database, cast: Cast, far: youth.Youth
) -> None:
    async with database.read() as tx:
        other = (await structure.get(tx, far.structure_id)).bot_id
    assert other is not None
    asked, free = Scripted(cast.bot_id), Scripted(other)
    deliverer = delivering(database, asked, free)
    async with at_work(deliverer):
        asked.outcomes = [FLOOD]
        await words(database, cast, cast.sami, cast.bot_id, "un")
        deliverer.wake()
        began = await until(lambda: asked.said[-1] == "un")
        count = len(asked.calls)
        await words(database, cast, cast.ines, cast.bot_id, "deux")
        await words(database, cast, far, other, "ailleurs")
        deliverer.wake()
        assert await until(lambda: free.said[-1] == "ailleurs") - began < 0.8
        assert len(asked.calls) == count
        again = await until(lambda: len(asked.calls) == count + 2)
    assert again - began >= 0.8
    assert sorted(asked.said[count:]) == ["deux", "un"]


@pytest.mark.usefixtures("phones")
async def test_what_was_being_claimed_when_quiet_was_asked_for_waits_too(
    database: Database, cast: Cast
) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = delivering(database, channel)
    await deliverer.until_idle()
    channel.outcomes, count = [FLOOD], len(channel.calls)
    channel.slow.clear()
    await words(database, cast, cast.sami, cast.bot_id, "un")
    await deliverer.round()
    await until(lambda: channel.said[-1] == "un")
    await words(database, cast, cast.ines, cast.bot_id, "deux")

    def while_it_commits(_connection: object) -> None:
        channel.slow.set()
        await_only(asyncio.sleep(0.05))

    event.listen(database.engine.sync_engine, "commit", while_it_commits, once=True)
    await deliverer.round()
    await asyncio.sleep(0.05)
    assert channel.said[count:] == ["un"]
    await asyncio.sleep(0.8)
    await deliverer.until_idle()
    assert sorted(channel.said[count:]) == ["deux", "un", "un"]


async def test_a_stranger_is_not_answered_while_the_bot_must_be_quiet(
    database: Database, cast: Cast
) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = Deliverer(database, {cast.bot_id: channel}, now=lambda: NOW, real_now=lambda: NOW)
    receiver = Receiver(database, channel, lambda: NOW, deliverer, lambda _: None)
    deliverer.permits[cast.bot_id].stop(0.8)
    await receiver.take([Incoming(1, "text", "4242", 1, "Salut")])
    await receiver.drain(0.7)
    assert channel.calls == []
    await receiver.drain()
    assert [address for address, _ in channel.calls] == ["4242"]


@pytest.mark.usefixtures("phones")
async def test_an_outage_that_swallows_replies_costs_what_was_on_its_way_and_no_more(
    database: Database, cast: Cast
) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = delivering(database, channel)
    async with at_work(deliverer):
        channel.always, channel.away = Uncertain(), True
        [lost] = await words(database, cast, cast.sami, cast.bot_id, "un")
        deliverer.wake()
        await until(lambda: channel.asked > 0)
        count = len(channel.calls)
        kept = await words(database, cast, cast.ines, cast.bot_id, "deux", "trois")
        deliverer.wake()
        await until(lambda: channel.asked > 1)
        assert len(channel.calls) == count, "nothing is risked before an answer"
        channel.always, channel.away = None, False
        await until(lambda: channel.said[-1] == "trois")
    assert await state(database, lost) == ("uncertain", "no_reply")
    assert [await state(database, one) for one in kept] == [("sent", None)] * 2


@pytest.mark.usefixtures("phones")
async def test_while_replies_go_on_being_lost_one_message_at_a_time_is_risked_ever_more_rarely(
    database: Database, cast: Cast
) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = delivering(database, channel)
    async with at_work(deliverer):
        channel.always = Uncertain()
        count = len(channel.calls)
        for who in (cast.sami, cast.ines, cast.maya):
            await words(database, cast, who, cast.bot_id, *(f"mot {n}" for n in range(9)))
        deliverer.wake()
        await asyncio.sleep(1)
        assert 1 <= len(channel.calls) - count <= 4, "three chats at most, then one by one"
        channel.always = None
        await until(lambda: len(channel.calls) - count >= 27)


async def test_a_reply_whose_commit_had_to_wait_looks_at_the_limits_when_its_turn_comes(
    database: Database, cast: Cast
) -> None:
    async with Town(database, cast).open() as town:
        phone = await town.linked(cast.sami)
        async with database.write():
            came = Incoming(7_001, "text", str(phone.id), 1, "/moi")
            receiving = asyncio.create_task(town.receiver.take([came]))
            await asyncio.sleep(0.05)
            town.deliverer.permits[cast.bot_id].stop(0.3)  # a 429
        await receiving
        [reply] = await rows_of(database, message, message.c.kind == "screen")
        assert reply.state == "waiting"
        await town.quiet()
        [reply] = await rows_of(database, message, message.c.kind == "screen")
        assert (reply.state, reply.attempts) == ("sent", 1)

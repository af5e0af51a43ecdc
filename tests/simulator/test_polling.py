"""Fetching updates: the long poll, and what confirms."""

from __future__ import annotations

import asyncio
import time

from simulator.persons import Person
from simulator.telegram import Bot, Telegram

from .conftest import Client


async def test_an_update_comes_back_until_a_later_offset_confirms_it(
    client: Client, lea: Person, bot: Bot
) -> None:
    lea.say("un")
    first = await client.ok("getUpdates")
    assert await client.ok("getUpdates") == first
    last = first[-1]["update_id"]
    assert await client.ok("getUpdates", offset=last) == first[-1:]
    assert await client.ok("getUpdates", offset=last + 1) == []
    assert bot.updates.confirmed == last + 1


async def test_a_limit_and_a_negative_offset_are_honoured(client: Client, lea: Person) -> None:
    for number in range(5):
        lea.say(str(number))
    assert len(await client.ok("getUpdates", limit=2)) == 2
    (newest,) = await client.ok("getUpdates", offset=-1)
    assert newest["message"]["text"] == "4"
    assert len(await client.ok("getUpdates")) == 1


async def test_a_poll_waits_and_returns_when_something_comes(client: Client, lea: Person) -> None:
    (start,) = await client.ok("getUpdates")
    began = time.monotonic()
    poll = asyncio.create_task(client.ok("getUpdates", offset=start["update_id"] + 1, timeout=20))
    await asyncio.sleep(0.2)
    assert not poll.done()
    lea.say("Bonjour")
    assert (await poll)[0]["message"]["text"] == "Bonjour"
    assert time.monotonic() - began < 2


async def test_a_poll_ends_empty_after_its_time(client: Client, telegram: Telegram) -> None:
    assert await client.ok("getUpdates", timeout=1) == []
    assert not telegram.transcript  # polls that succeed would drown the rest


async def test_two_pollers_disturb_each_other(client: Client) -> None:
    first = asyncio.create_task(client.call("getUpdates", timeout=20))
    await asyncio.sleep(0.2)
    second = asyncio.create_task(client.call("getUpdates", timeout=1))
    reply = await first
    assert (reply["error_code"], reply["description"]) == (
        409,
        (
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        ),
    )
    assert (await second)["ok"]


async def test_kinds_that_the_bot_does_not_want_never_come(client: Client, lea: Person) -> None:
    await client.ok("getUpdates", offset=-1, allowed_updates=["callback_query"])
    before = await client.ok("getUpdates")
    lea.say("Bonjour")
    lea.press(1, "x")
    after = await client.ok("getUpdates")
    assert ["callback_query" in update for update in after[len(before) :]] == [True]


async def test_any_update_can_be_pushed(client: Client, telegram: Telegram, bot: Bot) -> None:
    telegram.push(bot, {"unheard_of": {"a": [1]}})
    telegram.push(bot, {"update_id": 7, "message": None})
    pushed = await client.ok("getUpdates")
    assert [sorted(update) for update in pushed] == [
        ["unheard_of", "update_id"],
        ["message", "update_id"],
    ]
    assert await client.ok("getUpdates", offset=pushed[0]["update_id"] + 1) == []


async def test_the_date_of_an_answer_keeps_up_with_the_clock(client: Client) -> None:
    """`relais check` reads it to tell whether the machine's clock is right."""

    async def dated() -> str:
        async with client.http.get(f"{client.base}/bot{client.token}/getMe") as reply:
            return reply.headers["date"]

    before = await dated()
    async with asyncio.timeout(10):
        while await dated() == before:  # noqa: ASYNC110  a date changes once a second
            await asyncio.sleep(0.1)

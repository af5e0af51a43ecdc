"""Planned accidents, each served once and in order."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from simulator import faults
from simulator.persons import Person
from simulator.telegram import Telegram

from .conftest import Client


async def test_answers_of_a_sick_server_are_given_and_nothing_is_accepted(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    telegram.faults.plan(
        "sendMessage", faults.flood(3), faults.server_error(502), faults.malformed()
    )
    reply = await client.call("sendMessage", chat_id=lea.id, text="a")
    assert reply["parameters"] == {"retry_after": 3}
    url = f"{client.base}/bot{client.token}/sendMessage"
    async with client.http.post(url, json={}) as sick:
        assert sick.status == 502
        assert (await sick.text()).startswith("<html>")
    with pytest.raises(ValueError):
        await client.call("sendMessage", chat_id=lea.id, text="a")
    assert lea.received == []
    assert [call.outcome for call in telegram.transcript] == ["unreached"] * 3
    await client.ok("sendMessage", chat_id=lea.id, text="b")


async def test_a_reset_comes_before_and_a_lost_reply_after_acceptance(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    telegram.faults.plan("sendMessage", faults.reset(), faults.lose_reply())
    for shown in (0, 1):
        with pytest.raises(aiohttp.ClientError):
            await client.call("sendMessage", chat_id=lea.id, text="a")
        assert len(lea.received) == shown
    assert [(call.outcome, call.fault) for call in telegram.transcript] == [
        ("unreached", "reset"),
        ("accepted", "lose_reply"),
    ]


async def test_a_hanging_call_never_answers_and_does_not_keep_the_server(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    telegram.faults.plan("sendMessage", faults.hang(), faults.hang(accepted=True))
    for shown in (0, 1):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.call("sendMessage", chat_id=lea.id, text="a"), 0.3)
        assert len(lea.received) == shown


async def test_a_fault_can_be_for_one_chat_or_for_all_calls(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    sam = telegram.person("Sam")
    sam.start()
    telegram.faults.plan("sendmessage", faults.flood(1), chat_id=sam.id)
    await client.ok("sendMessage", chat_id=lea.id, text="a")
    await client.refused("sendMessage", chat_id=sam.id, text="a")
    await client.ok("sendMessage", chat_id=sam.id, text="a")
    telegram.faults.always("sendMessage", faults.flood(9))
    for _ in range(3):
        await client.refused("sendMessage", chat_id=lea.id, text="a")
    telegram.faults.always("sendMessage", None)
    telegram.faults.plan("*", faults.OK, faults.delay(0.05))
    await client.ok("getMe")
    await client.ok("getMe")

"""The documented rates, and the wait that a refusal asks for."""

from __future__ import annotations

import pytest

from simulator import limits
from simulator.errors import ApiError
from simulator.limits import Limits
from simulator.persons import Person
from simulator.telegram import Telegram

from .conftest import Client


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def accepted(rates: Limits, key: str, rate: limits.Rate, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            rates.spend([("bot", limits.EVERYWHERE), (key, rate)])
            count += 1
        except ApiError:
            pass
    return count


def test_a_private_chat_takes_a_short_burst_then_one_a_second() -> None:
    clock = Seconds()
    rates = Limits(clock=clock)
    assert accepted(rates, "lea", limits.PRIVATE, 10) == 4
    clock.now += 2
    assert accepted(rates, "lea", limits.PRIVATE, 10) == 2


def test_a_bot_says_thirty_things_a_second_in_all() -> None:
    clock = Seconds()
    rates = Limits(clock=clock)
    done = [accepted(rates, str(n), limits.PRIVATE, 1) for n in range(100)]
    assert sum(done) == 30
    clock.now += 1
    assert sum(accepted(rates, str(n), limits.PRIVATE, 1) for n in range(100)) == 30


def test_a_group_takes_twenty_a_minute_and_says_how_long_to_wait() -> None:
    clock = Seconds()
    rates = Limits(clock=clock)
    assert accepted(rates, "group", limits.GROUP, 25) == 20
    with pytest.raises(ApiError) as refused:
        rates.spend([("group", limits.GROUP)])
    assert refused.value.retry_after == 3
    clock.now += 60
    assert accepted(rates, "group", limits.GROUP, 25) == 20


def test_a_refused_call_takes_nothing_from_any_bucket() -> None:
    clock = Seconds()
    rates = Limits(clock=clock)
    accepted(rates, "lea", limits.PRIVATE, 30)
    assert accepted(rates, "sam", limits.PRIVATE, 4) == 4


async def test_the_fifth_message_in_a_row_is_too_many(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    telegram.limits.enabled = True
    for number in range(4):
        await client.ok("sendMessage", chat_id=lea.id, text=str(number))
    url = f"{client.base}/bot{client.token}/sendMessage"
    async with client.http.post(url, json={"chat_id": lea.id, "text": "5"}) as reply:
        assert (reply.status, reply.headers["Retry-After"]) == (429, "1")
        assert await reply.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
    assert len(lea.received) == 4

"""The webhook: what is posted when, what confirms it, and the call that an answer may carry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.persons import Person
from simulator.server import serving
from simulator.telegram import Bot, Telegram

from .conftest import Client


class Hook:
    """A webhook: each post is kept, then answered by the next of `answers`, or with 200."""

    def __init__(self, *answers: Response) -> None:
        self.got: list[tuple[str | None, dict[str, Any]]] = []
        self.answers = list(answers)
        self.open = asyncio.Event()
        self.open.set()

    @property
    def texts(self) -> list[str]:
        """Texts and what taps carried, as they came."""
        return [
            update["message"]["text"] if "message" in update else update["callback_query"]["data"]
            for _, update in self.got
        ]

    async def take(self, request: Request) -> Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.got.append((secret, await request.json()))
        await self.open.wait()
        return self.answers.pop(0) if self.answers else Response()

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])
        async with serving(app) as base:
            yield f"{base}/hook"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  watches a queue
            await asyncio.sleep(0.005)


async def test_a_webhook_gets_each_update_in_order_until_it_takes_it(
    client: Client, lea: Person, bot: Bot
) -> None:
    hook = Hook(Response(status_code=503))
    async with hook.served() as url:
        await client.ok("setWebhook", url=url, secret_token="s3cret")
        reply = await client.call("getUpdates")
        assert (reply["error_code"], reply["description"]) == (
            409,
            (
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            ),
        )
        lea.say("deux")
        await until(lambda: not bot.updates.pending)
        assert [secret for secret, _ in hook.got] == ["s3cret"] * 3
        assert hook.texts == ["/start", "/start", "deux"]
        info = await client.ok("getWebhookInfo")
        assert info["url"] == url
        assert "503" in info["last_error_message"]
        await client.ok("deleteWebhook")
    assert (await client.ok("getWebhookInfo"))["url"] == ""
    assert not bot.updates.pending


async def test_queues_are_posted_at_once_and_each_in_order(
    client: Client, telegram: Telegram, lea: Person, bot: Bot
) -> None:
    hook, other = Hook(), telegram.person("Tom")
    other.start(bot)
    lea.say("deux")
    lea.press(1, "tap")
    hook.open.clear()
    async with hook.served() as url:
        await client.ok("setWebhook", url=url)
        await until(lambda: len(hook.got) == 3)
        await asyncio.sleep(0.05)
        assert hook.texts == ["/start", "/start", "tap"], "a person's taps overtake their texts"
        hook.open.set()
        await until(lambda: not bot.updates.pending)
        assert hook.texts[3:] == ["deux"]


async def test_only_so_many_connections_are_opened(client: Client, telegram: Telegram) -> None:
    hook = Hook()
    hook.open.clear()
    for number in range(5):
        telegram.person(f"Inconnu {number}").start(telegram.bots[123456])
    async with hook.served() as url:
        await client.ok("setWebhook", url=url, max_connections=2)
        await until(lambda: len(hook.got) == 2)
        await asyncio.sleep(0.05)
        assert len(hook.got) == 2
        hook.open.set()
        await until(lambda: len(hook.got) == 5)


async def test_an_answer_may_carry_one_call_and_never_some(
    client: Client, telegram: Telegram, lea: Person, bot: Bot
) -> None:
    said = {"method": "sendMessage", "chat_id": lea.id, "text": "Bonjour"}
    hook = Hook(
        JSONResponse(said),
        JSONResponse({"method": "deleteWebhook"}),
        JSONResponse({"method": "sendMessage", "chat_id": 1, "text": "à personne"}),
        JSONResponse(["nonsense"]),
    )
    async with hook.served() as url:
        await client.ok("setWebhook", url=url)
        for number in range(3):
            lea.say(str(number))
        await until(lambda: not bot.updates.pending)
        assert (await client.ok("getWebhookInfo"))["url"] == url
    assert [shown.text for shown in lea.received] == ["Bonjour"]
    assert [call.outcome for call in telegram.transcript if call.method == "sendMessage"] == [
        "accepted",
        "refused",
    ]


async def test_a_bot_may_ask_for_a_moment(client: Client, lea: Person, bot: Bot) -> None:
    hook = Hook(Response(status_code=503, headers={"Retry-After": "1"}))
    async with hook.served() as url:
        await client.ok("setWebhook", url=url)
        began = time.monotonic()
        await until(lambda: not bot.updates.pending)
    assert time.monotonic() - began >= 1


async def test_an_answer_that_is_lost_brings_the_same_update_again(
    client: Client, lea: Person, bot: Bot
) -> None:
    hook = Hook()
    async with hook.served() as url:
        await client.ok("setWebhook", url=url)
        assert bot.webhook is not None
        bot.webhook.answers_to_lose = 1
        await until(lambda: not bot.updates.pending)
        assert "last_error_message" in await client.ok("getWebhookInfo")
    assert hook.texts == ["/start", "/start"]


async def test_a_webhook_address_is_checked(client: Client) -> None:
    refusal = await client.refused("setWebhook", url="http://exemple.fr/x")
    assert refusal == "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    refusal = await client.refused("setWebhook", url="https://exemple.fr:8080/x")
    assert refusal.endswith("only on ports 80, 88, 443 or 8443")
    refusal = await client.refused("setWebhook", url="http://127.0.0.1/x", secret_token="é")
    assert refusal == "Bad Request: secret token contains unallowed characters"

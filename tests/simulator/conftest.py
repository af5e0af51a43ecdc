"""The simulated Telegram served on loopback, a bot, two people, and a plain client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulator.page import demo_routes
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Bot, Telegram

from .demo import DESK, LOGINS, Calendar, Clock, Demo

TOKEN = "123456:only-for-tests"


@dataclass
class Client:
    """What a bot is: calls over real HTTP."""

    base: str
    http: aiohttp.ClientSession
    token: str = TOKEN

    async def call(self, method: str, **given: Any) -> Any:
        """The whole reply, whatever it says."""
        url = f"{self.base}/bot{self.token}/{method}"
        async with self.http.post(url, json=given) as reply:
            return await reply.json()

    async def ok(self, method: str, **given: Any) -> Any:
        reply = await self.call(method, **given)
        assert reply["ok"], reply
        return reply["result"]

    async def refused(self, method: str, **given: Any) -> str:
        reply = await self.call(method, **given)
        assert not reply["ok"], reply
        return str(reply["description"])


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def telegram(calendar: Calendar) -> Telegram:
    return Telegram(calendar.now, limits=False)


@pytest.fixture
def bot(telegram: Telegram) -> Bot:
    return telegram.bot(TOKEN, "relais_demo_bot", "Relais")


@pytest.fixture
def lea(telegram: Telegram, bot: Bot) -> Person:
    """Has pressed « Démarrer »."""
    person = telegram.person("Léa")
    person.start(bot)
    return person


@pytest.fixture
async def client(telegram: Telegram, bot: Bot) -> AsyncIterator[Client]:
    async with serving(bot_api(telegram)) as base, aiohttp.ClientSession() as http:
        yield Client(base, http)
        await telegram.close()


@pytest.fixture
async def demo(telegram: Telegram, bot: Bot, calendar: Calendar) -> AsyncIterator[Demo]:
    async def desk(_request: Request) -> Response:
        return HTMLResponse(DESK)

    clock = Clock(calendar)
    routes = demo_routes(telegram, clock, "/bureau", logins=LOGINS, first_phone="Léa")
    app = Starlette(routes=[Route("/bureau", desk), *routes])
    async with serving(app) as base, aiohttp.ClientSession() as http:
        yield Demo(f"{base}/demo", http, clock)
        await telegram.close()

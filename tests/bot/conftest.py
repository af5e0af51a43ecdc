"""The Telegram channel alone, against the simulated Bot API: no database, no bot at work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.telegram_chat import TelegramChat
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN


@dataclass
class Line:
    """One bot's line to Telegram, and a phone at the other end."""

    telegram: Telegram
    channel: TelegramChat
    phone: Person
    api: str

    @property
    def address(self) -> str:
        return str(self.phone.id)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    telegram = Telegram(lambda: NOW, limits=False)
    bot = telegram.bot(TOKEN)
    phone = telegram.person("Sami")
    phone.start(bot)
    bot.updates.clear()
    async with serving(bot_api(telegram)) as api:
        channel = TelegramChat(1, TOKEN, api)
        yield Line(telegram, channel, phone, api)
        await channel.close()
        await telegram.close()

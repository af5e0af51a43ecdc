"""aiogram 3 sending bare: many at once, and nothing remembered. What is sent is in memory before
the clock starts. Source: aiogram's documentation, « Bot » and « Broadcasting »."""

import asyncio
import json
import sqlite3

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from bench.peers.track import Watch, race
from bench.task import Task

AT_ONCE = 100  # as many as Relais has in flight, and as aiogram's session has connections
Ready = tuple[int, str, InlineKeyboardMarkup]


def waiting(path: str) -> list[Ready]:
    rows = sqlite3.connect(path).execute("SELECT chat_id, text, keyboard FROM reminder ORDER BY id")
    return [(chat, text, markup(keyboard)) for chat, text, keyboard in rows]


def markup(keyboard: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=data) for label, data in row]
            for row in json.loads(keyboard)
        ]
    )


async def contender(task: Task, watch: Watch) -> None:
    ready = iter(waiting(task.database))
    session = AiohttpSession(api=TelegramAPIServer.from_base(task.api))

    async def some() -> None:
        for chat, text, keyboard in ready:
            await bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=keyboard,
            )
            watch.one_more()

    async with Bot(task.token, session=session) as bot:
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    race(contender)

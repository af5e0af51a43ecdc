"""A widespread library for bots talks to the simulator as it does to the real one."""

from __future__ import annotations

import io

import pytest
import telegram.error
from telegram import Bot as LibraryBot
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from simulator.persons import Person

from .conftest import TOKEN, Client


async def test_the_library_sends_edits_and_fetches(client: Client, lea: Person) -> None:
    async with LibraryBot(TOKEN, base_url=f"{client.base}/bot") as bot:
        assert bot.username == "relais_demo_bot"
        (start,) = await bot.get_updates(timeout=1, allowed_updates=["message", "callback_query"])
        assert start.message is not None
        assert start.message.chat.id == lea.id
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("Oui", callback_data="y")]])
        sent = await bot.send_message(
            lea.id,
            "Bonjour <b>toi</b>",
            parse_mode="HTML",
            reply_markup=markup,
            protect_content=True,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        assert (lea.last.text, lea.last.labels) == ("Bonjour toi", ["Oui"])
        lea.tap("Oui")
        (query,) = await bot.get_updates(offset=start.update_id + 1)
        assert query.callback_query is not None
        assert await query.callback_query.answer("Noté")
        await bot.edit_message_text("Merci", lea.id, sent.message_id)
        assert lea.last.text == "Merci"
        await bot.send_document(lea.id, io.BytesIO(b"BEGIN:VCALENDAR"), filename="rdv.ics")
        assert lea.last.file is not None
        await bot.set_my_commands([("aide", "Les numéros")])


async def test_the_library_recognises_the_refusals(client: Client, lea: Person) -> None:
    async with LibraryBot(TOKEN, base_url=f"{client.base}/bot") as bot:
        with pytest.raises(telegram.error.BadRequest, match="Message text is empty"):
            await bot.send_message(lea.id, "")
        lea.block()
        with pytest.raises(telegram.error.Forbidden, match="bot was blocked by the user"):
            await bot.send_message(lea.id, "a")

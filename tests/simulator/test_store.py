"""A second start finds the phones as they were."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from simulator.persons import Person
from simulator.telegram import Bot, Telegram

from .conftest import TOKEN, Client
from .demo import Calendar


async def test_chats_updates_and_counters_survive(
    client: Client, lea: Person, telegram: Telegram, calendar: Calendar, tmp_path: Path
) -> None:
    menu = {"keyboard": [["Aide"]]}
    await client.ok("sendMessage", chat_id=lea.id, text="<b>a</b>", parse_mode="HTML")
    await client.ok("sendMessage", chat_id=lea.id, text="b", reply_markup=menu)
    pending = await client.ok("getUpdates")
    telegram.save(tmp_path / "phone.json")
    assert TOKEN not in (tmp_path / "phone.json").read_text("utf-8")

    again = Telegram(calendar.now)
    assert again.load(tmp_path / "phone.json")
    bot = again.bot(TOKEN)
    same = again.person("Léa")
    assert same.messages == lea.messages
    assert same.keyboard == [["Aide"]]
    assert list(bot.updates.pending) == pending
    assert same.say("c").id == lea.messages[-1].id + 1
    assert bot.updates.pending[-1]["update_id"] == pending[-1]["update_id"] + 1


async def test_changes_are_saved_by_themselves(
    telegram: Telegram, bot: Bot, calendar: Calendar, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "phone.json"
    async with telegram.kept_in(path):
        telegram.person("Sam").start(bot)
        await asyncio.sleep(1)  # the file system tells nobody
        assert path.exists()
        telegram.person("Sam").say("dernier mot")
    again = Telegram(calendar.now)
    async with again.kept_in(path):
        again.bot(TOKEN)
        assert again.person("Sam").messages[-1].text == "dernier mot"
    assert [found.name for found in path.parent.iterdir()] == ["phone.json"]


def test_a_file_that_is_not_ours_is_refused(telegram: Telegram, tmp_path: Path) -> None:
    assert not telegram.load(tmp_path / "none.json")
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(ValueError, match=r"other\.json"):
        telegram.load(tmp_path / "other.json")

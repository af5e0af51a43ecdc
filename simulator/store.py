"""Keeps the simulated Telegram in one JSON file, so that a second start finds its phones again.

Bots are kept by number, never with their token: `Telegram.bot` gives it back at the next start.
Rates, typing and unanswered taps are of the moment and are not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.model import Chat, File, Json, Message, User

if TYPE_CHECKING:
    from simulator.telegram import Bot, Telegram

FORMAT = 1
_PAUSE = 0.3  # seconds: a burst of messages is written once


def save(telegram: Telegram, path: Path) -> None:
    """Write everything, replacing the file in one step: a crash leaves the old one whole."""
    kept = {
        "format": FORMAT,
        "bots": [_bot(bot) for bot in telegram.bots.values()],
        "users": [asdict(user) for user in telegram.users.values()],
        "chats": [_chat(chat) for chat in telegram.chats.values()],
        "files": [_file(file) for file in telegram.files.values()],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    draft.replace(path)


def load(telegram: Telegram, path: Path) -> bool:
    """Take up what was saved; False if there is no such file. Raises ValueError if it is not
    one of ours.
    """
    if not path.exists():
        return False
    kept = json.loads(path.read_text("utf-8"))
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise ValueError(f"{path.name}: not a state of this simulator")
    for one in kept["bots"]:
        _restore_bot(telegram.bot_numbered(one["id"]), one)
    telegram.users = {one["id"]: User(**one) for one in kept["users"]}
    chats = [_restored_chat(one) for one in kept["chats"]]
    telegram.chats = {(chat.bot_id, chat.id): chat for chat in chats}
    files = [File(**{**one, "data": b64decode(one["data"])}) for one in kept["files"]]
    telegram.files = {file.id: file for file in files}
    telegram.changes.mark()
    return True


@asynccontextmanager
async def kept_in(telegram: Telegram, path: Path) -> AsyncIterator[None]:
    """Load, and save after changes while the block runs, and at its end."""
    load(telegram, path)
    saving = _save_after_changes(telegram, path, telegram.changes.version)
    task = asyncio.get_running_loop().create_task(saving)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        save(telegram, path)


async def _save_after_changes(telegram: Telegram, path: Path, version: int) -> None:
    while True:
        await telegram.changes.after(version)
        await asyncio.sleep(_PAUSE)
        version = telegram.changes.version
        save(telegram, path)


def _bot(bot: Bot) -> Json:
    return {
        "id": bot.id,
        "username": bot.username,
        "first_name": bot.first_name,
        "commands": bot.commands,
        "next_message_id": bot.next_message_id,
        "next_update_id": bot.updates.next_id,
        "confirmed": bot.updates.confirmed,
        "pending": list(bot.updates.pending),
    }


def _restore_bot(bot: Bot, kept: Json) -> None:
    bot.username, bot.first_name = kept["username"], kept["first_name"]
    bot.commands, bot.next_message_id = kept["commands"], kept["next_message_id"]
    bot.updates.next_id, bot.updates.confirmed = kept["next_update_id"], kept["confirmed"]
    bot.updates.pending.extend(kept["pending"])


def _chat(chat: Chat) -> Json:
    kept = asdict(chat)
    del kept["typing_until"]
    return kept | {"messages": list(kept["messages"].values())}


def _restored_chat(kept: Json) -> Chat:
    messages = [Message(**one) for one in kept.pop("messages")]
    return Chat(**kept, messages={message.id: message for message in messages})


def _file(file: File) -> dict[str, Any]:
    return asdict(file) | {"data": b64encode(file.data).decode()}

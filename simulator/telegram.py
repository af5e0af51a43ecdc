"""The simulated Telegram: bots, people, chats, and the one door for a bot's calls.

Everything lives in memory and on one event loop. `now` gives the date that messages carry (the
demo's clock); rates and the life of a tap run on the machine's own clock.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator import fields, store
from simulator.errors import ApiError, PhoneError, not_found, unauthorized
from simulator.faults import OK, Fault, Faults
from simulator.limits import Limits
from simulator.methods import METHODS, Request
from simulator.model import CallbackQuery, Changes, Chat, File, Json, Message, User
from simulator.persons import Person
from simulator.transcript import Outcome, Transcript
from simulator.updates import Updates
from simulator.webhook import Webhook

__all__ = ["ApiError", "Bot", "PhoneError", "Telegram"]

_TOKEN = re.compile(r"([1-9]\d{0,15}):[\w-]{1,64}")
_FIRST_USER = 7_100_000_001  # above 2³², so that a 32-bit column shows itself
_FIRST_GROUP = -5_200_000_001
_QUERIES_KEPT = 5_000
_METHOD_NAMES = {name.lower(): name for name in METHODS}


@dataclass
class Bot:
    """One bot: who it is, and what waits for it."""

    id: int
    username: str
    first_name: str
    updates: Updates
    commands: list[Json] = field(default_factory=list)
    webhook: Webhook | None = None
    next_message_id: int = 1

    @property
    def api(self) -> Json:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


class Telegram:
    """The whole of it. Build one, give it bots and persons, serve it with `server.bot_api`."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        limits: bool = True,
        query_seconds: float = 30.0,
        transcript_size: int = 50_000,
    ) -> None:
        self.now = now
        self.limits = Limits(enabled=limits)
        self.query_seconds = query_seconds
        self.faults = Faults()
        self.changes = Changes()
        self.transcript = Transcript(maxlen=transcript_size)
        self.closing = asyncio.Event()
        self.bots: dict[int, Bot] = {}
        self.users: dict[int, User] = {}
        self.chats: dict[tuple[int, int], Chat] = {}
        self.queries: dict[str, CallbackQuery] = {}
        self.files: dict[str, File] = {}
        self._tokens: dict[str, int] = {}
        self._serial = itertools.count(1)

    # People and bots

    def bot(self, token: str, username: str = "relais_demo_bot", first_name: str = "Relais") -> Bot:
        """Register a bot; one that was loaded from a file gets its token back."""
        match = _TOKEN.fullmatch(token)
        if not match:
            raise ValueError("a bot's token is its number, a colon and its secret")
        found = self.bot_numbered(int(match[1]))
        found.username, found.first_name = username, first_name
        self._tokens[token] = found.id
        return found

    def bot_numbered(self, bot_id: int) -> Bot:
        """The bot of that number, known or new."""
        if bot_id not in self.bots:
            # A number from the calendar: a simulator begun anew must not repeat update
            # identifiers that a database of the day before has already seen.
            first = int(self.now().timestamp()) % 1_000_000_000
            self.bots[bot_id] = Bot(bot_id, "", "", Updates(first))
        return self.bots[bot_id]

    def person(self, name: str) -> Person:
        """The person of that name, with their phone; a new one if there is none yet."""
        user = next((user for user in self.users.values() if user.first_name == name), None)
        if user is None:
            user = User(max(self.users, default=_FIRST_USER - 1) + 1, name)
            self.users[user.id] = user
            self.changes.mark()
        return Person(self, user)

    @property
    def persons(self) -> list[Person]:
        return [Person(self, user) for user in self.users.values()]

    def group(self, bot: Bot, title: str, members: list[int]) -> Chat:
        """A new group; the bot is added to it by `Person.add_bot_to_group`."""
        lowest = min((chat_id for _, chat_id in self.chats), default=0)
        chat = Chat(min(lowest, _FIRST_GROUP + 1) - 1, bot.id, "group", title, members)
        self.chats[bot.id, chat.id] = chat
        return chat

    def chat(self, bot: Bot, user: User) -> Chat:
        """The private chat of a person with a bot, started or not."""
        key = (bot.id, user.id)
        return self.chats.setdefault(key, Chat(user.id, bot.id, members=[user.id]))

    def push(self, bot: Bot, update: Any) -> None:
        """Queue any update at all, well formed or not."""
        bot.updates.push(update)

    # Messages

    def post(self, bot: Bot, chat: Chat, sender_id: int, content: Json, **more: Any) -> Message:
        """Put a message into a chat; the identifier is the next of this bot."""
        stamp = int(self.now().timestamp())
        message = Message(bot.next_message_id, sender_id, stamp, content, **more)
        bot.next_message_id += 1
        chat.messages[message.id] = message
        self.changes.mark()
        return message

    def next_serial(self) -> int:
        return next(self._serial)

    def message_api(self, chat: Chat, message: Message) -> Json:
        """A message as the Bot API writes it."""
        bot = self.bots[chat.bot_id]
        sender = bot.api if message.sender_id == bot.id else self.users[message.sender_id].api
        shown: Json = {
            "message_id": message.id,
            "from": sender,
            "chat": self.chat_api(chat),
            "date": message.date,
        }
        if message.edited_at is not None:
            shown["edit_date"] = message.edited_at
        if message.protected:
            shown["has_protected_content"] = True
        if message.markup and "inline_keyboard" in message.markup:
            shown["reply_markup"] = message.markup
        return shown | message.content

    def chat_api(self, chat: Chat) -> Json:
        if chat.kind == "private":
            name = self.users[chat.id].first_name
            return {"id": chat.id, "type": "private", "first_name": name}
        return {"id": chat.id, "type": chat.kind, "title": chat.title}

    # A bot's calls

    def authorised(self, token: str) -> Bot:
        if not _TOKEN.fullmatch(token):
            raise not_found()
        if token not in self._tokens:
            raise unauthorized()
        return self.bots[self._tokens[token]]

    async def call(self, bot: Bot, name: str, given: Mapping[str, Any], fault: Fault = OK) -> Any:
        """One call: checked, performed, written into the transcript; raises `ApiError`."""
        method = METHODS.get(canonical(name))
        try:
            if method is None:
                raise not_found("method not found")
            request = Request(self, bot, fields.read(method.fields, given))
            result = method.perform(request)
            if asyncio.iscoroutine(result):
                result = await result
        except ApiError as error:
            self.record(bot, name, given, "refused", fault, error=error)
            raise
        self.record(bot, name, given, "accepted", fault, result=result)
        return result

    def record(
        self,
        bot: Bot,
        method: str,
        given: Mapping[str, Any],
        outcome: Outcome,
        fault: Fault = OK,
        **more: Any,
    ) -> None:
        """One more line of the transcript."""
        name = canonical(method)
        self.transcript.write(self.now(), bot.id, name, given, outcome, fault, **more)

    def keep_query(self, query: CallbackQuery) -> None:
        self.queries[query.id] = query
        if len(self.queries) > _QUERIES_KEPT:
            del self.queries[next(iter(self.queries))]

    def open_query(self, query_id: str) -> CallbackQuery | None:
        """The tap of that number, if it can still be answered."""
        query = self.queries.get(query_id)
        fresh = query and time.monotonic() - query.asked_at <= self.query_seconds
        return query if query and fresh and not query.answered else None

    def save(self, path: Path) -> None:
        store.save(self, path)

    def load(self, path: Path) -> bool:
        return store.load(self, path)

    def kept_in(self, path: Path) -> AbstractAsyncContextManager[None]:
        """Load, and save after every change while the block runs."""
        return store.kept_in(self, path)

    async def close(self) -> None:
        """Let everything that waits go: polls, hanging calls, webhooks."""
        self.closing.set()
        for bot in self.bots.values():
            bot.updates.release()
            if bot.webhook:
                await bot.webhook.stop()
                bot.webhook = None


def canonical(method: str) -> str:
    """The method's name as it is documented: the real server ignores case too."""
    return _METHOD_NAMES.get(method.lower(), method)

"""What the simulated Telegram remembers: users, chats, messages, calls.

Plain dataclasses without behaviour beyond their own shape; who may do what is decided in
`methods` (bots) and `persons` (people).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
Membership = Literal["member", "left", "kicked"]


@dataclass
class User:
    """Someone with a phone. Identifiers pass 2³², as real ones do."""

    id: int
    first_name: str
    language_code: str = "fr"
    deactivated: bool = False
    opened: list[str] = field(default_factory=list)  # addresses that a button led to

    @property
    def api(self) -> Json:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }


@dataclass
class Message:
    """One message of one chat. `content` holds the Bot API's own fields (text, sticker…)."""

    id: int
    sender_id: int
    date: int
    content: Json
    markup: Json | None = None
    edited_at: int | None = None
    protected: bool = False
    silent: bool = False

    @property
    def kind(self) -> str:
        known = ("text", "sticker", "photo", "voice", "document")
        return next((name for name in known if name in self.content), "service")


@dataclass
class Chat:
    """One bot's view of a private chat or a group, which is also what the phone shows."""

    id: int
    bot_id: int
    kind: Literal["private", "group", "supergroup"] = "private"
    title: str = ""
    members: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    membership: Membership = "member"
    migrated_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    keyboard: Json | None = None
    keyboard_from: int | None = None
    read_up_to: int = 0
    typing_until: float = 0.0  # the machine's monotonic clock; not kept


@dataclass(frozen=True)
class Notice:
    """What a phone showed after a tap: a toast, or an alert that must be closed."""

    text: str
    alert: bool
    url: str | None
    at: datetime


@dataclass
class CallbackQuery:
    """A tap that waits for the bot's answer."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    message_id: int
    data: str
    asked_at: float  # the machine's monotonic clock
    notice: Notice | None = None
    answered: bool = False


@dataclass(frozen=True)
class File:
    """What a bot uploaded, kept so that the phone can open it."""

    id: str
    name: str
    mime: str
    data: bytes


class Changes:
    """Tells whoever waits that something changed. All on one event loop."""

    def __init__(self) -> None:
        self.version = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def mark(self) -> None:
        self.version += 1
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def after(self, version: int) -> int:
        """Return as soon as there is a version above the one given."""
        while self.version <= version:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)
        return self.version

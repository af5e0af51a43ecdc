"""What the eyes see on one person's phone, and waiting until they see it.

Waiting is driven by what happens, never by a sleeping loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from simulator.bubbles import Bubble, bubble
from simulator.errors import PhoneError
from simulator.model import Chat, Notice, User

if TYPE_CHECKING:
    from simulator.telegram import Bot, Telegram

_PATIENCE = 10.0
T = TypeVar("T")


class Screen:
    """One person's conversation with a bot: `bot` is the last they talked with, or the only."""

    def __init__(self, telegram: Telegram, user: User) -> None:
        self.telegram = telegram
        self.user = user
        self._bot: Bot | None = None

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.first_name

    @property
    def bot(self) -> Bot:
        if self._bot is None:
            known = [bot for bot in self.telegram.bots.values() if (bot.id, self.id) in self._chats]
            found = known or list(self.telegram.bots.values())
            if not found:
                raise PhoneError("Il n'y a encore aucun bot ici.")
            return found[-1]
        return self._bot

    @property
    def chat(self) -> Chat:
        return self.telegram.chat(self.bot, self.user)

    @property
    def _chats(self) -> dict[tuple[int, int], Chat]:
        return self.telegram.chats

    @property
    def messages(self) -> list[Bubble]:
        """The conversation, oldest first, as the phone shows it at this moment."""
        return [bubble(self.chat, message) for message in self.chat.messages.values()]

    @property
    def received(self) -> list[Bubble]:
        return [shown for shown in self.messages if not shown.mine]

    @property
    def last(self) -> Bubble:
        """The newest message of the bot."""
        if not self.received:
            raise PhoneError("Aucun message reçu pour l'instant.")
        return self.received[-1]

    @property
    def keyboard(self) -> list[list[str]] | None:
        """The labels of the large keyboard under the conversation, if there is one."""
        if not self.chat.keyboard:
            return None
        return [[key["text"] for key in row] for row in self.chat.keyboard["keyboard"]]

    @property
    def notices(self) -> list[Notice]:
        """What the bot answered to the taps of this person, silent answers left out."""
        return [
            query.notice
            for query in self.telegram.queries.values()
            if query.user_id == self.id and query.notice and (query.notice.text or query.notice.url)
        ]

    @property
    def sees_typing(self) -> bool:
        return time.monotonic() < self.chat.typing_until

    async def wait_for(
        self,
        what: str | Callable[[Bubble], bool] = "",
        *,
        after: Bubble | int = 0,
        timeout: float = _PATIENCE,
    ) -> Bubble:
        """The newest message of the bot that holds these words (or satisfies a condition)."""
        first = after.id if isinstance(after, Bubble) else after

        def found() -> Bubble | None:
            for shown in reversed(self.received):
                fits = what in shown.text if isinstance(what, str) else what(shown)
                if shown.id > first and fits:
                    return shown
            return None

        return await self.wait_until(found, timeout=timeout)

    async def wait_until(
        self, condition: Callable[[], T | None], *, timeout: float = _PATIENCE
    ) -> T:
        """Whatever the condition returns as soon as it is true; looks only when things change."""
        changes = self.telegram.changes
        try:
            async with asyncio.timeout(timeout):
                while not (found := condition()):
                    await changes.after(changes.version)
                return found
        except TimeoutError:
            raise TimeoutError(f"not within {timeout} s; {self}") from None

    def __str__(self) -> str:
        shown = "\n".join(f"  {line}" for line in self.messages) or "  (rien)"
        return f"Le téléphone de {self.name} montre :\n{shown}"

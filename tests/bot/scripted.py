"""A channel behind the port that ends each send as a test says: no HTTP, no waiting."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channel import Incoming, Outcome, Sent, Unreachable
from bot.deliver import Deliverer
from dialogs.screen import Screen
from records import outgoing
from records.database import Database
from records.youth import Youth
from tests.cast import NOW, Cast


class Scripted:
    """`outcomes` are used up one a send, by default it is sent. `away`: it answers no question."""

    name = "telegram"

    def __init__(self, bot_id: int) -> None:
        self.bot_id = bot_id
        self.outcomes: list[Outcome] = []
        self.always: Outcome | None = None
        self.failure: Exception | None = None
        self.away = False
        self.asked = 0
        self.calls: list[tuple[str, str]] = []  # address, the last line of the text
        self.slow = asyncio.Event()  # sends wait for it
        self.slow.set()
        self._ids = itertools.count(1)

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Incoming]:
        raise NotImplementedError

    async def send(self, address: str, what: Screen) -> Outcome:
        self.calls.append((address, what.text.splitlines()[-1]))
        await self.slow.wait()
        if self.failure is not None:
            raise self.failure
        if self.always is not None:
            return self.always
        return self.outcomes.pop(0) if self.outcomes else Sent(next(self._ids))

    async def edit(self, address: str, message_id: int, what: Screen) -> Outcome:
        raise NotImplementedError

    async def remove(self, address: str, message_ids: Sequence[int]) -> Outcome:
        raise NotImplementedError

    async def username(self) -> str:
        self.asked += 1
        if self.away:
            raise Unreachable
        return "essai_bot"

    async def answer_tap(self, tap_id: str, text: str = "") -> None: ...

    async def leave(self, address: str) -> None: ...

    @property
    def said(self) -> list[str]:
        return [text for _, text in self.calls]


def delivering(database: Database, *channels: Scripted, at: datetime = NOW) -> Deliverer:
    return Deliverer(
        database,
        {channel.bot_id: channel for channel in channels},
        now=lambda: at,
        real_now=lambda: at,
        unlimited=True,
    )


async def words(database: Database, cast: Cast, who: Youth, bot_id: int, *texts: str) -> list[int]:
    """An educator's answers, to leave at once."""
    async with database.write() as tx:
        return [
            await outgoing.reply(
                tx,
                NOW,
                structure_id=who.structure_id,
                bot_id=bot_id,
                youth_id=who.id,
                text=text,
                created_by=cast.nadia.id,
            )
            for text in texts
        ]

"""A simulated Telegram that looks into the database at the moment a message arrives.

The product promises that a message is claimed, in a commit, before it is sent, one at a time in a
chat: so whatever reaches a phone is the one row of its chat that is claimed then. That names the
row behind each copy that a phone got, and says whether it was marked as repeated *before* it came.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from records.conversation import conversation
from records.database import Database
from records.message import message
from simulator.errors import ApiError
from simulator.faults import OK, Fault
from simulator.telegram import Bot, Telegram

NOT_MODIFIED = "message is not modified"


@dataclass(frozen=True, slots=True)
class Flying:
    """A row as it stood when a copy of it arrived."""

    id: int
    kind: str
    repeated: bool
    unique_key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message, or an edit of one, that a phone got. `flying` is what was claimed for it."""

    chat: int
    message_id: int
    text: str
    flying: tuple[Flying, ...]


class Witness(Telegram):
    """`youths` gives the youth of each chat. Whoever waits for an answer asks `told_of`."""

    def __init__(
        self, now: Callable[[], datetime], database: Database, youths: Mapping[int, int]
    ) -> None:
        super().__init__(now, limits=False)
        self.database, self.youths = database, youths
        self.arrivals: list[Arrival] = []
        self.arriving = self.first_update = 0
        self.heard = asyncio.Event()  # any call at all: a life is at work
        self.flights: set[tuple[int, int]] = set()  # row and claim, on the way when a process died
        self.told: set[str] = set()  # the keys of rows that came, or of which nothing will come
        self.news = {chat: asyncio.Event() for chat in youths}

    async def call(self, bot: Bot, name: str, given: Mapping[str, Any], fault: Fault = OK) -> Any:
        self.heard.set()
        if name not in ("sendMessage", "editMessageText"):
            return await super().call(bot, name, given, fault)
        self.arriving += 1
        try:
            return await self._witnessed(bot, name, given, fault)
        finally:
            self.arriving -= 1

    async def _witnessed(self, bot: Bot, name: str, given: Mapping[str, Any], fault: Fault) -> Any:
        chat = int(given["chat_id"])
        flying = await self._claimed_for(self.youths[chat])
        try:
            shown = await super().call(bot, name, given, fault)
        except ApiError as refused:
            if NOT_MODIFIED in refused.description:  # the phone shows it already
                self._came(chat, int(given["message_id"]), given["text"], flying)
            raise
        self._came(chat, shown["message_id"], given["text"], flying)
        return shown

    def _came(self, chat: int, message_id: int, words: str, flying: tuple[Flying, ...]) -> None:
        self.arrivals.append(Arrival(chat, message_id, words, flying))
        self.told |= {row.unique_key for row in flying}
        self.news[chat].set()

    async def _claimed_for(self, youth_id: int) -> tuple[Flying, ...]:
        of = message.c.youth_id == youth_id, message.c.state == "claimed"
        asked = select(*(message.c[field.name] for field in fields(Flying))).where(*of)
        async with self.database.read() as tx:
            return tuple(Flying(*tuple(row)) for row in await tx.rows(asked))

    async def note_a_death(self) -> None:
        """The process is gone: what it had claimed and not settled died with it."""
        self.flights |= await self.on_their_way()

    async def on_their_way(self) -> set[tuple[int, int]]:
        """Rows that are claimed, and by which claim, now that no process lives.

        PostgreSQL may still be about the last commit of a client that is no more: the lock waits.
        """
        async with self.database.write() as tx:
            if not self.database.is_sqlite:
                await tx.run(text("LOCK TABLE message IN EXCLUSIVE MODE"))
            claimed = select(message.c.id, message.c.claim).where(message.c.state == "claimed")
            return {(row.id, row.claim) for row in await tx.rows(claimed)}

    @property
    def died(self) -> Counter[int]:
        """How often each row was on its way when a process died."""
        return Counter(row for row, _ in self.flights)

    async def note_what_will_not_come(self) -> None:
        """Answers that died twice are uncertain: whoever waits for one has to ask again."""
        lost = message.c.state == "uncertain", message.c.unique_key.like("reply:%")
        async with self.database.read() as tx:
            rows = await tx.rows(select(message.c.youth_id, message.c.unique_key).where(*lost))
        self.told |= {row.unique_key for row in rows}
        for chat, youth_id in self.youths.items():
            if any(row.youth_id == youth_id for row in rows):
                self.news[chat].set()

    @property
    def made(self) -> range:
        """The updates that phones made."""
        [bot] = self.bots.values()
        return range(self.first_update, bot.updates.next_id)

    async def is_over(self, talk: int) -> bool:
        """Whether an exercise was brought to its end."""
        status = select(conversation.c.status).where(conversation.c.id == talk)
        async with self.database.read() as tx:
            return bool(await tx.value(status) == "done")

    async def told_of(self, chat: int, key: str) -> None:
        """Until a copy of this row has come, or it is known that none is sure to."""
        while key not in self.told:
            self.news[chat].clear()
            await self.news[chat].wait()

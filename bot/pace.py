"""How fast a bot may speak: 30 messages a second in all, one a second to a chat, short bursts.

Source: Telegram's « Bots FAQ », « My bot is hitting limits ». A 429 stops that bot until its
`retry_after` is over. Times are monotonic seconds, never the product's clock.

`Pace` is the rule. `Permits` is what receiving and delivery ask: the same rule for all processes
of a bot, in memory on SQLite, in a row of `records.pace` on PostgreSQL.
"""

import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from records import pace as shared
from records.database import Database, Tx, is_trouble

BOT_RATE = 30.0
BOT_BURST = 15.0  # permits are given here and counted there: half a second's lateness is allowed
CHAT_RATE = 1.0
CHAT_BURST = 3.0


@dataclass(slots=True)
class Bucket:
    """Permits that come back with time."""

    rate: float
    burst: float
    level: float
    at: float

    def refill(self, now: float) -> float:
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        return self.level


@dataclass(slots=True)
class AtOnce:
    """How many replies may leave as soon as they are committed, which youths' chats must wait all
    the same, and until when this process may hold what it lets go."""

    permits: int
    resting: Collection[int]
    held_until: datetime

    def take(self, youth_id: int) -> bool:
        """Take a permit, if there is one for this youth."""
        if self.permits <= 0 or youth_id in self.resting:
            return False
        self.permits -= 1
        return True


@dataclass(slots=True)
class Pace:
    """One bot's permits. `unlimited` is for measuring against a server without limits."""

    unlimited: bool = False
    stopped_until: float = 0.0
    _bot: Bucket = field(default_factory=lambda: Bucket(BOT_RATE, BOT_BURST, BOT_BURST, 0.0))
    changed: bool = False  # since it was taken up
    _chats: dict[int, Bucket] = field(default_factory=dict)

    def permits(self, now: float) -> int:
        """How many messages may be claimed now."""
        if now < self.stopped_until:
            return 0
        return 1_000_000 if self.unlimited else int(self._bot.refill(now))

    def take(self, chat: int, now: float) -> None:
        if self.unlimited:
            return
        self.changed = True
        self._bot.refill(now)
        self._bot.level -= 1
        bucket = self._chats.setdefault(chat, Bucket(CHAT_RATE, CHAT_BURST, CHAT_BURST, now))
        bucket.refill(now)
        bucket.level -= 1

    def resting(self, now: float) -> list[int]:
        """Chats that must wait; those that are full again are forgotten."""
        for chat in [c for c, b in self._chats.items() if b.refill(now) >= CHAT_BURST]:
            del self._chats[chat]
        return [chat for chat, bucket in self._chats.items() if bucket.level < 1]

    def stop(self, seconds: float, now: float) -> None:
        self.changed = True
        self.stopped_until = max(self.stopped_until, now + seconds)

    def next_permit(self, now: float) -> float:
        """Seconds until something may be claimed again, at least."""
        if now < self.stopped_until:
            return self.stopped_until - now
        waits = [max(0.0, (1 - b.level) / b.rate) for b in self._chats.values() if b.level < 1]
        if self._bot.level < 1 and not self.unlimited:
            waits.append((1 - self._bot.level) / self._bot.rate)
        return min(waits, default=0.0)

    def state(self, now: float) -> dict[str, Any]:
        """How things stand, free of any clock: another process can take it up."""
        self.resting(now)
        return {
            "level": self._bot.refill(now),
            "stopped": max(0.0, self.stopped_until - now),
            "chats": {str(chat): bucket.level for chat, bucket in self._chats.items()},
        }

    def become(self, state: dict[str, Any], at: float) -> None:
        """Take up how things stood at an instant of this process's own clock."""
        self.changed = False
        self.stopped_until = at + state.get("stopped", 0.0)
        self._bot = Bucket(BOT_RATE, BOT_BURST, state.get("level", BOT_BURST), at)
        self._chats = {
            int(chat): Bucket(CHAT_RATE, CHAT_BURST, level, at)
            for chat, level in state.get("chats", {}).items()
        }


class Permits:
    """One bot's pace, the same for all its processes.

    `pace` is what this process last knew of it: enough to know that nothing may leave yet, for
    other processes only take permits away.
    """

    def __init__(self, database: Database, bot_id: int, *, unlimited: bool = False) -> None:
        self._database, self._bot_id = database, bot_id
        self.pace = Pace(unlimited)
        self._begun = False  # whether the row was seen
        self._untold = 0.0  # the end of a stop that only this process knows of

    def stop(self, seconds: float) -> None:
        """Telegram said 429: nobody speaks for this bot until it is over."""
        now = time.monotonic()
        self.pace.stop(seconds, now)
        if not self._database.is_sqlite:
            self._untold = max(self._untold, now + seconds)

    def has_news(self, now: float) -> bool:
        """Whether there is a stop that other processes may not know of."""
        return now < self._untold

    @asynccontextmanager
    async def held(self, tx: Tx) -> AsyncIterator[Pace | None]:
        """The pace as it stands, nobody else's until `tx` commits; None when it is another's.

        Permits taken and stops noted inside the block are committed with the transaction.
        """
        if self._database.is_sqlite:
            yield self.pace
            return
        row = await self._row(tx)
        if row is None:
            yield None
            return
        began = time.monotonic()
        self.pace.become(row.state, began - max(0.0, row.age))
        self.pace.changed = row.age < 0
        self._tell_the_stop(began)
        yield self.pace
        if self.pace.changed:
            now = time.monotonic()
            await shared.keep(tx, row, self.pace.state(now), now - began)

    async def _row(self, tx: Tx) -> shared.Held | None:
        row = await shared.hold(tx, self._bot_id)
        if row is None and not self._begun:
            await shared.begin(tx, self._bot_id)
            row = await shared.hold(tx, self._bot_id)
        self._begun |= row is not None
        return row

    def _tell_the_stop(self, now: float) -> None:
        """Until the row shows it: a transaction that is rolled back has told nobody."""
        if self.pace.stopped_until > self._untold - 0.5:
            self._untold = 0.0
        if self.has_news(now):
            self.pace.stop(self._untold - now, now)

    async def granted(self, chat: int) -> bool:
        """Take one permit for what is sent beside the queue, if there is one now."""
        if self._database.is_sqlite:
            return _taken(self.pace, chat)
        try:
            async with self._database.write() as tx, self.held(tx) as pace:
                return pace is not None and _taken(pace, chat)
        except Exception as failure:
            if not is_trouble(failure):
                raise
            return False


def _taken(pace: Pace, chat: int) -> bool:
    now = time.monotonic()
    free = pace.permits(now) > 0 and chat not in pace.resting(now)
    if free:
        pace.take(chat, now)
    return free

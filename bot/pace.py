"""How fast a bot may speak: 30 messages a second in all, one a second to a chat, short bursts.

Source: Telegram's « Bots FAQ », « My bot is hitting limits ». A 429 stops that bot until its
`retry_after` is over. Times are monotonic seconds, never the product's clock.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

BOT_RATE = 30.0
BOT_BURST = (
    15.0  # permits are given here and counted there: half a second of lateness is allowed for
)
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
    _chats: dict[int, Bucket] = field(default_factory=dict)

    def permits(self, now: float) -> int:
        """How many messages may be claimed now."""
        if now < self.stopped_until:
            return 0
        return 1_000_000 if self.unlimited else int(self._bot.refill(now))

    def take(self, chat: int, now: float) -> None:
        if self.unlimited:
            return
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
        self.stopped_until = max(self.stopped_until, now + seconds)

    def next_permit(self, now: float) -> float:
        """Seconds until something may be claimed again, at least."""
        if now < self.stopped_until:
            return self.stopped_until - now
        waits = [max(0.0, (1 - b.level) / b.rate) for b in self._chats.values() if b.level < 1]
        if self._bot.level < 1 and not self.unlimited:
            waits.append((1 - self._bot.level) / self._bot.rate)
        return min(waits, default=0.0)

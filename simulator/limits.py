"""How fast a bot may speak, as Telegram documents it.

Thirty messages a second in all, about one a second in a private chat with short bursts, twenty a
minute in a group (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
Time here is the machine's own, never the demo's: a jump of a day must not empty a bucket.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Iterable

from simulator.errors import too_many_requests

Rate = tuple[float, float]  # how many a second, and how many at once

EVERYWHERE: Rate = (30.0, 30.0)
PRIVATE: Rate = (1.0, 4.0)
GROUP: Rate = (20 / 60, 20.0)

_FORGET_ABOVE = 10_000


class Limits:
    """One bucket for each bot and each chat, filled as time passes."""

    def __init__(
        self, *, enabled: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.enabled = enabled
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def spend(self, wanted: Iterable[tuple[Hashable, Rate]]) -> None:
        """Take one permit from every bucket, or none: then 429, with the seconds to wait."""
        if not self.enabled:
            return
        now = self._clock()
        levels = [(key, rate, self._level(key, rate, now)) for key, rate in wanted]
        wait = max(((1 - level) / rate[0] for _, rate, level in levels), default=0.0)
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        if len(self._buckets) > _FORGET_ABOVE:
            self._buckets.clear()
        for key, _, level in levels:
            self._buckets[key] = (level - 1, now)

    def _level(self, key: Hashable, rate: Rate, now: float) -> float:
        level, since = self._buckets.get(key, (rate[1], now))
        return min(rate[1], level + (now - since) * rate[0])

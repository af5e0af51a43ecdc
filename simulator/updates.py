"""The updates that wait for one bot, and the long poll that fetches them.

An update stays until a later call's `offset` passes it (or a webhook answers 2xx): this is what
the product's promise « accepted once, confirmed after the commit » is tested against.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any

from simulator.errors import conflict
from simulator.model import Json

LONGEST_POLL = 50  # seconds, as the real server bounds it
_KINDS_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_SET = "terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
    "webhook first"
)


class Updates:
    """One bot's queue."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.pending: deque[Any] = deque()
        self.allowed: frozenset[str] | None = None
        self.confirmed = 0  # every update below this identifier has been confirmed
        self.arrived = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None

    def add(self, kind: str, payload: Json) -> None:
        """Queue an update, unless the bot said that it does not want this kind."""
        wanted = kind not in _KINDS_ON_REQUEST if self.allowed is None else kind in self.allowed
        if wanted:
            self.push({kind: payload})

    def push(self, update: Any) -> None:
        """Queue any JSON value at all; an object without an `update_id` is given one."""
        if isinstance(update, dict) and "update_id" not in update:
            update = {"update_id": self.next_id, **update}
        self.next_id += 1
        self.pending.append(update)
        self._wake()

    def allow(self, kinds: Sequence[str]) -> None:
        """An empty list means the default kinds again."""
        self.allowed = frozenset(kinds) or None

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Any]:
        """One getUpdates: what waits, or what arrives within `timeout` seconds."""
        self.interrupt(OTHER_POLL)
        self._forget(offset)
        if not self.pending and timeout > 0:
            await self._wait(timeout)
        return list(self.pending)[:limit]

    def confirm(self, update: Any) -> None:
        """The webhook took this one."""
        with contextlib.suppress(ValueError):  # dropped meanwhile
            self.pending.remove(update)
        self._passed(update)

    def clear(self) -> None:
        self.pending.clear()

    def interrupt(self, reason: str) -> None:
        """End a poll that waits, with 409."""
        if self._poll and not self._poll.done():
            self._poll.set_exception(conflict(reason))

    def release(self) -> None:
        """Let a poll that waits return empty: the server is closing."""
        if self._poll and not self._poll.done():
            self._poll.set_result(None)

    async def _wait(self, timeout: float) -> None:
        poll = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            async with asyncio.timeout(min(timeout, LONGEST_POLL)):
                await poll
        except TimeoutError:
            return  # an empty list is the answer
        finally:
            if self._poll is poll:
                self._poll = None

    def _wake(self) -> None:
        self.arrived.set()
        self.release()

    def _forget(self, offset: int) -> None:
        if offset < 0:  # counted from the end; what is before it is forgotten
            while len(self.pending) > -offset:
                self._passed(self.pending.popleft())
            return
        while self.pending and self._id(self.pending[0]) < offset:
            self._passed(self.pending.popleft())

    def _passed(self, update: Any) -> None:
        self.confirmed = max(self.confirmed, self._id(update) + 1)

    @staticmethod
    def _id(update: Any) -> int:
        """A pushed value may be no object at all; it goes with the next confirmation."""
        found = update.get("update_id") if isinstance(update, dict) else None
        return found if isinstance(found, int) else -1

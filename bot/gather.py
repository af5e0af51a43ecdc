"""Gather: updates that come in one a request are handled a batch at a time.

While one batch is being committed, what arrives meanwhile is the next: a quiet bot answers at
once, a busy one makes few commits. There is one batch at a time, so that a chat keeps its order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.channel import Incoming

log = logging.getLogger("relais.receive")
BATCH = 100
ROOM = 1000  # updates that may wait here while the database is in trouble
HOLD = 20.0  # seconds that a request may wait for its commit; Telegram itself waits for sixty


class NotTaken(Exception):
    """Not committed yet: the sender has to hand it over again."""


class Gatherer:
    """`handle` takes a batch to its commit, however long that lasts (`Receiver.take`)."""

    def __init__(
        self, handle: Callable[[Sequence[Incoming]], Awaitable[None]], hold: float = HOLD
    ) -> None:
        self._handle, self._hold = handle, hold
        self._waiting: list[Incoming] = []
        self._ends: dict[int, asyncio.Future[bool]] = {}  # of what waits and what is under way
        self._work: asyncio.Task[None] | None = None

    async def take(self, came: Incoming) -> None:
        """Returns once it is committed. Handed over again meanwhile, it waits with the first.

        Raises `NotTaken` when that takes too long, or when too much waits already.
        """
        try:
            taken = await asyncio.wait_for(asyncio.shield(self._end_of(came)), self._hold)
        except TimeoutError:
            taken = False
        if not taken:
            raise NotTaken

    def _end_of(self, came: Incoming) -> "asyncio.Future[bool]":
        known = self._ends.get(came.update_id)
        if known is not None:
            return known
        if len(self._ends) >= ROOM:
            raise NotTaken
        end = self._ends[came.update_id] = asyncio.get_running_loop().create_future()
        self._waiting.append(came)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._until_none_waits())
        return end

    async def _until_none_waits(self) -> None:
        while self._waiting:
            self._waiting.sort(key=lambda came: came.update_id)
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            taken = False
            try:
                await self._handle(batch)
                taken = True
            except Exception as failure:  # noqa: BLE001  whatever it is, the next batch has its turn
                log.error("a batch was not taken: %s", type(failure).__name__)  # noqa: TRY400  no content
            finally:
                for came in batch:
                    self._ends.pop(came.update_id).set_result(taken)

    async def drain(self, within: float) -> None:
        """Let what was taken in come to its commit; what does not will be handed over again."""
        if self._work is not None and not self._work.done():
            await asyncio.wait([self._work], timeout=within)
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

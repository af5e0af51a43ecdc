"""Countdowns: the one message that changes by itself, a frame at its second.

Frames are never stored (design § 4): each is put in the place of the one before, once, by the
process that sent the screen. One that is late, or has no permit, is skipped; and the first sign
that the conversation went on, was withdrawn, or that the program stops, is the last of it. What
stays is the screen with its « Continuer ». Whatever follows such a screen comes as a new message
(`bot.talk`), so that a frame on its way can hide nothing.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.channel import Channel, Later, Sent, Uncertain
from bot.pace import Permits
from dialogs.screen import Screen
from records import on_screen
from records.database import Database
from records.due import Due
from records.on_screen import Place

TRIES, BREATH = 3, 0.1  # how often a permit is asked for, and seconds in between
log = logging.getLogger("relais.deliver")


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen with frames that has just been put on a phone."""

    channel: Channel
    permits: Permits
    due: Due
    screen: Screen
    message_id: int
    at: float  # on the monotonic clock

    @property
    def conversation(self) -> tuple[int, int]:
        """Which conversation it belongs to, and at which turn: its buttons say so."""
        _, key, turn, _ = self.screen.rows[0][0].act
        return int(key), int(turn)


class Countdowns:
    """All that run in this process. `wake` is called when a bot was told to be quiet; `second` is
    how long a second of theirs lasts, for tests."""

    def __init__(
        self, database: Database, wake: Callable[[], None], *, second: float = 1.0
    ) -> None:
        self._database, self._wake, self._second = database, wake, second
        self._over = asyncio.Event()
        self._latest: dict[int, Shown] = {}  # by conversation: taken up again, it counts anew
        self.under_way: set[asyncio.Task[None]] = set()

    def begin(self, shown: Shown) -> None:
        """Beside everything else: nobody waits for it."""
        which, _ = shown.conversation
        self._latest[which] = shown
        task = asyncio.ensure_future(self._counted(which, shown))
        self.under_way.add(task)
        task.add_done_callback(self._forget)

    def stop(self) -> None:
        """No frame begins any more; one that is on its way may arrive."""
        self._over.set()

    async def landed(self) -> None:
        if self.under_way:
            await asyncio.wait(self.under_way)

    def give_up(self) -> None:
        """What did not arrive in time is let go."""
        for task in self.under_way:
            task.cancel()

    async def _counted(self, which: int, shown: Shown) -> None:
        try:
            await self._count(shown)
        finally:
            if self._latest.get(which) is shown:
                del self._latest[which]

    async def _count(self, shown: Shown) -> None:
        which, turn = shown.conversation
        begun = await self._place(shown)
        if begun is None or begun.turn != turn:
            return
        before = 0
        for second, text in shown.screen.frames:
            due, interval = shown.at + second * self._second, (second - before) * self._second
            before = second
            if not await self._reached(due) or self._latest[which] is not shown:
                return
            if await self._place(shown) != begun:
                return
            late = time.monotonic() - due > interval
            if not late and not await self._put(shown, text):
                return

    async def _reached(self, moment: float) -> bool:
        """Wait for it. False when the program stops before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, moment - time.monotonic())):
                await self._over.wait()
        return not self._over.is_set()

    async def _place(self, shown: Shown) -> Place | None:
        which, _ = shown.conversation
        async with self._database.read() as tx:
            return await on_screen.place(tx, which, shown.due.contact_id)

    async def _put(self, shown: Shown, text: str) -> bool:
        """One frame, if there is a permit. False when there can be no more."""
        if not await self._permitted(shown):
            return True
        frame = replace(shown.screen, text=text, frames=())
        assert shown.due.address is not None
        outcome = await shown.channel.edit(shown.due.address, shown.message_id, frame)
        if isinstance(outcome, Later):
            shown.permits.stop(outcome.wait.total_seconds())
            self._wake()
        return isinstance(outcome, Sent | Uncertain)

    async def _permitted(self, shown: Shown) -> bool:
        """Who claims for this bot at this moment holds its permits, and gives them back at once."""
        for _ in range(TRIES):
            if await shown.permits.granted(shown.due.youth.id):
                return True
            await asyncio.sleep(BREATH * self._second)
        return False

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self.under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("a countdown ended early: %s", type(task.exception()).__name__)

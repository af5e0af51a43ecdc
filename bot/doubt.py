"""After a lost reply: was it one, or the first of an outage?

Every message sent while replies are lost ends uncertain, and costs a repetition or somebody's
decision. So the bot first asks who it is, a question without effect, and sends nothing until that
is answered; then it risks one message at a time until one is, waiting longer after each that is
not.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bot.channel import Later, Outcome, Revoked, TakenOver, Uncertain, Unreachable

MANY = 1_000_000
STEP = 0.2  # seconds that the bot may stay silent once it was answered
PAUSES = (0.5, 30.0)  # seconds between two questions: the first, the longest
LONGEST = 300.0  # seconds before another message is risked


class Doubt:
    """One bot's. `ask` is the question; `hush` keeps the bot silent for some seconds."""

    def __init__(self, ask: Callable[[], Awaitable[object]], hush: Callable[[float], None]) -> None:
        self._ask, self._hush = ask, hush
        self._lost = 0  # in a row
        self._risked = False
        self._asking: asyncio.Task[None] | None = None

    def at_most(self) -> int:
        """How many messages may be claimed, as far as this goes."""
        if not self._lost:
            return MANY
        return 0 if self._risked or self._asking else 1

    def risk(self) -> None:
        """One leaves."""
        self._risked = bool(self._lost)

    def learn(self, outcome: Outcome) -> None:
        """A reply, whatever it says, tells that the line is sound; « later » tells nothing."""
        self._risked = False
        if isinstance(outcome, Uncertain):
            self._lose()
        elif not isinstance(outcome, Later):
            self._lost = 0

    def _lose(self) -> None:
        """Replies that are lost at the same moment count as one."""
        if self._asking is None:
            self._lost += 1
            self._asking = asyncio.ensure_future(self._until_answered())
            self._asking.add_done_callback(self._asked)

    def stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    def _asked(self, _task: "asyncio.Task[None]") -> None:
        self._asking = None

    async def _until_answered(self) -> None:
        pause, longest = PAUSES
        await self._silently(asyncio.sleep(min(2.0 ** (self._lost - 1) - 1, LONGEST), False))
        while not await self._silently(self._answers()):
            await self._silently(asyncio.sleep(pause, False))
            pause = min(pause * 2, longest)

    async def _answers(self) -> bool:
        try:
            await self._ask()
        except (Unreachable, TakenOver, Revoked):
            return False
        return True

    async def _silently(self, step: Awaitable[bool]) -> bool:
        """Silence is asked for little by little: it ends soon after the step does."""
        task = asyncio.ensure_future(step)
        try:
            while not task.done():
                self._hush(2 * STEP)
                await asyncio.wait([task], timeout=STEP)
            return task.result()
        finally:
            task.cancel()

"""What leaves beside the queue, once and after the commit: answers to taps, words to strangers.

None of it is ever stored, and its loss does no harm (design § 4).
"""

import asyncio
import logging
from collections.abc import Callable

from bot.channel import Channel, Later
from bot.pace import Permits
from bot.visit import Aftermath
from dialogs.screen import Screen
from records.vault import Vault

log = logging.getLogger("relais.receive")
PATIENCE = 20  # seconds that a stranger's answer may wait for a permit


class Beside:
    """One bot's. `wake` is called when delivery has something to learn."""

    def __init__(
        self, channel: Channel, permits: Permits, vault: Vault, wake: Callable[[], None]
    ) -> None:
        self._channel, self._permits, self._vault, self._wake = channel, permits, vault, wake
        self._telling: set[tuple[str, str]] = set()
        self.under_way: set[asyncio.Task[None]] = set()

    def send(self, after: Aftermath) -> None:
        """All at once, beside the next fetch."""
        calls = [self._channel.answer_tap(tap, words) for tap, words in after.answers]
        calls += [self._tell(address, screen) for address, screen in after.told.items()]
        calls += [self._channel.leave(address) for address in after.left]
        for call in calls:
            task = asyncio.ensure_future(call)
            self.under_way.add(task)
            task.add_done_callback(self._forget)

    async def _tell(self, address: str, screen: Screen) -> None:
        """A stranger's answer leaves at the bot's own pace; it is lost when that takes too long.
        What is already on its way to them is not said twice."""
        said = (address, screen.text)
        if said in self._telling:
            return
        self._telling.add(said)
        try:
            await self._at_the_pace(address, screen)
        finally:
            self._telling.discard(said)

    async def _at_the_pace(self, address: str, screen: Screen) -> None:
        chat = _unnamed(self._vault.index("pace.chat", address))
        for _ in range(PATIENCE):
            if await self._permits.granted(chat):
                outcome = await self._channel.send(address, screen)
                if isinstance(outcome, Later) and outcome.whole_bot:
                    self._permits.stop(outcome.wait.total_seconds())
                    self._wake()
                return
            await asyncio.sleep(1)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self.under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("an answer was lost: %s", type(task.exception()).__name__)


def _unnamed(index: bytes) -> int:
    """A chat's number in the shared pace: nobody's address, and no youth's row either."""
    return -int.from_bytes(index[:7])

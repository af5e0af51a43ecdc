"""A bot that is killed at its n-th step: `python -m tests.journeys.crashing` forks one a request.

A step is a boundary that matters, and has a name: before and after each commit and each call of
the channel, before and after each statement. A request says which of them count. Requests come as
JSON lines on standard input, and each is answered by how its child ended. Forking after the imports makes a kill cost a tenth of a
second instead of two.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event

import content
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from content.dates import day_and_time
from dialogs.screen import Screen
from records.database import Database, Tx
from records.hours import Hours
from records.vault import Vault
from tests.cast import TOKEN

T = TypeVar("T")


COARSE = ("committing", "committed", "calling", "called", "fetched", "confirming")
FINE = (*COARSE, "statement")


class Steps:
    """Counts the boundaries of these names, and kills the process at the chosen one."""

    def __init__(self, names: Sequence[str], kill_at: int) -> None:
        self.names, self.kill_at, self.reached = names, kill_at, 0

    def __call__(self, name: str) -> None:
        self.reached += name in self.names
        if self.reached == self.kill_at and name in self.names:
            os.kill(os.getpid(), signal.SIGKILL)


class CountedDatabase(Database):
    """The real database, with a boundary before and after each commit."""

    steps: Steps

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        async with super().write() as tx:
            yield tx
            self.steps("committing")
        self.steps("committed")


class CountedChat(TelegramChat):
    """The real channel, with a boundary before and after each of its calls."""

    def __init__(self, steps: Steps, bot_id: int, api: str) -> None:
        super().__init__(bot_id, TOKEN, api)
        self._steps = steps

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Any]:
        if confirm_before is not None:
            self._steps("confirming")
        found = await super().fetch(confirm_before, wait)
        if found:
            self._steps("fetched")
        return found

    async def send(self, address: str, what: Screen) -> Any:
        return await self._between_steps(super().send(address, what))

    async def edit(self, address: str, message_id: int, what: Screen) -> Any:
        return await self._between_steps(super().edit(address, message_id, what))

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        await self._between_steps(super().answer_tap(tap_id, text))

    async def leave(self, address: str) -> None:
        await self._between_steps(super().leave(address))

    async def _between_steps(self, call: Awaitable[T]) -> T:
        self._steps("calling")
        outcome = await call
        self._steps("called")
        return outcome


async def live(request: dict[str, Any]) -> None:
    """Receive and deliver until SIGTERM, or until the step at which this life ends."""
    if "contents" in request:
        content.load(Path(request["contents"]))
    steps = Steps(request["steps"], request["kill_at"])
    database = CountedDatabase(request["database"], Vault(request["key"]))
    database.steps = steps
    for moment in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(database.engine.sync_engine, moment, lambda *_: steps("statement"))
    now = datetime.fromisoformat(request["now"])
    real_now = datetime.fromisoformat(request["real_now"])
    channel = CountedChat(steps, request["bot_id"], request["api"])
    deliverer = Deliverer(
        database,
        {channel.bot_id: channel},
        now=lambda: now,
        real_now=lambda: real_now,
        unlimited=True,
        second=request.get("second", 1.0),
    )
    receiver = Receiver(database, channel, lambda: now, deliverer, lambda _state: None)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await deliverer.recover(alone=database.is_sqlite)
    tasks = [asyncio.create_task(receiver.run()), asyncio.create_task(deliverer.run())]
    await told.wait()
    tasks[0].cancel()
    await deliverer.stop()
    await receiver.drain()
    await asyncio.gather(*tasks, return_exceptions=True)
    await channel.close()
    await database.close()


def warm() -> None:
    """What every life would read anew: contents, calendars of holidays, the names of days."""
    content.load()
    now = datetime.now(UTC)
    day_and_time(now, "fr")
    for school_aged in (True, False):
        Hours("Europe/Paris", "C", "", school_aged).next_open(now)


def main() -> None:
    warm()
    gc.freeze()  # else each child copies, page by page, what its collector walks through
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            asyncio.run(live(request))
            os._exit(0)
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        failed = os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        print(json.dumps({"killed": os.WIFSIGNALED(status), "failed": failed}), flush=True)


if __name__ == "__main__":
    main()

"""The process that is measured: the real Deliverer, or the real Receiver and Deliverer, once.

`python -m bench.worker TASK`, where TASK is JSON; prints its figures as JSON. Nothing is warmed
beforehand: what comes before the first outcome is told apart, and the rate is that of the rest,
until the last outcome is committed.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

import content
from bench import machine
from bench.caseload import NOW
from bench.hotspots import Profiled
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from records import structure
from records.database import Database
from records.vault import Vault
from relais import loop

PATIENCE = 240.0  # seconds: a profiled run on a busy machine
LOOK = 0.002


@dataclass(frozen=True, slots=True)
class Task:
    """`what` is send or handle, `count` how many; `profile` the file to leave a profile in."""

    what: str
    database: str
    api: str
    key: str
    count: int
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`first` is how long the first outcome took, cold: statements compiled, calendars read.

    `seconds`, `cpu` (all threads) and `others` (what other processes took of this core) are those
    of the `counted` ones after it. `synchronous` is SQLite's own word: 2 is FULL.
    """

    first: float
    counted: int
    seconds: float
    cpu: float
    others: float | None
    synchronous: int = -1
    journal: str = ""


@dataclass(slots=True)
class Lap:
    """A stretch of work, by three clocks."""

    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)
    core: float | None = field(default_factory=lambda: machine.busy_seconds(machine.PRODUCT_CORE))

    def until(self, end: "Lap", first: float, counted: int) -> Done:
        cpu = end.cpu - self.cpu
        others = None
        if self.core is not None and end.core is not None:
            others = max(0.0, end.core - self.core - cpu)
        return Done(first, counted, end.wall - self.wall, cpu, others)


class Parts:
    """What the program would wire together, with no limit on its pace."""

    def __init__(self, database: Database, channel: TelegramChat) -> None:
        began = time.monotonic()

        def now() -> datetime:
            return NOW + timedelta(seconds=time.monotonic() - began)

        self.deliverer = Deliverer(
            database,
            {channel.bot_id: channel},
            now=now,
            real_now=lambda: datetime.now(UTC),
            unlimited=True,
        )
        self.receiver = Receiver(database, channel, now, self.deliverer, lambda _state: None)

    async def send(self, count: int, warm: Callable[[], None]) -> Done:
        """Everything that is due, until the last outcome is settled."""
        async with self._at_work(self.deliverer.run()):
            return await self._timed(lambda: self.deliverer.sent, count, warm)

    async def handle(self, count: int, warm: Callable[[], None]) -> Done:
        """Everything that came in, until the last answer to it has left and is settled."""
        async with self._at_work(self.deliverer.run(), self.receiver.run()):
            return await self._timed(lambda: self.receiver.handled, count, warm)

    async def _timed(self, so_far: Callable[[], int], count: int, warm: Callable[[], None]) -> Done:
        """`warm` is called once the first outcome is there."""
        began = Lap()
        await _reached(so_far, 1)
        warm()
        cold, counted = Lap(), count - so_far()
        await _reached(so_far, count)
        await self.deliverer.until_idle()
        await self.receiver.drain()
        return cold.until(Lap(), cold.wall - began.wall, counted)

    @asynccontextmanager
    async def _at_work(self, *loops: Awaitable[None]) -> AsyncIterator[None]:
        tasks = [asyncio.ensure_future(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def run(task: Task) -> Done:
    import gc; gc.collect(); gc.freeze(); gc.set_threshold(50000, 20, 50)
    content.library()  # read at start-up, which is measured apart
    database = Database(task.database, Vault(task.key))
    async with database.read() as tx:
        [bot] = await structure.bots(tx)
        synchronous = (await tx.connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
        journal = (await tx.connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
    channel = TelegramChat(bot.id, bot.token, task.api)
    parts = Parts(database, channel)
    work = {"send": parts.send, "handle": parts.handle}[task.what]
    try:
        with Profiled(task.profile) as profiled:
            async with asyncio.timeout(PATIENCE):
                done = await work(task.count, profiled.forget)
    finally:
        await channel.close()
        await database.close()
    return replace(done, synchronous=synchronous, journal=journal)


async def _reached(so_far: Callable[[], int], count: int) -> None:
    while so_far() < count:  # noqa: ASYNC110  looked at from outside: nothing announces it
        await asyncio.sleep(LOOK)


if __name__ == "__main__":
    print(json.dumps(asdict(loop.run(run(Task(**json.loads(sys.argv[1])))))))

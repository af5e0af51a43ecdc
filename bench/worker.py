"""Relais as a contender: the real Deliverer, or the real Receiver and Deliverer, once.

`python -m bench.worker TASK`, where TASK is JSON; prints its figures as JSON. Nothing is warmed
beforehand: what comes before the first outcome is told apart, and the rate is that of the rest,
until the last outcome is committed.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime

import content
from bench.database_cpu import DatabaseCpu
from bench.hotspots import Profiled
from bench.task import PATIENCE, Clock, Done, Lap, Task
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from records import structure
from records.database import Database
from records.vault import Vault
from relais import loop

LOOK = 0.002


class Parts:
    """What the program would wire together."""

    def __init__(self, database: Database, channel: TelegramChat, clock: Clock, task: Task) -> None:
        self._watched = task.watch_database
        self.deliverer = Deliverer(
            database,
            {channel.bot_id: channel},
            now=clock.now,
            real_now=lambda: datetime.now(UTC),
            unlimited=not task.limits,
        )
        self.receiver = Receiver(database, channel, clock.now, self.deliverer, lambda _state: None)

    async def send(self, count: int, warm: Callable[[], None]) -> Done:
        """Everything that is due, until the last outcome is settled."""
        async with self._at_work(self.deliverer.run()):
            return await self._timed(self._sent, count, warm)

    async def handle(self, count: int, warm: Callable[[], None]) -> Done:
        """Everything that came in, until the last answer to it has left and is settled."""
        async with self._at_work(self.deliverer.run(), self.receiver.run()):
            return await self._timed(lambda: self.receiver.handled, count, warm)

    def _sent(self) -> int:
        return self.deliverer.sent

    async def _timed(self, so_far: Callable[[], int], count: int, warm: Callable[[], None]) -> Done:
        """`warm` is called once the first message has left: from there on all is counted but that."""
        began = Lap()
        await _reached(self._sent, 1)
        warm()
        database = DatabaseCpu() if self._watched else None
        cold, counted = Lap(), count - self._sent()
        await _reached(so_far, count)
        await self.deliverer.until_idle()
        await self.receiver.drain()
        done = cold.until(Lap(), cold.wall - began.wall, counted)
        if database is None:
            return done
        return replace(done, sqlalchemy=database.sqlalchemy, sqlite=database.sqlite)

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
    content.library()  # read at start-up, which is measured apart
    loop.spare_the_collector()
    database = Database(f"sqlite+aiosqlite:///{task.database}", Vault(task.key))
    async with database.read() as tx:
        [bot] = await structure.bots(tx)
        synchronous = (await tx.connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
        journal = (await tx.connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
    channel = TelegramChat(bot.id, bot.token, task.api)
    clock = Clock(task.now)
    parts = Parts(database, channel, clock, task)
    work = {"send": parts.send, "handle": parts.handle}[task.what]
    try:
        with Profiled(task.profile) as profiled:
            async with asyncio.timeout(PATIENCE):
                done = await work(task.count, profiled.forget)
    finally:
        await channel.close()
        await database.close()
    return replace(done, began=clock.began, synchronous=synchronous, journal=journal)


async def _reached(so_far: Callable[[], int], count: int) -> None:
    while so_far() < count:  # noqa: ASYNC110  looked at from outside: nothing announces it
        await asyncio.sleep(LOOK)


if __name__ == "__main__":
    print(json.dumps(asdict(loop.run(run(Task(**json.loads(sys.argv[1])))))))

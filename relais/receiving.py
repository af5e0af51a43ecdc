"""Receiving for every bot, by one process at a time; the next one stands by, and takes over.

Telegram hands a bot's updates to one poller only, and ends the poll of whoever asked before. On
PostgreSQL the database says whose turn it is, so that two programs on the same database never
fight; a poller of somebody else is told by Telegram itself (409), and this one stands back.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from bot.telegram_hook import Line, TelegramHook
from records import structure
from records.database import Database, is_trouble
from relais.clock import Clock, real_now
from relais.watch import Watch

log = logging.getLogger("relais")
AGAIN = 1.0  # seconds before a process that lost its turn asks for it again
COMMANDS = {
    "meetings": "rdv",
    "exercise": "exercice",
    "help": "aide",
    "carnet": "carnet",
    "me": "moi",
    "pause": "pause",
    "stop": "stop",
    "wipe": "efface",
    "hide": "cache",
}


class Receiving:
    """The receivers of one process: they work while it is this process's turn."""

    def __init__(
        self, database: Database, clock: Clock, deliverer: Deliverer, watch: Watch
    ) -> None:
        self._database, self._clock = database, clock
        self._deliverer, self._watch = deliverer, watch
        self._channels: dict[int, TelegramChat] = {}
        self._at_work: dict[int, list[asyncio.Task[None]]] = {}
        self._our_turn = False
        self.receivers: dict[int, Receiver] = {}
        self.lines: dict[int, Line] = {}  # of the bots that Telegram posts for

    def add(self, channel: TelegramChat) -> None:
        """Receive through this channel, too, or instead of the one that its bot had."""
        self._stop(self._at_work.pop(channel.bot_id, ()))
        self._channels[channel.bot_id] = channel
        receiver = self.receivers[channel.bot_id] = self._receiver(channel)
        if isinstance(channel, TelegramHook):
            trouble = partial(self._watch.bot_is, channel.bot_id)
            self.lines[channel.bot_id] = Line(channel, receiver.take, trouble)
        if self._our_turn:
            self._begin(channel)

    async def run(self) -> None:
        """Wait for our turn, work while it lasts, and wait again; until cancelled."""
        while True:
            try:
                async with self._database.alone("receive") as lost:
                    await self._work_until(lost)
                log.warning("another process may receive now: standing by")
            except Exception as failure:
                if not is_trouble(failure):
                    raise
                log.warning("the database is out of reach: %s", type(failure).__name__)
            await asyncio.sleep(AGAIN)

    async def _work_until(self, lost: asyncio.Event) -> None:
        from relais.upkeep import scheduled

        upkeep = scheduled(self._database, self._clock.now)
        upkeep.start()
        self._our_turn = True
        for channel in self._channels.values():
            self._begin(channel)
        try:
            await lost.wait()
        finally:
            self._our_turn = False
            upkeep.shutdown(wait=False)
            tasks = [task for tasks in self._at_work.values() for task in tasks]
            self._at_work.clear()
            self._stop(tasks)
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, channel: TelegramChat) -> None:
        way_in = self.lines.get(channel.bot_id) or self.receivers[channel.bot_id]
        tasks = [
            asyncio.create_task(way_in.run(), name="receive"),
            asyncio.create_task(self._introduce(channel), name="introduce"),
        ]
        self._at_work[channel.bot_id] = tasks
        self._watch.tend(tasks[0])

    def _stop(self, tasks: Sequence["asyncio.Task[None]"]) -> None:
        for task in tasks:
            self._watch.leave(task)
            task.cancel()

    async def drain(self, within: float) -> None:
        """Let the answers that are on their way leave."""
        await asyncio.gather(*(line.drain(within) for line in self.lines.values()))
        await asyncio.gather(*(receiver.drain(within) for receiver in self.receivers.values()))

    def _receiver(self, channel: TelegramChat) -> Receiver:
        trouble = partial(self._watch.bot_is, channel.bot_id)
        return Receiver(self._database, channel, self._clock.now, self._deliverer, trouble)

    async def _introduce(self, channel: TelegramChat) -> None:
        """Learn the bot's user name and publish its commands, however long Telegram takes."""
        library = content.library()
        commands = {
            slash: library.phrase(f"command.{name}", "fr") for name, slash in COMMANDS.items()
        }
        pause = 1.0
        while True:
            try:
                username = await channel.introduce(commands)
            except (Revoked, Unreachable, TakenOver) as failure:
                if isinstance(failure, Revoked):
                    self._watch.bot_is(channel.bot_id, "revoked")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60)
                continue
            async with self._database.write() as tx:
                state = self._watch.state_of(channel.bot_id)  # 409 may have come meanwhile
                await structure.set_bot_state(tx, real_now(), channel.bot_id, state, username)
            self._watch.bot_is(channel.bot_id, state)  # the first long poll may last
            log.info("bot @%s is ready", username)
            return

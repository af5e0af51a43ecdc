"""The bot at work beside a simulated Telegram: what journeys and delivery tests stand on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from bot.deliver import Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from bot.telegram_hook import Line, TelegramHook
from records import consent, contact, invitation, outbox, outgoing, youth
from records.database import Database
from relais import hook
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN, Cast, link_phone

PATIENCE = 10.0
LOOK = 0.2  # seconds between two looks at the webhook


class Town:
    """Real HTTP, a real database, a clock that stands still until it is moved."""

    zone = ZoneInfo("Europe/Paris")  # the structure's

    def __init__(
        self,
        database: Database,
        cast: Cast,
        *,
        limits: bool = False,
        patience: float = 15.0,
        way_in: str = "polling",
        second: float = 1.0,
    ) -> None:
        self.database, self.cast, self.way_in = database, cast, way_in
        self.limits, self.patience, self.second = limits, patience, second
        self.at = NOW
        self.telegram = Telegram(self.now, limits=limits)
        self.bot = self.telegram.bot(TOKEN)
        self.lines: dict[int, Line] = {}
        self.states: list[str] = []

    def now(self) -> datetime:
        return self.at

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Town"]:
        async with serving(bot_api(self.telegram)) as api, self._hooks() as hooks:
            self.api = api
            self.channel = self._channel(hooks)
            self.deliverer = Deliverer(
                self.database,
                {self.cast.bot_id: self.channel},
                now=self.now,
                real_now=self.now,
                unlimited=not self.limits,
                second=self.second,
            )
            self.receiver = Receiver(
                self.database, self.channel, self.now, self.deliverer, self.states.append
            )
            tasks = [
                asyncio.create_task(self._receiving().run()),
                asyncio.create_task(self.deliverer.run()),
            ]
            try:
                yield self
            finally:
                tasks[0].cancel()
                await self.deliverer.stop()
                await self.receiver.drain()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self.channel.close()
                await self.telegram.close()

    def _hooks(self) -> AbstractAsyncContextManager[str]:
        """Where Telegram posts, if it does: the product's own route."""
        if self.way_in == "polling":
            return nullcontext("")
        return serving(Starlette(routes=hook.routes(self.lines)))

    def _channel(self, hooks: str) -> TelegramChat:
        bot_id = self.cast.bot_id
        if not hooks:
            return TelegramChat(bot_id, TOKEN, self.api, patience=self.patience)
        url, secret = hook.address(hooks, bot_id), hook.secret(self.database.vault, TOKEN)
        return TelegramHook(bot_id, TOKEN, self.api, url=url, secret=secret)

    def _receiving(self) -> Receiver | Line:
        if not isinstance(self.channel, TelegramHook):
            return self.receiver
        line = Line(self.channel, self.receiver.take, self.states.append, every=LOOK)
        self.lines[self.cast.bot_id] = line
        return line

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become so, at most ten seconds."""
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110  (watches a phone, a database, a queue)
                await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Wait until nothing that came in is unhandled and nothing due is unsent."""
        async with asyncio.timeout(PATIENCE):
            while self.bot.updates.pending or not await self._all_left():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await self.receiver.drain()

    async def _all_left(self) -> bool:
        self.deliverer.wake()
        await self.deliverer.until_idle()
        due = await self._next_due()
        return due is None or due > self.now()

    async def _next_due(self) -> datetime | None:
        """Of what is to be sent, and of the clocks."""
        async with self.database.read() as tx:
            dues = [await outbox.next_due(tx), await self.deliverer.clocks.next_due(tx)]
        return min((due for due in dues if due is not None), default=None)

    async def pass_time(self, **by: float) -> None:
        """Let time go by, stopping at every due instant on the way."""
        target = self.at + timedelta(**by)
        while True:
            await self.quiet()
            due = await self._next_due()
            if due is None or due > target:
                break
            self.at = max(self.at, due)
        self.at = target
        await self.quiet()

    async def invite(self, who: youth.Youth) -> str:
        async with self.database.write() as tx:
            return (await invitation.invite(tx, self.now(), who)).token

    async def enrol(
        self,
        who: youth.Youth,
        *,
        reminders: bool = True,
        messages: bool = True,
        confirmed: bool = True,
    ) -> Person:
        """The whole way in: link, three screens, two answers, two words, confirmation."""
        phone = self.telegram.person(who.nickname)
        phone.start(self.bot, await self.invite(who))
        await self.quiet()
        answers = iter((reminders, messages))
        while phone.messages[-1].buttons:
            labels = [b.text for row in phone.messages[-1].buttons for b in row]
            choice = 0 if len(labels) == 1 else int(not next(answers))
            phone.tap(labels[choice])
            await self.quiet()
        if confirmed:
            async with self.database.write() as tx:
                await contact.confirm(tx, self.now(), who.id)
            await self.quiet()
        return phone

    async def linked(
        self, who: youth.Youth, *, reminders: bool = True, messages: bool = True
    ) -> Person:
        """The same without walking: for journeys that begin once the phone is linked."""
        phone = self.telegram.person(who.nickname)
        phone.chat.started = True
        async with self.database.write() as tx:
            await link_phone(
                tx,
                self.now(),
                self.cast,
                who,
                str(phone.id),
                reminders=reminders,
                messages=messages,
            )
        await self.quiet()
        return phone

    async def agree(self, who: youth.Youth, *purposes: str, given: bool = True) -> None:
        async with self.database.write() as tx:
            for purpose in purposes:
                await consent.record(
                    tx,
                    self.now(),
                    who,
                    purpose,
                    given,
                    text_version=1,
                )

    async def write(self, who: youth.Youth, text: str, wall: str, *, weekly: bool = False) -> None:
        """An educator's words for a local wall time, « 2026-11-25 14:30 »."""
        async with self.database.write() as tx:
            await outgoing.schedule_text(
                tx,
                self.now(),
                structure_id=self.cast.structure_id,
                bot_id=self.cast.bot_id,
                youth_id=who.id,
                text=text,
                wall=datetime.fromisoformat(wall),
                zone=self.zone.key,
                weekly=weekly,
                created_by=self.cast.nadia.id,
            )

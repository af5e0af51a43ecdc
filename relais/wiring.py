"""Everything is wired here, in one place: settings → database, content, channels, bot, desk.

`Program` is the running whole, or that part of it which a process of its own runs
(`relais.processes`).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.deliver import DRAIN, Deliverer
from bot.telegram_chat import TelegramChat
from bot.telegram_hook import TelegramHook
from records import asking, structure
from records.database import Database, is_trouble, remember, say_keys
from records.errors import Refused
from records.outbox import LEASE
from relais import hook
from relais.clock import Clock, real_now
from relais.courier import Courier
from relais.loop import spare_the_collector
from relais.receiving import Receiving
from relais.settings import SettingError, Settings
from relais.smtp import post_one
from relais.watch import Watch

BETWEEN_LOOKS = 2.0  # seconds between two looks for new bots, while the database changes


class Program:
    """Bot and desk, together or apart, until told to stop."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        unlimited: bool = False,
        lease: timedelta = LEASE,
    ) -> None:
        self.database, self.clock, self.settings = database, clock, settings
        self._bots: dict[int, structure.Bot] = {}
        self.channels: dict[int, TelegramChat] = {}
        self._replaced: list[TelegramChat] = []
        self._changed = asyncio.Event()
        self.watch = Watch(database)
        self.deliverer = Deliverer(
            database,
            self.channels,
            now=clock.now,
            real_now=real_now,
            unlimited=unlimited,
            lease=lease,
            changed=self._changed_elsewhere,
        )
        self.courier = Courier(
            database, now=clock.now, real_now=real_now, desk=settings["DESK_URL"]
        )
        self.receiving = Receiving(database, clock, self.deliverer, self.watch)
        self.watch.follow(self.deliverer, self.receiving.receivers)

    def _changed_elsewhere(self) -> None:
        self._changed.set()
        self.courier.wake()

    @asynccontextmanager
    async def speaking(self, *, receiving: bool = True) -> AsyncIterator["Program"]:
        """Deliver for every bot, and receive, while the block runs; then drain."""
        with self.database.speaking():
            async with self._at_work(receiving):
                yield self

    @asynccontextmanager
    async def _at_work(self, receiving: bool) -> AsyncIterator[None]:
        await self._seed_bot()
        await self._put_texts_in_force()
        await self._take_up_bots()
        if not self.channels:
            raise SettingError(
                "Aucun bot n'est connu\u00a0: donnez son jeton dans RELAIS_TELEGRAM_TOKEN."
            )
        await self.deliverer.recover(alone=self.database.is_sqlite)
        tasks = [
            asyncio.create_task(self.deliverer.run(), name="deliver"),
            asyncio.create_task(self.courier.run(), name="mail"),
            asyncio.create_task(self._follow_bots(), name="follow"),
        ]
        if receiving:
            tasks.append(asyncio.create_task(self.receiving.run(), name="receive"))
        for task in tasks:
            self.watch.tend(task)
        spare_the_collector()
        try:
            yield
        finally:
            await self._end(tasks)

    async def _end(self, tasks: Sequence["asyncio.Task[None]"]) -> None:
        """Stop taking in, let what is in flight come back, settle it, close.

        Everybody drains at once, `DRAIN` seconds at most: with the desk's own goodbye
        (`relais.web.GOODBYE`) the whole fits into the ten seconds that are promised.
        """
        for task in tasks[2:]:
            task.cancel()
        await asyncio.gather(
            self.deliverer.stop(), self.courier.stop(DRAIN), self.receiving.drain(DRAIN)
        )
        for task in tasks[:2]:
            task.cancel()  # it may be waiting for a database that is away
        await asyncio.gather(*tasks, return_exceptions=True)
        for channel in [*self.channels.values(), *self._replaced]:
            await channel.close()

    async def _seed_bot(self) -> None:
        """The token of the settings is the first bot's. And leave word of which keys are in use,
        and of the desk's address, for its links."""
        async with self.database.write() as tx:
            await say_keys(tx)
            await remember(tx, "desk_url", self.settings["DESK_URL"])
            if token := self.settings["TELEGRAM_TOKEN"]:
                await structure.seed_bot(tx, real_now(), token)

    async def _put_texts_in_force(self) -> None:
        """Before anything leaves: a yes to a text that has changed counts no more."""
        async with self.database.write() as tx:
            newest = content.library().consents.newest
            await asking.put_in_force(tx, self.clock.now(), newest)

    async def _take_up_bots(self) -> None:
        """Open a channel for each bot that is new, or whose token was renewed."""
        async with self.database.read() as tx:
            bots = await structure.bots(tx)
        for bot in bots:
            known = self._bots.get(bot.id)
            if known is None or known.token != bot.token:
                self._take_up(bot)

    def _take_up(self, bot: structure.Bot) -> None:
        if bot.id in self.channels:
            self._replaced.append(self.channels[bot.id])  # something may be on its way through it
        channel = self._channel(bot)
        self._bots[bot.id], self.channels[bot.id] = bot, channel
        self.deliverer.serve(channel)
        self.receiving.add(channel)

    def _channel(self, bot: structure.Bot) -> TelegramChat:
        api, public = self.settings["TELEGRAM_API"], self.settings["TELEGRAM_WEBHOOK"]
        if not public:
            return TelegramChat(bot.id, bot.token, api)
        url, secret = hook.address(public, bot.id), hook.secret(self.database.vault, bot.token)
        return TelegramHook(bot.id, bot.token, api, url=url, secret=secret)

    async def _follow_bots(self) -> None:
        """Look for new bots when another process changed something, and not at each change."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._take_up_bots()
            except Exception as failure:
                if not is_trouble(failure):
                    raise
                self._changed.set()
            await asyncio.sleep(BETWEEN_LOOKS)

    async def invite_link(self, bot_id: int, token: str) -> str:
        """The deep link of an invitation; asks Telegram for the bot's name if it is not known."""
        async with self.database.read() as tx:
            bot = next(b for b in await structure.bots(tx) if b.id == bot_id)
        return deep_link(bot.username or await self._asked_name(bot), token)

    async def _asked_name(self, bot: structure.Bot) -> str:
        channel = TelegramChat(bot.id, bot.token, self.settings["TELEGRAM_API"])
        try:
            return await channel.username()
        except (Unreachable, TakenOver, Revoked):
            raise Refused("bot_name_unknown") from None
        finally:
            await channel.close()

    def routes(self) -> list["Route"]:  # type: ignore[name-defined]  # noqa: F821
        """/healthz, /metrics, and where Telegram posts, if it does."""
        return [*self.watch.routes(), *hook.routes(self.receiving.lines)]

    def desk(self, **options: object) -> "Starlette":  # type: ignore[name-defined]  # noqa: F821
        """The desk's application, with what others ask of this process beside it."""
        from admin.app import desk

        extra = [*self.routes(), *options.pop("extra_routes", ())]  # type: ignore[misc]
        address = urlsplit(self.settings["DESK_URL"])
        https = address.scheme == "https"
        return desk(
            self.database,
            self.clock.now,
            real_now,
            secure_cookies=https,
            host=address.hostname or "" if https else "",
            invite_link=self.invite_link,
            wake=self.deliverer.wake,
            extra_routes=extra,
            address=self.settings["DESK_URL"],
            post=post_one,
            **options,  # type: ignore[arg-type]
        )


def deep_link(username: str, token: str) -> str:
    return f"https://t.me/{username}?start={token}"

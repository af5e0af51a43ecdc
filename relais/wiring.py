"""Everything is wired here, in one place: settings → database, content, channels, bot, desk.

`Program` is the running whole.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.deliver import DRAIN, Deliverer
from bot.receive import Receiver
from bot.telegram_chat import TelegramChat
from bot.telegram_hook import Line, TelegramHook
from content.named import require_named
from records import structure
from records.database import Database
from records.errors import Refused
from relais import hook
from relais.clock import Clock, real_now
from relais.loop import spare_the_collector
from relais.opening import prepared
from relais.settings import SettingError, Settings
from relais.watch import Watch

log = logging.getLogger("relais")
COMMANDS = ("meetings", "exercise", "help", "me", "pause", "stop")
SLASHES = {
    "meetings": "rdv",
    "exercise": "exercice",
    "help": "aide",
    "me": "moi",
    "pause": "pause",
    "stop": "stop",
}


class Program:
    """Bot and desk in one process, until told to stop."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, *, unlimited: bool = False
    ) -> None:
        self.database, self.clock, self.settings = database, clock, settings
        self._unlimited = unlimited
        self.channels: dict[int, TelegramChat] = {}
        self.lines: dict[int, Line] = {}  # of the bots that Telegram posts for
        self.watch = Watch(database)

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator["Program"]:
        """Receive and deliver for every bot while the block runs, then drain."""
        from relais.upkeep import scheduled

        self.channels = await self._open_channels()
        self.deliverer = Deliverer(
            self.database,
            self.channels,
            now=self.clock.now,
            real_now=real_now,
            unlimited=self._unlimited,
        )
        self.receivers = [self._receiver(channel) for channel in self.channels.values()]
        self.watch.follow(self.deliverer, self.receivers)
        await self.deliverer.recover(alone=self.database.is_sqlite)
        upkeep = scheduled(self.database, self.clock.now)
        upkeep.start()
        tasks = [
            asyncio.create_task(self.deliverer.run(), name="deliver"),
            *(asyncio.create_task(way.run(), name="receive") for way in self._ways_in()),
            *(asyncio.create_task(self._introduce(c)) for c in self.channels.values()),
        ]
        self.watch.tasks = tasks
        spare_the_collector()
        try:
            yield self
        finally:
            upkeep.shutdown(wait=False)
            await self._end(tasks)

    async def _end(self, tasks: Sequence["asyncio.Task[None]"]) -> None:
        """Stop taking in, let what is in flight come back, settle it, close.

        Everybody drains at once, `DRAIN` seconds at most: with the desk's own goodbye
        (`relais.web.GOODBYE`) the whole fits into the ten seconds that are promised.
        """
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(
            self.deliverer.stop(),
            *(line.drain(DRAIN) for line in self.lines.values()),
            *(receiver.drain(DRAIN) for receiver in self.receivers),
        )
        tasks[0].cancel()  # it may be waiting for a database that is away
        await asyncio.gather(*tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.close()

    async def _open_channels(self) -> dict[int, TelegramChat]:
        """One channel a bot; the token of the settings seeds the first."""
        token = self.settings["TELEGRAM_TOKEN"]
        async with self.database.write() as tx:
            if token:
                await structure.seed_bot(tx, real_now(), token)
            bots = await structure.bots(tx)
        if not bots:
            raise SettingError(
                "Aucun bot n'est connu\u00a0: donnez son jeton dans RELAIS_TELEGRAM_TOKEN."
            )
        return {bot.id: self._channel(bot) for bot in bots}

    def _channel(self, bot: structure.Bot) -> TelegramChat:
        api, public = self.settings["TELEGRAM_API"], self.settings["TELEGRAM_WEBHOOK"]
        if not public:
            return TelegramChat(bot.id, bot.token, api)
        return TelegramHook(
            bot.id,
            bot.token,
            api,
            url=hook.address(public, bot.id),
            secret=hook.secret(self.database.vault, bot.token),
        )

    def _receiver(self, channel: TelegramChat) -> Receiver:
        return Receiver(
            self.database,
            channel,
            self.clock.now,
            self.deliverer,
            partial(self.watch.bot_is, channel.bot_id),
        )

    def _ways_in(self) -> Sequence[Receiver | Line]:
        """Who brings in what comes for each bot: we fetch it, or Telegram posts it."""
        self.lines = {
            channel.bot_id: Line(channel, receiver.take, partial(self.watch.bot_is, channel.bot_id))
            for channel, receiver in zip(self.channels.values(), self.receivers, strict=True)
            if isinstance(channel, TelegramHook)
        }
        return list(self.lines.values()) or self.receivers

    async def _introduce(self, channel: TelegramChat) -> None:
        """Learn the bot's user name and publish its commands, however long Telegram takes."""
        commands = {
            SLASHES[name]: content.library().phrase(f"command.{name}", "fr") for name in COMMANDS
        }
        pause = 1.0
        while True:
            try:
                username = await channel.introduce(commands)
            except (Revoked, Unreachable, TakenOver) as failure:
                if isinstance(failure, Revoked):
                    self.watch.bot_is(channel.bot_id, "revoked")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60)
                continue
            async with self.database.write() as tx:
                state = self.watch.state_of(channel.bot_id)  # 409 may have come meanwhile
                await structure.set_bot_state(tx, real_now(), channel.bot_id, state, username)
            self.watch.bot_is(channel.bot_id, state)  # the first long poll may last
            log.info("bot @%s is ready", username)
            return

    async def invite_link(self, bot_id: int, token: str) -> str:
        """The deep link of an invitation; asks Telegram for the bot's name if it is not known."""
        async with self.database.read() as tx:
            name = next((b.username for b in await structure.bots(tx) if b.id == bot_id), None)
        if name is None:
            try:
                name = await self.channels[bot_id].username()
            except (Unreachable, TakenOver, Revoked):
                raise Refused("bot_name_unknown") from None
        return deep_link(name, token)

    def desk(self, **options: object) -> "Starlette":  # type: ignore[name-defined]  # noqa: F821
        """The desk's application, with /healthz, /metrics and the webhooks beside it."""
        from admin.app import desk

        extra = [*self.watch.routes(), *hook.routes(self.lines), *options.pop("extra_routes", ())]  # type: ignore[misc]
        return desk(
            self.database,
            self.clock.now,
            real_now,
            secure_cookies=self.settings["DESK_URL"].startswith("https:"),
            invite_link=self.invite_link,
            wake=self.deliverer.wake,
            extra_routes=extra,
            **options,  # type: ignore[arg-type]
        )


def deep_link(username: str, token: str) -> str:
    return f"https://t.me/{username}?start={token}"


def told_to_stop() -> asyncio.Event:
    """Set on Ctrl-C or SIGTERM, from now on: asked for first, so that no moment is without it."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises instead
            loop.add_signal_handler(name, told.set)
    return told


async def run(settings: Settings) -> None:
    """`relais run`: bot and desk, until told to stop; what is in flight drains within 10 s."""
    from relais.web import listening, served

    told = told_to_stop()
    settings.check()
    require_named(content.load(settings["CONTENT"]))
    host, port = settings["DESK_ADDRESS"]
    async with prepared(settings) as database:
        listener = listening(host, port, choose="dans RELAIS_DESK_ADDRESS")
        program = Program(database, Clock(), settings)
        async with program.speaking():
            async with served(program.desk(), listener) as port:
                host = f"[{host}]" if ":" in host else host
                print(f"Relais est en route. Le bureau\u00a0: http://{host}:{port}", flush=True)
                await told.wait()
            print("Relais s'arrête…", flush=True)

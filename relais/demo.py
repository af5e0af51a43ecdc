"""The demo: a phone, a desk and a clock that can be set ahead, all on loopback, nothing real.

The production path is used to the last byte: only the Bot API's base address differs.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import content
from records import migrations, outbox
from records.database import Database, recall, remember
from records.foreseen import foresee_all
from records.vault import new_key
from relais import upkeep
from relais.clock import Clock
from relais.demo_people import LOGINS, PHONES, TOKEN, seed, tell_the_story
from relais.opening import prepared
from relais.processes import told_to_stop
from relais.settings import Settings
from relais.web import listening, served
from relais.wiring import Program
from simulator.page import ClockError, demo_routes
from simulator.server import bot_api, serving
from simulator.telegram import Telegram

ZONE = ZoneInfo("Europe/Paris")
PATIENCE = 30.0  # seconds that one jump may take at most
DATABASE, TELEGRAM, UNFINISHED = "relais.db", "telegram.json", "unfinished"
FILES = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    f"{DATABASE}-speaking",
    TELEGRAM,
    "key",
    UNFINISHED,
)


class Jumps:
    """The clock's buttons on the demo page: run through every due instant, in order."""

    zone = ZONE

    def __init__(self, program: Program) -> None:
        self._program = program

    def now(self) -> datetime:
        return self._program.clock.now()

    async def advance(self, by: Literal["hour", "next", "day"]) -> datetime:
        database, clock = self._program.database, self._program.clock
        start = clock.now()
        async with asyncio.timeout(PATIENCE):
            if by == "next":
                await self._to_the_next()
            else:
                await self._run_through(start + _STEPS[by])
        if clock.now().date() != start.date():
            await upkeep.tidy(database, clock.now)
            await upkeep.ask_again(database, clock.now)
        await upkeep.shuffle(database)
        await keep_clock(database, clock)
        return clock.now()

    async def _to_the_next(self) -> None:
        """Ask the rule of delivery when the next message really leaves, and go there. On the way
        things may change (a budget used up): then ask again, a few times."""
        before = self._program.deliverer.sent
        for _ in range(TRIES):
            leaves = await next_leaving(self._program.database, self._program.clock.now())
            if leaves is None or leaves - self._program.clock.now() > FARTHEST:
                raise ClockError(NOTHING_LEAVES)
            await self._run_through(leaves)
            if self._program.deliverer.sent > before:
                return
        raise ClockError(NOTHING_LEAVES)

    async def _run_through(self, target: datetime) -> None:
        """Stop at every due instant up to the target, in order."""
        program = self._program
        while (due := await next_due(program.database)) is not None and due <= target:
            if due > program.clock.now():
                program.clock.set_ahead_to(due)
            await program.deliverer.until_idle()
            await asyncio.sleep(0.02)  # a chat that rests gets its permit from the real clock
        program.clock.set_ahead_to(target)
        await program.deliverer.until_idle()


TRIES = 5
FARTHEST = timedelta(days=60)  # what waits for a birthday is no part of the story
NOTHING_LEAVES = (
    "Aucun message ne partira. Planifiez un rendez-vous pour quelqu'un dont le téléphone est "
    "relié, puis réessayez."
)
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


async def next_leaving(database: Database, now: datetime) -> datetime | None:
    """When the next message really leaves, if nothing changes; None when none will."""
    async with database.read() as tx:
        foreseen = foresee_all(await outbox.awaited(tx, now, limit=1000), now)
    return min((v.at for _, v in foreseen if v.action == "send" and v.at), default=None)


async def next_due(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await outbox.next_due(tx)


async def keep_clock(database: Database, clock: Clock) -> None:
    async with database.write() as tx:
        await remember(tx, "demo.ahead", str(clock.ahead.total_seconds()))


async def kept_ahead(database: Database) -> timedelta:
    """The demo keeps its clock over restarts."""
    async with database.read() as tx:
        ahead = await recall(tx, "demo.ahead")
    return timedelta(seconds=float(ahead or 0))


def settings_in(folder: Path, api: str) -> Settings:
    """Settings of the demo's own folder: its key, its database, the simulator's address."""
    key = folder / "key"
    if not key.exists():
        key.write_text(new_key(), "utf-8")
        key.chmod(0o600)
    return Settings(
        {
            "RELAIS_KEY": f"file:{key}",
            "RELAIS_DATABASE": f"sqlite:///{folder / DATABASE}",
            "RELAIS_TELEGRAM_TOKEN": TOKEN,
            "RELAIS_TELEGRAM_API": api,
        }
    )


async def demo(folder: Path, *, fresh: bool, port: int) -> None:
    """Start bot, desk and simulator in one process, until told to stop."""
    told = told_to_stop()
    content.load()
    listener = listening("127.0.0.1", port)
    _make_room(folder, fresh=fresh)
    clock = Clock()
    telegram = Telegram(clock.now)
    telegram_file = folder / TELEGRAM
    telegram.load(telegram_file)
    telegram.bot(TOKEN)
    async with AsyncExitStack() as stack:
        say("Le Telegram simulé démarre.")
        api = await stack.enter_async_context(serving(bot_api(telegram)))
        stack.push_async_callback(telegram.close)  # ends the polls that the bot left behind
        settings = settings_in(folder, api)
        await _migrate(settings)
        database = await stack.enter_async_context(prepared(settings))
        clock.ahead = await kept_ahead(database)
        new = await seed(database, clock.now())
        await stack.enter_async_context(telegram.kept_in(telegram_file))
        program = Program(database, clock, settings)
        await stack.enter_async_context(program.speaking())
        say("Le bot parle au Telegram simulé.")
        app = program.desk(
            may_be_framed=True,
            demo_note="Démonstration\u00a0: personnes et messages inventés.",
            extra_routes=demo_routes(
                telegram, Jumps(program), "/", logins=LOGINS, first_phone=PHONES[0]
            ),
        )
        opened = await stack.enter_async_context(served(app, listener))
        if new:
            say("Une petite histoire commence\u00a0: trois jeunes ouvrent leur lien…")
            story = _quickly(telegram, program, tell_the_story(database, telegram, program))
            if await _unless(told, story):
                (folder / UNFINISHED).unlink(missing_ok=True)
        if not told.is_set():
            _welcome(opened)
        await told.wait()
        say("On s'arrête. Les données restent pour la prochaine fois.")
        await keep_clock(database, clock)
        await telegram.close()


def _make_room(folder: Path, *, fresh: bool) -> None:
    """Begin anew when asked to, or when the first story was cut short; only our own files go."""
    cut_short = (folder / UNFINISHED).exists()
    if (folder / DATABASE).exists() and (fresh or cut_short):
        why = "" if fresh else "Le premier démarrage a été interrompu. "
        say(f"{why}On repart de zéro\u00a0: la démo de {folder.name}/ est effacée.")
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / DATABASE).exists():
        (folder / UNFINISHED).touch()


async def _quickly(telegram: Telegram, program: Program, story: Coroutine[Any, Any, None]) -> None:
    """Without the rates that Telegram sets: nobody wants to wait for the beginning."""
    telegram.limits.enabled = False
    program.deliverer.lift_limits(lifted=True)
    try:
        await story
    finally:
        telegram.limits.enabled = True
        program.deliverer.lift_limits(lifted=False)


async def _unless(told: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do something, unless told to stop meanwhile. True when it was done to its end."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(told.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if told.is_set() and not doing.done():
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        return False
    await doing
    return True


async def _migrate(settings: Settings) -> None:
    async with prepared(settings, migrated=False) as database:
        if await migrations.upgrade(database):
            say("La base de données est prête.")
        await database.prove_key()


def _welcome(port: int) -> None:
    lines = [
        f"  {name} ({role})\u00a0: {login} / {password}" for name, role, login, password in LOGINS
    ]
    say(
        "\n".join(
            [
                "",
                f"  La démo\u00a0:   http://127.0.0.1:{port}/demo",
                f"  Le bureau\u00a0: http://127.0.0.1:{port}/",
                "",
                *lines,
                "",
                "Ctrl-C pour arrêter. « --fresh » pour repartir de zéro.",
            ]
        )
    )


def say(text: str) -> None:
    print(text, flush=True)

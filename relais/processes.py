"""One process or several: what `run`, `bot`, `desk` and `deliver` start, and how they end.

`relais run` does everything in one process. On PostgreSQL the parts may run apart: one `relais
bot` receives at a time (another stands by), and any number of `relais deliver` help it to send.
They meet only in the database.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette

import content
from content.named import require_named
from records.database import Database
from relais.clock import Clock
from relais.opening import prepared
from relais.settings import SettingError, Settings
from relais.web import listening, served
from relais.wiring import Program


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
    told = told_to_stop()
    async with _opened(settings) as database:
        host, port = settings["DESK_ADDRESS"]
        listener = listening(host, port, choose="dans RELAIS_DESK_ADDRESS")
        program = Program(database, Clock(), settings)
        async with program.speaking():
            async with _desk(program, listener) as port:
                _say(f"Relais est en route. Le bureau\u00a0: {_web(host, port)}")
                await told.wait()
            _say("Relais s'arrête…")


async def desk(settings: Settings) -> None:
    """`relais desk`: the desk alone. What it plans wakes the processes that deliver."""
    told = told_to_stop()
    async with _opened(settings, apart="desk") as database:
        host, port = settings["DESK_ADDRESS"]
        listener = listening(host, port, choose="dans RELAIS_DESK_ADDRESS")
        program = Program(database, Clock(), settings)
        async with _desk(program, listener) as port:
            _say(f"Le bureau est en route\u00a0: {_web(host, port)}")
            await told.wait()
        _say("Le bureau s'arrête…")


async def bot(settings: Settings) -> None:
    """`relais bot`: receives and delivers, without the desk."""
    if settings["TELEGRAM_WEBHOOK"] and settings["BOT_ADDRESS"] is None:
        raise SettingError(
            "Avec RELAIS_TELEGRAM_WEBHOOK, « relais bot » reçoit à sa propre adresse\u00a0: "
            "donnez-la dans RELAIS_BOT_ADDRESS, et faites-y passer /telegram/ par le serveur web."
        )
    await _speak(settings, "bot", "Le bot est en route.", "Le bot s'arrête…")


async def deliver(settings: Settings) -> None:
    """`relais deliver`: delivers for all bots, beside a bot that receives."""
    await _speak(settings, "deliver", "L'envoi est en route.", "L'envoi s'arrête…")


async def _speak(settings: Settings, name: str, begun: str, ending: str) -> None:
    told = told_to_stop()
    async with _opened(settings, apart=name) as database:
        program = Program(database, Clock(), settings)
        async with _watched(program), program.speaking(receiving=name == "bot"):
            _say(begun)
            await told.wait()
            _say(ending)


@asynccontextmanager
async def _watched(program: Program) -> AsyncIterator[None]:
    """/healthz, /metrics and the webhook at an address of their own, if the settings give one."""
    address = program.settings["BOT_ADDRESS"]
    if address is None:
        yield
        return
    listener = listening(*address, choose="dans RELAIS_BOT_ADDRESS")
    async with served(Starlette(routes=program.routes()), listener):
        yield


@asynccontextmanager
async def _opened(settings: Settings, *, apart: str = "") -> AsyncIterator[Database]:
    """Everything that is set is right, before anything begins; parts need PostgreSQL."""
    settings.check()
    require_named(content.load(settings["CONTENT"]))
    if apart and settings["DATABASE"].startswith("sqlite"):
        raise SettingError(
            f"« relais {apart} » partage la base avec d'autres processus, ce que SQLite ne permet "
            "pas. Donnez une base postgresql://… dans RELAIS_DATABASE, ou lancez « relais run », "
            "qui fait tout en un seul processus."
        )
    async with prepared(settings) as database:
        if database.keeper is not None:
            await database.keeper.catch_up()
        yield database


def _desk(program: Program, listener: socket.socket) -> AbstractAsyncContextManager[int]:
    return served(program.desk(), listener, proxies=program.settings["TRUSTED_PROXIES"])


def _web(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say(text: str) -> None:
    print(text, flush=True)

"""`relais bot`, `relais desk` and `relais deliver` as processes of their own, on one PostgreSQL."""

import asyncio
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from records import inbox, sign_in, structure, youth
from records.database import Database
from relais.clock import real_now
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.admin.house import Visitor, one
from tests.cast import TOKEN, Cast, link, settle_in, write
from tests.conftest import KEY, postgres_url
from tests.relais.conftest import CommandLine
from tests.relais.test_as_a_process import ROOT
from tests.relais.test_stopping import PROMISED

OTHER = "777001:another-token-on-loopback"
POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.mark.parametrize("command", ["bot", "desk", "deliver"])
def test_parts_of_the_program_are_refused_on_sqlite(cli: CommandLine, command: str) -> None:
    refused = cli.refused(command)
    assert f"« relais {command} » partage la base avec d'autres processus" in refused
    assert "lancez « relais run »" in refused


@POSTGRES
def test_a_bot_that_telegram_posts_to_needs_an_address(either: CommandLine) -> None:
    either.set(TELEGRAM_WEBHOOK="https://relais.example.org")
    assert "donnez-la dans RELAIS_BOT_ADDRESS" in either.refused("bot")


class Process:
    """One command of the program, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.said = process, ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said += line.decode()

    async def says(self, words: str) -> None:
        await until(lambda: words in self.said)

    async def end(self, how: signal.Signals) -> int | None:
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self.ended()

    async def ended(self) -> int | None:
        await self._process.wait()
        await self._reading
        return self._process.returncode


@dataclass
class Place:
    """A database and a Telegram, and whatever was started on them."""

    database: Database
    cast: Cast
    telegram: Telegram
    settings: dict[str, str]
    folder: Path
    started: list[Process] = field(default_factory=list)

    async def start(self, command: str, **settings: str) -> Process:
        own = {f"RELAIS_{name}": value for name, value in settings.items()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "relais", command),
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | self.settings | own,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.started.append(Process(process))
        return self.started[-1]

    async def phone_of(self, who: youth.Youth, bot_id: int, token: str) -> Person:
        phone = self.telegram.person(who.nickname)
        chat = self.telegram.chat(self.telegram.bot(token, f"bot_{bot_id}"), phone.user)
        chat.started = True
        async with self.database.write() as tx:
            await link(tx, real_now(), who, bot_id, str(phone.id))
        return phone


@pytest.fixture
async def place(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    telegram = Telegram(real_now)
    telegram.bot(TOKEN)
    async with database.write() as tx:
        cast = await settle_in(tx, real_now())
    async with serving(bot_api(telegram)) as api:
        settings = {
            "RELAIS_KEY": KEY,
            "RELAIS_DATABASE": database_url,
            "RELAIS_TELEGRAM_API": api,
            "RELAIS_DESK_ADDRESS": "127.0.0.1:0",
        }
        made = Place(database, cast, telegram, settings, tmp_path)
        yield made
        for process in made.started:
            await process.end(signal.SIGKILL)
        await telegram.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110  (another process works)
            await asyncio.sleep(0.02)


def got(phone: Person, words: str) -> Callable[[], bool]:
    return lambda: any(words in message.text for message in phone.received)


async def signed_in(place: Place, desk: Process) -> Visitor:
    found = re.search(r"http://[\d.]+:\d+", desk.said)
    assert found
    async with place.database.write() as tx:
        session = await sign_in.open_session(tx, real_now(), place.cast.nadia.id)
    visitor = Visitor(found[0])
    visitor.http.cookies.set("relais", session)
    return visitor


@POSTGRES
async def test_the_desk_and_the_bot_apart_and_another_bot_that_takes_over(place: Place) -> None:
    sami = await place.phone_of(place.cast.sami, place.cast.bot_id, TOKEN)
    first, desk = await place.start("bot"), await place.start("desk")
    await first.says("is ready")
    await desk.says("Le bureau est en route")
    second = await place.start("bot")
    await second.says("Le bot est en route")

    async with await signed_in(place, desk) as nadia:
        await nadia.get(one(place.cast.sami, "/messages"))
        began = time.monotonic()
        await nadia.post(one(place.cast.sami, "/repondre"), text="À mardi")
        await until(got(sami, "À mardi"))
        assert time.monotonic() - began < 5
    assert not [call for call in place.telegram.transcript if call.code == 409]

    async with httpx.AsyncClient(base_url=place.settings["RELAIS_TELEGRAM_API"]) as somebody:
        await somebody.post(f"/bot{TOKEN}/getUpdates", json={"timeout": 0})
    await first.says("another program receives for this bot: standing back")
    sami.say("Tu es là ?")
    await first.says("the bot is connected again")

    await first.end(signal.SIGKILL)
    sami.say("Et maintenant ?")
    await until(lambda: len([m for m in sami.received if "Transmis" in m.text]) == 2)
    async with place.database.read() as tx:
        heard = [item.text for item in await inbox.of_youth(tx, place.cast.sami.id)]
    assert heard == ["Et maintenant ?", "Tu es là ?"]
    began = time.monotonic()
    assert [await p.end(signal.SIGTERM) for p in (second, desk)] == [0, 0]
    assert time.monotonic() - began < 2 * PROMISED
    assert [p.said for p in (second, desk) if "Traceback" in p.said] == []


@POSTGRES
async def test_a_bot_apart_is_posted_to_at_its_own_address(place: Place) -> None:
    phone = await place.phone_of(place.cast.sami, place.cast.bot_id, TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    bot = await place.start("bot", TELEGRAM_WEBHOOK=f"http://{address}", BOT_ADDRESS=address)
    await bot.says("en route")
    phone.say("Bonjour")
    await until(got(phone, "Transmis"))
    async with place.database.read() as tx:
        assert [item.text for item in await inbox.of_youth(tx, place.cast.sami.id)] == ["Bonjour"]
    assert await bot.end(signal.SIGTERM) == 0


@POSTGRES
async def test_a_bot_that_joins_is_served_and_workers_deliver_without_a_bot(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    bot, worker = await place.start("bot", BOT_ADDRESS=address), await place.start("deliver")
    await bot.says("is ready")
    await worker.says("L'envoi est en route")
    async with httpx.AsyncClient(base_url=f"http://{address}") as supervisor:
        assert (await supervisor.get("/healthz")).json() == {"status": "ok"}
        assert "relais_messages_sent_total" in (await supervisor.get("/metrics")).text
        assert (await supervisor.get("/connexion")).status_code == 404, "this is no desk"

    async with place.database.write() as tx:
        joined = await structure.bot_with(tx, real_now(), OTHER)
    stranger = place.telegram.person("Inconnu")
    stranger.start(place.telegram.bot(OTHER, "autre_bot"))
    stranger.say("/aide")
    await until(got(stranger, "3114"))

    async with place.database.write() as tx:
        await structure.change(tx, place.cast.structure_id, bot_id=joined)
    ines = await place.phone_of(place.cast.ines, joined, OTHER)
    await bot.end(signal.SIGKILL)
    async with place.database.write() as tx:
        await write(tx, real_now(), place.cast, place.cast.ines, "À mardi", bot_id=joined)
    await until(got(ines, "À mardi"))
    assert await worker.end(signal.SIGTERM) == 0
    assert worker.said.endswith("L'envoi s'arrête…\n"), "nothing more is said at a calm end"


@pytest.mark.prove
@POSTGRES
async def test_services_that_start_together_migrate_one_after_the_other(
    postgres: Any, place: Place
) -> None:
    postgres.psql("DROP DATABASE IF EXISTS together WITH (FORCE);")
    postgres.psql("CREATE DATABASE together;")
    empty = postgres_url(postgres, "together")
    services = [await place.start("migrate", DATABASE=empty) for _ in range(2)]
    assert [await service.ended() for service in services] == [0, 0]
    assert sorted("déjà à jour" in service.said for service in services) == [False, True]

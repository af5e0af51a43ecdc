"""The command line run in process, on a real database, as a person or a script types it."""

import asyncio
import io
import json
import os
import shutil
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from records import consent, contact, staff, structure, youth
from records.database import Database, Tx
from records.vault import Vault
from relais.__main__ import main
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import RULE, hashed
from tests.conftest import KEY

T = TypeVar("T")
TOKEN = "777000:test-token-on-loopback-only"
PASSWORD = "une-phrase-de-passe-longue"
SETTINGS = (
    "KEY",
    "DATABASE",
    "TELEGRAM_TOKEN",
    "TELEGRAM_API",
    "TELEGRAM_WEBHOOK",
    "DESK_ADDRESS",
    "DESK_URL",
    "TRUSTED_PROXIES",
    "CONTENT",
    "ERASED",
    "LOG_LEVEL",
)


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


class CommandLine:
    """Types commands; `ok` returns the JSON facts, `said` the text, `refused` the sentence."""

    def __init__(
        self,
        database: str,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(folder)  # a QR code is written where one stands
        self.database, self._patch, self._capsys = database, monkeypatch, capsys
        for name in SETTINGS:
            monkeypatch.delenv(f"RELAIS_{name}", raising=False)
        self.set(KEY=KEY, DATABASE=database)

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._patch.setenv(f"RELAIS_{name}", value)

    def unset(self, name: str) -> None:
        self._patch.delenv(f"RELAIS_{name}", raising=False)

    def run(self, *arguments: str, stdin: str | io.TextIOWrapper = "") -> Ran:
        typed = io.StringIO(stdin) if isinstance(stdin, str) else stdin
        self._patch.setattr(sys, "stdin", typed)
        self._capsys.readouterr()
        if arguments[:1] == ("run",) and "RELAIS_DESK_ADDRESS" not in os.environ:
            self.set(DESK_ADDRESS="127.0.0.1:0")  # the usual one may be taken on this machine
        try:
            status = main(arguments)
        except SystemExit as left:  # how argparse leaves
            status = int(left.code or 0)
        out, err = self._capsys.readouterr()
        return Ran(status, out, err)

    def ok(self, *arguments: str, stdin: str = "") -> Any:
        ran = self.run(*arguments, "--json", stdin=stdin)
        assert (ran.status, ran.err) == (0, "")
        return json.loads(ran.out)

    def said(self, *arguments: str, stdin: str = "") -> str:
        ran = self.run(*arguments, stdin=stdin)
        assert (ran.status, ran.err) == (0, "")
        return ran.out.replace("\u00a0", " ")

    def refused(self, *arguments: str, stdin: str | io.TextIOWrapper = "") -> str:
        """The one sentence of a refusal, with plain spaces."""
        ran = self.run(*arguments, stdin=stdin)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("relais")
        assert ran.err.count("\n") == 1
        return ran.err.strip().replace("\u00a0", " ")

    def look(self, verb: Callable[[Tx], Awaitable[T]]) -> T:
        """Ask the records something, behind the command line's back."""

        async def ask() -> T:
            opened = Database(self.database, Vault(KEY))
            try:
                async with opened.write() as tx:
                    return await verb(tx)
            finally:
                await opened.close()

        return asyncio.run(ask())

    def open_link(self, token: str, address: str = "5001") -> contact.Contact:
        """A phone opens an invitation."""

        async def accept(tx: Tx) -> contact.Contact:
            [bot] = await structure.bots(tx)
            return await contact.accept(tx, datetime.now(UTC), token, bot.id, "telegram", address)

        return self.look(accept)


@pytest.fixture
def empty(
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """A migrated database with nobody in it."""
    path = tmp_path / "relais.db"
    shutil.copy(sqlite_template, path)
    return CommandLine(f"sqlite+aiosqlite:///{path}", tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def settled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A structure ready to invite, with Nadia and Karim; copied for each test."""
    path = tmp_path_factory.mktemp("settled") / "settled.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(settle(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def cli(
    settled_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Set up already: « Les Passerelles », its bot, Nadia and Karim."""
    path = tmp_path / "relais.db"
    shutil.copy(settled_template, path)
    return CommandLine(f"sqlite+aiosqlite:///{path}", tmp_path, monkeypatch, capsys)


@pytest.fixture
def either(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The same on SQLite and on PostgreSQL."""
    asyncio.run(settle(database_url))
    return CommandLine(database_url, tmp_path, monkeypatch, capsys)


async def settle(url: str) -> None:
    now, opened = datetime.now(UTC), Database(url, Vault(KEY))
    async with opened.write() as tx:
        bot_id = await structure.seed_bot(tx, now, TOKEN)
        await structure.set_bot_state(tx, now, bot_id, "ok", "relais_test_bot")
        place = await structure.add(
            tx, now, "Les Passerelles", "cjc", alert_rule=RULE, telegram_minimum_age=13
        )
        for login in ("nadia", "karim"):
            await staff.add(
                tx,
                now,
                structure_id=place,
                login=login,
                name=login.title(),
                role="educator",
                password=hashed(PASSWORD),
            )
    async with opened.engine.connect() as connection:
        if opened.is_sqlite:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await opened.close()


@pytest.fixture
def sami(cli: CommandLine) -> str:
    """Sami's code."""
    return add_sami(cli)


def add_sami(line: CommandLine, **options: str) -> str:
    year = datetime.now(UTC).year - 17
    typed = {"educator": "nadia", "nickname": "Sami", "born": f"{year}-01"} | options
    return str(
        line.ok(
            "youth",
            "add",
            *(part for name, value in typed.items() for part in (f"--{name}", value)),
        )["code"]
    )


def link_phone(
    line: CommandLine,
    code: str,
    *,
    consents: dict[str, bool] | None = None,
    address: str = "5001",
) -> None:
    """A confirmed phone, with what its youth answered at enrolment."""
    phone = line.open_link(line.ok("youth", "invite", code)["token"], address)

    async def answer(tx: Tx) -> None:
        who = await youth.by_code(tx, code)
        for purpose, given in (consents or {"reminders": True, "messages": True}).items():
            await consent.record(
                tx,
                datetime.now(UTC),
                who,
                purpose,
                given,
                text_version=1,
                contact_id=phone.id,
                in_effect=False,
            )

    line.look(answer)
    line.ok("youth", "confirm", code, *phone.words.split())


@pytest.fixture
def telegram() -> Iterator[str]:
    """A simulated Bot API in a thread of its own; its address."""
    started, address, stop = threading.Event(), list[str](), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        simulated = Telegram(lambda: datetime.now(UTC))
        simulated.bot(TOKEN)
        async with serving(bot_api(simulated)) as url:
            address.append(url)
            started.set()
            await stop.wait()
        await simulated.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(20)
    yield address[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()

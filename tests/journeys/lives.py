"""A bot that lives several lives: real processes, one after another, on one database.

`Lives` is the process that forks them (`tests.journeys.crashing`); a `Scene` is the database and
the Telegram as they stand when a story begins, copied for each time that it is told.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import or_, select

from records.database import Database
from records.message import OPEN, message
from records.vault import Vault
from simulator.telegram import Telegram
from tests.cast import NOW, Cast, settle_in
from tests.conftest import KEY, postgres_url
from tests.journeys.crashing import COARSE
from tests.town import Town

LEASES_OVER = timedelta(minutes=5)  # from one life to the next, on the clock of the leases


class Lives:
    """The process that forks a bot for each life."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._alive = 0

    async def begin(self, nth: int = 0, **request: Any) -> None:
        """The `nth` life: the leases of those before are over."""
        real_now = datetime.fromisoformat(request["now"]) + nth * LEASES_OVER
        told = {
            "kill_at": 0,
            "steps": COARSE,
            "key": KEY,
            "real_now": real_now.isoformat(),
        } | request
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        self._alive = int((await self._line())["pid"])

    def tell_to_stop(self) -> None:
        """Unless it died by itself at this very moment."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._alive:
            self._signal(signal.SIGKILL)

    def _signal(self, which: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._alive, which)

    async def ended(self) -> bool:
        """Wait for the life to end; True when it was killed."""
        how = await self._line()
        self._alive = 0
        assert not how["failed"], "this life ended by an error of its own"
        return bool(how["killed"])

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(await self._process.stdout.readline())  # type: ignore[no-any-return]


@asynccontextmanager
async def forking() -> AsyncIterator[Lives]:
    """Whatever still lives after a test that failed halfway is ended here."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journeys.crashing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    lives = Lives(process)
    yield lives
    lives.kill()
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


@dataclass(frozen=True)
class Scene:
    """Where a story begins: `folder` keeps the Telegram and, on SQLite, the database."""

    kind: str
    request: pytest.FixtureRequest
    folder: Path
    cast: Cast

    def copied(self) -> str:
        """The address of a fresh copy of the database."""
        if self.kind == "sqlite":
            for old in self.folder.glob("life.db*"):
                old.unlink()
            shutil.copy(self.folder / "begun.db", self.folder / "life.db")
            return f"sqlite+aiosqlite:///{self.folder / 'life.db'}"
        server = self.request.getfixturevalue("postgres")
        server.psql("DROP DATABASE IF EXISTS life WITH (FORCE);")
        server.psql("CREATE DATABASE life TEMPLATE begun STRATEGY FILE_COPY;")
        return postgres_url(server, "life")


@asynccontextmanager
async def begun(
    kind: str, request: pytest.FixtureRequest, folder: Path, tell: Callable[[Town], Awaitable[None]]
) -> AsyncIterator[Scene]:
    """A scene, once `tell` has told how it came to it."""
    database = Database(_new_database(kind, request, folder), Vault(KEY))
    async with database.write() as tx:
        cast = await settle_in(tx, NOW)
    async with Town(database, cast).open() as town:
        await tell(town)
        town.telegram.save(folder / "telegram.json")
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()
    yield Scene(kind, request, folder, cast)


def _new_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "begun.db")
        return f"sqlite+aiosqlite:///{folder / 'begun.db'}"
    server = request.getfixturevalue("postgres")
    server.psql("DROP DATABASE IF EXISTS begun WITH (FORCE);")
    server.psql("CREATE DATABASE begun TEMPLATE template_relais STRATEGY FILE_COPY;")
    return postgres_url(server, "begun")


async def all_quiet(database: Database, telegram: Telegram) -> None:
    """Until every update is confirmed, and no message is due or on its way."""
    [bot] = telegram.bots.values()
    while bot.updates.pending or await _left(database, telegram.now()):  # noqa: ASYNC110  (another process works)
        await asyncio.sleep(0.02)


async def _left(database: Database, now: datetime) -> bool:
    due = or_(message.c.state == "claimed", message.c.due_at <= now)
    async with database.read() as tx:
        open_ = select(message.c.id).where(message.c.state.in_(OPEN), due)
        return bool(await tx.rows(open_.limit(1)))

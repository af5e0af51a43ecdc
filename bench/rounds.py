"""One measurement of each kind: a fresh copy of the data, a fresh process, an audit afterwards."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import content
from bench import audit, caseload, thumbs
from bench.beside import Ledger, LightServer
from bench.machine import PRODUCT_CORE, on_core, peak_memory
from bench.worker import PATIENCE, Done, Task
from records.database import Database
from records.vault import Vault, new_key

SETTLED = 0.5  # seconds after the first poll: the commands are published, the desk listens


@dataclass(frozen=True, slots=True)
class Start:
    """`memory` in bytes; None where the system does not tell."""

    seconds: float
    memory: int | None


@dataclass(frozen=True, slots=True)
class Round:
    """One audited run. `server` is the share of its core that the light server was busy."""

    count: int
    done: Done
    found: audit.Found
    server: float

    @property
    def rate(self) -> float:
        return self.done.counted / self.done.seconds

    @property
    def others(self) -> float:
        """The share of the product's core that other processes took."""
        return (self.done.others or 0.0) / self.done.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of the product's CPU."""
        return self.done.cpu / self.done.counted * 1e6


@dataclass(slots=True)
class Bench:
    """The prepared data, and the runs made on it."""

    folder: Path
    server: LightServer
    key: str = field(default_factory=new_key)
    due: int = 0
    doings: thumbs.Doings = field(default_factory=thumbs.Doings)

    async def prepare(self, reminded: int, talking: int) -> None:
        """Three databases: an empty one, one with reminders due, one with exercises under way."""
        content.library()
        empty, due, talking_db = (
            self.folder / f"{name}.db" for name in ("empty", "due", "talking")
        )
        async with caseload.filled(empty, self.key) as database:
            await caseload.migrate(database)
        shutil.copy(empty, due)
        async with caseload.filled(due, self.key) as database:
            await caseload.remind(database, await caseload.settle_in(database, reminded))
        shutil.copy(empty, talking_db)
        async with caseload.filled(talking_db, self.key) as database:
            self.doings = await thumbs.opened(database, await caseload.settle_in(database, talking))
        self.due = reminded

    def ceiling(self, seconds: float) -> float:
        """Answers a second of the light server alone."""
        return float(_run("bench.ceiling", str(self.server.port), str(seconds)))

    def start(self, *, imports: Path | None = None) -> Start:
        """`relais run` as a user runs it, until its first getUpdates."""
        self.server.begin()
        options = ["-X", "importtime"] if imports else []
        told = imports.open("w") if imports else subprocess.DEVNULL
        with on_core(PRODUCT_CORE):
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, *options, "-m", "relais", "run"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=told,
                env=os.environ | self._settings(),
            )
        try:
            polled = self.server.first_poll()
            time.sleep(SETTLED)
            return Start(polled - began, peak_memory(process.pid))
        finally:
            process.terminate()
            process.wait(15)
            if imports:
                told.close()  # type: ignore[union-attr]

    def send(self, profile: Path | None = None) -> Round:
        """Reminders, all due at once, each to another chat."""

        async def check(database: Database, ledger: Ledger) -> audit.Found:
            return await audit.after_sending(database, ledger, self.due)

        self.server.begin()
        return self._round("send", "due.db", self.due, check, profile)

    def handle(self, profile: Path | None = None) -> Round:
        """Taps and words of many chats, mixed."""

        async def check(database: Database, ledger: Ledger) -> audit.Found:
            return await audit.after_handling(database, ledger, self.doings)

        self.server.begin(self.doings.updates)
        return self._round("handle", "talking.db", len(self.doings.updates), check, profile)

    def _round(
        self,
        what: str,
        data: str,
        count: int,
        check: Callable[[Database, Ledger], Awaitable[audit.Found]],
        profile: Path | None,
    ) -> Round:
        path = self._copied(data)
        task = Task(
            what,
            caseload.url(path),
            self.server.address,
            self.key,
            count,
            str(profile) if profile else None,
        )
        before = self.server.ledger().cpu
        done = Done(**json.loads(_run("bench.worker", json.dumps(asdict(task)))))
        ledger = self.server.ledger()
        if (done.synchronous, done.journal) != (2, "wal"):
            raise audit.NotDurable(f"SQLite ran at synchronous={done.synchronous}, {done.journal}")
        found = asyncio.run(self._audited(path, ledger, check))
        return Round(count, done, found, (ledger.cpu - before) / (done.first + done.seconds))

    async def _audited(
        self,
        path: Path,
        ledger: Ledger,
        check: Callable[[Database, Ledger], Awaitable[audit.Found]],
    ) -> audit.Found:
        database = Database(caseload.url(path), Vault(self.key))
        try:
            return await check(database, ledger)
        finally:
            await database.close()

    def _copied(self, data: str) -> Path:
        """A fresh copy, flushed: writing it out must not slow the run that follows."""
        for old in self.folder.glob("run.db*"):
            old.unlink()
        path = self.folder / "run.db"
        shutil.copy(self.folder / data, path)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return path

    def _settings(self) -> dict[str, str]:
        return {
            "RELAIS_KEY": self.key,
            "RELAIS_DATABASE": f"sqlite:///{self._copied('empty.db')}",
            "RELAIS_TELEGRAM_TOKEN": caseload.TOKEN,
            "RELAIS_TELEGRAM_API": self.server.address,
            "RELAIS_DESK_ADDRESS": "127.0.0.1:0",
            "RELAIS_DESK_URL": "http://127.0.0.1:8080",
            "RELAIS_CONTENT": "",
            "RELAIS_LOG_LEVEL": "WARNING",
        }


def _run(module: str, *words: str) -> str:
    """Run one of the benchmark's processes on the product's core; what it printed."""
    with on_core(PRODUCT_CORE):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
    try:
        told, _ = process.communicate(timeout=PATIENCE + 30)
    finally:
        process.kill()
    if process.returncode:
        raise RuntimeError(f"{module} ended with status {process.returncode}")
    return told

"""One run of one contender: a fresh copy of the data, a fresh process, an audit afterwards."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import audit, caseload
from bench.beside import Ledger, LightServer
from bench.datasets import Dataset
from bench.machine import PRODUCT_CORE, on_core, peak_memory
from bench.task import PATIENCE, Done, Task
from records.database import Database
from records.vault import Vault

SETTLED = 0.5  # seconds after the last confirmation: the commands are published, the desk listens


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that takes a `Task` on the dataset named `data` and leaves a ledger."""

    name: str
    module: str
    data: str
    latency: float = 0.0
    limits: bool = False
    watch_database: bool = False

    @property
    def is_peer(self) -> bool:
        return self.module.startswith("bench.peers.")


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
    ledger: Ledger
    server: float

    @property
    def rate(self) -> float:
        return self.done.counted / self.done.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of the contender's CPU."""
        return self.done.cpu / self.done.counted * 1e6

    @property
    def database_each(self) -> float:
        """Microseconds of it that the database costs, where that was watched."""
        return (self.done.sqlalchemy + self.done.sqlite) / self.done.counted * 1e6

    @property
    def others(self) -> float:
        """The share of the contender's core that other processes took."""
        return (self.done.others or 0.0) / self.done.seconds


@dataclass(slots=True)
class Bench:
    """The prepared data, and the runs made on it; `slot` names the copy that a run gets."""

    folder: Path
    server: LightServer
    peers: Path  # their Python
    key: str
    data: dict[str, Dataset] = field(default_factory=dict)
    slot: str = "run"

    def ceiling(self, seconds: float) -> float:
        """Answers a second of the light server alone."""
        self.server.begin()
        words = ("bench.ceiling", str(self.server.port), str(seconds))
        return float(_run(Path(sys.executable), *words))

    def start(self, data: Dataset, *, imports: Path | None = None) -> Start:
        """`relais run` as a user runs it, until its first getUpdates; its memory once it has taken
        in what was waiting there."""
        self.server.begin(data.greetings)
        options = ["-X", "importtime"] if imports else []
        told = imports.open("w") if imports else subprocess.DEVNULL
        settings = os.environ | self._settings(self._copied(data.file))
        with on_core(PRODUCT_CORE):
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, *options, "-m", "relais", "run"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=told,
                env=settings,
            )
        try:
            polled = self.server.first_poll()
            self.server.until_confirmed()
            time.sleep(SETTLED)
            return Start(polled - began, peak_memory(process.pid))
        finally:
            process.terminate()
            process.wait(15)
            if imports:
                told.close()  # type: ignore[union-attr]

    def run(self, who: Contender, profile: Path | None = None) -> Round:
        """Everything due is sent, or everything that came in is answered; then it is audited."""
        data = self.data[who.data]
        self.server.begin([] if who.is_peer else data.doings.updates, who.latency)
        path = self._copied(_given(who, data))
        task = Task(
            data.what,
            str(path),
            self.server.address,
            caseload.TOKEN,
            data.count,
            caseload.NOW.isoformat(),
            "" if who.is_peer else self.key,
            str(data.steps),
            who.limits,
            str(profile) if profile else None,
            who.watch_database,
        )
        python = self.peers if who.is_peer else Path(sys.executable)
        before = self.server.ledger().cpu
        done = Done(**json.loads(_run(python, who.module, json.dumps(asdict(task)))))
        ledger = self.server.ledger()
        found = self._audited(who, path, ledger, done)
        busy = (ledger.cpu - before) / (done.first + done.seconds)
        return Round(data.count, done, found, ledger, busy)

    def _audited(self, who: Contender, path: Path, ledger: Ledger, done: Done) -> audit.Found:
        data = self.data[who.data]
        if who.is_peer:
            if data.what == "send":
                return audit.peer_sent(path, ledger, data.count)
            return audit.peer_answered(ledger, data.doings)
        if (done.synchronous, done.journal) != (2, "wal"):
            raise audit.NotDurable(f"SQLite ran at synchronous={done.synchronous}, {done.journal}")
        return asyncio.run(self._compared(data, path, ledger))

    async def _compared(self, data: Dataset, path: Path, ledger: Ledger) -> audit.Found:
        database = Database(caseload.url(path), Vault(self.key))
        try:
            if data.what == "send":
                return await audit.after_sending(database, ledger, data.count, data.past)
            return await audit.after_handling(database, ledger, data.doings, data.past)
        finally:
            await database.close()

    def _copied(self, file: Path | None) -> Path:
        """A fresh copy, flushed: writing it out must not slow the run that follows."""
        for old in self.folder.glob(f"{self.slot}.db*"):
            old.unlink()
        path = self.folder / f"{self.slot}.db"
        if file:
            shutil.copy(file, path)
            with path.open("rb+") as copy:
                os.fsync(copy.fileno())
        return path

    def _settings(self, path: Path) -> dict[str, str]:
        return {
            "RELAIS_KEY": self.key,
            "RELAIS_DATABASE": f"sqlite:///{path}",
            "RELAIS_TELEGRAM_TOKEN": caseload.TOKEN,
            "RELAIS_TELEGRAM_API": self.server.address,
            "RELAIS_DESK_ADDRESS": "127.0.0.1:0",
            "RELAIS_DESK_URL": "http://127.0.0.1:8080",
            "RELAIS_CONTENT": "",
            "RELAIS_LOG_LEVEL": "WARNING",
        }


def _given(who: Contender, data: Dataset) -> Path | None:
    """The file that a contender gets a copy of; a peer's dialogue begins with none."""
    if not who.is_peer:
        return data.file
    return data.for_peers if data.what == "send" else None


def _run(python: Path, module: str, *words: str) -> str:
    """Run one of the benchmark's processes on the product's core; what it printed."""
    with on_core(PRODUCT_CORE):
        process = subprocess.Popen(
            [python, "-m", module, *words],
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

"""One measurement of each kind: a fresh copy of the data, a fresh process, an audit afterwards."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import content
from bench import audit, caseload, handout, thumbs
from bench.beside import Ledger, LightServer
from bench.machine import PRODUCT_CORE, on_core, peak_memory
from bench.task import PATIENCE, Done, Task
from records.database import Database
from records.vault import Vault, new_key

SETTLED = 0.5  # seconds after the first poll: the commands are published, the desk listens


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that takes a `Task` and leaves a ledger. `what` it does: send or handle."""

    name: str
    module: str
    what: str

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
    server: float

    @property
    def rate(self) -> float:
        return self.done.counted / self.done.seconds

    @property
    def calls(self) -> int:
        return self.found.calls

    @property
    def others(self) -> float:
        """The share of the contender's core that other processes took."""
        return (self.done.others or 0.0) / self.done.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of the contender's CPU."""
        return self.done.cpu / self.done.counted * 1e6


@dataclass(slots=True)
class Bench:
    """The prepared data, and the runs made on it."""

    folder: Path
    server: LightServer
    peers: Path  # their Python
    key: str = field(default_factory=new_key)
    due: int = 0
    doings: thumbs.Doings = field(default_factory=thumbs.Doings)

    async def prepare(self, reminded: int, talking: int) -> None:
        """Three databases: an empty one, one with reminders due, one with exercises under way;
        and the same reminders and steps for the peers."""
        content.library()
        async with caseload.filled(self.folder / "empty.db", self.key) as database:
            await caseload.migrate(database)
        async with caseload.filled(self._from_empty("due.db"), self.key) as database:
            await caseload.remind(database, await caseload.settle_in(database, reminded))
            await handout.reminders(database, self.folder / "due.peer.db")
        async with caseload.filled(self._from_empty("talking.db"), self.key) as database:
            self.doings = await thumbs.opened(database, await caseload.settle_in(database, talking))
        handout.steps(self.doings, self.folder / "steps.json")
        self.due = reminded

    def ceiling(self, seconds: float) -> float:
        """Answers a second of the light server alone."""
        self.server.begin()
        return float(
            _run(Path(sys.executable), "bench.ceiling", str(self.server.port), str(seconds))
        )

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

    def run(self, who: Contender, profile: Path | None = None) -> Round:
        """Everything due is sent, or everything that came in is answered; then it is audited."""
        sending = who.what == "send"
        count = self.due if sending else len(self.doings.updates)
        self.server.begin([] if sending or who.is_peer else self.doings.updates)
        path = self._copied(_data(who))
        task = self._task(who, path, count, profile)
        python = self.peers if who.is_peer else Path(sys.executable)
        before = self.server.ledger().cpu
        done = Done(**json.loads(_run(python, who.module, json.dumps(asdict(task)))))
        ledger = self.server.ledger()
        busy = (ledger.cpu - before) / (done.first + done.seconds)
        return Round(count, done, self._audited(who, path, ledger, done), busy)

    def _task(self, who: Contender, path: Path, count: int, profile: Path | None) -> Task:
        return Task(
            who.what,
            str(path),
            self.server.address,
            caseload.TOKEN,
            count,
            caseload.NOW.isoformat(),
            "" if who.is_peer else self.key,
            str(self.folder / "steps.json"),
            str(profile) if profile else None,
        )

    def _audited(self, who: Contender, path: Path, ledger: Ledger, done: Done) -> audit.Found:
        if who.is_peer:
            return (
                audit.peer_sent(path, ledger, self.due)
                if who.what == "send"
                else audit.peer_answered(ledger, self.doings)
            )
        if (done.synchronous, done.journal) != (2, "wal"):
            raise audit.NotDurable(f"SQLite ran at synchronous={done.synchronous}, {done.journal}")
        return asyncio.run(self._compared(who, path, ledger))

    async def _compared(self, who: Contender, path: Path, ledger: Ledger) -> audit.Found:
        database = Database(caseload.url(path), Vault(self.key))
        try:
            if who.what == "send":
                return await audit.after_sending(database, ledger, self.due)
            return await audit.after_handling(database, ledger, self.doings)
        finally:
            await database.close()

    def _from_empty(self, name: str) -> Path:
        return Path(shutil.copy(self.folder / "empty.db", self.folder / name))

    def _copied(self, data: str) -> Path:
        """A fresh copy, flushed: writing it out must not slow the run that follows."""
        for old in self.folder.glob("run.db*"):
            old.unlink()
        path = self.folder / "run.db"
        if data:
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


def _data(who: Contender) -> str:
    """Which prepared file a contender gets; a peer's dialogue begins with none."""
    if who.is_peer:
        return "due.peer.db" if who.what == "send" else ""
    return {"send": "due.db", "handle": "talking.db"}[who.what]


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

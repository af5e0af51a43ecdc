"""What a contender is given, and the stopwatch that it hands back. Standard library only: the
peers' environment knows nothing of Relais."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench import machine

PATIENCE = 240.0  # seconds: a profiled run on a busy machine


@dataclass(frozen=True, slots=True)
class Task:
    """`what` is done `count` times against the Bot API at `api`, with the data in `database`.

    `now` is when the contender's clock starts, in ISO; `steps` the file of what the phones do;
    `profile` the file to leave a profile in.
    """

    what: str
    database: str
    api: str
    token: str
    count: int
    now: str
    key: str = ""
    steps: str = ""
    limits: bool = False  # keep the pace that Telegram asks for
    profile: str | None = None
    watch_database: bool = False  # tell the database's part of the CPU


@dataclass(frozen=True, slots=True)
class Done:
    """`first` is how long the first outcome took, cold: statements compiled, calendars read.

    `seconds`, `cpu` (all threads) and `others` (what other processes took of this core) are those
    of the `counted` ones after it; so are `sqlalchemy` and `sqlite`, the database's part of `cpu`.
    `began` is when the contender's clock started, on the machine's monotonic clock. `synchronous`
    is SQLite's own word: 2 is FULL.
    """

    first: float
    counted: int
    seconds: float
    cpu: float
    others: float | None
    sqlalchemy: float = 0.0
    sqlite: float = 0.0
    began: float = 0.0
    synchronous: int = -1
    journal: str = ""


class Clock:
    """The contender's time: starts at the task's `now`, and runs as fast as the machine's."""

    def __init__(self, start: str) -> None:
        self.began = time.monotonic()
        self._start = datetime.fromisoformat(start)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self.began)


@dataclass(frozen=True, slots=True)
class Lap:
    """One look at every clock."""

    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)
    core: float | None = field(default_factory=lambda: machine.busy_seconds(machine.PRODUCT_CORE))

    def until(self, end: "Lap", first: float, counted: int) -> Done:
        cpu = end.cpu - self.cpu
        others = None
        if self.core is not None and end.core is not None:
            others = max(0.0, end.core - self.core - cpu)
        return Done(first, counted, end.wall - self.wall, cpu, others)

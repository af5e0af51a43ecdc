"""The machine that is measured on: its cores, its disk, and how much memory a process took."""

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PINNED = hasattr(os, "sched_setaffinity")
_CORES = sorted(os.sched_getaffinity(0)) if PINNED else [0]
PRODUCT_CORE, SERVER_CORE = _CORES[0], _CORES[-1]
_SYNCS = 40
_KB_A_PAGE = 4


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """A process that is started within the block runs on this core only, with all its threads."""
    if not PINNED:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def peak_memory(pid: int) -> int | None:
    """The most resident memory a living process ever had, in bytes; None where it is not told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields["VmHWM"].split()[0]) * 1024 if "VmHWM" in fields else None


def busy_seconds(core: int) -> float | None:
    """How long a core has worked since the machine started, for anyone; None where it is not told."""
    try:
        lines = Path("/proc/stat").read_text("ascii").splitlines()
    except OSError:
        return None
    fields = next((line.split() for line in lines if line.startswith(f"cpu{core} ")), None)
    if fields is None:
        return None
    user, nice, system, _idle, _waiting, *rest = map(int, fields[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def sync_seconds(folder: Path) -> float:
    """What the disk under `folder` asks for one flush: the floor under each durable commit."""
    path, taken = folder / "sync.probe", []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(b"\0" * 1024 * _KB_A_PAGE)
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    path.unlink()
    return statistics.median(taken)


def described(folder: Path) -> str:
    """One paragraph that says what the figures were measured on."""
    one = PRODUCT_CORE == SERVER_CORE
    where = (
        f"product on core {PRODUCT_CORE}, server on core {SERVER_CORE}"
        if PINNED and not one
        else "product and server share a core"
        if PINNED
        else "this system cannot pin a process to a core: product and server are free"
    )
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{platform.system()} {platform.machine()}; {where}; "
        f"one flush of the disk {sync_seconds(folder) * 1000:.2f} ms"
    )

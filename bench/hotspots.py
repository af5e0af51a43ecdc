"""Where the time goes: CPU by package and by function, the database's own threads included.

cProfile makes each Python call dearer than it is, and C code not: read shares, not seconds.
"""

import cProfile
import pstats
import re
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent
ONE_AT_A_TIME = sys.version_info >= (3, 12)  # one profiler a process: the main thread's
_BUILTIN = re.compile(r"of '(?:_?)([a-z0-9]+)[.\w]*' objects|built-in method (?:_?)(\w+)\.")
OURS = ("bot", "records", "content", "dialogs")
_TOP_PACKAGES, _TOP_FUNCTIONS = 14, 5

Where = tuple[str, int, str]  # file, line, function


class _OfAThread(cProfile.Profile):
    """CPU only: waiting for the other core is not work. Each thread has its own clock."""

    def __init__(self) -> None:
        super().__init__(time.thread_time)

    def create_stats(self) -> None:
        """Only finished calls: closing the open ones here would read the wrong thread's clock."""
        self.snapshot_stats()


class Profiled:
    """Profiles the block into a file; does nothing without one."""

    def __init__(self, into: str | None) -> None:
        self._into = into
        self._profiles: list[_OfAThread] = []

    def __enter__(self) -> Self:
        if self._into is not None:
            if not ONE_AT_A_TIME:
                threading.setprofile(self._in_new_thread)
            self._begin()
        return self

    def forget(self) -> None:
        """What was cold until now is not counted; the threads go on being followed."""
        for profile in self._profiles:
            profile.clear()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _failure: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._into is None:
            return
        self._profiles[0].disable()
        threading.setprofile(None)
        whole = pstats.Stats(self._profiles[0])
        for other in self._profiles[1:]:
            whole.add(other)
        whole.dump_stats(self._into)

    def _begin(self) -> None:
        profile = _OfAThread()
        self._profiles.append(profile)
        profile.enable()

    def _in_new_thread(self, *_event: Any) -> None:
        """Called once, at a thread's first event: the real profiler takes over from there."""
        self._begin()


def report(profile: Path, count: int, what: str) -> str:
    """The dearest packages, with the dearest functions of each; microseconds for one `what`."""
    own: defaultdict[str, float] = defaultdict(float)
    inside: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
    stats: dict[Where, tuple[int, int, float, float, Any]] = vars(pstats.Stats(str(profile)))[
        "stats"
    ]
    for where, (_, calls, self_time, _, _) in stats.items():
        package = _package(where)
        own[package] += self_time
        inside[package].append((self_time, calls, _named(where)))
    whole = sum(own.values())
    lines = [f"One {what}: {whole / count * 1e6:,.0f} µs of CPU under the profiler, of which"]
    for package in sorted(own, key=own.__getitem__, reverse=True)[:_TOP_PACKAGES]:
        lines.append(f"{own[package] / whole:6.1%} {own[package] / count * 1e6:7.1f} µs  {package}")
        lines += [
            f"                     {seconds / count * 1e6:6.1f} µs  {calls / count:6.2f} calls"
            f"  {name}"
            for seconds, calls, name in sorted(inside[package], reverse=True)[:_TOP_FUNCTIONS]
            if seconds / whole > 0.004
        ]
    return "\n".join([*lines, *_with_callees(stats, count)])


def _with_callees(stats: dict[Where, tuple[int, int, float, float, Any]], count: int) -> list[str]:
    """Our own functions with all that they call, while they are not waiting."""
    ours = {where: found for where, found in stats.items() if _package(where) in OURS}
    dearest = sorted(ours, key=lambda where: ours[where][3], reverse=True)[:_TOP_PACKAGES]
    return [
        "Our own functions, with what they call (too much where SQL runs: it switches greenlets):",
        *(
            f"       {ours[where][3] / count * 1e6:7.1f} µs  {ours[where][1] / count:6.2f} calls"
            f"  {_package(where)}/{_named(where)}"
            for where in dearest
        ),
    ]


def imports(told: str) -> str:
    """What `python -X importtime` told, summed by package, dearest first."""
    own: defaultdict[str, int] = defaultdict(int)
    for line in told.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and parts[0].strip().isdecimal():
            own[parts[2].strip().partition(".")[0]] += int(parts[0])
    whole = sum(own.values())
    dearest = sorted(own.items(), key=lambda item: item[1], reverse=True)[:_TOP_PACKAGES]
    return "\n".join(
        [
            f"Start-up: imports alone take {whole / 1e6:.2f} s under -X importtime",
            *(f"{us / whole:6.1%} {us / 1000:7.1f} ms  {name}" for name, us in dearest),
        ]
    )


def _package(where: Where) -> str:
    file, _, function = where
    if file == "~":
        found = _BUILTIN.search(function)
        return (found[1] or found[2]) if found else "builtins"
    if "site-packages" in file:
        return Path(file.partition("site-packages")[2]).parts[1].removesuffix(".py")
    if file.startswith(str(ROOT)):
        return Path(file).relative_to(ROOT).parts[0]
    if file.startswith("<"):
        return "generated code"
    parts = Path(file).parts
    return parts[-2] if not parts[-2].startswith("python") else parts[-1].removesuffix(".py")


def _named(where: Where) -> str:
    file, line, function = where
    return function.strip("<>") if file == "~" else f"{Path(file).name}:{line} {function}"

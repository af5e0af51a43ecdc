"""`python3 dev.py bench [--quick] [--profile] [--runs N] [--folder PATH]`.

Prints the light server's own ceiling, then the figures with their spread, then what was checked.
Runs are interleaved, so that a busy minute of the machine touches all of them. Exit status 1 when
a figure could not be confirmed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import hotspots, machine
from bench.audit import NotDurable
from bench.beside import light_server
from bench.figures import Spread, table
from bench.rounds import Bench, Round, Start


@dataclass(frozen=True, slots=True)
class Size:
    """How many reminders, how many youths in an exercise, how many runs; seconds a ceiling."""

    reminded: int
    talking: int
    runs: int
    ceiling: float


QUIET = 0.05  # the share of the product's core that others may take before it is said
FULL, QUICK = Size(3000, 400, 5, 1.0), Size(240, 40, 1, 0.3)


@dataclass(slots=True)
class Measured:
    ceilings: list[float] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    sends: list[Round] = field(default_factory=list)
    handles: list[Round] = field(default_factory=list)

    def figures(self) -> list[Spread]:
        memory = [start.memory / 1e6 for start in self.starts if start.memory is not None]
        calls = sum(r.found.calls for r in self.handles) / sum(r.count for r in self.handles)
        return [
            Spread(
                "start-up to first poll",
                "s",
                tuple(s.seconds for s in self.starts),
                "`relais run`, the whole process",
            ),
            Spread("memory", "MB", tuple(memory), "peak resident size of that process"),
            *_speed("messages sent", "message", self.sends, "due → claimed → sent → settled"),
            *_speed(
                "updates handled",
                "update",
                self.handles,
                f"{calls:.2f} calls to the server an update",
            ),
        ]


def _speed(name: str, one: str, rounds: Sequence[Round], note: str) -> list[Spread]:
    busy = max(r.server for r in rounds)
    return [
        Spread(name, "/s", tuple(r.rate for r in rounds), note),
        Spread(
            "  CPU each",
            "µs",
            tuple(r.cpu_each for r in rounds),
            f"the light server's core at most {busy:.0%} busy",
        ),
        Spread(
            f"  the first {one}",
            "s",
            tuple(r.done.first for r in rounds),
            "cold: statements, calendars, connections; not in the rate above",
        ),
    ]


def measure(bench: Bench, size: Size) -> Measured:
    found = Measured([bench.ceiling(size.ceiling) for _ in range(size.runs)])
    print(
        table(
            [
                Spread(
                    "the light server's own ceiling",
                    "/s",
                    tuple(found.ceilings),
                    "answers to a client that does nothing else",
                )
            ]
        ),
        flush=True,
    )
    for nth in range(size.runs):
        _say(f"run {nth + 1} of {size.runs}")
        found.starts.append(bench.start())
        found.sends.append(bench.send())
        found.handles.append(bench.handle())
    return found


def checked(found: Measured) -> str:
    """What the audit confirmed: it raises on the first row that is missing or doubled."""
    sent = sum(r.found.messages for r in found.sends)
    taken = sum(r.found.updates for r in found.handles)
    answers = sum(r.found.messages + r.found.edits for r in found.handles)
    return (
        f"Checked after every run, at synchronous=FULL:\n"
        f"  ✓ {sent:,} reminders are `sent` in the database, and each is once in the server's "
        f"ledger: 0 missing, 0 doubled\n"
        f"  ✓ {taken:,} updates are accepted once and confirmed; their {answers:,} replies are "
        f"`sent` and once in the ledger: 0 missing, 0 doubled\n"
        f"  ✓ every exercise is done, every answer kept, every word in the inbox, every tap closed"
    )


def disturbed(found: Measured) -> str:
    """Said when the machine had other work: rates are then too low, and CPU each too high."""
    most = max(r.others for r in (*found.sends, *found.handles))
    if most < QUIET:
        return f"The machine was quiet: others took at most {most:.0%} of the product's core."
    return (
        f"! The machine was busy: others took up to {most:.0%} of the product's core. "
        f"Rates are too low and CPU times too high; run again when it is quiet."
    )


def profile(bench: Bench) -> None:
    """One run of each under the profiler; its speed is not a figure."""
    for what, run, one in (("send", bench.send, "message"), ("handle", bench.handle, "update")):
        into = bench.folder / f"{what}.profile"
        done = run(into)
        print(f"\n{hotspots.report(into, done.done.counted, one)}", flush=True)
    told = bench.folder / "imports.txt"
    bench.start(imports=told)
    print(f"\n{hotspots.imports(told.read_text('utf-8'))}")


@contextmanager
def _prepared(folder: str | None, size: Size) -> Iterator[Bench]:
    """A folder on a real disk where there is one: /tmp is memory on many systems."""
    lasting = "/var/tmp" if Path("/var/tmp").is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="relais-bench-", dir=folder or lasting) as made,
        light_server() as server,
    ):
        bench = Bench(Path(made), server)
        print(f"{machine.described(bench.folder)}\n")
        _say(f"preparing {size.reminded} reminders and {size.talking} exercises")
        asyncio.run(bench.prepare(size.reminded, size.talking))
        taps = bench.doings.expected["taps"]
        _say(
            f"{len(bench.doings.updates)} updates: {taps} taps, "
            f"{bench.doings.expected['script_words']} words in an exercise, "
            f"{bench.doings.expected['words']} to the educator"
        )
        yield bench


def _say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


def _typed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="What Relais costs.")
    parser.add_argument("--quick", action="store_true", help="one small run: shows that it works")
    parser.add_argument(
        "--profile", action="store_true", help="also show where the time goes, by package"
    )
    parser.add_argument("--runs", type=int, help="how many runs of each (5)")
    parser.add_argument("--folder", help="where to put the databases: decides the disk")
    return parser.parse_args()


def main() -> int:
    typed, began = _typed(), time.monotonic()
    usual = QUICK if typed.quick else FULL
    size = Size(usual.reminded, usual.talking, typed.runs or usual.runs, usual.ceiling)
    with _prepared(typed.folder, size) as bench:
        try:
            found = measure(bench, size)
        except NotDurable as wrong:
            print(f"✗ not durable, so no figure: {wrong}", file=sys.stderr)
            return 1
        print(f"\n{table(found.figures())}\n\n{checked(found)}\n\n{disturbed(found)}")
        if typed.profile:
            profile(bench)
    _say(f"{time.monotonic() - began:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())

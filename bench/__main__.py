"""`python3 dev.py bench [--quick] [--profile] [--runs N] [--folder PATH]`.

Prints the light server's own ceiling, then one table a comparison, then what was checked. Within a
comparison the contenders take turns, so that a busy minute of the machine touches all of them.
Exit status 1 when a figure could not be confirmed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import comparison, hotspots, machine
from bench.audit import NotDurable
from bench.beside import light_server
from bench.comparison import COMPARISONS, Comparison
from bench.figures import Goal, Spread, table
from bench.peers.environment import ensure
from bench.rounds import Bench, Contender, Round


@dataclass(frozen=True, slots=True)
class Size:
    """How many reminders, how many youths in an exercise, how many runs; seconds a ceiling."""

    reminded: int
    talking: int
    runs: int
    ceiling: float


QUIET = 0.05  # the share of the contenders' core that others may take before it is said
FULL, QUICK = Size(3000, 200, 5, 1.0), Size(240, 40, 1, 0.3)


def measure(bench: Bench, size: Size) -> list[Round]:
    """Everything in turn, each table as soon as it is known; the audited rounds."""
    print(_ceiling(bench, size), flush=True)
    print(f"\n{_starts(bench, size)}", flush=True)
    rounds: list[Round] = []
    for compared in COMPARISONS:
        found = _in_turn(bench, compared, size.runs)
        print(f"\n{comparison.table(compared, found)}", flush=True)
        rounds += [one for of in found.values() for one in of]
    return rounds


def _ceiling(bench: Bench, size: Size) -> str:
    answers = tuple(bench.ceiling(size.ceiling) for _ in range(size.runs))
    note = "answers to a client that does nothing else"
    return table([Spread("the light server's own ceiling", "/s", answers, note, Goal(10_000))])


def _starts(bench: Bench, size: Size) -> str:
    starts = [bench.start() for _ in range(size.runs)]
    memory = tuple(start.memory / 1e6 for start in starts if start.memory is not None)
    seconds = tuple(start.seconds for start in starts)
    return table(
        [
            Spread("start-up to first poll", "s", seconds, goal=Goal(2, 1.2, most=True)),
            Spread("memory", "MB", memory, "at most, resident", goal=Goal(150, most=True)),
        ]
    )


def _in_turn(bench: Bench, compared: Comparison, runs: int) -> dict[Contender, list[Round]]:
    found: dict[Contender, list[Round]] = {who: [] for who in compared.contenders}
    for nth in range(runs):
        for who, rounds in found.items():
            _say(f"{compared.title.partition(':')[0]}, run {nth + 1} of {runs}: {who.name}")
            rounds.append(bench.run(who))
    return found


def checked(rounds: Sequence[Round]) -> str:
    """What the audit confirmed: it raises on the first row that is missing or doubled."""
    messages = sum(r.found.messages + r.found.edits for r in rounds)
    updates = sum(r.found.updates for r in rounds)
    busy = max(r.server for r in rounds)
    return (
        f"Checked after every run, Relais at synchronous=FULL:\n"
        f"  ✓ {messages:,} messages and edits are each once in the server's ledger; those of Relais "
        f"are `sent` in its database: 0 missing, 0 doubled\n"
        f"  ✓ {updates:,} updates are answered once; those of Relais are accepted once and confirmed\n"
        f"  ✓ every exercise is done, every answer kept, every word in the inbox, every tap closed\n"
        f"The light server's core was at most {busy:.0%} busy."
    )


def disturbed(rounds: Sequence[Round]) -> str:
    """Said when the machine had other work: rates are then too low, and CPU each too high."""
    most = max(r.others for r in rounds)
    if most < QUIET:
        return f"The machine was quiet: others took at most {most:.0%} of the contenders' core."
    return (
        f"! The machine was busy: others took up to {most:.0%} of the contenders' core. "
        f"Rates are too low and CPU times too high; run again when it is quiet."
    )


def profile(bench: Bench) -> None:
    """One run of each under the profiler; its speed is not a figure."""
    for compared in COMPARISONS:
        into = bench.folder / f"{compared.one}.profile"
        done = bench.run(compared.ours, into).done
        print(f"\n{hotspots.report(into, done.counted, compared.one)}", flush=True)
    told = bench.folder / "imports.txt"
    bench.start(imports=told)
    print(f"\n{hotspots.imports(told.read_text('utf-8'))}")


@contextmanager
def _prepared(folder: str | None, size: Size) -> Iterator[Bench]:
    """A folder on a real disk where there is one: /tmp is memory on many systems."""
    peers = ensure()
    lasting = "/var/tmp" if Path("/var/tmp").is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="relais-bench-", dir=folder or lasting) as made,
        light_server() as server,
    ):
        bench = Bench(Path(made), server, peers)
        print(f"{machine.described(bench.folder)}\n")
        _say(f"preparing {size.reminded} reminders and {size.talking} exercises")
        asyncio.run(bench.prepare(size.reminded, size.talking))
        expected = bench.doings.expected
        _say(
            f"{len(bench.doings.updates)} updates: {expected['taps']} taps, "
            f"{expected['script_words']} words in an exercise, "
            f"{expected['words']} to the educator"
        )
        yield bench


def _say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


def _typed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="What Relais costs.")
    parser.add_argument("--quick", action="store_true", help="one small run: shows that it works")
    parser.add_argument(
        "--profile", action="store_true", help="only show where the time goes, by package"
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
            if typed.profile:
                profile(bench)
                return 0
            rounds = measure(bench, size)
        except NotDurable as wrong:
            print(f"✗ not confirmed, so no figure: {wrong}", file=sys.stderr)
            return 1
        print(f"\n{checked(rounds)}\n{disturbed(rounds)}")
    _say(f"{time.monotonic() - began:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())

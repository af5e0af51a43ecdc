"""`python3 dev.py bench [MEASURE...] [--quick] [--profile] [--runs N] [--folder PATH]`.

Prints one table a measure as soon as it is known, then what was checked. Exit status 1 when a
figure could not be confirmed; a goal that is missed is said in its line, and is no error.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import content
from bench import engine, hotspots, machine
from bench.audit import NotDurable
from bench.beside import light_server
from bench.comparison import DIALOGUE, SEND
from bench.datasets import Stock
from bench.measures import FULL, QUICK, Measures, Size, say
from bench.peers.environment import ensure
from bench.rounds import Bench, Round
from records.vault import new_key

MEASURES = (
    "engine",
    "ceiling",
    "start",
    "send",
    "dialogue",
    "latency",
    "burst",
    "limits",
    "growth",
)
QUIET = 0.05  # the share of the contenders' core that others may take before it is said


def checked(rounds: Sequence[Round]) -> str:
    """What the audit confirmed: it raises on the first row that is missing or doubled."""
    messages = sum(r.found.messages + r.found.edits for r in rounds)
    updates = sum(r.found.updates for r in rounds)
    busy = max(r.server for r in rounds)
    return (
        f"Checked after each of {len(rounds)} runs, Relais at synchronous=FULL:\n"
        f"  ✓ {messages:,} messages and edits are each once in the server's ledger; those of Relais "
        f"are `sent` in its database: 0 missing, 0 doubled\n"
        f"  ✓ {updates:,} updates are answered once; those of Relais are accepted once, confirmed, "
        f"and answered in the order of their chat\n"
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


def profile(bench: Bench, stock: Stock, size: Size) -> None:
    """One run of each under the profiler; its speed is not a figure."""
    bench.data["due"] = asyncio.run(stock.due(size.reminded))
    bench.data["talking"] = asyncio.run(stock.talking(size.talking))
    for compared in (SEND, DIALOGUE):
        into = bench.folder / f"{compared.one}.profile"
        done = bench.run(compared.ours, into).done
        print(f"\n{hotspots.report(into, done.counted, compared.one)}", flush=True)
    told = bench.folder / "imports.txt"
    bench.start(bench.data["due"], imports=told)
    print(f"\n{hotspots.imports(told.read_text('utf-8'))}")


@contextmanager
def _prepared(folder: str | None) -> Iterator[tuple[Bench, Stock]]:
    """A folder on a real disk where there is one: /tmp is memory on many systems."""
    peers, key = ensure(), new_key()
    lasting = "/var/tmp" if Path("/var/tmp").is_dir() else None
    content.library()
    with (
        tempfile.TemporaryDirectory(prefix="relais-bench-", dir=folder or lasting) as made,
        light_server() as server,
    ):
        print(machine.described(Path(made)), flush=True)
        yield Bench(Path(made), server, peers, key), Stock(Path(made), key)


def _typed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="What Relais costs.")
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"only these: {', '.join(MEASURES)}"
    )
    parser.add_argument("--quick", action="store_true", help="one small run: shows that it works")
    parser.add_argument(
        "--profile", action="store_true", help="only show where the time goes, by package"
    )
    parser.add_argument("--runs", type=int, help="how many runs of each (5)")
    parser.add_argument("--folder", help="where to put the databases: decides the disk")
    typed = parser.parse_args()
    if unknown := set(typed.measures) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    return typed


def main() -> int:
    typed, began = _typed(), time.monotonic()
    size = QUICK if typed.quick else FULL
    size = replace(size, runs=typed.runs or size.runs)
    if not typed.profile and "engine" in (typed.measures or MEASURES):
        print(f"\n{engine.steps_a_second(size.runs, size.engine)}", flush=True)
    if typed.measures == ["engine"]:
        return 0
    with _prepared(typed.folder) as (bench, stock):
        if typed.profile:
            profile(bench, stock, size)
            return 0
        measures = Measures(bench, stock, size, [])
        try:
            for name in MEASURES[1:]:  # the engine needs nothing of this
                if name in (typed.measures or MEASURES):
                    print(f"\n{getattr(measures, name)()}", flush=True)
        except NotDurable as wrong:
            print(f"✗ not confirmed, so no figure: {wrong}", file=sys.stderr)
            return 1
    if measures.rounds:
        print(f"\n{checked(measures.rounds)}\n{disturbed(measures.rounds)}")
    say(f"{time.monotonic() - began:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())

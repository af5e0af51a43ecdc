"""What is measured, one function each: prepares its data, runs, and gives its table.

Within a measure the contenders take turns, so that a busy minute of the machine touches all.
"""

import asyncio
import statistics
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from bench import comparison
from bench.beside import light_server
from bench.comparison import BURST, DELAYED, DIALOGUE, RELAIS, SEND, Comparison
from bench.datasets import BURST_AFTER, Dataset, Stock
from bench.figures import Goal, Spread, number, table
from bench.rounds import Bench, Contender, Round
from bot.pace import BOT_RATE


@dataclass(frozen=True, slots=True)
class Size:
    """How many of what; `engine` and `ceiling` in seconds."""

    runs: int
    engine: float
    ceiling: float
    region: int
    reminded: int
    talking: int
    few: int
    burst: int
    limited: int
    past: int


FULL = Size(5, 1.0, 1.0, 100_000, 2_000, 300, 8, 5_000, 600, 1_000_000)
QUICK = Size(1, 0.2, 0.3, 1_000, 240, 40, 2, 200, 120, 20_000)
LITTLE_PAST = 1_000
LEEWAY = 0.05  # how near to the limit the rate must come
USED_UP = 2 * int(BOT_RATE)  # messages: permits that had gathered, and those of a cold start
SOON = 0.1  # seconds: calls that are under way together may overtake each other by so much
Found = dict[Contender, list[Round]]


@dataclass(slots=True)
class Measures:
    """The bench and its stock; every audited round is kept in `rounds`."""

    bench: Bench
    stock: Stock
    size: Size
    rounds: list[Round]

    def ceiling(self) -> str:
        answers = tuple(self.bench.ceiling(self.size.ceiling) for _ in range(self.size.runs))
        note = "answers to a client that does nothing else"
        return table([Spread("the light server's own ceiling", "/s", answers, note, Goal(10_000))])

    def start(self) -> str:
        region = asyncio.run(self.stock.region(self.size.region))
        starts = [self.bench.start(region) for _ in range(self.size.runs)]
        memory = tuple(start.memory / 1e6 for start in starts if start.memory is not None)
        seconds = tuple(start.seconds for start in starts)
        title = f"`relais run` with {self.size.region:,} enrolled youths"
        lines = [
            Spread("  start-up to first poll", "s", seconds, goal=Goal(2, 1.2, most=True)),
            Spread("  memory, at most", "MB", memory, goal=Goal(150, most=True)),
        ]
        return f"{title}\n{table(lines)}"

    def send(self) -> str:
        self.bench.data["due"] = asyncio.run(self.stock.due(self.size.reminded))
        return comparison.table(SEND, self._in_turn(SEND))

    def dialogue(self) -> str:
        self._have_them_talk()
        return comparison.table(DIALOGUE, self._in_turn(DIALOGUE))

    def latency(self) -> str:
        self._have_them_talk()
        found = self._in_turn(DELAYED)
        flying = tuple(float(r.ledger.in_flight) for r in found[DELAYED.ours])
        calls = Spread(
            "  Relais: calls under way at once, at most",
            "",
            flying,
            "each chat in order, one call of its own at a time",
            Goal(64),
        )
        return f"{comparison.table(DELAYED, found)}\n{table([calls])}"

    def burst(self) -> str:
        self.bench.data["burst"] = asyncio.run(self.stock.burst(self.size.burst))
        found = self._in_turn(BURST)
        lines = [
            Spread(
                f"  {who.name}: the last one leaves",
                "s",
                tuple(_burst_seconds(r) for r in rounds),
                "after the first was due",
                Goal(2, most=True) if who is BURST.ours else None,
            )
            for who, rounds in found.items()
        ]
        return f"Burst: {self.size.burst:,} reminders due within one second, limits off\n{table(lines)}"

    def limits(self) -> str:
        data, urgency = asyncio.run(self.stock.urgencies(self.size.limited))
        self.bench.data["urgencies"] = data
        rounds = self._all_at_once(Contender(RELAIS, "bench.worker", "urgencies", limits=True))
        rates = tuple(_rate_at_the_limit(r) for r in rounds)
        kept = all(abs(rate / BOT_RATE - 1) <= LEEWAY for rate in rates)
        note = f"within {LEEWAY:.0%} of {BOT_RATE:.0f}: {'met' if kept else 'MISSED'}"
        overtaken = tuple(float(_overtaken(r, urgency)) for r in rounds)
        lines = [
            Spread(f"  rate after the first {USED_UP}", "/s", rates, note),
            Spread("  left after one less urgent", "", overtaken, goal=Goal(0, most=True)),
        ]
        title = f"Limits on: {self.size.limited} messages of four priorities, all due at once"
        return f"{title}\n{table(lines)}"

    def _all_at_once(self, who: Contender) -> list[Round]:
        """Each run with a server of its own: they hardly use the machine."""
        with ExitStack() as stack, ThreadPoolExecutor(self.size.runs) as threads:
            benches = [
                replace(self.bench, server=stack.enter_context(light_server()), slot=f"run{nth}")
                for nth in range(self.size.runs)
            ]
            rounds = list(threads.map(lambda bench: bench.run(who), benches))
        self.rounds += rounds
        return rounds

    def growth(self) -> str:
        lines = []
        for one, prepare, people in (
            ("message", self.stock.due, self.size.reminded),
            ("step", self.stock.talking, self.size.talking),
        ):
            found = self._with_pasts(prepare, people)
            times = tuple(
                big.database_each / small.database_each
                for small, big in zip(*found.values(), strict=True)
            )
            lines += [
                Spread(
                    f"  a {one}, after {past:,} rows",
                    "µs",
                    tuple(r.database_each for r in rounds),
                    f"SQLite's threads alone: {_sqlite_each(rounds)} µs",
                )
                for past, rounds in found.items()
            ]
            lines.append(
                Spread("    the second by the first", "×", times, goal=Goal(1.5, most=True))
            )
        return f"Growth: CPU of the database, SQLAlchemy and SQLite\n{table(lines)}"

    def _with_pasts(
        self, prepare: Callable[[int, int], Coroutine[Any, Any, Dataset]], people: int
    ) -> dict[int, list[Round]]:
        pasts = (LITTLE_PAST, self.size.past)
        contenders = {}
        for past in pasts:
            name = f"{people} after {past}"
            self.bench.data[name] = asyncio.run(prepare(people, past))
            contenders[past] = Contender(name, "bench.worker", name, watch_database=True)
        found: dict[int, list[Round]] = {past: [] for past in pasts}
        for nth in range(self.size.runs):
            for past in pasts:
                found[past].append(self._run(nth, "Growth", contenders[past]))
        return found

    def _have_them_talk(self) -> None:
        for name, people in (("talking", self.size.talking), ("few", self.size.few)):
            if name not in self.bench.data:
                self.bench.data[name] = asyncio.run(self.stock.talking(people))

    def _in_turn(self, compared: Comparison) -> Found:
        found: Found = {who: [] for who in compared.contenders}
        for nth in range(self.size.runs):
            for who, rounds in found.items():
                rounds.append(self._run(nth, compared.title, who))
        return found

    def _run(self, nth: int, title: str, who: Contender) -> Round:
        say(f"{title.partition(':')[0]}, run {nth + 1} of {self.size.runs}: {who.name}")
        self.rounds.append(self.bench.run(who))
        return self.rounds[-1]


def say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


def _burst_seconds(of: Round) -> float:
    """From when the first of the burst was due until the server had the last."""
    return of.ledger.arrivals[-1][0] - (of.done.began + BURST_AFTER)


def _rate_at_the_limit(of: Round) -> float:
    """Once the permits that had gathered, and those of the cold start, are used up."""
    arrivals = [at for at, *_ in of.ledger.arrivals][USED_UP:]
    return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])


def _overtaken(of: Round, urgency: dict[int, int]) -> int:
    """How many messages arrived after a less urgent one, and not just beside it."""
    came = [(at, urgency[chat]) for at, chat, _ in of.ledger.arrivals]
    first = {level: min(at for at, found in came if found == level) for level in urgency.values()}
    return sum(
        any(at > first[level] + SOON for level in first if level > found) for at, found in came
    )


def _sqlite_each(rounds: Sequence[Round]) -> str:
    return number(statistics.median(r.done.sqlite / r.done.counted * 1e6 for r in rounds))

"""Who is compared with whom, at what, and with which goal; and the table that says how it went."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Goal, between, columns, number
from bench.rounds import Contender, Round

LATENCY = 0.05  # seconds on each call to the Bot API


@dataclass(frozen=True, slots=True)
class Comparison:
    """Relais against its peers; a goal is how many times as fast as that peer, where one is set."""

    title: str
    one: str
    ours: Contender
    goals: Mapping[Contender, Goal | None]

    @property
    def contenders(self) -> tuple[Contender, ...]:
        return (self.ours, *self.goals)


RELAIS = "Relais, durable"
USUAL = "python-telegram-bot, ORM commit each"
SEND = Comparison(
    "Send: due row → claimed → sent → marked",
    "message",
    Contender(RELAIS, "bench.worker", "due"),
    {
        Contender(USUAL, "bench.peers.usual_sending", "due"): Goal(10, 15),
        Contender("aiogram 3, no database", "bench.peers.aiogram_sending", "due"): Goal(1),
    },
)
DIALOGUE = Comparison(
    "Dialogue: tap or words → state, answer and reply committed → answered",
    "step",
    Contender(RELAIS, "bench.worker", "talking"),
    {
        Contender(USUAL, "bench.peers.usual_dialogue", "talking"): Goal(10, 20),
        Contender(
            "ConversationHandler, saved each minute", "bench.peers.conversation_handler", "talking"
        ): None,
        Contender("aiogram-dialog, in memory", "bench.peers.aiogram_dialogue", "talking"): (
            Goal(3, 5)
        ),
    },
)
DELAYED = Comparison(
    f"Dialogue, with {LATENCY * 1000:.0f} ms on every call",
    "step",
    Contender(RELAIS, "bench.worker", "talking", LATENCY),
    {
        Contender("one update after another", "bench.peers.usual_dialogue", "few", LATENCY): (
            Goal(40)
        )
    },
)
BURST = Comparison(
    "Burst",
    "message",
    Contender(RELAIS, "bench.worker", "burst"),
    {Contender(USUAL, "bench.peers.usual_sending", "burst"): None},
)


def ratios(ours: Sequence[Round], theirs: Sequence[Round]) -> list[float]:
    """How many times as fast, run by run: both ran within the same minute of the machine."""
    return [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]


def table(of: Comparison, found: Mapping[Contender, Sequence[Round]]) -> str:
    ours = found[of.ours]
    head = (
        "",
        f"{of.one}s/s",
        "min–max",
        "CPU µs each",
        "min–max",
        "calls",
        "×",
        "min–max",
        "× by CPU",
        "",
    )
    lines = [(*_measured(who, found[who]), *_compared(of, ours, who, found[who])) for who in found]
    return f"{of.title}\n{columns([head, *lines])}"


def _measured(who: Contender, rounds: Sequence[Round]) -> tuple[str, ...]:
    rates, cpu = [r.rate for r in rounds], [r.cpu_each for r in rounds]
    calls = statistics.median(r.found.calls / r.count for r in rounds)
    return (
        f"  {who.name}",
        number(statistics.median(rates)),
        between(rates),
        number(statistics.median(cpu)),
        between(cpu),
        f"{calls:.2f}",
    )


def _compared(
    of: Comparison, ours: Sequence[Round], who: Contender, theirs: Sequence[Round]
) -> tuple[str, str, str, str]:
    if who not in of.goals:
        return "", "", "", ""
    times, goal = ratios(ours, theirs), of.goals[who]
    median = statistics.median(times)
    cpu = statistics.median(o.cpu_each / m.cpu_each for m, o in zip(ours, theirs, strict=True))
    verdict = goal.verdict(median, "×") if goal else ""
    return f"{median:.1f}×", between(times), f"{cpu:.1f}×", verdict

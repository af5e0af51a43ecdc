"""Who is compared with whom, at what, and with which goal; and the table that says how it went."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Goal, between, columns, number
from bench.rounds import Contender, Round


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
SENDING = Comparison(
    "Send: due row → claimed → sent → marked",
    "message",
    Contender(RELAIS, "bench.worker", "send"),
    {
        Contender("python-telegram-bot, ORM commit each", "bench.peers.usual_sending", "send"): (
            Goal(10, 15)
        ),
        Contender("aiogram 3, no database", "bench.peers.aiogram_sending", "send"): Goal(1),
    },
)
DIALOGUE = Comparison(
    "Dialogue: tap or words → state, answer and reply committed → answered",
    "step",
    Contender(RELAIS, "bench.worker", "handle"),
    {
        Contender("python-telegram-bot, ORM commit each", "bench.peers.usual_dialogue", "handle"): (
            Goal(10, 20)
        ),
        Contender("ConversationHandler, pickle", "bench.peers.conversation_handler", "handle"): (
            None
        ),
        Contender("aiogram-dialog, in memory", "bench.peers.aiogram_dialogue", "handle"): (
            Goal(3, 5)
        ),
    },
)
COMPARISONS = (SENDING, DIALOGUE)


def ratios(ours: Sequence[Round], theirs: Sequence[Round]) -> list[float]:
    """How many times as fast, run by run: both ran within the same minute of the machine."""
    return [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]


def table(of: Comparison, found: Mapping[Contender, Sequence[Round]]) -> str:
    ours = found[of.ours]
    head = (
        (of.title, f"{of.one}s/s", "min–max", "CPU µs each", "min–max", "calls each", "×", "", ""),
    )
    lines = [(*_measured(who, found[who]), *_compared(of, ours, who, found[who])) for who in found]
    return columns([*head, *lines])


def _measured(who: Contender, rounds: Sequence[Round]) -> tuple[str, ...]:
    rates, cpu = [r.rate for r in rounds], [r.cpu_each for r in rounds]
    calls = statistics.median(r.calls / r.count for r in rounds)
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
) -> tuple[str, str, str]:
    if who not in of.goals:
        return "", "", ""
    times = ratios(ours, theirs)
    median = statistics.median(times)
    goal = of.goals[who]
    return f"{median:.1f}×", between(times), goal.verdict(median, "×") if goal else ""

"""What a youth's carnet says of one exercise: the cards that it ended with, in the words of the
version that was answered, then the answers that they do not name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content import answers
from dialogs.drawing import filled
from dialogs.retracing import retraced
from dialogs.script import NAMED, Plan, Script
from dialogs.state import State

_QUESTION, _ANSWER = 26, 34  # signs of a button's two halves: what a narrow phone shows in one line


@dataclass(frozen=True, slots=True)
class Page:
    """`cards` are whole texts; `others` the questions and answers that none of them says."""

    cards: Sequence[str]
    others: Sequence[tuple[str, str]]
    plan: str = ""  # the step whose card can come back, if there is one


def page(
    of: Script | None,
    end: str | None,
    said: Mapping[str, str],
    known: Mapping[str, str],
    own_words: str,
) -> Page:
    """One exercise as it is kept. `said` are values by variable, in order; `known` what it recalled
    (`dialogs.state`); `end` where it ended, if it did."""
    if of is None or end not in of.steps:
        return Page([], [answers.in_words(of, *one, own_words) for one in said.items()])
    plans = _plans(of, end, said, known)
    worth = [name for name in (*plans, end) if not said.keys().isdisjoint(_named(of, name))]
    told = {variable for name in worth for variable in _named(of, name)}
    state = State(end, answers={**known, **said})
    return Page(
        [filled(of, state, of.text_of(name)) for name in worth],
        [answers.in_words(of, *one, own_words) for one in said.items() if one[0] not in told],
        next((name for name in plans if name in worth), ""),
    )


def _plans(of: Script, end: str, said: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """The plans on the way to this end. Where that way cannot be found again, one of which every
    answer is there."""
    every = [name for name, at in of.steps.items() if isinstance(at, Plan)]
    way = retraced(of, dict(said), dict(known)) if every else []
    if end in way:
        return [name for name in every if name in way]
    return [name for name in every if {*said, *known} >= _named(of, name)][:1]


def label(of: Script | None, variable: str, value: str, own_words: str) -> str:
    """An answer on a button: its question in short, and what was said."""
    question, words = answers.in_words(of, variable, value, own_words)
    return f"{cut(question, _QUESTION)} · {cut(words, _ANSWER)}"


def cut(text: str, length: int) -> str:
    """One line of this length at most."""
    line = text.replace("\n", " ")
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _named(of: Script, step: str) -> set[str]:
    return set(NAMED.findall(of.text_of(step)))

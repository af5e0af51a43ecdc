"""Distress in free text, found on this machine by rules.

The phrases are data (`distress.yaml`), written as young people write; this room makes words of a
text and asks. Nothing is kept, nothing is learnt, and nobody is scored: a text is heard, or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from content.errors import ContentError, Problem, quoted
from content.library import PACKAGED
from content.phrases import BadPhrase, Phrases
from content.source import Source, Where, read
from content.spelling import words


@dataclass(frozen=True, slots=True)
class _Rules:
    """What is listened for, in order of gravity; and what young people say without meaning it."""

    categories: tuple[str, ...]
    distress: Phrases
    ordinary: Phrases


def heard(text: str) -> tuple[str, ...]:
    """Every category of distress that a text speaks of, the gravest first. Takes time in
    proportion to the text's length, whatever the text."""
    rules = _rules()
    said = words(text)
    symbols = rules.distress.symbols(said)
    _silence_the_ordinary(rules, said, symbols)
    return tuple(rules.categories[found] for found in sorted(rules.distress.find(symbols)))


def categories() -> tuple[str, ...]:
    """All that is listened for, the gravest first."""
    return _rules().categories


def together(*heard_in: Iterable[str]) -> tuple[str, ...]:
    """All that was heard in several texts, the gravest first."""
    return tuple(sorted(set(chain(*heard_in)), key=categories().index))


def _silence_the_ordinary(rules: _Rules, said: Sequence[str], symbols: list[str | None]) -> None:
    """« mourir de rire » takes its words away; what stands beside it is still heard."""
    ordinary = rules.ordinary.symbols(said)
    at = 0
    while at < len(said):
        taken = rules.ordinary.longest(ordinary, at)
        symbols[at : at + taken] = [None] * taken
        at += taken or 1


# The file -------------------------------------------------------------------------------------


@cache
def _source() -> Source:
    return read(PACKAGED / "distress.yaml", "content/distress.yaml")


@cache
def _rules() -> _Rules:
    data = _source().data
    distress = Phrases(words, data["families"])
    for group, category in enumerate(data["categories"]):
        _add(distress, ("categories", category), data["categories"][category], group)
    ordinary = Phrases(words, data["families"])
    _add(ordinary, ("ordinary",), data["ordinary"], 0)
    _source.cache_clear()  # lines are named only when a phrase cannot be read
    return _Rules(tuple(data["categories"]), distress, ordinary)


def _add(to: Phrases, where: Where, phrases: Sequence[str], group: int) -> None:
    for place, phrase in enumerate(phrases):
        try:
            to.add(phrase, group)
        except BadPhrase as wrong:
            raise ContentError([_problem((*where, place), phrase, str(wrong))]) from wrong


def _problem(where: Where, phrase: str, reason: str) -> Problem:
    return _source().problem(where, f"{quoted(phrase)} ne se lit pas : {reason}", "corrigez-la.")

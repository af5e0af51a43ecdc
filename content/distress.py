"""Distress in free text, found on this machine by rules.

The phrases are data (`distress.yaml`), written as young people write; this room makes words of a
text and asks. Nothing is kept, nothing is learnt, and nobody is scored: a text is heard, or not.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, zip_longest

from content.errors import ContentError, Problem, quoted
from content.library import PACKAGED
from content.phrases import BadPhrase, Phrases
from content.source import Source, Where, read

_TWICE = re.compile(r"([a-z])\1+")
_TOKEN = re.compile(r"[a-z0-9@$*]+")
_LEET = str.maketrans("013457@$", "oieastas")
SURE = 4  # letters: a shorter word, its doubled letters gone, may be another one
_ENDINGS = "er e es ee ees ent ai ait ais aient ez ant era eras erai erais".split()
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})


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


def words(text: str) -> list[str]:
    """A text as plain words: no accents, no doubled letters, what is shortened written out, and
    verbs in one form, since « il ma toucher » is how « il m'a touché » is written."""
    return _apart(list(chain.from_iterable(map(_spelt, _TOKEN.findall(_plain(text))))))


def _apart(said: Sequence[str]) -> list[str]:
    """« ma tapé » is « m'a tapé »; « ma mère » stays."""
    after_ma = _done_to_me()
    apart: list[str] = []
    for word, following in zip_longest(said, said[1:]):
        apart += ("me", "a") if word == "ma" and following in after_ma else (word,)
    return apart


def _silence_the_ordinary(rules: _Rules, said: Sequence[str], symbols: list[str | None]) -> None:
    """« mourir de rire » takes its words away; what stands beside it is still heard."""
    ordinary = rules.ordinary.symbols(said)
    at = 0
    while at < len(said):
        taken = rules.ordinary.longest(ordinary, at)
        symbols[at : at + taken] = [None] * taken
        at += taken or 1


def _plain(text: str) -> str:
    """Marks go before and after letters are taken apart: a long pile of them would be slow."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _unmarked(text).translate(_LETTERS))
        text = _unmarked(text).lower()
    return text


def _unmarked(text: str) -> str:
    """Without combining marks nor invisible signs."""
    return "".join(
        letter
        for letter in text
        if letter.isascii() or unicodedata.category(letter) not in {"Mn", "Me", "Cf"}
    )


@lru_cache(8192)
def _spelt(token: str) -> tuple[str, ...]:
    """One token as the words that it stands for; none when it says nothing."""
    spellings = _spellings()
    plain = _TWICE.sub(r"\1", token)
    if not plain.isalpha() and not plain.isdecimal():
        plain = plain if plain in spellings else _TWICE.sub(r"\1", plain.translate(_LEET))
    for written in (token, plain):
        if written in spellings:
            return spellings[written]
    return _one_with_its_pronoun(plain) or (plain,)


def _one_with_its_pronoun(token: str) -> tuple[str, ...]:
    """« mfaire », « jprends »: nothing but a letter stands for « me » or « je »."""
    pronoun = {"m": "me", "j": "je"}.get(token[:1])
    if pronoun is None or token[1:] not in _can_be_joined():
        return ()
    return (pronoun, *_spelt(token[1:]))


# The file -------------------------------------------------------------------------------------


@cache
def _source() -> Source:
    return read(PACKAGED / "distress.yaml", "content/distress.yaml")


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Shortened and misspelt words, written out; those that say nothing become none."""
    data = _source().data
    written = {
        _plain(short): tuple(_TWICE.sub(r"\1", _plain(long)).split())
        for long, shorts in data["spellings"].items()
        for short in shorts.split()
    }
    drawn_out = {_TWICE.sub(r"\1", short): long for short, long in written.items()}
    spelt = {short: long for short, long in drawn_out.items() if len(short) >= SURE} | written
    return _conjugated() | spelt | {_plain(filler): () for filler in data["fillers"].split()}


@cache
def _conjugated() -> dict[str, tuple[str, ...]]:
    """Each form of the regular verbs, as it is said or written: « touché » is « toucher »."""
    return {
        _TWICE.sub(r"\1", f"{verb[:-2]}{ending}"): (_TWICE.sub(r"\1", verb),)
        for verb in _source().data["verbs"].split()
        for ending in _ENDINGS
    }


@cache
def _can_be_joined() -> frozenset[str]:
    return frozenset({*_conjugated(), *_source().data["joined"].split()})


@cache
def _done_to_me() -> frozenset[str]:
    """What follows « ma » when it stands for « m'a »."""
    done = _source().data["done"].split()
    return frozenset(chain.from_iterable(map(_spelt, [*_source().data["verbs"].split(), *done])))


@cache
def _rules() -> _Rules:
    data = _source().data
    distress = Phrases(words, data["families"])
    for group, category in enumerate(data["categories"]):
        _add(distress, ("categories", category), data["categories"][category], group)
    ordinary = Phrases(words, data["families"])
    _add(ordinary, ("ordinary",), data["ordinary"], 0)
    return _Rules(tuple(data["categories"]), distress, ordinary)


def _add(to: Phrases, where: Where, phrases: Sequence[str], group: int) -> None:
    for place, phrase in enumerate(phrases):
        try:
            to.add(phrase, group)
        except BadPhrase as wrong:
            raise ContentError([_problem((*where, place), phrase, str(wrong))]) from wrong


def _problem(where: Where, phrase: str, reason: str) -> Problem:
    return _source().problem(where, f"{quoted(phrase)} ne se lit pas : {reason}", "corrigez-la.")

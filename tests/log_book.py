"""Secrets on one side, all that was logged on the other; whatever is on both is a leak.

Sentences are compared by every three words in a row, so that neither punctuation nor cutting a
line short hides one; names by their words; tokens, keys and chat ids as they are. Each side is read
once, so that a whole test run takes a second or two.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import content

NAMES = ("youth.nickname", "staff.name")
ADDRESSES = ("contact.address", "bot.token")
CONTENT = Path(content.__file__).parent
_CODE = re.compile(r"[a-z0-9_.:|/-]*")  # a choice, a state, a script: the program's own words
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+")  # a meeting's time tells nothing alone
_WORD = re.compile(r"\w+")
_OPAQUE = re.compile(r"[\w-]{6,}")
_LETTERS = {1: 8, 2: 9, 3: 10}  # at least: three short words in a row tell nothing


class Leak(NamedTuple):
    what: str
    secret: str
    test: str
    line: str


@dataclass
class Book:
    """`heard` keeps each line with the test that logged it first; `count` has them all."""

    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    heard: dict[str, str] = field(default_factory=dict)
    count: int = 0

    @property
    def secrets(self) -> int:
        return len(self.names) + len(self.texts) + len(self.opaque)

    def sealed(self, of: str, text: str) -> None:
        """Whatever is worth sealing must never be in a log."""
        if of in NAMES:
            self.names.add(text)
        elif of in ADDRESSES:
            self.token(text)
        else:
            self.texts.add(text)

    def written(self, *texts: object) -> None:
        """What somebody wrote, whatever became of it."""
        self.texts.update(text for text in texts if isinstance(text, str))

    def token(self, text: str) -> None:
        """Of a bot's token the number is no secret; of a key, its parts are each one."""
        self.opaque.update(part.partition(":")[2] or part for part in text.split(","))

    def hear(self, test: str, text: str) -> None:
        self.count += 1
        self.heard.setdefault(text, test)

    def leaks(self) -> list[Leak]:
        logged = _Logged(self.heard, spared=_said_to_all())
        found = [
            *logged.among("a name", ((name, _row(name)) for name in self.names)),
            *logged.among("a token, a key or a chat", self._opaque()),
            *logged.among("words", self._words(logged)),
        ]
        return [
            Leak(what, secret, self.heard[line], line)
            for (what, secret), line in {
                (what, secret): line for what, secret, line in found
            }.items()
        ]

    def _opaque(self) -> Iterator[tuple[str, Any]]:
        return ((secret, secret) for secret in self.opaque if _OPAQUE.fullmatch(secret))

    def _words(self, logged: "_Logged") -> Iterator[tuple[str, Any]]:
        """Only of what shares a word with the log: most texts do not."""
        for text in self.texts:
            if not logged.words.isdisjoint(_WORD.findall(text.casefold())):
                for said in _sayings(text):
                    yield from ((said, row) for row in _telling(said))


class _Logged:
    """What was logged, by its single words, its rows of words and its opaque parts."""

    def __init__(self, lines: Iterable[str], spared: set[tuple[str, ...]]) -> None:
        self._lines: dict[Any, str] = {}
        self.words: set[str] = set()
        for line in lines:
            self.words.update(_WORD.findall(line.casefold()))
            for row in (*_rows(line), *_rows(line.casefold())):
                if row not in spared:
                    self._lines.setdefault(row, line)
            for part in _OPAQUE.findall(line):
                self._lines.setdefault(part, line)

    def among(
        self, what: str, secrets: Iterable[tuple[str, Any]]
    ) -> Iterator[tuple[str, str, str]]:
        """Each secret that is there: what it is, itself, and the line."""
        for secret, row in secrets:
            if row in self._lines:
                yield what, secret, self._lines[row]


@cache
def _said_to_all() -> set[tuple[str, ...]]:
    """What the program itself says to everybody is no secret, though each message is sealed."""
    files = [path for path in CONTENT.rglob("*") if path.suffix in (".yaml", ".po")]
    return {row for path in files for row in _rows(path.read_text("utf-8").casefold())}


def _rows(text: str) -> Iterator[tuple[str, ...]]:
    """Every word, every two and every three in a row."""
    words = _WORD.findall(text)
    for size in (1, 2, 3):
        yield from zip(*(words[start:] for start in range(size)), strict=False)


def _row(name: str) -> tuple[str, ...]:
    """Names of one or two letters would be found in any text."""
    words = tuple(_WORD.findall(name)[:3])
    return words if sum(map(len, words)) >= 3 else ("",)


def _telling(text: str) -> Iterator[tuple[str, ...]]:
    """The rows of a text that would betray it: its longest, and long enough."""
    if _CODE.fullmatch(text) or _MOMENT.fullmatch(text):
        return
    size = min(len(_WORD.findall(text)), 3)
    for row in _rows(text.casefold()):
        if len(row) == size and sum(map(len, row)) >= _LETTERS[size]:
            yield row


def _sayings(text: str) -> list[str]:
    """A text, or every text within what was sealed as JSON; some tests send a bottomless one."""
    if text[:1] in ("{", "["):
        try:
            return list(_leaves(json.loads(text)))
        except (ValueError, RecursionError):
            return [text]
    return [text]


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)

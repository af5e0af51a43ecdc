"""Phrases as an author writes them, compiled once into a matcher that reads words in linear time.

A phrase is ordinary words: « j'ai envie de mourir ». Around them:

- `(vraiment)` may be there or not; `(le|la)` one of these, or nothing;
- `[mourir|crever]` is one of these, each of one word or several;
- `{want}` is one of the words kept under that name;
- `suicid*` is any word that begins so;
- `…` is three words at most, whatever they are.

All phrases become one automaton over words, made deterministic as it is walked. From each word at
most `LONGEST` words are read, so that no text, however it is made, takes more than its length.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

GAP = 3
LONGEST = 14  # words that one phrase may span
_REMEMBERED = 20_000  # states made deterministic, before they are made anew
_PARTS = re.compile(r"[()\[\]|…]|\{[a-z_]+\}|[^\s()\[\]|…{}]+")

Words = Callable[[str], Sequence[str]]
"""How a piece of a phrase becomes the words that a text would become."""


class BadPhrase(ValueError):
    """A phrase that cannot be read; its argument says what is wrong, in French."""


@dataclass(slots=True)
class _Node:
    """One place in the phrases: where each word leads, where any word does, where one is as well
    without a word, and what ends here. Only `also` leads to a place that several lead to, so that
    what is shared by the beginnings of two phrases means the same in both."""

    by_word: dict[str, int] | None = None  # most places lead nowhere by a word
    by_any: int | None = None
    also: tuple[int, ...] = ()
    ends: frozenset[int] = frozenset()


@dataclass(slots=True)
class _State:
    """Several places at once, and what was learnt of the way on from them."""

    nodes: frozenset[int]
    ends: frozenset[int]
    known: dict[str | None, "_State | None"] = field(default_factory=dict)


class Phrases:
    """Phrases in groups. `find` tells which groups a text speaks of."""

    def __init__(self, words: Words, families: Mapping[str, Iterable[str]]) -> None:
        self._words = cache(words)  # most pieces come back, in many phrases
        self._families = {
            name: [_PARTS.findall(member) for member in members]
            for name, members in families.items()
        }
        self._nodes = [_Node()]
        self._prefixes: dict[int, set[str]] = {}  # by length
        self._heard: set[str] = set()
        self._states: dict[frozenset[int], _State] = {}

    def add(self, phrase: str, group: int) -> None:
        """Raises BadPhrase."""
        parts = _PARTS.findall(phrase)
        if parts[-1:] in ([")"], ["…"]):
            raise BadPhrase("sa fin est facultative, et ne change rien.")
        end, rest = self._sequence(0, parts, 0)
        if rest != len(parts):
            raise BadPhrase("une parenthèse se ferme sans s'être ouverte.")
        if end in self._reached({0}):
            raise BadPhrase("la phrase peut être vide.")
        self._nodes[end].ends |= {group}
        self._states.clear()

    def symbols(self, words: Iterable[str]) -> list[str | None]:
        """What the automaton reads: a word that it knows, the prefix that stands for it, or « »."""
        return [word if word in self._heard else self._begun_by(word) for word in words]

    def longest(self, symbols: Sequence[str | None], at: int) -> int:
        """How many words the longest phrase that begins at this one takes; 0 for none."""
        state: _State | None = self._start
        taken = 0
        for place in range(at, min(at + LONGEST, len(symbols))):
            state = self._next(state, symbols[place])
            if state is None:
                break
            if state.ends:
                taken = place - at + 1
        return taken

    def find(self, symbols: Sequence[str | None]) -> set[int]:
        """The groups of the phrases in these words; a `None` among them stops any phrase."""
        found: set[int] = set()
        start, known = self._start, self._start.known
        for at, symbol in enumerate(symbols):
            if symbol in known and known[symbol] is None:  # most words begin nothing
                continue
            state: _State | None = start
            for place in range(at, min(at + LONGEST, len(symbols))):
                state = self._next(state, symbols[place])
                if state is None:
                    break
                found |= state.ends
        return found

    @property
    def _start(self) -> _State:
        return self._state(frozenset({0}))

    def _state(self, nodes: frozenset[int]) -> _State:
        state = self._states.get(nodes)
        if state is None:
            reached = self._reached(nodes)
            ends = frozenset[int]().union(*(self._nodes[one].ends for one in reached))
            going_on = frozenset(one for one in reached if self._goes_on(one))
            state = self._states[nodes] = _State(going_on, ends)
        return state

    def _goes_on(self, place: int) -> bool:
        node = self._nodes[place]
        return node.by_word is not None or node.by_any is not None

    def _reached(self, places: Iterable[int]) -> set[int]:
        """These places, and those where one is as well."""
        reached: set[int] = set()
        waiting = list(places)
        while waiting:
            if (place := waiting.pop()) not in reached:
                reached.add(place)
                waiting += self._nodes[place].also
        return reached

    def _next(self, state: _State | None, symbol: str | None) -> _State | None:
        assert state is not None
        if symbol is None:
            return None
        try:
            return state.known[symbol]
        except KeyError:
            return self._learn(state, symbol)

    def _begun_by(self, word: str) -> str:
        """The prefix that stands for a word that no phrase names whole; « » when none does."""
        for length, prefixes in self._prefixes.items():
            if word[:length] in prefixes:
                return f"{word[:length]}*"
        return ""

    def _learn(self, state: _State, symbol: str) -> _State | None:
        if len(self._states) > _REMEMBERED:
            self._states.clear()
        named = (symbol, self._begun_by(symbol)) if symbol in self._heard else (symbol,)
        reached: set[int] = set()
        for one in state.nodes:
            node = self._nodes[one]
            by_word = node.by_word or {}
            reached.update(by_word[name] for name in named if name in by_word)
            if node.by_any is not None:
                reached.add(node.by_any)
        found = state.known[symbol] = self._state(frozenset(reached)) if reached else None
        return found

    # How a phrase is read ------------------------------------------------------------------

    def _sequence(self, start: int, parts: Sequence[str], at: int) -> tuple[int, int]:
        while at < len(parts) and parts[at] not in {")", "]", "|"}:
            start, at = self._part(start, parts, at)
        return start, at

    def _part(self, start: int, parts: Sequence[str], at: int) -> tuple[int, int]:
        part = parts[at]
        if part in {"(", "["}:
            ends, at = self._one_of(start, parts, at + 1, ")" if part == "(" else "]")
            return self._joined(ends | ({start} if part == "(" else set())), at
        if part == "…":
            return self._gap(start), at + 1
        if part.startswith("{"):
            return self._family(start, part[1:-1]), at + 1
        return self._written(start, part), at + 1

    def _one_of(
        self, start: int, parts: Sequence[str], at: int, closing: str
    ) -> tuple[set[int], int]:
        ends: set[int] = set()
        while True:
            end, at = self._sequence(start, parts, at)
            ends.add(end)
            if at == len(parts) or parts[at] not in {"|", closing}:
                raise BadPhrase(f"il manque « {closing} ».")
            if parts[at] == closing:
                return ends, at + 1
            at += 1

    def _joined(self, ends: set[int]) -> int:
        """One place for all of these."""
        if len(ends) == 1:
            return min(ends)
        place = self._node()
        for one in ends:
            self._nodes[one].also += (place,)
        return place

    def _gap(self, start: int) -> int:
        places = {start}
        for _ in range(GAP):
            place = self._node()
            if self._nodes[start].by_any is not None:  # another phrase's gap begins here
                start = self._aside(start)
            self._nodes[start].by_any = place
            start = place
            places.add(place)
        return self._joined(places)

    def _aside(self, place: int) -> int:
        aside = self._node()
        self._nodes[place].also += (aside,)
        return aside

    def _family(self, start: int, name: str) -> int:
        if name not in self._families:
            raise BadPhrase(f"la famille « {name} » n'existe pas.")
        members = self._families[name]
        return self._joined({self._sequence(start, member, 0)[0] for member in members})

    def _written(self, start: int, part: str) -> int:
        for word in [part] if part.endswith("*") else self._words(part):
            start = self._after(start, word)
        return start

    def _after(self, start: int, word: str) -> int:
        """Where a word leads from this place: where it leads already, or a new one."""
        if word.endswith("*"):
            word = f"{''.join(self._words(word[:-1]))}*"
            self._prefixes.setdefault(len(word) - 1, set()).add(word[:-1])
        else:
            self._heard.add(word)
        node = self._nodes[start]
        if node.by_word is None:
            node.by_word = {}
        if word not in node.by_word:
            node.by_word[word] = self._node()
        return node.by_word[word]

    def _node(self) -> int:
        self._nodes.append(_Node())
        return len(self._nodes) - 1

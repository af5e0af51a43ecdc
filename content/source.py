"""One YAML file as its author sees it: its data, and the line on which each part stands."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from content.errors import (
    NOT_UTF8,
    ContentError,
    Problem,
    french_yaml,
    quoted,
    unreadable,
)
from content.shape import LOADER, check_shape

Where = tuple[str | int, ...]
"""The way to a part of a file, from the outside in: ("steps", "mood", "points", 2, "label")."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that could be read. `shown` is its path from the content folder, for messages.

    Its lines are found anew when a message names one: kept for every file, they would take more
    memory than the scripts themselves.
    """

    shown: str
    text: str
    data: Any

    def problem(self, where: Where, reason: str, remedy: str) -> Problem:
        step = str(where[1]) if len(where) > 1 and where[0] == "steps" else ""
        return Problem(self.shown, self.line_of(where), step, reason, remedy)

    def line_of(self, where: Where) -> int:
        """The line of a part, or of the nearest part around it that exists."""
        node, line = _composed(self.text), 1
        for part in where:
            found = _inside(node, part)
            if found is not None:
                line, node = found
        return line


def read_text(path: Path, shown: str) -> str:
    """The text of a content file. Raises ContentError when it cannot be had, or is not UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as wrong:
        raise ContentError([Problem(shown, 1, "", *unreadable(wrong))]) from wrong
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        raise ContentError([Problem(shown, line, "", *NOT_UTF8)]) from wrong


def read(path: Path, shown: str) -> Source:
    """Raises ContentError when it is not YAML, or names the same thing twice."""
    text = read_text(path, shown)
    node, data = _parsed(text, shown)
    source = Source(shown, text, data)
    if twice := [
        replace(
            source.problem(
                where, f"{quoted(where[-1])} est nommé deux fois.", "renommez l'un des deux."
            ),
            line=line,
        )
        for where, line in _named_twice(node)
    ]:
        raise ContentError(twice)
    return source


def _parsed(text: str, shown: str) -> tuple[Node | None, Any]:
    try:
        check_shape(text, shown)
        loader = LOADER(text)
        try:
            node = loader.get_single_node()
            return node, loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise ContentError(
            [Problem(shown, mark.line + 1 if mark else 1, "", *french_yaml(wrong.problem or ""))]
        ) from wrong
    except yaml.YAMLError as wrong:  # a forbidden character: its message has no line
        raise ContentError([Problem(shown, 1, "", *french_yaml(str(wrong)))]) from wrong


@lru_cache(maxsize=1)
def _composed(text: str) -> Node | None:
    """The parts of a text that was read before, with their lines."""
    loader = LOADER(text)
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _inside(node: Node | None, part: str | int) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _named_twice(node: Node | None, where: Where = ()) -> Iterator[tuple[Where, int]]:
    """YAML keeps the last of two equal names without a word: the first would be lost."""
    if isinstance(node, MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*where, key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from _named_twice(value, (*where, key.value))
    elif isinstance(node, SequenceNode):
        for place, value in enumerate(node.value):
            yield from _named_twice(value, (*where, place))

"""The shape of a YAML file, looked at before anything is built from it.

The C loader recurses without a limit: a hundred thousand brackets end the whole process, a part
that contains itself never ends, and ten lines of repeated parts make a thousand million. Events
come one by one, so that all three are refused in time, with their line.
"""

from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent
from yaml.nodes import ScalarNode

from content.errors import ContentError, Problem, french_yaml, quoted

# In C where it was built: 8 times faster.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 20  # a script is seven deep
LARGEST = 50_000  # parts, repeated ones counted each time; a long script has a thousand


class _Shape:
    """What is open while the events pass: each part's anchor, and how much it holds so far."""

    def __init__(self) -> None:
        self.open: list[tuple[str | None, int]] = [(None, 0)]
        self.sizes: dict[str, int] = {}

    def take(self, event: Event) -> tuple[str, str] | None:
        """The reason and the remedy when this event is one too many."""
        if getattr(event, "tag", None):
            return french_yaml("a tag")
        if isinstance(event, CollectionStartEvent):
            self.open.append((event.anchor, 1))
            if len(self.open) > DEEPEST:
                return "trop de choses sont imbriquées ici.", "fermez ce qui est resté ouvert."
        elif isinstance(event, CollectionEndEvent):
            anchor, size = self.open.pop()
            if anchor:
                self.sizes[anchor] = size
            self._add(size)
        elif isinstance(event, AliasEvent):
            if event.anchor in {anchor for anchor, _ in self.open}:
                return f"{quoted(event.anchor)} se contient lui-même.", "écrivez-le en entier."
            self._add(self.sizes.get(event.anchor or "", 1))
        elif isinstance(event, ScalarEvent):
            self._add(1)
            return _unreadable(event)
        return None if self.open[-1][1] <= LARGEST else ("le fichier est trop grand.", "coupez-le.")

    def _add(self, size: int) -> None:
        anchor, before = self.open[-1]
        self.open[-1] = anchor, before + size


def check_shape(text: str, shown: str) -> None:
    """Raises ContentError for what may not be built, and YAML's own errors for what is none."""
    shape = _Shape()
    for event in yaml.parse(text, Loader=LOADER):
        if told := shape.take(event):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ContentError([Problem(shown, line, "", *told)])


def _unreadable(event: ScalarEvent) -> tuple[str, str] | None:
    """A bare word that YAML takes for a date or a number, and that is neither: « 2026-13-45 »."""
    if not event.implicit[0] or event.value[:1] not in list("+-.0123456789"):
        return None
    reader: Any = yaml.SafeLoader("")
    tag = reader.resolve(ScalarNode, event.value, (True, False))
    try:
        reader.construct_object(ScalarNode(tag, event.value))
    except (ValueError, OverflowError):
        return (
            f"{quoted(event.value[:40])} n'est ni une date ni un nombre qui se lit.",
            "mettez-le entre guillemets.",
        )
    return None

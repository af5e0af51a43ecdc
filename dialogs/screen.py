"""What a person sees at once: a text and its buttons, before any channel gave them its own shape."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """A button and what tapping it means: a verb and its arguments, e.g. ("meeting", "7", "late").

    The channel turns `act` into its own callback data, and back.
    """

    label: str
    act: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: `text` is plain (the channel escapes it); `protect` forbids copying it on."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    protect: bool = False
    menu: tuple[tuple[str, ...], ...] = ()  # labels of the persistent keyboard, when it changes
    frames: tuple[tuple[int, str], ...] = ()  # (seconds from now, the text that then replaces it)
    no_menu: bool = False  # take the persistent keyboard away; never kept in a row

    @property
    def first_line(self) -> str:
        """What a lock screen shows."""
        return self.text.partition("\n")[0]

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "protect": self.protect,
            "menu": self.menu,
            **({"frames": self.frames} if self.frames else {}),
            "rows": [[[b.label, *b.act] for b in row] for row in self.rows],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Screen":
        rows = tuple(
            tuple(Button(label, tuple(act)) for label, *act in row) for row in kept["rows"]
        )
        frames = tuple((at, text) for at, text in kept.get("frames", ()))
        return cls(kept["text"], rows, kept["protect"], tuple(map(tuple, kept["menu"])), frames)

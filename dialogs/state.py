"""Where a conversation stands: plain JSON, and all that it is between two steps."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class State:
    """`answers` are values by variable; `ticked` is an open tick list; `turn` counts the screens
    shown, so that an old button is known. `wording` is which of several ways of asking is read.

    What an earlier script recalled stands in `answers` twice: its words under its name, so that
    texts read it, and its value under `name=`, so that branches compare it. Whoever recalled it may
    note under `name@` where it came from.
    """

    step: str
    turn: int = 1
    answers: dict[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()
    wording: int = 0

    def value(self, variable: str) -> str | None:
        """What was said, as it is kept; None when nothing was."""
        return self.answers.get(f"{variable}=", self.answers.get(variable))

    def over(self) -> "State":
        """What stays once the script is over: the end that was reached, and where each recalled
        answer came from. What was said is kept elsewhere, once."""
        came_from = {name: row for name, row in self.answers.items() if name.endswith("@")}
        return State(self.step, self.turn, came_from)

    def to_json(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "turn": self.turn,
            "answers": self.answers,
            "ticked": list(self.ticked),
            **({"wording": self.wording} if self.wording else {}),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "State":
        return cls(
            kept["step"],
            kept["turn"],
            dict(kept["answers"]),
            tuple(kept["ticked"]),
            kept.get("wording", 0),
        )

"""What a conversation is made of: a script of named steps, as its author writes it.

These models are the schema of the YAML files in `content/`; their JSON Schema is published for
editors. Texts are in one language: a translated script has the same steps and other words.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Label = Annotated[str, Field(min_length=1, max_length=24)]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Wordings = Annotated[tuple[Text, ...], Field(max_length=7)]

NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""An earlier answer or a known fact, named by a text: « {mood} ». A line that names an answer that
was not given is left out."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Model):
    """One answer to choose: `value` is what is stored, `label` what is read."""

    value: Name
    label: Label
    next: Name | None = None
    """Where this answer leads; without it, to the step's own `next`."""
    recalled: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    """What a later text reads where it names this answer; without it, the label."""
    mark: Literal["plus", "minus"] | None = None

    @field_validator("value", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return f"v{value}" if isinstance(value, int) and not isinstance(value, bool) else value


class Say(_Model):
    """A screen to read. `go` names its button."""

    kind: Literal["say"]
    text: Text
    also: Wordings = ()
    next: Name
    go: Label | None = None


class _Question(_Model):
    """What all questions share: each can be passed."""

    text: Text
    also: Wordings = ()
    """Other ways of asking the same: each time the script opens, the next one is read."""
    next: Name
    skip: Name | None = None
    """Where « Passer » leads; without it, to `next`."""
    visibility: Literal["me", "educator", "evaluation"] = "educator"
    """Whom an answer may be shown to at most: « me » is never offered for sharing, « educator » is
    if the youth wishes, « evaluation » is handed in without a name (anonymous scripts only)."""


class Choice(_Question):
    """One answer among several, by buttons."""

    kind: Literal["choice"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]
    save: Name | None = None
    columns: Annotated[int, Field(ge=1, le=3)] = 1
    required: bool = False
    """No « Passer »: only for consent questions, where each answer is one."""


class Several(_Question):
    """Any number of answers, each a button that ticks and unticks; none is the same as « Passer »."""

    kind: Literal["several"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]
    save: Name
    at_most: Annotated[int, Field(ge=1)] | None = None


class Scale(_Question):
    """Points in order, each with an emoji and words, lowest first."""

    kind: Literal["scale"]
    points: Annotated[tuple[Option, ...], Field(min_length=3, max_length=7)]
    save: Name


class Words(_Question):
    """Free text, always optional: the notice and « Passer » are added by the engine."""

    kind: Literal["words"]
    save: Name
    at_most: Annotated[int, Field(ge=1, le=1000)] = 500


class Phase(_Model):
    """A part of a countdown's round: what to do, for how many seconds."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    seconds: Annotated[int, Field(ge=3, le=30)]


class Countdown(_Question):
    """Paced breathing, or a pause: one message whose last line changes with each phase. Going on
    needs no waiting: its button is there from the start."""

    kind: Literal["countdown"]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=4)]
    rounds: Annotated[int, Field(ge=1, le=12)] = 1
    finished: Annotated[str, Field(min_length=1, max_length=60)]
    """What the last line says once the rounds are over."""


class Plan(_Question):
    """The card of an if–then plan (volitional help sheet), with the days after which it can come
    back as a reminder, to this youth only. « Sans rappel » is its « Passer »."""

    kind: Literal["plan"]
    days: Annotated[tuple[int, ...], Field(min_length=1, max_length=3)] = (1, 3, 7)


class Case(_Model):
    """One way of a branch: taken when each named answer is among the listed values."""

    when: Annotated[dict[Name, tuple[Name, ...]], Field(min_length=1)]
    next: Name

    @field_validator("when", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        """One value may stand alone; « 2 » is the point « v2 »."""
        if not isinstance(given, dict):
            return given
        return {name: _values(one) for name, one in given.items()}


def _values(given: Any) -> Any:
    listed = given if isinstance(given, list | tuple) else [given]
    return tuple(f"v{v}" if type(v) is int else v for v in listed)


class Branch(_Model):
    """No screen: the way on depends on what was said here, or in an earlier script (`recall`)."""

    kind: Literal["branch"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=8)]
    next: Name
    """Where it leads when no case holds: nothing said, or something else."""


class End(_Model):
    """The last screen; nothing follows."""

    kind: Literal["end"]
    text: Text
    also: Wordings = ()


Step = Annotated[
    Say | Choice | Several | Scale | Words | Countdown | Plan | Branch | End,
    Field(discriminator="kind"),
]


class Earlier(_Model):
    """An answer that this youth gave in another script, shown to them only: its latest."""

    script: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    variable: Name


class Script(_Model):
    """A conversation: `steps` begin with `first`. A published version never changes."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    version: Annotated[int, Field(ge=1)]
    kind: Literal["exercise", "checkin", "survey", "enrolment"]
    title: Annotated[str, Field(min_length=1, max_length=48)]
    minutes: Annotated[int, Field(ge=1, le=6)]
    ages: tuple[int, int] = (12, 25)
    skill: str | None = None
    technique: str | None = None
    source: str | None = None
    anonymous: bool = False
    """Answers are handed in without a name, and the conversation is wiped."""
    recall: dict[Name, Earlier] = {}
    """What texts and branches may name of earlier scripts, under a name of this one."""
    invitations: Wordings = ()
    """How it is proposed, in several wordings: a message that comes back does not repeat itself."""
    at_will: bool = True
    """Whether it stands in the list of what can be begun at any time."""
    about: Name | None = None
    """A fact that the bot fills in and that the answers are about, kept with the first of them."""
    first: Name
    steps: Annotated[dict[Name, Step], Field(min_length=1)]

    def text_of(self, step: str, wording: int = 0) -> str:
        """What a step shows, in one of its wordings; nothing for a branch."""
        at = self.steps[step]
        if isinstance(at, Branch):
            return ""
        said = (at.text, *at.also)
        return said[wording % len(said)]

    @property
    def wordings(self) -> tuple[str, ...]:
        """How its first screen may read."""
        at = self.steps[self.first]
        return () if isinstance(at, Branch) else (at.text, *at.also)

    def options_of(self, step: str) -> tuple[Option, ...]:
        """The buttons of a step that are answers, in order."""
        at = self.steps[step]
        if isinstance(at, Scale):
            return at.points
        return at.options if isinstance(at, Choice | Several) else ()

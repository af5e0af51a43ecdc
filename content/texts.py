"""Every text of a script: where it stands, to be checked; and in other words, to be translated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from content.source import Where
from dialogs.script import Branch, Countdown, Option, Scale, Script, Step

Place = Literal["title", "invitation", "text", "label", "recalled", "line"]

LIMITS: dict[Place, int] = {
    "title": 48,
    "invitation": 300,
    "text": 300,
    "label": 24,
    "recalled": 120,
    "line": 60,
}
"""Characters, in every language; the models hold the French to the same."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words that a youth reads, and what part they play on the screen."""

    where: Where
    words: str
    place: Place


def texts(script: Script) -> Iterator[Text]:
    """All that a translator translates, in the order of the screens."""
    yield Text(("title",), script.title, "title")
    for place, words in enumerate(script.invitations):
        yield Text(("invitations", place), words, "invitation")
    for name, step in script.steps.items():
        if isinstance(step, Branch):
            continue
        at: Where = ("steps", name)
        yield Text((*at, "text"), step.text, "text")
        for place, words in enumerate(step.also):
            yield Text((*at, "also", place), words, "text")
        if isinstance(step, Countdown):
            for place, phase in enumerate(step.phases):
                yield Text((*at, "phases", place, "label"), phase.label, "line")
            yield Text((*at, "finished"), step.finished, "line")
        if go := getattr(step, "go", None):
            yield Text((*at, "go"), go, "label")
        listed = "points" if isinstance(step, Scale) else "options"
        for place, option in enumerate(script.options_of(name)):
            yield Text((*at, listed, place, "label"), option.label, "label")
            if option.recalled:
                yield Text((*at, listed, place, "recalled"), option.recalled, "recalled")


def in_other_words(script: Script, say: Callable[[str], str]) -> Script:
    """The same script with each text replaced by `say(text)`; names and values stay."""
    steps = {name: _step(script, name, step, say) for name, step in script.steps.items()}
    said = {"title": say(script.title), "invitations": tuple(map(say, script.invitations))}
    return script.model_copy(update=said | {"steps": steps})


def _step(script: Script, name: str, step: Step, say: Callable[[str], str]) -> Step:
    if isinstance(step, Branch):
        return step
    said: dict[str, Any] = {"text": say(step.text), "also": tuple(map(say, step.also))}
    if isinstance(step, Countdown):
        said["finished"] = say(step.finished)
        said["phases"] = tuple(
            phase.model_copy(update={"label": say(phase.label)}) for phase in step.phases
        )
    if go := getattr(step, "go", None):
        said["go"] = say(go)
    if options := script.options_of(name):
        said["points" if isinstance(step, Scale) else "options"] = tuple(
            _option(option, say) for option in options
        )
    return step.model_copy(update=said)


def _option(option: Option, say: Callable[[str], str]) -> Option:
    recalled = say(option.recalled) if option.recalled else None
    return option.model_copy(update={"label": say(option.label), "recalled": recalled})

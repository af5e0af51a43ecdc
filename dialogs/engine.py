"""One step of a conversation, computed and never performed.

`step(script, state, input, phrases)` returns the next state, the screens to show and the answers
to keep. The state is plain JSON and is all that a conversation is: kill the process between any
two steps and nothing is lost. `turn` counts the screens shown, so that an old button is known.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeGuard

from dialogs.screen import Button, Screen
from dialogs.script import (
    NAMED,
    Choice,
    End,
    Option,
    Say,
    Scale,
    Script,
    Several,
    Step,
    Words,
)

Outcome = Literal["asking", "done", "stopped", "stale", "unexpected", "too_long", "too_many"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands; `answers` are values by variable, `ticked` an open tick list."""

    step: str
    turn: int = 1
    answers: dict[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "turn": self.turn,
            "answers": self.answers,
            "ticked": list(self.ticked),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "State":
        return cls(kept["step"], kept["turn"], dict(kept["answers"]), tuple(kept["ticked"]))


@dataclass(frozen=True, slots=True)
class Tap:
    """A button of the screen of `turn`: an option's place, or go, skip, stop, done, on0, off0…"""

    turn: int
    button: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words that the person wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words that every script shares, in its language."""

    go: str
    skip: str
    stop: str
    done: str
    notice: str
    stopped: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one input led to. `saved` are new answers; `screen` is None when nothing is shown."""

    state: State
    outcome: Outcome
    screen: Screen | None = None
    saved: tuple[tuple[str, str], ...] = ()


def begin(script: Script, phrases: Phrases, key: str, known: dict[str, str]) -> Turn:
    """Open a script at its first step.

    `key` names the conversation in its buttons; `known` are facts that its texts may name.
    """
    nowhere = State(script.first, turn=0, answers=dict(known))
    return _go(script, nowhere, script.first, phrases, key)


def show(script: Script, state: State, phrases: Phrases, key: str) -> Screen:
    """The screen where a conversation stands: to resume it, or to repeat it."""
    return _screen(script, state, phrases, key)


def waits_for_words(script: Script, state: State) -> bool:
    return isinstance(script.steps[state.step], Words)


def is_over(script: Script, state: State) -> bool:
    return isinstance(script.steps[state.step], End)


def step(script: Script, state: State, given: Tap | Said, phrases: Phrases, key: str) -> Turn:
    """Take one tap or text where the conversation stands.

    `stale`: a button of an earlier screen, or one never offered. `unexpected`: words where none
    were asked. In both cases nothing changed.
    """
    if isinstance(given, Said):
        return _take_words(script, state, given.text, phrases, key)
    if given.turn != state.turn:
        return Turn(state, "stale")
    if given.button == "stop" and _can_stop(script, state.step):
        return Turn(replace(state, ticked=()), "stopped", Screen(phrases.stopped))
    return _take_button(script, state, given.button, phrases, key)


def _take_button(script: Script, state: State, button: str, phrases: Phrases, key: str) -> Turn:
    at = script.steps[state.step]
    if isinstance(at, Say) and button == "go":
        return _go(script, state, at.next, phrases, key)
    if isinstance(at, Several):
        return _tick(script, state, at, button, phrases, key)
    option = _option(script.options_of(state.step), button)
    if option is not None and isinstance(at, Choice | Scale):
        return _keep(script, state, at.save, option.value, option.next or at.next, phrases, key)
    if button == "skip" and _can_skip(at):
        return _go(script, state, at.skip or at.next, phrases, key)
    return Turn(state, "stale")


def _tick(
    script: Script, state: State, at: Several, button: str, phrases: Phrases, key: str
) -> Turn:
    """« on2 » twice is still ticked: a double tap counts once."""
    if button == "skip" or (button == "done" and not state.ticked):
        return _go(script, replace(state, ticked=()), at.skip or at.next, phrases, key)
    if button == "done":
        return _keep(
            script,
            replace(state, ticked=()),
            at.save,
            "|".join(state.ticked),
            at.next,
            phrases,
            key,
        )
    on = button.startswith("on")
    option = _option(at.options, button.removeprefix("on" if on else "off"))
    if option is None or not button.startswith(("on", "off")):
        return Turn(state, "stale")
    if on and at.at_most and option.value not in state.ticked and len(state.ticked) >= at.at_most:
        return Turn(state, "too_many")
    ticked = tuple(
        o.value
        for o in at.options
        if (o.value in state.ticked or (on and o is option)) and not (not on and o is option)
    )
    moved = replace(state, ticked=ticked)
    return Turn(moved, "asking", _screen(script, moved, phrases, key))


def _take_words(script: Script, state: State, text: str, phrases: Phrases, key: str) -> Turn:
    at = script.steps[state.step]
    said = text.strip()
    if not isinstance(at, Words) or not said:
        return Turn(state, "unexpected")
    if len(said) > at.at_most:
        return Turn(state, "too_long")
    return _keep(script, state, at.save, said, at.next, phrases, key)


def _keep(
    script: Script,
    state: State,
    variable: str | None,
    value: str,
    then: str,
    phrases: Phrases,
    key: str,
) -> Turn:
    if variable is None:
        return _go(script, state, then, phrases, key)
    kept = State(state.step, state.turn, state.answers | {variable: value}, state.ticked)
    return _go(script, kept, then, phrases, key, saved=((variable, value),))


def _go(
    script: Script,
    state: State,
    then: str,
    phrases: Phrases,
    key: str,
    saved: tuple[tuple[str, str], ...] = (),
) -> Turn:
    """Arrive at a step: the next screen, under a turn of its own."""
    moved = State(then, state.turn + 1, state.answers, state.ticked)
    outcome: Outcome = "done" if isinstance(script.steps[then], End) else "asking"
    return Turn(moved, outcome, _screen(script, moved, phrases, key), saved)


def _screen(script: Script, state: State, phrases: Phrases, key: str) -> Screen:
    at = script.steps[state.step]
    text = _filled(script, state, at.text)
    if isinstance(at, Words):
        text = f"{text}\n\n{phrases.notice}"
    rows = (*_answers(at, state, key), *_ways_on(script, state, phrases, key))
    return Screen(text, rows, protect=script.kind != "enrolment")


def _answers(at: Any, state: State, key: str) -> tuple[tuple[Button, ...], ...]:
    if isinstance(at, Several):
        return tuple(
            (
                _button(
                    ("☑ " if o.value in state.ticked else "☐ ") + o.label,
                    key,
                    state.turn,
                    f"{'off' if o.value in state.ticked else 'on'}{place}",
                ),
            )
            for place, o in enumerate(at.options)
        )
    options = at.points if isinstance(at, Scale) else at.options if isinstance(at, Choice) else ()
    buttons = [_button(o.label, key, state.turn, str(place)) for place, o in enumerate(options)]
    width = at.columns if isinstance(at, Choice) else 1
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def _ways_on(
    script: Script, state: State, phrases: Phrases, key: str
) -> tuple[tuple[Button, ...], ...]:
    """The buttons below the answers: go on or done, then « Passer » and « Arrêter »."""
    at, turn = script.steps[state.step], state.turn
    rows: list[tuple[Button, ...]] = []
    if isinstance(at, Say):
        rows.append((_button(at.go or phrases.go, key, turn, "go"),))
    if isinstance(at, Several):
        rows.append((_button(phrases.done, key, turn, "done"),))
    last = []
    if _can_skip(at):
        last.append(_button(phrases.skip, key, turn, "skip"))
    if _can_stop(script, state.step):
        last.append(_button(phrases.stop, key, turn, "stop"))
    return (*rows, tuple(last)) if last else tuple(rows)


def _button(label: str, key: str, turn: int, button: str) -> Button:
    return Button(label, ("step", key, str(turn), button))


def _can_skip(at: Step) -> TypeGuard[Choice | Several | Scale | Words]:
    return isinstance(at, Several | Scale | Words) or (isinstance(at, Choice) and not at.required)


def _can_stop(script: Script, at: str) -> bool:
    """Everywhere but at the end, and at enrolment: it is short, and its questions can be refused."""
    return script.kind != "enrolment" and not isinstance(script.steps[at], End)


def _option(options: tuple[Option, ...], place: str) -> Option | None:
    return options[int(place)] if place.isdecimal() and int(place) < len(options) else None


def _filled(script: Script, state: State, text: str) -> str:
    """Put earlier answers, in words, where the text names them; drop lines that lack one."""
    if "{" not in text:
        return text.strip()
    lines = [
        NAMED.sub(lambda named: _in_words(script, named[1], state.answers[named[1]]), line)
        for line in text.split("\n")
        if state.answers.keys() >= set(NAMED.findall(line))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _in_words(script: Script, variable: str, value: str) -> str:
    """The chosen labels; or, as it is, what the person wrote."""
    labels = {
        o.value: o.recalled or o.label
        for name, at in script.steps.items()
        if getattr(at, "save", None) == variable
        for o in script.options_of(name)
    }
    parts = value.split("|")
    return ", ".join(labels[part] for part in parts) if labels.keys() >= set(parts) else value

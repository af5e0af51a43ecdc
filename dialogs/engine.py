"""One step of a conversation, computed and never performed.

`step(script, state, input, phrases)` returns the next state, the screens to show and the answers
to keep. The state is plain JSON and is all that a conversation is: kill the process between any
two steps and nothing is lost. `turn` counts the screens shown, so that an old button is known.
"""

from dataclasses import dataclass, replace
from typing import Literal

from dialogs.drawing import Phrases, can_skip, can_stop, filled, screen
from dialogs.screen import Screen
from dialogs.script import (
    Branch,
    Choice,
    Countdown,
    End,
    Option,
    Plan,
    Say,
    Scale,
    Script,
    Several,
    Words,
)
from dialogs.state import State

__all__ = ["Phrases", "Remind", "Said", "State", "Tap", "Turn", "begin", "show", "step"]

Outcome = Literal["asking", "done", "stopped", "stale", "unexpected", "too_long", "too_many"]


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
class Remind:
    """A plan that the person wants to read again, so many days from now."""

    days: int
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one input led to. `saved` are new answers; `screen` is None when nothing is shown."""

    state: State
    outcome: Outcome
    screen: Screen | None = None
    saved: tuple[tuple[str, str], ...] = ()
    remind: Remind | None = None


def begin(
    script: Script, phrases: Phrases, key: str, known: dict[str, str], wording: int = 0
) -> Turn:
    """Open a script at its first step.

    `key` names the conversation in its buttons; `known` are facts that its texts may name;
    `wording` says which of several ways of asking is read this time.
    """
    nowhere = State(script.first, turn=0, answers=dict(known), wording=wording)
    return _go(script, nowhere, script.first, phrases, key)


def show(script: Script, state: State, phrases: Phrases, key: str) -> Screen:
    """The screen where a conversation stands: to resume it, or to repeat it."""
    return screen(script, state, phrases, key)


def waits_for_words(script: Script, state: State) -> bool:
    return isinstance(script.steps[state.step], Words)


def stands(script: Script, state: State) -> bool:
    """Whether a conversation can go on in this script: its step may be gone from another one."""
    at = script.steps.get(state.step)
    return at is not None and not isinstance(at, Branch)


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
    if given.button == "stop" and can_stop(script, state.step):
        return Turn(replace(state, ticked=()), "stopped", Screen(phrases.stopped))
    return _take_button(script, state, given.button, phrases, key)


def _take_button(script: Script, state: State, button: str, phrases: Phrases, key: str) -> Turn:
    at = script.steps[state.step]
    if isinstance(at, Say | Countdown) and button == "go":
        return _go(script, state, at.next, phrases, key)
    if isinstance(at, Plan) and button in {f"in{days}" for days in at.days}:
        text = script.text_of(state.step, state.wording)
        remind = Remind(int(button.removeprefix("in")), filled(script, state, text))
        return replace(_go(script, state, at.next, phrases, key), remind=remind)
    if isinstance(at, Several):
        return _tick(script, state, at, button, phrases, key)
    option = _option(script.options_of(state.step), button)
    if option is not None and isinstance(at, Choice | Scale):
        return _keep(script, state, at.save, option.value, option.next or at.next, phrases, key)
    if button == "skip" and can_skip(at):
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
    return Turn(moved, "asking", screen(script, moved, phrases, key))


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
    kept = replace(state, answers=state.answers | {variable: value})
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
    then = _followed(script, state, then)
    moved = replace(state, step=then, turn=state.turn + 1)
    outcome: Outcome = "done" if isinstance(script.steps[then], End) else "asking"
    return Turn(moved, outcome, screen(script, moved, phrases, key), saved)


def _followed(script: Script, state: State, then: str) -> str:
    """Through the branches, which have no screen, to a step that has."""
    while isinstance(at := script.steps[then], Branch):
        held = (case.next for case in at.cases if _holds(state, case.when))
        then = next(held, at.next)
    return then


def _holds(state: State, when: dict[str, tuple[str, ...]]) -> bool:
    return all(
        not set(values).isdisjoint((state.value(variable) or "").split("|"))
        for variable, values in when.items()
    )


def _option(options: tuple[Option, ...], place: str) -> Option | None:
    return options[int(place)] if place.isdecimal() and int(place) < len(options) else None

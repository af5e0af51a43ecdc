"""The screen of a step: its text with earlier answers in it, its answers, its ways on."""

import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from dialogs.screen import Button, Screen
from dialogs.script import (
    NAMED,
    Branch,
    Choice,
    Countdown,
    End,
    Plan,
    Say,
    Scale,
    Script,
    Several,
    Step,
    Words,
)
from dialogs.state import State


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words that every script shares, in its language; `in_days` names {days}."""

    go: str
    skip: str
    stop: str
    done: str
    notice: str
    stopped: str
    tomorrow: str
    in_days: str
    no_reminder: str


def screen(script: Script, state: State, phrases: Phrases, key: str) -> Screen:
    at = script.steps[state.step]
    assert not isinstance(at, Branch), "a branch has no screen"
    text = filled(script, state, script.text_of(state.step, state.wording))
    if isinstance(at, Words):
        text = f"{text}\n\n{phrases.notice}"
    rows = (*_answers(at, state, phrases, key), *_ways_on(script, state, phrases, key))
    if isinstance(at, Countdown):
        first, *others = _frames(at, text)
        return Screen(first[1], rows, protect=True, frames=tuple(others))
    return Screen(text, rows, protect=script.kind != "enrolment")


def _frames(at: Countdown, text: str) -> list[tuple[int, str]]:
    """When each last line appears, in seconds from the start, with the whole text."""
    found, elapsed = [], 0
    for turn in range(at.rounds):
        left = "●" * (at.rounds - turn) + "○" * turn
        for phase in at.phases:
            found.append((elapsed, f"{text}\n\n{left}\n{phase.label}"))
            elapsed += phase.seconds
    return [*found, (elapsed, f"{text}\n\n{at.finished}")]


def _answers(at: Any, state: State, phrases: Phrases, key: str) -> tuple[tuple[Button, ...], ...]:
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
    if isinstance(at, Plan):
        return tuple(
            (_button(_after(days, phrases), key, state.turn, f"in{days}"),) for days in at.days
        )
    options = at.points if isinstance(at, Scale) else at.options if isinstance(at, Choice) else ()
    buttons = [_button(o.label, key, state.turn, str(place)) for place, o in enumerate(options)]
    width = at.columns if isinstance(at, Choice) else 1
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def _after(days: int, phrases: Phrases) -> str:
    return phrases.tomorrow if days == 1 else phrases.in_days.replace("{days}", str(days))


def _ways_on(
    script: Script, state: State, phrases: Phrases, key: str
) -> tuple[tuple[Button, ...], ...]:
    """The buttons below the answers: go on or done, then « Passer » and « Arrêter »."""
    at, turn = script.steps[state.step], state.turn
    rows: list[tuple[Button, ...]] = []
    if isinstance(at, Say):
        rows.append((_button(at.go or phrases.go, key, turn, "go"),))
    if isinstance(at, Countdown):
        rows.append((_button(phrases.go, key, turn, "go"),))
    if isinstance(at, Several):
        rows.append((_button(phrases.done, key, turn, "done"),))
    last = []
    if can_skip(at):
        word = phrases.no_reminder if isinstance(at, Plan) else phrases.skip
        last.append(_button(word, key, turn, "skip"))
    if can_stop(script, state.step):
        last.append(_button(phrases.stop, key, turn, "stop"))
    return (*rows, tuple(last)) if last else tuple(rows)


def _button(label: str, key: str, turn: int, button: str) -> Button:
    return Button(label, ("step", key, str(turn), button))


def can_skip(at: Step) -> TypeGuard[Choice | Several | Scale | Words | Plan]:
    """A countdown has its way on from the start: nothing to pass."""
    return isinstance(at, Several | Scale | Words | Plan) or (
        isinstance(at, Choice) and not at.required
    )


def can_stop(script: Script, at: str) -> bool:
    """Everywhere but at the end, and at enrolment: it is short, and its questions can be refused."""
    return script.kind != "enrolment" and not isinstance(script.steps[at], End)


def filled(script: Script, state: State, text: str) -> str:
    """Put earlier answers, in words, where the text names them; drop lines that lack one."""
    if "{" not in text:
        return text.strip()
    lines = [
        NAMED.sub(lambda named: in_words(script, named[1], state.answers[named[1]]), line)
        for line in text.split("\n")
        if state.answers.keys() >= set(NAMED.findall(line))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def in_words(script: Script, variable: str, value: str) -> str:
    """The chosen labels; or, as it is, what the person wrote."""
    labels = {
        o.value: o.recalled or o.label
        for name, at in script.steps.items()
        if getattr(at, "save", None) == variable
        for o in script.options_of(name)
    }
    parts = value.split("|")
    return ", ".join(labels[part] for part in parts) if labels.keys() >= set(parts) else value

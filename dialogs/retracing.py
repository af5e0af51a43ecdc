"""The way that somebody took through a script, found again from what they said.

It is played once more, with the same answers. A choice that is not kept, one that was erased since,
and one that a later answer replaced cannot be found: then the way may lead elsewhere than it did,
and whoever asks compares its end.
"""

from dataclasses import fields
from functools import cache

from dialogs.engine import Phrases, Said, State, Tap, Turn, begin, is_over, step
from dialogs.script import Countdown, Say, Script, Several, Words

LONGEST = 200  # screens: no script is longer, and a loop ends


def retraced(script: Script, said: dict[str, str], known: dict[str, str]) -> list[str]:
    """The steps that were shown, in order; `known` is what was recalled of earlier scripts."""
    turn = begin(script, _wordless(), "", known)
    way = [turn.state.step]
    while not is_over(script, turn.state) and len(way) < LONGEST:
        turn = _next(script, turn.state, said)
        way.append(turn.state.step)
    return way


def _next(script: Script, state: State, said: dict[str, str]) -> Turn:
    at = script.steps[state.step]
    if isinstance(at, Say | Countdown):
        return _tap(script, state, "go")
    value = said.get(getattr(at, "save", None) or "")
    if value is None:
        return _tap(script, state, "skip")
    if isinstance(at, Words):
        return step(script, state, Said(value[: at.at_most]), _wordless(), "")
    places = [
        place
        for place, option in enumerate(script.options_of(state.step))
        if option.value in value.split("|")
    ]
    if not places:
        return _tap(script, state, "skip")
    if isinstance(at, Several):
        for place in places:
            state = _tap(script, state, f"on{place}").state
        return _tap(script, state, "done")
    return _tap(script, state, str(places[0]))


def _tap(script: Script, state: State, button: str) -> Turn:
    return step(script, state, Tap(state.turn, button), _wordless(), "")


@cache
def _wordless() -> Phrases:
    """Screens are drawn and thrown away."""
    return Phrases(*[""] * len(fields(Phrases)))

"""The way through a script is found again from what was said, in every exercise there is."""

import random

import pytest

import content
from dialogs import engine
from dialogs.engine import Said, State, Tap
from dialogs.retracing import retraced
from dialogs.script import Choice, End, Script, Words

EXERCISES = content.library().catalogue("exercise")


def taken(script: Script, draw: random.Random) -> tuple[list[str], State]:
    """A way at random to an end, and where it stands then."""
    phrases = content.library().phrases("fr")
    turn = engine.begin(script, phrases, "7", {})
    way = [turn.state.step]
    while not isinstance(script.steps[turn.state.step], End):
        assert turn.screen is not None
        acts = [b.act[-1] for row in turn.screen.rows for b in row if b.act[-1] != "stop"]
        words = isinstance(script.steps[turn.state.step], Words) and draw.random() < 0.5
        given: Tap | Said = (
            Said("Avec mes mots") if words else Tap(turn.state.turn, draw.choice(acts))
        )
        moved = engine.step(script, turn.state, given, phrases, "7")
        if moved.outcome in ("stale", "too_many"):
            continue
        if moved.state.turn != turn.state.turn:
            way.append(moved.state.step)
        turn = moved
    return way, turn.state


def keeps_all(script: Script) -> bool:
    """Whether every choice is kept: one that is not leaves no trace."""
    return not any(isinstance(at, Choice) and at.save is None for at in script.steps.values())


def said_once(script: Script, way: list[str]) -> bool:
    """Whether no answer of this way took the place of another one."""
    saved = [save for name in way if (save := getattr(script.steps[name], "save", None))]
    return len(saved) == len(set(saved))


@pytest.mark.parametrize("script", [*filter(keeps_all, EXERCISES)], ids=lambda s: s.name)
def test_every_way_is_found_again(script: Script) -> None:
    draw = random.Random(script.name)
    for _ in range(8):
        way, state = taken(script, draw)
        if said_once(script, way):
            assert retraced(script, state.answers, {}) == way


def test_a_choice_that_is_not_kept_still_leads_to_an_end() -> None:
    script = next(one for one in EXERCISES if not keeps_all(one))
    _, state = taken(script, random.Random(1))
    assert isinstance(script.steps[retraced(script, state.answers, {})[-1]], End)


def test_what_stays_of_a_script_that_is_over_holds_no_answer() -> None:
    state = State("card", 9, {"mood": "good", "before": "Mal", "before=": "bad", "before@": "12"})
    assert state.over() == State("card", 9, {"before@": "12"})

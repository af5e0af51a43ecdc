"""The conversation engine alone: steps a second, over every packaged script, from its start to an end.

Each step is what the bot has it do: the state is read from its JSON, one input is taken, the next
screen is drawn, and the state is written again. No database, no network, no clock: those are in the
measure « dialogue ».
"""

import time
from collections.abc import Callable
from itertools import count
from random import Random

import orjson

import content
from bench.figures import Goal, Spread, table
from dialogs import engine
from dialogs.engine import Phrases, Said, State, Tap
from dialogs.screen import Screen
from dialogs.script import Script

WORDS = "Ça va mieux le soir, quand je marche."
GOAL = Goal(10_000)
LONGEST = 200  # steps of a random walk: ticks may come and go
_KEY = "7340031234567890123"


class NoEnd(Exception):
    """A walk that did not end: nothing was measured."""


def steps_a_second(runs: int, seconds: float) -> str:
    """The table: the median of so many runs, each of so many seconds of walks."""
    scripts, phrases = content.library().catalogue(), content.library().phrases("fr")
    scripts += content.library().catalogue("enrolment")
    told = tuple(_rate(scripts, phrases, Random(run), seconds) for run in range(runs))
    note = f"{len(scripts)} scripts in turn, state through JSON at each step"
    return table([Spread("the engine alone: steps", "/s", told, note, GOAL)])


def _rate(scripts: list[Script], phrases: Phrases, chance: Random, seconds: float) -> float:
    began, steps = time.perf_counter(), 0
    for turn in count():
        steps += walked(scripts[turn % len(scripts)], phrases, chance.random)
        if (gone := time.perf_counter() - began) >= seconds:
            return steps / gone
    raise AssertionError


def walked(script: Script, phrases: Phrases, chance: Callable[[], float]) -> int:
    """How many steps one walk took, from the first screen to an end."""
    turn = engine.begin(script, phrases, _KEY, {})
    for steps in range(LONGEST):
        if turn.outcome == "done":
            return steps
        state = State.from_json(orjson.loads(orjson.dumps(turn.state.to_json())))
        assert turn.screen is not None
        given = _given(script, state, turn.screen, chance)
        turn = engine.step(script, state, given, phrases, _KEY)
    raise NoEnd(script.name)


def _given(script: Script, state: State, screen: Screen, chance: Callable[[], float]) -> Tap | Said:
    """Words where they are asked; else a button at random, but for « Arrêter »."""
    if engine.waits_for_words(script, state):
        return Said(WORDS)
    offered = [b.act for row in screen.rows for b in row if b.act[3] != "stop"]
    if state.ticked and chance() < 0.5:
        return Tap(state.turn, "done")
    offered = [act for act in offered if not act[3].startswith("off")]
    at_most = getattr(script.steps[state.step], "at_most", None)
    if at_most is not None and len(state.ticked) >= at_most:
        return Tap(state.turn, "done")
    _, _, at, button = offered[int(chance() * len(offered))]
    return Tap(int(at), button)

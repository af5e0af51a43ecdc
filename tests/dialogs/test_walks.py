"""Every packaged script, walked at random from every step, in every language.

Whatever is tapped, tapped twice, stopped, left for days, out of date or written, each state can be kept as JSON, each screen
can be sent, and an end stays within reach.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import content
from bot.taps import packed
from content.play import example_facts
from dialogs.engine import Said, State, Tap
from dialogs.script import Branch, Choice, End, Script
from tests.dialogs.scripts import Hands, kept

LIBRARY = content.load()
WALKS = [
    (script.name, script.version, language)
    for script in LIBRARY.every_version()
    for language in LIBRARY.voices
    if language == "fr" or LIBRARY.script(script.name, script.version, language) != script
]

some_moves = some.lists(
    some.one_of(
        some.tuples(some.just("tap"), some.integers(0, 12)),
        some.tuples(some.just("twice"), some.integers(0, 12)),
        some.tuples(some.just("silence"), some.none()),
        some.tuples(some.just("again"), some.integers(0, 50)),
        some.tuples(some.just("forge"), some.text("onf0123stopgk-", max_size=5)),
        some.tuples(some.just("write"), some.text(max_size=1200)),
    ),
    max_size=25,
)


@pytest.mark.parametrize(("name", "version", "language"), WALKS)
@settings(max_examples=20, deadline=None)
@given(moves=some_moves, data=some.data())
def test_every_walk_stays_sound_and_can_end(
    name: str, version: int, language: str, moves: list[tuple[str, object]], data: some.DataObject
) -> None:
    walk_at_random(name, version, language, moves, data)


@pytest.mark.prove
@pytest.mark.parametrize(("name", "version", "language"), WALKS)
@settings(max_examples=400, deadline=None)
@given(moves=some_moves, data=some.data())
def test_thousands_of_walks_stay_sound_and_can_end(
    name: str, version: int, language: str, moves: list[tuple[str, object]], data: some.DataObject
) -> None:
    walk_at_random(name, version, language, moves, data)


def walk_at_random(
    name: str, version: int, language: str, moves: list[tuple[str, object]], data: some.DataObject
) -> None:
    script = LIBRARY.script(name, version, language)
    start = data.draw(some.sampled_from(shown(script)))
    hands = Hands(
        script,
        LIBRARY.phrases(language),
        state=State(start, answers=example_facts(LIBRARY, script, language)),
    )
    pressed: list[Tap] = []
    for how, what in moves:
        move(hands, pressed, how, what)
        assert_sound(hands)
    assert_can_end(hands)


@pytest.mark.parametrize(("name", "version", "language"), WALKS)
def test_every_step_ends_by_always_passing(name: str, version: int, language: str) -> None:
    script = LIBRARY.script(name, version, language)
    for start in shown(script):
        hands = Hands(script, LIBRARY.phrases(language), state=State(start))
        for _ in range(len(script.steps)):
            if isinstance(script.steps[hands.state.step], End):
                break
            offered = taps(hands)
            skipping = [tap for tap in offered if tap.button == "skip"]
            hands.give((skipping or offered)[0])
        assert isinstance(script.steps[hands.state.step], End)


def shown(script: Script) -> list[str]:
    """The steps where somebody can stand: a branch has no screen."""
    return [name for name, at in script.steps.items() if not isinstance(at, Branch)]


def move(hands: Hands, pressed: list[Tap], how: str, what: object) -> None:
    """One act of an impatient person: a tap, an old tap again, a forged one, or words."""
    before, offered = hands.state, taps(hands)
    if how == "tap" and offered:
        assert isinstance(what, int)
        pressed.append(offered[what % len(offered)])
        turn = hands.give(pressed[-1])
        assert turn.outcome in ("asking", "done", "stopped", "too_many")
        if turn.outcome == "stopped":
            hands.resume()
    elif how == "twice" and offered:
        assert isinstance(what, int)
        twice(hands, offered[what % len(offered)])
    elif how == "silence":
        shown = hands.screen
        hands.resume()  # days later, from what was kept
        assert (hands.state, hands.screen) == (before, shown)
    elif how == "again" and pressed:
        assert isinstance(what, int)
        old = pressed[what % len(pressed)]
        if old.turn != before.turn:
            assert hands.give(old).outcome == "stale"
            assert hands.state == before
    elif how == "forge":
        hands.give(Tap(before.turn + 1, str(what)))
        assert hands.state == before
    elif how == "write":
        hands.give(Said(str(what)))


def twice(hands: Hands, tap: Tap) -> None:
    """A double tap counts once: the second finds its screen gone, or ticks what is ticked."""
    outcome = hands.give(tap).outcome
    after = hands.state
    second = hands.give(tap)
    assert hands.state == after
    if outcome == "stopped":  # a second « Arrêter » stops nothing more
        assert second.outcome == "stopped"
        hands.resume()
    elif after.turn != tap.turn:
        assert second.outcome == "stale"


def assert_sound(hands: Hands) -> None:
    assert kept(hands.state) == hands.state
    at = hands.script.steps[hands.state.step]
    assert 1 <= len(hands.screen.text) <= 4096
    for row in hands.screen.rows:
        assert all(button.label.strip() and packed(button) for button in row)
    if not isinstance(at, End) and hands.script.kind != "enrolment":
        assert hands.phrases.stop in hands.labels
    if (
        not isinstance(at, End)
        and at.kind not in ("say", "countdown")
        and not (isinstance(at, Choice) and at.required)
    ):
        passing = hands.phrases.no_reminder if at.kind == "plan" else hands.phrases.skip
        assert passing in hands.labels


def assert_can_end(hands: Hands) -> None:
    """Try every button from here, widening, until one leads to an end."""
    ahead, seen = [hands.state], {hands.state.step}
    while ahead:
        state = ahead.pop(0)
        if ends(hands.script, state):
            return
        for tap in taps(Hands(hands.script, hands.phrases, state=state)):
            after = Hands(hands.script, hands.phrases, state=state).give(tap).state
            if after.step not in seen:
                seen.add(after.step)
                ahead.append(after)
    pytest.fail(f"no end from {hands.state.step} in {hands.script.name}")


def ends(script: Script, state: State) -> bool:
    return isinstance(script.steps[state.step], End)


def taps(hands: Hands) -> list[Tap]:
    return [Tap(int(button.act[2]), button.act[3]) for row in hands.screen.rows for button in row]

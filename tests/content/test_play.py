"""A script played in the terminal: each kind of step, what is typed wrongly, a stop, and the end of
what is typed."""

import re
from collections.abc import Iterator

import pytest

import content
from content.__main__ import main
from content.play import CHOOSE, LEFT, REMINDED, WRITE, play
from dialogs.engine import Turn
from dialogs.script import Script
from tests.dialogs.scripts import BRANCHING, EVERY_KIND

LIBRARY = content.load()
PASSING = [LIBRARY.phrase(f"script.{key}", "fr") for key in ("skip", "no_reminder")]


def played(script: Script, *typed: str) -> tuple[Turn, list[str]]:
    """What was typed in turn, and all that was written."""
    told: list[str] = []
    lines: Iterator[str] = iter(typed)

    def read() -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    return play(LIBRARY, script, "fr", read, told.append), told


def test_each_kind_of_step_is_played_to_its_end() -> None:
    turn, told = played(EVERY_KIND, "1", "2", "1", "1", "4", "Deux mots")
    assert turn.outcome == "done"
    assert turn.state.answers == {"mood": "v2", "way": "walk", "who": "alone", "words": "Deux mots"}
    assert "☑ Seul" in told[4]


def test_a_branch_a_countdown_and_a_plan_are_played_too() -> None:
    turn, told = played(BRANCHING, "1", "1", "5", "1", "2")
    assert turn.outcome == "done"
    assert "4 s, Souffle" in "".join(told)
    assert REMINDED.format(days=3) in told


@pytest.mark.parametrize("typed", ["0", "9", "bof", "", "-1", "²"])
def test_what_is_no_button_is_told_with_what_to_type(typed: str) -> None:
    turn, told = played(EVERY_KIND, typed)
    assert told[1] == CHOOSE.format(last=2)
    assert told[2] == told[0], "the screen again"
    assert turn.state.step == "hello"


def test_no_word_where_words_are_asked_is_told() -> None:
    _, told = played(EVERY_KIND, "1", "2", "1", "5", "  ")
    assert WRITE.format(last=2) in told


def test_a_stop_ends_it_where_it_stands() -> None:
    turn, told = played(EVERY_KIND, "1", "2", "5")
    assert turn.outcome == "stopped"
    assert LIBRARY.phrase("script.stopped", "fr") in told[-1]


def test_the_end_of_what_is_typed_is_kind() -> None:
    turn, told = played(EVERY_KIND, "1")
    assert told[-1] == LEFT
    assert turn.state.step == "mood"


def test_an_interruption_is_as_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert main(["play", "humeur"]) == 0
    assert LEFT in capsys.readouterr().out


def test_vous_can_be_played_and_an_unknown_language_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["7"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert main(["play", "humeur", "--language", "fr_vous"]) == 0
    assert "Touchez ce qui vous ressemble" in capsys.readouterr().out
    assert main(["play", "humeur", "--language", "xx"]) == 2
    assert "Langue inconnue" in capsys.readouterr().err


@pytest.mark.parametrize("script", LIBRARY.every_version(), ids=lambda one: str(one.name))
def test_every_script_is_played_by_passing_all_that_can_be(script: Script) -> None:
    told: list[str] = []

    def read() -> str:
        offered = re.findall(r"(?m)^  (\d+)\. (.*)$", told[-1])
        return next((number for number, label in offered if label in PASSING), "1")

    assert play(LIBRARY, script, "fr", read, told.append).outcome == "done"

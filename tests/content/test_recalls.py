"""Recalled answers in words: those that the version offered, in the youth's language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import content
from content import answers
from content.__main__ import main
from content.errors import ContentError
from content.library import Library
from content.play import example_facts
from tests.content.folders import SOUND, translated, written

RECALLING = """\
name: apres
version: 1
kind: exercise
title: Après
minutes: 2
recall:
  mood: {script: essai, variable: mood}
  why: {script: essai, variable: why}
first: card
steps:
  card:
    kind: end
    text: |-
      Avant.
      {mood}, {why}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Two versions of the sound script, and one that recalls it, with its English words."""
    written(tmp_path, SOUND, "essai@1")
    written(tmp_path, SOUND.replace("version: 1", "version: 2").replace("Bien", "Super"))
    written(tmp_path, RECALLING, "apres")
    english = {
        "Un essai": "A try",
        "Ça va\u00a0?": "All right?",
        "Super": "Great",
        "Mal": "Bad",
        "Un mot\u00a0?": "One word?",
        "Merci.\\nTu as dit\u00a0: {mood}": "Thanks.\\nYou said: {mood}",
    }
    translated(tmp_path, **english)
    content.load(tmp_path)
    yield tmp_path
    content.load()


@pytest.mark.parametrize(
    ("version", "variable", "value", "words"),
    [
        (1, "mood", "good", "Bien"),
        (2, "mood", "good", "Super"),
        (7, "mood", "good", "Super"),  # a version that is gone: the newest knows that answer too
        (1, "mood", "so_so", None),  # nobody can tell any more what it says
        (1, "why", "il pleuvait", "il pleuvait"),
        (1, "sky", "sun", None),
    ],
)
def test_an_answer_is_named_as_its_version_offered_it(
    folder: Path, version: int, variable: str, value: str, words: str | None
) -> None:
    assert answers.recalled("essai", version, variable, value) == words


def test_of_a_script_that_is_gone_nothing_is_named(folder: Path) -> None:
    assert answers.recalled("parti", 1, "mood", "good") is None


def test_it_is_named_in_the_language_of_whoever_reads(folder: Path) -> None:
    assert answers.recalled("essai", 2, "mood", "bad", "en") == "Bad"


def test_an_author_who_plays_it_sees_examples(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = Library(folder)
    facts = example_facts(known, known.script("apres"), "fr")
    assert (facts["mood"], facts["mood="]) == ("Bien", "good")
    assert facts["why"] == known.phrase("script.recalled_example", "fr")
    assert main(["--folder", str(folder), "play", "apres"]) == 0
    assert "Bien, ce que tu avais écrit" in capsys.readouterr().out


def test_what_is_refused_has_its_file_its_line_and_a_remedy(folder: Path) -> None:
    written(folder, RECALLING.replace("variable: why", "variable: because"), "apres")
    with pytest.raises(ContentError) as refused:
        Library(folder)
    [problem] = refused.value.problems
    assert str(problem).startswith(f"{folder.name}/scripts/apres.yaml:8: ")
    assert "because" in problem.reason
    assert problem.remedy

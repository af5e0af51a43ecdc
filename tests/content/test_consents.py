"""The questions by which consents are asked: no word changes without a new version."""

from pathlib import Path
from shutil import copytree

import pytest

from content import published
from content.check import check
from content.consents import mark
from content.errors import ContentError
from content.library import PACKAGED, Library
from records.consent_text import PURPOSES


def folder_of(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """The packaged texts, with one thing changed in the questions."""
    copytree(PACKAGED / "scripts", tmp_path / "scripts")
    text = (PACKAGED / "consents.yaml").read_text("utf-8")
    assert not old or text.count(old) == 1
    (tmp_path / "consents.yaml").write_text(text.replace(old, new) if old else text, "utf-8")
    kept = (PACKAGED / published.FILE).read_text("utf-8")
    (tmp_path / published.FILE).write_text(kept, "utf-8")
    return tmp_path


def told(folder: Path) -> list[str]:
    _, problems = check(folder)
    return [
        p.reason for p in problems if p.file.endswith("consents.yaml") and "publiée" in p.reason
    ]


def test_every_purpose_has_its_question_and_every_version_is_published() -> None:
    library = Library(PACKAGED)
    assert set(library.consents.newest) == set(PURPOSES)
    assert set(library.consents.fingerprints().items()) <= set(
        published.published(PACKAGED).items()
    )


@pytest.mark.parametrize("said", ["De courts exercices", "Rien ne part sans toi"])
def test_a_changed_word_without_a_new_version_is_refused(tmp_path: Path, said: str) -> None:
    assert told(folder_of(tmp_path / "same")) == []
    assert told(folder_of(tmp_path / "other", said, f"{said} du tout"))


def test_a_new_version_is_asked_and_the_old_one_can_be_read_again(tmp_path: Path) -> None:
    new = 'exercises:\n  2:\n    ask.exercises: "Autrement dit"\n'
    folder = folder_of(tmp_path, "exercises:\n", new)
    assert told(folder) == []
    library = Library(folder)
    assert library.consents.newest["exercises"] == 2
    assert library.phrase("ask.exercises", "fr") == "Autrement dit"
    assert "courts exercices" in library.consents.wordings["exercises"][1]["ask.exercises"]


def test_the_way_in_asks_only_in_words_that_have_a_version(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    script = folder / "scripts" / "enrolment.yaml"
    words = script.read_text("utf-8")
    assert words.count("petit rappel ici avant") == 1
    script.write_text(words.replace("petit rappel ici avant", "rappel avant"), "utf-8")
    with pytest.raises(ContentError, match="d'aucune version"):
        Library(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "reminders: {}", "reminders: {0: {a: b}}", "reminders: {1: {a: 2}}"]
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    folder = folder_of(tmp_path)
    (folder / "consents.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError):
        Library(folder)


def test_a_mark_changes_with_the_text_and_with_each_answer_and_is_short() -> None:
    lines = (None, 1, 2, 1 << 40, (1 << 62) + 1)
    marks = {mark(version, line) for version in (1, 2, 99) for line in lines}
    assert len(marks) == 3 * len(lines)
    assert max(map(len, marks)) <= 8

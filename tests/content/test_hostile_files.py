"""Files that would end the reader, or be passed over: refused in one sentence, with their line."""

import shutil
from pathlib import Path

import pytest

from content.errors import ContentError, Problem
from content.library import PACKAGED, Library
from content.named import require_named
from tests.content.folders import SOUND, broken, translated, written


def refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as raised:
        Library(folder)
    return raised.value.problems


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (broken("title: Un essai", "title: &a [*a]"), 4, "se contient lui-même"),
        (broken("  card:\n", "  card: &card\n    next: *card\n"), 22, "se contient lui-même"),
        (f"{SOUND}\nmore: {'[' * 100_000}", 27, "imbriquées"),
        (f"{SOUND}\nmore: {'{a: ' * 100_000}", 27, "imbriquées"),
        ("- " * 100_000, 1, "imbriquées"),
        ("a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
            for old, new in zip("abcdefghi", "bcdefghij", strict=True)
        ), 5, "trop grand"),
        (broken("minutes: 2", "minutes: 2026-13-45"), 5, "ni une date ni un nombre"),
        (broken("version: 1", f"version: {'9' * 5000}"), 2, "ni une date ni un nombre"),
        (broken("minutes: 2", "minutes: !!bool maybe"), 5, "ne se lit pas"),
    ],
    ids=["itself", "itself deeper", "brackets", "braces", "dashes", "a bomb", "a day", "long", "tag"],
)  # fmt: skip
def test_a_file_that_would_end_the_reader_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    [problem] = refused(written(tmp_path, text))
    assert (problem.file, problem.line) == (f"{tmp_path.name}/scripts/essai.yaml", line)
    assert reason in problem.reason


def test_a_part_repeated_by_its_name_is_still_read(tmp_path: Path) -> None:
    options = "[{value: good, label: Bien}, {value: bad, label: Mal}]"
    text = broken(
        "    options:\n      - {value: good, label: Bien}\n      - {value: bad, label: Mal}\n",
        f"    options: &ways {options}\n",
    ).replace(
        "    kind: words\n    text: Un mot\u00a0?\n    save: why\n",
        "    kind: choice\n    text: Et là\u00a0?\n    save: why\n    options: *ways\n",
    )
    assert len(Library(written(tmp_path, text)).script("essai").options_of("why")) == 2


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    raw = SOUND.encode().replace(b"Un essai", b"Un \xe9t\xe9")
    (written(tmp_path) / "scripts" / "essai.yaml").write_bytes(raw)
    [problem] = refused(tmp_path)
    assert problem.line == 4
    assert "UTF-8" in problem.reason


@pytest.mark.parametrize("name", ["scripts/dossier.yaml", "interface.yaml", "locale/en.po"])
def test_a_folder_named_as_a_file_is_refused(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    (tmp_path / name).mkdir(parents=True)
    [problem] = refused(tmp_path)
    assert problem.file == f"{tmp_path.name}/{name}"
    assert "dossier" in problem.reason


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (written(tmp_path) / "scripts" / "lien.yaml").symlink_to(tmp_path / "nowhere")
    assert "n'existe pas" in refused(tmp_path)[0].reason


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (b'msgid "Bien"', b'msgid "Bien', 4),
        (b'msgid "Bien"', b"msgid Bien", 4),
        (b'msgid "Bien"', b'msgide "Bien"', 4),
        (b'msgstr "Good"', b'msgstr "Go\xe9d"', 5),
        (b'msgstr "Good"', b"", 4),
        (b"charset=UTF-8", b"charset=UTF-8\\n\"\n\"POT-Creation-Date: hier", 1),
    ],
    ids=["open", "bare", "keyword", "not UTF-8", "cut", "header"],
)  # fmt: skip
def test_a_broken_catalogue_is_refused_when_the_folder_is_read(
    tmp_path: Path, old: bytes, new: bytes, line: int
) -> None:
    catalogue = translated(written(tmp_path), Bien="Good") / "locale" / "en.po"
    raw = catalogue.read_bytes()
    assert raw.count(old) == 1
    catalogue.write_bytes(raw.replace(old, new))
    [problem] = refused(tmp_path)
    assert (problem.file, problem.line) == (f"{tmp_path.name}/locale/en.po", line)


def test_what_the_program_names_must_be_in_the_folder(tmp_path: Path) -> None:
    library = Library(written(tmp_path))
    with pytest.raises(ContentError) as raised:
        require_named(library)
    [problem] = raised.value.problems
    assert problem.file.endswith("scripts/enrolment.yaml")
    assert "enrolment" in problem.reason
    require_named(Library(PACKAGED))


def test_a_script_of_another_kind_does_not_stand_in(tmp_path: Path) -> None:
    text = SOUND.replace("name: essai", "name: enrolment")
    with pytest.raises(ContentError) as raised:
        require_named(Library(written(tmp_path, text, "enrolment")))
    assert raised.value.problems[0].line == 3


def test_every_sentence_that_the_program_says_must_be_in_the_interface(tmp_path: Path) -> None:
    text = (PACKAGED / "interface.yaml").read_text("utf-8")
    (tmp_path / "interface.yaml").write_text(text.replace("menu.help:", "menu.aide:"), "utf-8")
    shutil.copytree(PACKAGED / "scripts", tmp_path / "scripts")
    with pytest.raises(ContentError, match=r"menu\.help"):
        require_named(Library(tmp_path))

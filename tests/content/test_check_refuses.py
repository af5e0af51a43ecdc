"""`python -m content check` on one small bad folder after another: what it prints, and its status."""

import shutil
from pathlib import Path

import pytest

from bot.taps import LIMIT, packed
from content.__main__ import main
from content.errors import NBSP
from content.library import PACKAGED
from content.rules import CALLBACK
from dialogs.screen import Button
from tests.content.folders import broken, translated, written

HIDDEN = """label: Mal, next: fork}
  fork:
    kind: branch
    cases:
      - {when: {mood: [bad, good]}, next: why}
      - {when: {mood: [bad]}, next: lost}
    next: why
  lost: {kind: say, text: Perdu, next: card}
"""


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["--folder", str(folder), "check"]) == 1
    return capsys.readouterr().out.replace(NBSP, " ")


CASES = [
    ("a required free text", "save: why", "save: why\n    required: true", 20, "why", "toujours se passer"),
    ("a free text without notice", "save: why", "save: why\n    notice: false", 20, "why", "toujours se passer"),
    ("skipping turned off", "save: why", "save: why\n    skip: false", 20, "why", "toujours se passer"),
    ("a skip to its own step", "save: why", "save: why\n    skip: why", 20, "why", "y ramène"),
    ("a loop that only skipping leaves", "next: card", "next: start\n    skip: card", 8, "start", "tourne en rond"),
    ("a step behind a hidden case", "label: Mal}\n", HIDDEN, 22, "lost", "aucune étape n'y mène"),
    ("an unclosed tag", "label: Bien", "label: '<b Bien'", 14, "start", "balise"),
    ("a backtick", "label: Bien", "label: '`Bien'", 14, "start", "balise"),
    ("underscores", "label: Bien", "label: __Bien__", 14, "start", "balise"),
    ("a star on each side", "label: Bien", "label: '*Bien*'", 14, "start", "balise"),
    ("a space before a comma", "label: Bien", f"label: 'Bien{NBSP}, oui'", 14, "start", "mal placée"),
    ("a narrow space", "label: Bien", "label: 'Bien\u202f!'", 14, "start", "mal placée"),
    ("an hour stuck together", "label: Bien", "label: À 14h30", 14, "start", "mal placée"),
    ("an hour with plain spaces", "label: Bien", "label: À 14 h 30", 14, "start", "mal placée"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "step", "reason"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_check_refuses(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    line: int,
    step: str,
    reason: str,
) -> None:
    lines = told(written(tmp_path, broken(old, new)), capsys).splitlines()
    at = f"{tmp_path.name}/scripts/essai.yaml:{line}: étape « {step} » : "
    assert [said for said in lines if said.startswith(at) and reason in said and "Remède" in said]


def test_a_broken_script_hides_nothing_of_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, broken("text: Un mot", "text: Tu dois dire un mot"))
    written(tmp_path, "name: [", "autre")
    said = told(tmp_path, capsys)
    assert "scripts/autre.yaml:" in said
    assert "« Tu dois » donne un ordre" in said
    assert "« Bien » n'est pas traduit en anglais" in said


@pytest.mark.parametrize(
    ("other", "reason"),
    [("*Good*", "balise"), ("Good !", "espacé comme en français")],
)
def test_a_translation_is_plain_and_spaced_as_english(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: str, reason: str
) -> None:
    said = told(translated(written(tmp_path), Bien=other), capsys)
    assert [line for line in said.splitlines() if "essai.yaml:14" in line and reason in line]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("N'écris ni nom, ni lieu, ni montant.\"\nscript.stopped", "Écris.\"\nscript.stopped", "ni nom"),
        ("script.skip: \"Passer", "script.skip: \"Passer cette question-là maintenant", "ce bouton fait"),
        ("script.skip: \"Passer", "script.skip: \"`Passer`", "balise"),
    ],
)  # fmt: skip
def test_the_interface_keeps_its_notice_and_its_short_buttons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, reason: str
) -> None:
    shutil.copy(PACKAGED / "interface.yaml", written(tmp_path))
    path = tmp_path / "interface.yaml"
    words = path.read_text("utf-8")
    assert words.count(old) == 1
    path.write_text(words.replace(old, new), "utf-8")
    said = told(tmp_path, capsys)
    assert [line for line in said.splitlines() if "interface.yaml:" in line and reason in line]


def test_a_callback_that_check_accepts_can_be_packed() -> None:
    assert CALLBACK == LIMIT
    assert len(packed(Button("", ("step", str((1 << 63) - 1), "9999")))) <= len(
        f"step:~{'z' * 13}:9999"
    )

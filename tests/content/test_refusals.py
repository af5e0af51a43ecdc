"""Each thing that a script may not be is refused with its file, line, step, reason and remedy."""

from pathlib import Path

import pytest

from content.errors import NBSP, ContentError, Problem
from content.library import SHARED, Library
from tests.content.folders import SOUND, broken, written

LONG = "a" * 301
CARD = "  card:\n    kind: end\n"
OPTIONS = """\
    options:
      - {value: good, label: Bien}
      - {value: bad, label: Mal}
"""
END = "    kind: end\n    text: |-\n      Merci.\n      Tu as dit\u00a0: {mood}\n"
LOOP = """\
label: Mal, next: turn}
  turn: {kind: say, text: Tourne, next: again}
  again: {kind: say, text: Encore, next: turn}"""
REFUSALS = [
    # What is broken, what is written instead, the line, the step, a piece of the reason.
    ("an unknown field", "minutes: 2", "minuts: 2\nminutes: 2", 5, "", "« minuts » est inconnu"),
    (
        "an unknown field of a step",
        "    next: why",
        "    next: why\n    nxt: why",
        13,
        "start",
        "« nxt » est inconnu",
    ),
    (
        "a field cut by a comma",
        "{value: bad, label: Mal}",
        "{value: bad, label: Mal, très mal}",
        15,
        "start",
        "« très mal » est inconnu",
    ),
    ("a missing field", "title: Un essai\n", "", 1, "", "il manque « title »"),
    ("a version that is no number", "version: 1", "version: un", 2, "", "pas un nombre entier"),
    ("a version that is a fraction", "version: 1", "version: 1.5", 2, "", "pas un nombre entier"),
    ("a version of zero", "version: 1", "version: 0", 2, "", "moins de 1"),
    ("too many minutes", "minutes: 2", "minutes: 9", 5, "", "plus de 6"),
    ("an unknown kind of script", "kind: exercise", "kind: game", 3, "", "« game », inconnu"),
    ("an unknown kind of step", "kind: words", "kind: poem", 16, "why", "« poem » n'existe pas"),
    ("a step without kind", "    kind: words\n", "", 16, "why", "ne dit pas sa sorte"),
    ("a step that is a text", END, "    Merci.\n", 21, "card", "pas une suite"),
    ("a text that is a number", "text: Un mot\u00a0?", "text: 7", 18, "why", "pas un texte"),
    ("a label that YAML reads as true", "label: Bien", "label: yes", 14, "start", "pas un texte"),
    ("an empty text", "text: Un mot\u00a0?", 'text: ""', 18, "why", "est vide"),
    ("a text over 300", "text: Un mot\u00a0?", f"text: {LONG}", 18, "why", "301 caractères"),
    ("a label over 24", "label: Bien", f"label: {'b' * 25}", 14, "start", "25 caractères"),
    ("a title over 48", "title: Un essai", f"title: {'t' * 49}", 4, "", "49 caractères"),
    ("a name of a step with a capital", "  why:", "  Why:", 16, "Why", "pas un nom"),
    ("a single option", "      - {value: bad, label: Mal}\n", "", 13, "start", "moins de 2"),
    ("options that are no list", OPTIONS, "    options: Bien\n", 13, "start", "pas une liste"),
    (
        "a required that is no yes or no",
        "    save: mood",
        "    save: mood\n    required: peut-être",
        12,
        "start",
        "ni « true »",
    ),
    ("a dead end", "    save: why\n    next: card\n", "    save: why\n", 16, "why", "impasse"),
    ("a first step that does not exist", "first: start", "first: begin", 6, "", "« begin »"),
    ("a next that does not exist", "next: card", "next: cart", 20, "why", "« cart »"),
    (
        "a skip that does not exist",
        "next: why",
        "next: why\n    skip: nowhere",
        13,
        "start",
        "« nowhere »",
    ),
    (
        "an option that leads nowhere",
        "label: Mal}",
        "label: Mal, next: nowhere}",
        15,
        "start",
        "« nowhere »",
    ),
    (
        "an unreachable step",
        CARD,
        "  lost: {kind: end, text: Perdu}\n" + CARD,
        21,
        "lost",
        "aucune étape n'y mène",
    ),
    ("a loop without exit", "label: Mal}", LOOP, 16, "turn", "tourne en rond"),
    ("no end", "    kind: end\n", "    kind: say\n    next: start\n", 7, "", "pas de fin"),
    ("a repeated value", "{value: bad,", "{value: good,", 15, "start", "deux réponses"),
    ("a repeated label", "label: Mal}", "label: Bien}", 15, "start", "deux réponses"),
    ("a repeated step", CARD, CARD + "    text: Fin\n" + CARD, 24, "card", "nommé deux fois"),
    (
        "a repeated field",
        "title: Un essai",
        "title: Un essai\ntitle: Deux",
        5,
        "",
        "nommé deux fois",
    ),
    ("markup", "text: Un mot\u00a0?", "text: Un <b>mot</b>\u00a0?", 18, "why", "« <b> »"),
    ("an entity", "text: Un mot\u00a0?", "text: Un mot &amp; demi", 18, "why", "« &amp; »"),
    ("markdown", "label: Bien", "label: '**Bien**'", 14, "start", "« ** »"),
    ("an answer that no step saves", "{mood}", "{mod}", 23, "card", "{mod} n'est enregistré"),
    (
        "an answer named before its question",
        "text: Un mot\u00a0?",
        'text: "Un mot\u00a0?\\n{why}"',
        18,
        "why",
        "{why} n'est enregistré",
    ),
    ("an answer named in a label", "label: Bien", 'label: "{mood}"', 14, "start", "accolade"),
    ("a brace left alone", "text: Un mot\u00a0?", "text: 'Un mot {'", 18, "why", "accolade"),
    ("a screen that an answer alone fills", "      Merci.\n", "", 23, "card", "serait vide"),
    (
        "a question that cannot be passed",
        "    save: mood",
        "    save: mood\n    required: true",
        12,
        "start",
        "pouvoir se passer",
    ),
    ("a file of another name", "name: essai", "name: autre", 1, "", "« autre »"),
    ("a file that is no mapping", SOUND, "- un\n- deux\n", 1, "", "pas une suite"),
    ("an empty file", SOUND, "", 1, "", "pas une suite"),
    ("a colon too many", "title: Un essai", "title: Un essai: deux", 4, "", "deux-points"),
    ("a tab", "title: Un essai", "title:\n\tUn essai", 5, "", "ne peut pas commencer"),
    ("a quote left open", "title: Un essai", 'title: "Un essai', 26, "", "reste ouvert"),
    ("a line out of line", "    save: mood", "   save: mood", 11, "", "mal alignée"),
    (
        "a brace left open",
        "{value: good, label: Bien}",
        "{value: good, label: Bien",
        15,
        "",
        "mal fermée",
    ),
    (
        "a Python object",
        "title: Un essai",
        "title: !!python/object:os.system x",
        4,
        "",
        "ne se lit pas",
    ),
]


def refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as raised:
        Library(folder)
    return raised.value.problems


@pytest.mark.parametrize(
    ("old", "new", "line", "step", "reason"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_is_refused(tmp_path: Path, old: str, new: str, line: int, step: str, reason: str) -> None:
    problems = refused(written(tmp_path, broken(old, new)))
    told = [problem for problem in problems if reason in problem.reason.replace(NBSP, " ")]
    assert told, problems
    assert (told[0].line, told[0].step) == (line, step)
    assert told[0].file == f"{tmp_path.name}/scripts/essai.yaml"
    for problem in problems:
        assert problem.reason.endswith(".")
        assert problem.remedy.endswith(".")


def test_the_sound_script_is_accepted(tmp_path: Path) -> None:
    assert Library(written(tmp_path)).script("essai").title == "Un essai"


def test_a_problem_reads_as_one_french_line() -> None:
    told = ContentError(
        [Problem("content/scripts/x.yaml", 12, "meteo", "aucune étape n'y mène.", "retirez-la.")]
    )
    assert str(told) == (
        f"content/scripts/x.yaml:12: étape «{NBSP}meteo{NBSP}»{NBSP}: "
        f"aucune étape n'y mène. Remède{NBSP}: retirez-la."
    )


def test_all_the_problems_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, broken("next: card", "next: cart").replace("{mood}", "{mod}"))
    written(tmp_path, "name: [", "autre")
    (tmp_path / "interface.yaml").write_text("script.go: Continuer\n", "utf-8")
    files = [problem.file.rpartition("/")[2] for problem in refused(tmp_path)]
    assert files.count("essai.yaml") == 2
    assert files.count("autre.yaml") == 1
    assert files.count("interface.yaml") == len(SHARED) - 1


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    written(tmp_path)
    problems = refused(written(tmp_path, name="essai@1"))
    assert [(p.file.rpartition("/")[2], p.line) for p in problems] == [("essai@1.yaml", 2)]
    assert "existe déjà" in problems[0].reason


def test_an_older_version_says_so_in_its_name(tmp_path: Path) -> None:
    problems = refused(written(tmp_path, name="essai@3"))
    assert problems[0].line == 2


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (written(tmp_path) / "scripts" / "essai.yaml").write_bytes(b"title: \xe9t\xe9\n")
    assert "UTF-8" in refused(tmp_path)[0].reason


def test_a_control_character_is_refused(tmp_path: Path) -> None:
    written(tmp_path, broken("title: Un essai", "title: Un\x00 essai"))
    assert refused(tmp_path)


def test_one_value_said_in_two_ways_under_one_name_is_refused(tmp_path: Path) -> None:
    text = broken(
        "    kind: words\n    text: Un mot\u00a0?\n    save: why\n",
        "    kind: choice\n    text: Et là\u00a0?\n    save: mood\n    options:\n"
        "      - {value: good, label: Super}\n      - {value: bad, label: Mal}\n",
    )
    problems = refused(written(tmp_path, text))
    assert [(p.line, p.step) for p in problems] == [(21, "why")]


def test_a_tick_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    text = broken("kind: choice", "kind: several").replace("label: Mal}", "label: Mal, next: card}")
    assert "cocher" in refused(written(tmp_path, text))[0].reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("- un\n", 1, "script.go"),
        ("script.go: 7\n", 1, "pas un texte"),
        ("script.go: <b>Va</b>\n", 1, "balise"),
        ("a: Un\na: Deux\n", 2, "deux fois"),
    ],
)
def test_a_broken_interface_is_refused(tmp_path: Path, text: str, line: int, reason: str) -> None:
    (written(tmp_path) / "interface.yaml").write_text(text, "utf-8")
    told = [problem for problem in refused(tmp_path) if reason in problem.reason]
    assert told
    assert told[0].file == f"{tmp_path.name}/interface.yaml"
    assert told[0].line == line

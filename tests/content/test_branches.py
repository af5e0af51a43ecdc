"""Branches, countdowns, plans and recalled answers, as authors may and may not write them."""

from pathlib import Path

import pytest

from content.errors import NBSP, ContentError
from content.library import Library
from dialogs.script import Branch
from tests.content.folders import written

SOUND = """\
name: chemins
version: 1
kind: exercise
title: Des chemins
minutes: 2
recall:
  before: {script: chemins, variable: mood}
first: mood
steps:
  mood:
    kind: scale
    text: Ça va ?
    save: mood
    next: which
    points:
      - {value: 1, label: Mal}
      - {value: 2, label: Moyen}
      - {value: 3, label: Bien}
  which:
    kind: branch
    cases:
      - {when: {mood: [1, 2]}, next: breathe}
      - {when: {before: 1}, next: breathe}
    next: plan
  breathe:
    kind: countdown
    text: On souffle.
    phases:
      - {label: Inspire, seconds: 4}
      - {label: Souffle, seconds: 6}
    rounds: 6
    finished: Voilà.
    next: plan
  plan: {kind: plan, text: "Ton plan, {before}\\nÀ toi.", next: card}
  card: {kind: end, text: À bientôt.}
""".replace(" ?", f"{NBSP}?")


def test_they_are_read_as_they_are_written(tmp_path: Path) -> None:
    which = Library(written(tmp_path, SOUND, "chemins")).script("chemins").steps["which"]
    assert isinstance(which, Branch)
    assert which.cases[0].when == {"mood": ("v1", "v2")}
    assert which.cases[1].when == {"before": ("v1",)}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{mood: [1, 2]}", "{mod: [1, 2]}", "« mod » n'est enregistré par aucune étape d'avant"),
        ("{mood: [1, 2]}", "{mood: [1, 9]}", "« v9 » n'est pas une réponse de « mood »"),
        ("next: breathe}\n    next", "next: breath}\n    next", "« breath » n'est pas une étape"),
        ("    next: plan\n  breathe", "    next: which\n  breathe", "sans jamais montrer d'écran"),
        ("rounds: 6", "rounds: 12\n    visibility: evaluation", "au nom du jeune"),
        ("seconds: 6", "seconds: 30", "plus de trois minutes"),
        ("On souffle.", "On souffle. " * 25, "dépasse 300 signes"),
        ("{before}\\nÀ toi.", "{before}", "l'écran serait vide"),
        ("{before}\\nÀ toi.", "{after}\\nÀ toi.", "{after} n'est enregistré"),
        ("script: chemins", "script: sentiers", "« sentiers » n'est pas un script de ce dossier"),
        ("variable: mood", "variable: mod", "« chemins » n'enregistre rien sous « mod »"),
        ("{before: 1}", "{before: 9}", "« v9 » n'est pas une réponse de « before »"),
        ("kind: exercise", "kind: survey\nanonymous: true", "rien n'est rappelé"),
        ("kind: exercise", "kind: survey\nanonymous: true", "gardé au nom du jeune"),
        ("  card: {kind: end, text: À bientôt.}", "", "n'est pas une étape"),
    ],
)
def test_what_would_leave_somebody_stuck_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert SOUND.count(old) == 1, old
    with pytest.raises(ContentError) as refused:
        Library(written(tmp_path, SOUND.replace(old, new), "chemins"))
    told = [problem.reason.replace(NBSP, " ") for problem in refused.value.problems]
    assert any(reason in one for one in told), told

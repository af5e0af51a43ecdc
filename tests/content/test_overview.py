"""The table of what can be proposed: true, complete, and covering every skill."""

import json

import pytest

import content
from content import overview
from content.__main__ import main
from content.ways import screens
from dialogs.script import Script

ROWS = overview.rows(content.load())


def test_every_general_skill_and_every_phase_has_an_exercise() -> None:
    assert overview.lacking(ROWS) == []
    without = [row for row in ROWS if "Gérer son stress" not in row.skill]
    assert overview.lacking(without) == ["Gérer son stress"]
    assert "exploration" in overview.lacking([])


def test_every_exercise_is_within_its_bounds() -> None:
    exercises = [row for row in ROWS if row.kind == "exercise"]
    assert len(exercises) >= 30
    for row in exercises:
        assert 2 <= row.minutes <= 4, row.title
        assert row.screens[1] <= 8, row.title
        assert row.ease >= 90, row.title
        assert {"fr", "en"} <= set(row.languages), row.title


def test_the_page_of_the_documentation_is_this_table() -> None:
    assert main(["catalogue", "--check"]) == 0


def test_a_terminal_reads_columns_and_a_program_reads_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["catalogue"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ROWS)
    place = head.index("minutes")
    assert all(line[place - 1] == " " and line[place].isdigit() for line in lines)
    assert main(["catalogue", "--json"]) == 0
    [mood] = [
        row for row in json.loads(capsys.readouterr().out) if row["title"] == "Ma météo du moment"
    ]
    assert mood["languages"] == ["fr", "en", "fr_vous"]


def test_screens_are_counted_on_the_shortest_and_the_longest_way() -> None:
    said = {"kind": "say", "text": "Bonjour", "next": "end"}
    yes_or_no = {
        "kind": "choice",
        "text": "On continue ?",
        "options": [
            {"value": "yes", "label": "Oui", "next": "more"},
            {"value": "no", "label": "Non"},
        ],
        "next": "end",
    }
    script = Script.model_validate(
        {
            "name": "court",
            "version": 1,
            "kind": "exercise",
            "title": "Court",
            "minutes": 2,
            "ages": [12, 25],
            "technique": "Aucune",
            "source": "Aucune",
            "skill": "Aucune",
            "first": "ask",
            "steps": {"ask": yes_or_no, "more": said, "end": {"kind": "end", "text": "Voilà"}},
        }
    )
    assert screens(script) == (2, 3)

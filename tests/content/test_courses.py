"""A course that cannot be held is refused, with its line, its step and what to do."""

from pathlib import Path

import pytest

import content
from content.check import check
from content.courses import OPEN, in_turn_of
from content.library import PACKAGED, Library
from records.hours import DEFAULT_WINDOWS
from tests.content.folders import written

COURSE = """\
name: essai
version: 1
title: Un essai
about: C'est court.
invitation: Deux semaines pour voir.
weeks: 2
rhythm: {days: [tuesday, friday], time: "18:00"}
steps:
  one: {script: essai}
  two:
    script: essai
    only: {done: one}
  three:
    script: essai
    at: {after_meeting: 2}
    only: {answered: {script: essai, variable: mood, values: [bad]}}
"""


def problems(folder: Path, text: str) -> list[str]:
    """What the check says of a folder with this course, translations apart."""
    written(folder)
    (folder / "courses").mkdir()
    (folder / "courses" / "essai.yaml").write_text(text, "utf-8")
    _library, found = check(folder)
    return [str(problem) for problem in found if "/en.po" not in str(problem)]


def test_a_sound_course_is_taken(tmp_path: Path) -> None:
    assert problems(tmp_path, COURSE) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("one: {script: essai}", "one: {script: rien}", 9, "étape « one » : « rien » n'est pas"),
        ("one: {script: essai}", "one: {scrip: essai}", 9, "étape « one » : il manque"),
        ("[tuesday, friday]", "[tuesday, sunday]", 7, "rien ne part jamais le « sunday »"),
        ('"18:00"', '"20:00"', 7, "rien ne part jamais à « 20:00 » le « tuesday »"),
        ('"18:00"', '"25:00"', 7, "« 25:00 » n'est pas une heure"),
        ("[tuesday, friday]", "[]", 7, "« days » compte 0 éléments, moins de 1"),
        ("[tuesday, friday]", "[tuesday, tuesday]", 7, "« tuesday » est là deux fois"),
        ("weeks: 2", "weeks: 0", 6, "« weeks » vaut « 0 », moins de 1"),
        ("{done: one}", "{done: three}", 12, "« three » n'est pas une étape d'avant"),
        ("{after_meeting: 2}", "{}", 15, "un seul moment"),
        ("values: [bad]", "values: [worse]", 16, "« worse » n'est pas une réponse"),
        ("variable: mood", "variable: moon", 16, "n'enregistre aucun choix sous « moon »"),
        ("name: essai", "name: autre", 1, "le parcours s'appelle « autre »"),
    ],
)
def test_what_cannot_be_held_is_refused(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    assert COURSE.count(old) == 1
    found = problems(tmp_path, COURSE.replace(old, new))
    spaced = [one.replace("\u00a0", " ") for one in found]
    [one] = [one for one in spaced if told in one]
    assert f"courses/essai.yaml:{line}:" in one
    assert "Remède : " in one


def test_a_course_without_a_step_is_refused(tmp_path: Path) -> None:
    [found] = problems(tmp_path, COURSE.partition("  one:")[0].replace("steps:", "steps: {}"))
    assert "« steps » compte 0 éléments" in found.replace("\u00a0", " ")


def test_more_steps_than_its_weeks_hold_are_refused(tmp_path: Path) -> None:
    text = COURSE.replace("[tuesday, friday]", "[tuesday]").replace("weeks: 2", "weeks: 1")
    [found] = problems(tmp_path, text)
    assert "2 étapes ne tiennent pas en 1 semaines" in found


def test_the_hours_that_the_check_knows_are_those_by_which_messages_leave() -> None:
    assert OPEN["saturday"] == DEFAULT_WINDOWS["saturday"]
    assert {OPEN[day] for day in OPEN if day != "saturday"} == {DEFAULT_WINDOWS["weekday"]}


def test_four_courses_are_ready_and_last_what_they_say() -> None:
    ready = Library(PACKAGED).courses
    weeks = {"premiers-pas": 4, "dire-non": 3, "projet-pro": 5, "courte-duree": 3}
    assert {name: ready[name].weeks for name in weeks} == weeks
    for course in ready.values():
        in_turn, days = in_turn_of(course), len(course.rhythm.days)
        assert course.weeks - 1 <= in_turn / days <= course.weeks
    phases = [step.phase for step in ready["projet-pro"].steps.values() if step.phase]
    assert list(dict.fromkeys(phases)) == [
        "exploration",
        "cristallisation",
        "spécification",
        "réalisation",
    ]


def test_a_course_is_told_in_the_youth_s_language() -> None:
    told = content.library().course("dire-non", "en")
    assert told is not None
    assert told.title == "Saying no"
    assert content.library().course("gone") is None

"""What is in the package itself: within limits in every language, and quiet on a lock screen."""

import re
from pathlib import Path

import pytest

import content
from content.__main__ import SCHEMAS, schema
from content.catalogue import sentences, template, template_path
from content.check import check
from content.library import PACKAGED
from content.play import example_facts
from content.texts import LIMITS, texts
from content.ways import after, leads_to
from dialogs.engine import State, show
from dialogs.script import NAMED, Branch, End, Script

LIBRARY = content.load()
SCRIPTS = [
    (script.name, script.version, language)
    for script in LIBRARY.every_version()
    for language in LIBRARY.voices
    if language == "fr" or LIBRARY.script(script.name, script.version, language) != script
]
SCREENS = 8  # on any way through an exercise; the closing card is not counted
ROOT = Path(__file__).parents[2]

BETRAYING = re.compile(
    r"\b(?:drogu|drug|stup|cannabis|weed|shit\b|coca|héro|addict|alcool|alcohol|conso|deal|trafi|"
    r"csapa|caarud|cjc\b|justic|juge\b|judge|tribuna|the court\b|polic|prison|jail|probation|pjj\b|"
    r"spip\b|avocat|lawyer|délit|crime|santé|health|soin|médec|docteur|doctor|malad|hôpit|hospital|"
    r"psy|suicid|thérap|therap)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("name", "version", "language"), SCRIPTS)
def test_every_text_is_within_its_limit(name: str, version: int, language: str) -> None:
    for text in texts(LIBRARY.script(name, version, language)):
        assert 0 < len(text.words) <= LIMITS[text.place], text


@pytest.mark.parametrize(("name", "version", "language"), SCRIPTS)
def test_every_first_line_keeps_quiet(name: str, version: int, language: str) -> None:
    script = LIBRARY.script(name, version, language)
    for step, at in script.steps.items():
        if isinstance(at, Branch):
            continue  # it has no screen
        for answers in ({}, answered(script)):
            known = example_facts(LIBRARY, script, language)
            screen = show(
                script, State(step, answers=known | answers), LIBRARY.phrases(language), "7"
            )
            assert not BETRAYING.search(screen.first_line), screen.first_line


@pytest.mark.parametrize("language", LIBRARY.voices)
def test_every_first_line_of_the_interface_keeps_quiet(language: str) -> None:
    for key in LIBRARY.interface:
        first = LIBRARY.translated(LIBRARY.interface[key], language).partition("\n")[0]
        if not key.startswith(("help.", "alert_rule.")):  # never first lines, or asked for by /aide
            assert not BETRAYING.search(first), key


@pytest.mark.parametrize("words", ["Drogues info", "Le juge", "Ta santé", "Un dealer", "Health"])
def test_a_first_line_that_says_too_much_would_be_seen(words: str) -> None:
    assert BETRAYING.search(words)


def test_the_package_has_no_problem() -> None:
    assert [str(problem) for problem in check(PACKAGED)[1]] == []


def test_the_schema_for_editors_is_up_to_date() -> None:
    for path, of in SCHEMAS.items():
        assert path.read_text("utf-8") == schema(of), "run: python -m content schema"


def test_the_translators_template_is_up_to_date() -> None:
    written = template_path(LIBRARY).read_text("utf-8")
    assert written == template(LIBRARY), "run: python -m content translations"


def test_english_is_complete() -> None:
    known = LIBRARY.entries("en")
    assert [s.words for s in sentences(LIBRARY) if s.words not in known] == []


@pytest.mark.parametrize("script", LIBRARY.catalogue("exercise"), ids=lambda s: s.name)
def test_an_exercise_names_its_skill_its_technique_and_its_source(script: Script) -> None:
    assert script.skill
    assert script.technique
    assert script.source


@pytest.mark.parametrize("script", LIBRARY.every_version(), ids=lambda s: s.name)
def test_no_way_shows_more_than_eight_screens(script: Script) -> None:
    limit = SCREENS if script.kind == "exercise" else 10
    assert longest(script, script.first) <= limit


def test_a_survey_is_anonymous_and_says_so_at_its_first_screen() -> None:
    for script in LIBRARY.catalogue("survey"):
        first = script.text_of(script.first)
        assert script.anonymous
        assert "sans ton nom" in first
        assert "ne peuvent plus être repris" in first


def test_the_satisfaction_survey_has_six_items_on_one_scale() -> None:
    script = LIBRARY.script("satisfaction")
    scales = [name for name, at in script.steps.items() if at.kind == "scale"]
    assert len(scales) == 6
    assert len({tuple(o.label for o in script.options_of(name)) for name in scales}) == 1


def test_the_enrolment_asks_for_two_consents_and_each_can_be_refused() -> None:
    script = LIBRARY.script("enrolment")
    asked = {
        at.save: [o.value for o in script.options_of(name)]
        for name, at in script.steps.items()
        if at.kind == "choice"
    }
    assert asked == {"consent_reminders": ["yes", "no"], "consent_messages": ["yes", "no"]}


def test_every_phrase_that_the_bot_says_is_written() -> None:
    """Keys given as they are; those put together from two words are proved by the journeys."""
    said = {
        key
        for path in [*(ROOT / "bot").glob("*.py"), PACKAGED / "render.py"]
        for key in re.findall(
            r"\b(?:say|tell|notice|button|phrase)\(\s*[\"']([a-z_.]+)[\"']", path.read_text("utf-8")
        )
    }
    assert said
    assert said <= LIBRARY.interface.keys()


def answered(script: Script) -> dict[str, str]:
    """Every question of the script answered with its first option, or a word."""
    given = {}
    for name, at in script.steps.items():
        if save := getattr(at, "save", None):
            options = script.options_of(name)
            given[save] = options[0].value if options else "Un mot"
    return given


def longest(script: Script, name: str, seen: frozenset[str] = frozenset()) -> int:
    """Screens on the longest way to an end that shows none of them twice."""
    at = script.steps[name]
    if isinstance(at, End) or name in seen:
        return 0
    further = max(longest(script, then, seen | {name}) for then in leads_to(script, name))
    return further + (not isinstance(at, Branch))


def test_no_script_goes_round_in_circles() -> None:
    for script in LIBRARY.every_version():
        assert all(name not in after(script, name) for name in script.steps)


def test_placeholders_are_the_same_in_every_language() -> None:
    for language in LIBRARY.voices[1:]:
        for french, said in LIBRARY.entries(language).items():
            assert set(NAMED.findall(french)) == set(NAMED.findall(said)), french

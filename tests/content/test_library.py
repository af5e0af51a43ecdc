"""What the library answers: versions, catalogue, sentences, and other languages."""

from pathlib import Path

import pytest

import content
from content.library import SHARED, Library, UnknownScript
from tests.content.folders import SOUND, broken, translated, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, broken("version: 1", "version: 2"))
    return written(tmp_path, SOUND.replace("Un essai", "Un vieil essai"), "essai@1")


def test_the_newest_version_comes_when_none_is_named(folder: Path) -> None:
    library = Library(folder)
    assert library.script("essai").version == 2
    assert library.script("essai", 2).title == "Un essai"
    assert library.script("essai", 1).title == "Un vieil essai"


def test_a_version_is_known_or_not(folder: Path) -> None:
    library = Library(folder)
    assert library.has("essai")
    assert library.has("essai", 1)
    assert not library.has("essai", 3)
    assert not library.has("autre")


def test_an_unknown_script_is_a_key_error_with_its_name(folder: Path) -> None:
    with pytest.raises(UnknownScript, match="autre"):
        Library(folder).script("autre")
    with pytest.raises(UnknownScript, match="essai@3"):
        Library(folder).script("essai", 3)
    assert issubclass(UnknownScript, KeyError)


def test_the_catalogue_holds_newest_versions_only(folder: Path) -> None:
    assert [(s.name, s.version) for s in Library(folder).catalogue()] == [("essai", 2)]


def test_the_catalogue_goes_from_short_to_long_within_a_kind(tmp_path: Path) -> None:
    for name, kind, minutes in (
        ("long", "exercise", 4),
        ("court", "exercise", 1),
        ("avis", "survey", 1),
        ("humeur", "checkin", 5),
        ("entree", "enrolment", 1),
    ):
        written(
            tmp_path,
            SOUND.replace("essai\n", f"{name}\n", 1)
            .replace("kind: exercise", f"kind: {kind}")
            .replace("minutes: 2", f"minutes: {minutes}"),
            name,
        )
    library = Library(tmp_path)
    assert [s.name for s in library.catalogue()] == ["humeur", "court", "long", "avis"]
    assert [s.name for s in library.catalogue("enrolment")] == ["entree"]
    assert [s.name for s in library.catalogue("exercise")] == ["court", "long"]


def test_the_catalogue_is_for_an_age(tmp_path: Path) -> None:
    library = Library(written(tmp_path, broken("minutes: 2", "minutes: 2\nages: [15, 17]")))
    assert [len(library.catalogue(age=age)) for age in (14, 15, 17, 18)] == [0, 1, 1, 0]


def test_a_phrase_is_filled_with_its_facts_and_ignores_the_others() -> None:
    said = content.load().phrase("meeting.place", "fr", place="Salle {when}", other="rien")
    assert said == "Où\u00a0: Salle {when}"


def test_an_unknown_phrase_and_a_lacking_fact_are_refused() -> None:
    library = content.load()
    with pytest.raises(KeyError, match=r"meeting\.nowhere"):
        library.phrase("meeting.nowhere", "fr")
    with pytest.raises(KeyError, match="place"):
        library.phrase("meeting.place", "fr")


def test_every_language_has_the_shared_phrases() -> None:
    library = content.load()
    for language in library.languages:
        phrases = library.phrases(language)
        assert all(getattr(phrases, key).strip() for key in SHARED)


def test_a_folder_without_interface_takes_the_packaged_one(tmp_path: Path) -> None:
    assert Library(written(tmp_path)).phrase("script.skip", "fr") == "Passer"


def test_a_script_is_translated_and_its_names_stay(tmp_path: Path) -> None:
    folder = translated(
        written(tmp_path),
        **{
            "Un essai": "A try",
            "Ça va\u00a0?": "All right?",
            "Un mot\u00a0?": "A word?",
            "Bien": "Good",
            "Mal": "Bad",
            "Merci.\\nTu as dit\u00a0: {mood}": "Thanks.\\nYou said: {mood}",
        },
    )
    french, english = (Library(folder).script("essai", language=to) for to in ("fr", "en"))
    assert english.title == "A try"
    assert english.text_of("why") == "A word?"
    assert english.text_of("card") == "Thanks.\nYou said: {mood}"
    assert [o.label for o in english.options_of("start")] == ["Good", "Bad"]
    assert [o.value for o in english.options_of("start")] == ["good", "bad"]
    assert french.title == "Un essai"


def test_what_is_not_translated_stays_french(tmp_path: Path) -> None:
    library = Library(translated(written(tmp_path), Bien="Good"))
    assert library.translated("Bien", "en") == "Good"
    assert library.translated("Inconnu", "en") == "Inconnu"
    assert library.translated("Bien", "de") == "Bien"
    assert library.script("essai", language="de").title == "Un essai"


def test_a_translation_that_names_something_else_stays_french(tmp_path: Path) -> None:
    library = Library(translated(written(tmp_path), **{"Un mot\u00a0?": "A {word}?"}))
    assert library.translated("Un mot\u00a0?", "en") == "Un mot\u00a0?"


def test_french_comes_first_among_the_languages(tmp_path: Path) -> None:
    assert Library(translated(written(tmp_path), Bien="Good")).languages[:2] == ("fr", "en")


def test_what_was_loaded_last_is_the_library(tmp_path: Path) -> None:
    try:
        loaded = content.load(written(tmp_path))
        assert content.library() is loaded
    finally:
        content.load()

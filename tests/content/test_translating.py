"""A script is said in another language when all of it can be, and in French until then."""

from pathlib import Path

from content.library import Library
from tests.content.folders import translated, written

WHOLE = {
    "Un essai": "A try",
    "Ça va\u00a0?": "All right?",
    "Bien": "Fine",
    "Mal": "Bad",
    "Un mot\u00a0?": "One word?",
    "Merci.\\nTu as dit\u00a0: {mood}": "Thanks.\\nYou said: {mood}",
}


def test_a_script_with_all_its_words_is_said_in_them(tmp_path: Path) -> None:
    script = Library(translated(written(tmp_path), **WHOLE)).script("essai", language="en")
    assert script.title == "A try"
    assert script.text_of("card") == "Thanks.\nYou said: {mood}"


def test_a_translated_script_is_made_once(tmp_path: Path) -> None:
    library = Library(translated(written(tmp_path), **WHOLE))
    assert library.script("essai", language="en") is not library.script("essai")
    assert library.script("essai", language="en") is library.script("essai", 1, "en")


def test_one_word_lacking_leaves_the_whole_script_in_french(tmp_path: Path) -> None:
    lacking = {french: said for french, said in WHOLE.items() if french != "Un essai"}
    library = Library(translated(written(tmp_path), **lacking))
    assert library.script("essai", language="en") == library.script("essai")


def test_a_fact_that_is_not_in_the_french_leaves_the_whole_script_in_french(tmp_path: Path) -> None:
    library = Library(translated(written(tmp_path), **(WHOLE | {"Bien": "Fine {name}"})))
    assert library.script("essai", language="en") == library.script("essai")

"""« Vous » instead of « tu »: what needs it, what it falls back to, and what lacks."""

from pathlib import Path

import pytest

import content
from content.__main__ import main
from content.check import check
from content.errors import NBSP
from content.formal import FORMAL, says_tu, spoken
from content.formal_findings import lacking
from content.library import Library
from content.texts import texts
from dialogs.script import NAMED
from tests.content.folders import SOUND, written

LIBRARY = content.load()


@pytest.mark.parametrize(
    "words",
    [
        "Tu viens ?", "Ton avis compte", "Je t’écris", "C'est à toi", "Écris ici", "N'écris rien",
        "Bon. Regarde autour", "Note-le, puis relis", "Laisse tomber.", "Ne coche pas « Bloquer »",
        "Il te l'a dit", "C'est pour tes proches",
    ],
)  # fmt: skip
def test_what_speaks_to_a_youth_says_tu(words: str) -> None:
    assert says_tu(words)


@pytest.mark.parametrize(
    "words",
    [
        "Continuer", "Mes RDV", "On lit le lundi", "Y a-t-il du monde ?", "« Tu viens ce soir ? »",
        "Un pote dit : « Garde ça pour toi »", "Ça ne change rien", "Je regarde", "Vous venez ?",
        "Le tout", "Elle compte sur moi",
    ],
)  # fmt: skip
def test_what_speaks_to_nobody_or_quotes_somebody_does_not(words: str) -> None:
    assert not says_tu(words)


@pytest.mark.parametrize(
    ("language", "forms", "expected"),
    [
        ("fr", (None, "tu"), "fr"),
        ("fr", (None, "vous"), FORMAL),
        ("fr", ("tu", "vous"), "fr"),
        ("fr", ("vous", "tu"), FORMAL),
        ("en", ("vous", "vous"), "en"),
        ("fr", (), "fr"),
    ],
)
def test_a_youths_own_form_comes_before_the_structures(
    language: str, forms: tuple[str | None, ...], expected: str
) -> None:
    assert spoken(language, *forms) == expected


def test_vous_is_no_language_to_choose() -> None:
    assert FORMAL not in LIBRARY.languages
    assert FORMAL in LIBRARY.voices


def test_all_that_the_bot_says_outside_scripts_can_be_said_with_vous() -> None:
    for key, words in LIBRARY.interface.items():
        said = LIBRARY.translated(words, FORMAL)
        assert not says_tu(said) or said == words, key
        assert set(NAMED.findall(said)) == set(NAMED.findall(words)), key
    assert [file for file in lacking(LIBRARY) if "/scripts/" not in file] == []


@pytest.mark.parametrize("name", sorted({one.name for one in LIBRARY.every_version()}))
def test_no_script_says_tu_to_whoever_is_told_vous(name: str) -> None:
    script = LIBRARY.script(name, language=FORMAL)
    assert script != LIBRARY.script(name)
    ours = {words for words, said in LIBRARY.entries(FORMAL).items() if words == said}
    assert {text.words for text in texts(script) if says_tu(text.words)} <= ours


def test_hours_and_days_are_said_as_in_french() -> None:
    weekdays = {str(day): ["09:00", "18:00"] for day in range(1, 6)}
    assert content.reading_hours(weekdays, FORMAL) == content.reading_hours(weekdays)
    assert content.span(61, FORMAL) == content.span(61)
    assert content.month("2010-03", FORMAL) == content.month("2010-03")


MARK = f"Merci.\\nTu as dit{NBSP}: {{mood}}"
TITLE = f"Ta journée{NBSP}?"
WHOLE = {MARK: f"Merci.\\nVous avez dit{NBSP}: {{mood}}", TITLE: f"Votre journée{NBSP}?"}


def said_with_vous(folder: Path, **said: str) -> Path:
    """A folder whose script says « tu » twice, with these entries."""
    written(folder, SOUND.replace(f"Un mot{NBSP}?", TITLE))
    (folder / "locale").mkdir(exist_ok=True)
    entries = [("", "Content-Type: text/plain; charset=UTF-8\\n"), *said.items()]
    (folder / "locale" / f"{FORMAL}.po").write_text(
        "\n".join(f'msgid "{tu}"\nmsgstr "{vous}"\n' for tu, vous in entries), "utf-8"
    )
    return folder


def reasons(folder: Path) -> list[str]:
    return [p.reason for p in check(folder)[1] if FORMAL in p.remedy]


def test_a_script_is_said_with_vous_once_all_of_it_can_be(tmp_path: Path) -> None:
    script = Library(said_with_vous(tmp_path, **WHOLE)).script("essai", language=FORMAL)
    assert script.text_of("why") == f"Votre journée{NBSP}?"
    assert script.text_of("card") == f"Merci.\nVous avez dit{NBSP}: {{mood}}"
    assert reasons(tmp_path) == []


def test_a_script_that_is_half_written_says_tu_throughout_and_is_refused(tmp_path: Path) -> None:
    folder = said_with_vous(tmp_path, **{TITLE: WHOLE[TITLE]})
    assert Library(folder).script("essai", language=FORMAL).text_of("why") == TITLE
    [reason] = reasons(folder)
    assert "Tu as dit" in reason
    assert "ne se dit pas encore" in reason


def test_a_script_that_is_not_begun_is_told_and_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = said_with_vous(tmp_path)
    assert reasons(folder) == []
    assert main(["--folder", str(folder), "formal"]) == 0
    written_out = capsys.readouterr().out
    assert f'msgid "{TITLE}"\nmsgstr ""' in written_out
    assert f'"Merci.\\n"\n"Tu as dit{NBSP}: {{mood}}"' in written_out


@pytest.mark.parametrize(
    ("vous", "reason"),
    [
        (f"Votre journée, dis{NBSP}?", "dit encore"),
        (f"Votre {{mood}}{NBSP}?", "mêmes réponses"),
        ("Votre journée" * 24, "dépasse 300 caractères"),
    ],
)
def test_what_is_said_wrongly_is_refused(tmp_path: Path, vous: str, reason: str) -> None:
    folder = said_with_vous(tmp_path, **WHOLE | {TITLE: vous})
    assert any(reason in told for told in reasons(folder))


def test_vous_is_held_to_spelling_and_tone_too(tmp_path: Path) -> None:
    folder = said_with_vous(tmp_path, **WHOLE | {TITLE: "Vous devez parler ?"})
    told = " ".join(p.reason for p in check(folder)[1])
    assert "insécable" in told
    assert "donne un ordre" in told


def test_the_same_words_on_purpose_are_no_problem(tmp_path: Path) -> None:
    assert reasons(said_with_vous(tmp_path, **WHOLE | {TITLE: TITLE})) == []

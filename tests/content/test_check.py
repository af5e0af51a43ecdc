"""What `python -m content` says to authors and translators, and its exit status."""

import json
from pathlib import Path

import pytest

from content import published
from content.__main__ import main
from content.check import check, misplaced
from content.errors import NBSP, Problem
from content.library import SHARED, Library
from tests.content.folders import SOUND, broken, translated, written


def found(folder: Path) -> list[Problem]:
    return [
        problem
        for problem in check(folder)[1]
        if problem.file == f"{folder.name}/scripts/essai.yaml"
    ]


def reasons(folder: Path) -> list[str]:
    return [problem.reason.replace(NBSP, " ") for problem in found(folder)]


ENGLISH = {
    "Un essai": "A try",
    "Ça va\u00a0?": "How are you?",
    "Bien": "Good",
    "Mal": "Bad",
    "Un mot\u00a0?": "A word?",
    "Merci.\\nTu as dit\u00a0: {mood}": "Thanks.\\nYou said: {mood}",
}


@pytest.mark.parametrize(
    "words",
    [
        "RDV à 14:30",
        "Regarde https://exemple.fr/?a=1:2;b",
        "Vraiment\u00a0?!",
        "Où (?)",
        "«\u00a0Oui\u00a0»",
        "Si…, alors…",
        "Deux\u00a0: trois",
        "",
        "Une\u00a0; deux",
    ],
)
def test_correct_spacing_passes(words: str) -> None:
    assert misplaced(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "Ça va ?",
        "Ça va?",
        "Bien !",
        "Bien!",
        "Deux : trois",
        "Deux: trois",
        "Une ; deux",
        "Une;",
        "« Oui\u00a0»",
        "«Oui\u00a0»",
        "«\u00a0Oui »",
        "«\u00a0Oui!\u00a0»",
        "«\u00a0Oui\u00a0!»",
        "Numéro 3: oui",
        "RDV à 14:30 ?",
        "Ah… ?",
    ],
)
def test_a_wrong_space_is_found(words: str) -> None:
    assert misplaced(words) is not None


def test_a_wrong_space_names_its_line(tmp_path: Path) -> None:
    folder = translated(
        written(tmp_path, broken("Un mot\u00a0?", "Un mot ?")), **ENGLISH, **{"Un mot ?": "A word?"}
    )
    assert [(p.line, p.step) for p in found(folder)] == [(18, "why")]
    assert "espace insécable" in reasons(folder)[0]


def test_a_wrong_space_of_the_interface_is_found(tmp_path: Path) -> None:
    lines = [f"script.{key}: Mot" for key in SHARED]
    (written(tmp_path) / "interface.yaml").write_text("\n".join([*lines, "x: Ah !"]), "utf-8")
    told = [p.line for p in check(tmp_path)[1] if "insécable" in p.reason]
    assert told == [len(SHARED) + 1]


@pytest.mark.parametrize("words", ["Tu dois parler", "Et tu  dois", "Là, tu ne dois pas"])
def test_an_order_is_refused(tmp_path: Path, words: str) -> None:
    folder = translated(
        written(tmp_path, broken("Un mot\u00a0?", words)), **ENGLISH, **{words: "Well"}
    )
    assert "donne un ordre" in reasons(folder)[0]


def test_a_complete_translation_passes(tmp_path: Path) -> None:
    assert found(translated(written(tmp_path), **ENGLISH)) == []


def test_a_missing_translation_names_the_french(tmp_path: Path) -> None:
    said = {french: other for french, other in ENGLISH.items() if french != "Bien"}
    folder = translated(written(tmp_path), **said)
    assert reasons(folder) == ["« Bien » n'est pas traduit en anglais."]
    assert found(folder)[0].line == 14


def test_a_fuzzy_translation_is_a_missing_one(tmp_path: Path) -> None:
    catalogue = translated(written(tmp_path), **ENGLISH) / "locale" / "en.po"
    catalogue.write_text(
        catalogue.read_text("utf-8").replace('msgid "Bien"', '#, fuzzy\nmsgid "Bien"'), "utf-8"
    )
    assert reasons(tmp_path) == ["« Bien » n'est pas traduit en anglais."]


def test_a_translation_with_other_braces_is_refused(tmp_path: Path) -> None:
    folder = translated(
        written(tmp_path), **ENGLISH | {"Merci.\\nTu as dit\u00a0: {mood}": "Thanks."}
    )
    assert "mêmes réponses" in reasons(folder)[0]


def test_a_translation_too_long_for_its_button_is_refused(tmp_path: Path) -> None:
    folder = translated(written(tmp_path), **ENGLISH | {"Bien": "g" * 25})
    assert "25 caractères, plus de 24" in reasons(folder)[0]


def test_what_cannot_be_loaded_is_told_by_check_too(tmp_path: Path) -> None:
    said = reasons(written(tmp_path, broken("next: card", "next: cart")))
    assert said == ["« cart » n'est pas une étape de ce script."]


def test_a_published_version_may_be_written_otherwise_but_not_changed(tmp_path: Path) -> None:
    folder = translated(written(tmp_path), **ENGLISH)
    assert published.publish(Library(folder)) == ["essai@1"]
    written(folder, f"# a remark\n{SOUND}".replace("label: Bien", 'label: "Bien"'))
    assert found(folder) == []
    written(folder, broken("label: Bien", "label: Mieux"))
    changed = [p for p in found(folder) if "publiée" in p.reason]
    assert [p.line for p in changed] == [2]
    assert "numéro 2" in changed[0].remedy


def test_a_published_version_may_not_disappear(tmp_path: Path) -> None:
    folder = translated(written(tmp_path), **ENGLISH)
    published.publish(Library(folder))
    written(folder, broken("version: 1", "version: 2"))
    assert reasons(folder) == ["la version 1, publiée, a disparu."]
    written(folder, name="essai@1")
    assert found(folder) == []
    assert published.publish(Library(folder)) == ["essai@2"]


def test_check_prints_problems_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, broken("next: card", "next: cart"))
    assert main(["--folder", str(tmp_path), "check"]) == 1
    assert "essai.yaml:20: étape" in capsys.readouterr().out


def test_nothing_with_a_problem_is_published(tmp_path: Path) -> None:
    written(tmp_path, broken("Un mot\u00a0?", "Tu dois parler"))
    assert main(["--folder", str(tmp_path), "publish"]) == 1
    assert not (tmp_path / published.FILE).exists()


def test_translations_writes_a_template_that_stays_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    translated(written(tmp_path), **ENGLISH)
    asked = ["--folder", str(tmp_path), "translations"]
    main(asked)
    template = tmp_path / "locale" / "content.pot"
    first = template.read_text("utf-8")
    assert 'msgid "Un essai"' in first
    assert "POT-Creation-Date" not in first
    main(asked)
    assert template.read_text("utf-8") == first
    written(tmp_path, f"# one line more\n{SOUND}")
    main([*asked, "--check"])
    assert "pas à jour" not in capsys.readouterr().out
    written(tmp_path, broken("Un essai", "Un autre"))
    assert main([*asked, "--check"]) == 1
    assert "pas à jour" in capsys.readouterr().out


def test_a_script_is_played_with_numbers_and_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["bof", "1", "x" * 501, "Voilà"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert main(["--folder", str(written(tmp_path)), "play", "essai"]) == 0
    out = capsys.readouterr().out
    assert "│ Tu as dit\u00a0: Bien" in out
    assert "500 caractères au plus" in out
    assert json.loads(out[out.rindex("{") :]) == {"mood": "good", "why": "Voilà"}


def test_a_script_is_left_when_nothing_more_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    assert main(["--folder", str(written(tmp_path)), "play", "essai", "--language", "en"]) == 0


def test_an_unknown_script_to_play_exits_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(written(tmp_path)), "play", "rien"]) == 2
    assert "essai" in capsys.readouterr().err

"""A translator's file goes out, comes back, and is taken whole or not at all."""

import json
import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from content.__main__ import main
from content.library import PACKAGED, Library
from content.texts import texts

SCRIPTS = ("humeur", "ma-meteo")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "content"
    (made / "scripts").mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(PACKAGED / "scripts" / f"{name}.yaml", made / "scripts")
    return made


def translated(folder: Path, *words: str) -> int:
    return main(["--folder", str(folder), "translate", "es", *words])


def loud(french: str) -> str:
    """A language that everybody reads: capitals, except in what is filled in."""
    return re.sub(r"\{\w+\}|[^{]+", lambda m: m[0] if m[0][0] == "{" else m[0].upper(), french)


def returned(folder: Path, said: Callable[[str], str], *, fuzzy: str = "") -> Path:
    """The file that a translator sends back."""
    path = folder / "retour.po"
    assert translated(folder, "--out", str(path)) == 0
    catalogue = read_po(BytesIO(path.read_bytes()))
    for one in catalogue:
        if one.id:
            one.string = said(str(one.id))
            if one.id == fuzzy:
                one.flags.add("fuzzy")
    written(catalogue, path)
    return path


def written(catalogue: Catalog, path: Path) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue)


def test_a_language_goes_out_comes_back_and_is_spoken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert translated(folder, "--in", str(returned(folder, loud))) == 0
    assert "Il en manque 0." in capsys.readouterr().out
    library = Library(folder)
    for name in SCRIPTS:
        script = library.script(name, language="es")
        assert [t.words for t in texts(script)] == [
            loud(t.words) for t in texts(library.script(name))
        ]
    again = folder / "encore.po"
    assert translated(folder, "--out", str(again)) == 0
    assert 'msgstr ""\n\n' not in again.read_text("utf-8").split("\n\n", 1)[1]


def test_a_translator_is_told_where_each_text_stands_and_what_it_may_be(folder: Path) -> None:
    path = folder / "es.po"
    assert translated(folder, "--out", str(path)) == 0
    text = path.read_text("utf-8")
    assert "#: content/scripts/humeur.yaml" in text
    assert re.search(r"#\. steps\.\w+\..*label\u00a0; bouton, 24 caractères au plus", text)
    assert re.search(r"gardez \{\w+\}", text)


def test_a_script_that_lacks_one_text_stays_in_french(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = Library(folder).script("humeur").title
    back = returned(folder, lambda french: "" if french == title else loud(french))
    assert translated(folder, "--in", str(back)) == 0
    assert "Il en manque 1." in capsys.readouterr().out
    library = Library(folder)
    assert library.script("humeur", language="es") == library.script("humeur")
    assert library.script("ma-meteo", language="es") != library.script("ma-meteo")
    assert translated(folder, "--json") == 0
    [mood] = [
        one for one in json.loads(capsys.readouterr().out) if one["file"].endswith("humeur.yaml")
    ]
    assert mood["said"] == mood["whole"] - 1


def test_what_is_to_be_seen_again_is_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = Library(folder).script("ma-meteo").title
    assert translated(folder, "--in", str(returned(folder, loud, fuzzy=title))) == 0
    assert "1 marquées" in capsys.readouterr().out
    assert title not in Library(folder).entries("es")


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (lambda said: said.replace("{", "{x"), "ne nomme pas les mêmes réponses"),
        (lambda said: said * 40, "caractères, plus de"),
        (lambda said: f"<b>{said}</b>", "ressemble à une balise"),
    ],
)
def test_a_file_with_one_fault_is_not_taken_at_all(
    folder: Path, spoilt: Callable[[str], str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [card] = [t.words for t in texts(Library(folder).script("ma-meteo")) if "{feeling}" in t.words][
        :1
    ]
    back = returned(folder, lambda french: spoilt(loud(french)) if french == card else loud(french))
    assert translated(folder, "--in", str(back)) == 1
    said = capsys.readouterr().out
    assert told in said
    assert "content/scripts/ma-meteo.yaml:" in said
    assert "Remède" in said
    assert not (folder / "locale" / "es.po").exists()


def test_a_text_that_changed_meanwhile_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "vieux.po"
    catalogue = Catalog()
    catalogue.add("Ce texte n'existe plus", "Este texto ya no existe")
    written(catalogue, path)
    assert translated(folder, "--in", str(path)) == 1
    assert "n'est plus un texte de Relais" in capsys.readouterr().out


def test_what_is_no_gettext_and_no_language_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "cassé.po"
    path.write_text('msgid "Bien\nmsgstr ""\n', "utf-8")
    assert translated(folder, "--in", str(path)) == 1
    assert "cassé.po:1:" in capsys.readouterr().out
    for language in ("fr", "fr_vous", "ES", "espagnol"):
        assert main(["--folder", str(folder), "translate", language]) == 2

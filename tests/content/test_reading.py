"""The reading level: syllables, Kandel and Moles's ease on known texts, hard words, the command."""

from pathlib import Path

import pytest

from content.__main__ import main
from content.errors import NBSP
from content.reading import CM2, ease, hard
from content.syllables import syllables
from tests.content.folders import broken, written

SCHOOL = (
    "Léo rentre de l'école. Il a faim. Il prend du pain et une pomme. "
    "Son chat dort sur la chaise. Léo ne fait pas de bruit."
)
PERRAULT = (
    "Il était une fois une petite fille de village, la plus jolie qu'on eût su voir ; sa mère en "
    "était folle, et sa mère-grand plus folle encore."
)
CODE_CIVIL = (
    "Tout fait quelconque de l'homme, qui cause à autrui un dommage, oblige celui par la faute "
    "duquel il est arrivé à le réparer."
)
OFFICE = (
    "Conformément aux dispositions réglementaires en vigueur, l'attribution de la prestation est "
    "subordonnée à la production préalable des justificatifs afférents à la situation "
    "administrative du bénéficiaire."
)
SAID = {
    1: "chat portes parlent aiment eau pied nuit oui lieu yeux jouer août œuf feuille tu les",
    2: "maison souvent argent moment réel maïs créer journée écrivent étaient client grand-mère",
    3: "aujourd'hui téléphone ouvrier oublier expérience attention rendez-vous février",
    4: "ordinateur éducatrice prépondérant",
    5: "immédiatement accompagnement",
}


@pytest.mark.parametrize(
    ("word", "count"), [(word, count) for count, words in SAID.items() for word in words.split()]
)
def test_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert syllables(word) == count


def test_known_texts_are_ranked_and_parted_by_the_last_year_of_primary_school() -> None:
    measured = [ease(text) or 0.0 for text in (SCHOOL, PERRAULT, CODE_CIVIL, OFFICE)]
    assert measured == sorted(measured, reverse=True)
    assert [value >= CM2 for value in measured] == [True, True, False, False]


@pytest.mark.parametrize("text", ["", "{mood}", "/aide", "https://exemple.fr/page", "🙂 …"])
def test_a_text_without_words_has_no_ease(text: str) -> None:
    assert ease(text) is None


@pytest.mark.parametrize(
    "said",
    ["Un rôle prépondérant", "Deux idées Prépondérantes", "Ils sollicitaient", "L'ambivalence"],
)
def test_a_hard_word_is_found_in_its_usual_forms(said: str) -> None:
    assert len(list(hard(said))) == 1


@pytest.mark.parametrize("said", ["Un rôle important", "J'ai demandé", "La démarcheuse"])
def test_plain_words_pass(said: str) -> None:
    assert list(hard(said)) == []


def test_the_command_names_file_line_step_and_a_plainer_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, broken("Un mot\u00a0?", "C'est prépondérant."))
    assert main(["--folder", str(tmp_path), "check"]) == 1
    told = capsys.readouterr().out.replace(NBSP, " ")
    assert f"{tmp_path.name}/scripts/essai.yaml:18: étape « why » :" in told
    assert (
        "« prépondérant » est trop dur à dix ans. Remède : dites plutôt « plus important »" in told
    )


def test_the_command_refuses_a_script_above_the_level_and_a_sentence_too_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, broken("Un mot\u00a0?", f'"{OFFICE} Et {"là " * 26}."'))
    assert main(["--folder", str(tmp_path), "check"]) == 1
    told = capsys.readouterr().out.replace(NBSP, " ")
    assert "essai.yaml:7: le texte se lit à" in told
    assert "essai.yaml:18: étape « why » : une phrase compte 27 mots, plus de 25. Remède" in told


@pytest.mark.parametrize(
    "order", ["“Tu dois”", "TU DEVRAS", "Tu ne devrais pas", "Il faut que tu parles", "T'es obligé"]
)
def test_an_order_is_refused_in_other_words_too(
    order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, broken("Un mot\u00a0?", f"'{order.replace(chr(39), chr(39) * 2)}'"))
    assert main(["--folder", str(tmp_path), "check"]) == 1
    assert "essai.yaml:18" in (told := capsys.readouterr().out)
    assert "donne un ordre" in told

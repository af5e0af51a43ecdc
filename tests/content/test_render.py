"""The screen of each kind of message, as things stand when it is sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import content
from content import About, help_card, menu, render
from content.errors import NBSP
from content.library import PACKAGED
from dialogs.screen import Button, Screen
from tests.content.folders import SOUND, written

WHEN = datetime(2025, 10, 14, 14, 30, tzinfo=UTC)
ABOUT = About(
    nickname="Sami",
    educator="Nadia",
    now=WHEN - timedelta(days=5),
    meeting="41",
    revision=2,
    when=WHEN,
    reading={"1": ["09:00", "18:00"]},
)


def lines(screen: Screen) -> list[str]:
    return screen.text.replace(NBSP, " ").split("\n")


def labels(screen: Screen) -> list[list[str]]:
    return [[button.label for button in row] for row in screen.rows]


@pytest.fixture
def essai(tmp_path: Path) -> Iterator[None]:
    """The small script in three kinds, with the packaged interface and translations."""
    for kind in ("exercise", "checkin", "survey"):
        anonymous = "\nanonymous: true" if kind == "survey" else ""
        written(
            tmp_path,
            SOUND.replace("essai\n", f"essai-{kind}\n", 1).replace(
                "kind: exercise", f"kind: {kind}{anonymous}"
            ),
            f"essai-{kind}",
        )
    content.load(tmp_path)
    yield
    content.load(PACKAGED)


def test_a_reminder_says_the_day_and_asks() -> None:
    screen = render("reminder", {}, ABOUT)
    assert lines(screen) == ["RDV mardi 14 octobre à 14 h 30", "Tu viens ?"]
    assert labels(screen) == [["J'y serai", "En retard"], ["Changer", "Je ne peux pas"]]
    assert screen.rows[0][1].act == ("meeting", "41", "2", "late")
    assert not screen.protect


def test_the_day_before_it_says_tomorrow() -> None:
    screen = render("reminder", {}, replace(ABOUT, now=WHEN - timedelta(hours=20)))
    assert lines(screen)[0] == "RDV demain, mardi 14 octobre à 14 h 30"


def test_the_same_day_it_says_today() -> None:
    screen = render("reminder", {}, replace(ABOUT, now=WHEN - timedelta(hours=14)))
    assert lines(screen)[0] == "RDV aujourd'hui à 14 h 30"


def test_a_reminder_says_where_when_there_is_a_place() -> None:
    screen = render("reminder", {}, replace(ABOUT, place="Salle 2"))
    assert lines(screen)[1:] == ["Où : Salle 2", "Tu viens ?"]


def test_a_repeated_message_says_so() -> None:
    for kind, params in (
        ("reminder", {}),
        ("changed", {"was": WHEN.isoformat()}),
        ("cancelled", {}),
    ):
        said = lines(render(kind, params, replace(ABOUT, repeated=True)))
        assert said[-1] == "(Tu as peut-être déjà reçu ce message.)"


def test_a_change_says_the_new_day_then_the_old_one() -> None:
    screen = render("changed", {"was": "2025-10-13T10:00:00+00:00"}, ABOUT)
    assert lines(screen) == [
        "Ton RDV change : mardi 14 octobre à 14 h 30",
        "Il était prévu lundi 13 octobre à 10 h.",
        "Tu viens ?",
    ]
    assert len(screen.rows) == 2


def test_a_cancellation_asks_nothing() -> None:
    screen = render("cancelled", {}, ABOUT)
    assert lines(screen)[0] == "RDV annulé : mardi 14 octobre à 14 h 30"
    assert screen.rows == ()


def test_an_educators_words_come_under_a_neutral_line() -> None:
    assert lines(render("text", {"text": "À demain <b>"}, ABOUT)) == [
        "Nadia t'a écrit",
        "",
        "À demain <b>",
    ]


@pytest.mark.usefixtures("essai")
@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("exercise", "Nadia te propose un exercice"),
        ("checkin", "Nadia prend de tes nouvelles"),
        ("survey", "Ton avis compte"),
    ],
)
def test_an_offer_names_the_script_and_leaves_the_choice(kind: str, first: str) -> None:
    screen = render("offer", {"script": f"essai-{kind}"}, ABOUT)
    assert lines(screen)[0] == first
    assert "Un essai" in screen.text
    assert labels(screen) == [["Commencer"], ["Pas maintenant"]]
    assert screen.rows[0][0].act == ("begin", f"essai-{kind}", "")
    assert screen.protect


@pytest.mark.usefixtures("essai")
@pytest.mark.parametrize("kind", ["exercise", "checkin", "survey"])
def test_a_first_offer_asks_for_the_consent_too(kind: str) -> None:
    screen = render(
        "offer", {"script": f"essai-{kind}", "wave": "2026-T1"}, replace(ABOUT, asks_consent=True)
    )
    assert labels(screen) == [["Oui, d'accord"], ["Non merci"]]
    purpose = content.offered_purpose(kind)
    assert content.library().phrase(f"ask.{purpose}", "fr", educator="Nadia") in screen.text


@pytest.mark.usefixtures("essai")
def test_an_anonymous_survey_says_so_before_it_begins() -> None:
    assert "sans ton nom" in render("offer", {"script": "essai-survey"}, ABOUT).text


def test_a_phrase_is_said_with_its_facts() -> None:
    screen = render("phrase", {"say": "welcome", "menu": True}, ABOUT)
    assert lines(screen)[0] == "C'est bon, Sami."
    assert "Ici, on lit le lundi, de 9 h à 18 h." in lines(screen)
    assert screen.menu == menu(ABOUT)
    slot = render("phrase", {"say": "meeting.thanks_slot", "facts": {"slot": "mardi"}}, ABOUT)
    assert lines(slot) == ["C'est noté : mardi t'arrange. Nadia te confirme le RDV."]


@pytest.mark.parametrize("kind", ["screen", "passing"])
def test_a_screen_that_was_kept_comes_back(kind: str) -> None:
    screen = Screen("Un mot", ((Button("Oui", ("step", "7", "1", "go")),),), protect=True)
    assert render(kind, screen.to_json(), ABOUT) == screen


def test_the_card_gives_every_number_with_its_hours_and_can_be_copied() -> None:
    screen = render("card", {}, ABOUT)
    for number in (
        "15",
        "17",
        "18",
        "112",
        "114",
        "3114",
        "119",
        "3018",
        "3919",
        "115",
        "0 800 235 236",
        "0 800 23 13 13",
        "116 006",
    ):
        assert any(line.startswith(f"{number} : ") and "h" in line for line in lines(screen)), (
            number
        )
    assert "on lit le lundi" in screen.text
    assert not screen.protect
    assert screen.rows == ()


def test_the_card_of_a_stranger_names_nobody() -> None:
    screen = help_card(About())
    assert "3114" in screen.text
    assert "personne ne lit" not in screen.text


def test_the_menu_names_the_educator() -> None:
    assert menu(ABOUT) == (
        ("Mes RDV", "Un exercice"),
        ("Mon carnet", "Écrire à Nadia"),
        ("Aide", "Moi", "Cacher"),
    )


@pytest.mark.parametrize("kind", ["reminder", "cancelled", "card"])
def test_every_language_has_words_of_its_own(kind: str) -> None:
    said = {
        render(kind, {}, replace(ABOUT, language=language)).text
        for language in content.library().languages
    }
    assert len(said) == len(content.library().languages)

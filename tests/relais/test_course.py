"""relais course: the calendar before it begins, then where it stands; pause, resume, stop."""

import pytest

from tests.relais.conftest import CommandLine, link_phone


@pytest.fixture
def linked(cli: CommandLine, sami: str) -> str:
    link_phone(cli, sami)
    return sami


def test_the_four_that_are_ready_are_listed(cli: CommandLine) -> None:
    assert {one["name"] for one in cli.ok("course", "list")} == {
        "premiers-pas",
        "dire-non",
        "projet-pro",
        "courte-duree",
    }
    assert "mardi et vendredi à 18:00" in cli.said("course", "list")


def test_the_plan_is_what_is_then_begun_and_nothing_before(cli: CommandLine, linked: str) -> None:
    told = cli.ok("course", "plan", linked, "dire-non", "--days", "lundi,jeudi", "--at", "18h30")
    assert cli.ok("course", "show", linked) == []
    begun = cli.ok("course", "start", linked, "dire-non", "--days", "lundi,jeudi", "--at", "18h30")
    assert [one["leaves_at"] for one in begun["steps"]] == [one["leaves_at"] for one in told]
    assert told[0]["title"] == "Dire non sans perdre la face"
    text = cli.said("course", "show", linked)
    assert "Seulement si « Dire non sans perdre la face » est fait." in text
    cli.refused("course", "start", linked, "premiers-pas")


def test_pause_resume_and_stop(cli: CommandLine, linked: str) -> None:
    cli.ok("course", "start", linked, "premiers-pas")
    assert cli.ok("course", "pause", linked)["state"] == "paused"
    assert cli.ok("course", "resume", linked)["state"] == "active"
    assert cli.ok("course", "stop", linked)["state"] == "stopped"
    assert "Aucun parcours n'est en cours" in cli.refused("course", "pause", linked)


WRONG = (
    (["rien"], "Ce parcours n'existe pas"),
    (["dire-non", "--days", "dimanche"], "Rien ne part à cette heure-là"),
    (["dire-non", "--days", "demain"], "écrivez des jours"),
    (["dire-non", "--at", "25h"], "n'est pas une heure"),
    (["dire-non", "--after-meeting", "2"], "Aucun rendez-vous n'est prévu"),
    (["dire-non", "--before-end", "21"], "Aucune fin n'est prévue"),
    (["dire-non", "--before-end", "900"], "entre 0 et 180"),
)


def test_what_cannot_be_is_refused_in_one_sentence(cli: CommandLine, linked: str) -> None:
    for typed, told in WRONG:
        assert told in cli.refused("course", "plan", linked, *typed)

"""relais cover, relais youth transfer, relais staff transfer: who reads, who accompanies."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from records import outgoing, youth
from records.database import Tx
from tests.relais.conftest import CommandLine, add_sami, link_phone
from tests.relais.test_responses import answered

PARIS = ZoneInfo("Europe/Paris")


def at(**ahead: int) -> str:
    """A moment to come, as one types it."""
    return f"{datetime.now(UTC).astimezone(PARIS) + timedelta(**ahead):%Y-%m-%d %H:%M}"


def told(line: CommandLine, code: str) -> list[str]:
    async def waiting(tx: Tx) -> list[str]:
        who = await youth.by_code(tx, code)
        kept = await outgoing.waiting(tx, who.id)
        return [m.params["say"] for m in kept if m.kind == "notice"]

    return line.look(waiting)


def test_a_cover_is_added_listed_and_ended(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    answered(cli, sami)
    assert "Aucun jeune" in cli.refused("responses", sami, "--as", "karim")
    facts = cli.ok("cover", "add", "nadia", "karim", "--to", at(days=3))
    assert (facts["absent"], facts["covering"], facts["state"]) == ("nadia", "karim", "active")
    assert facts["youths"] == 1
    assert told(cli, sami) == ["notice.cover"]
    assert cli.ok("responses", sami, "--as", "karim") == [], "it was shared before"
    [listed] = cli.ok("cover", "list")
    assert listed["id"] == facts["id"]
    assert "en cours" in cli.said("cover", "list")
    assert "ne voit plus" in cli.said("cover", "end", "nadia")
    assert told(cli, sami) == []
    assert "Aucun jeune" in cli.refused("responses", sami, "--as", "karim")
    assert [one["state"] for one in cli.ok("cover", "list")] == ["over"]
    assert "déjà fini" in cli.refused("cover", "end", facts["id"])
    assert "Personne ne remplace Nadia" in cli.refused("cover", "end", "nadia")


def test_a_cover_called_off_before_it_begins_is_cancelled_and_never_was(cli: CommandLine) -> None:
    cli.ok("cover", "add", "nadia", "karim", "--from", at(days=2), "--to", at(days=9))
    said = cli.said("cover", "end", "nadia")
    assert said.startswith("C'est annulé : ce remplacement n'avait pas commencé")
    assert "fini" not in said
    assert [one["state"] for one in cli.ok("cover", "list")] == ["cancelled"]


def test_a_cover_says_how_many_the_bot_tells_and_whom_it_cannot(
    cli: CommandLine, sami: str
) -> None:
    ines = add_sami(cli, nickname="Inès")
    link_phone(cli, ines)
    said = cli.said("cover", "add", "nadia", "karim", "--to", at(days=3))
    assert "1 jeune sera prévenu par le bot." in said
    assert (
        f"1 jeune ne peut pas être prévenu par le bot : à prévenir de vive voix ({sami})." in said
    )
    cli.ok("cover", "end", "nadia")
    facts = cli.ok("cover", "add", "nadia", "karim", "--to", at(days=3))
    assert (facts["youths"], facts["told"], facts["untold"]) == (2, 1, [sami])


def test_a_cover_to_come_says_from_when_to_when(cli: CommandLine) -> None:
    said = cli.said("cover", "add", "nadia", "karim", "--from", at(days=2), "--to", at(days=9))
    assert said.startswith("Karim remplace Nadia du ")
    assert "prévenu" not in said, "there is nobody to tell"
    assert "à venir" in cli.said("cover", "list")
    cli.ok("cover", "add", "nadia", "karim", "--from", at(days=10), "--to", at(days=11))
    assert "Précisez lequel" in cli.refused("cover", "end", "nadia")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("nadia", "nadia", "--to", "demain 8h"), "On ne se remplace pas soi-même"),
        (("nadia", "personne", "--to", "demain 8h"), "Aucun compte"),
        (("nadia", "claire", "--to", "demain 8h"), "n'est pas éducateur"),
        (("nadia", "karim", "--to", "hier 8h"), "déjà passé"),
        (("nadia", "karim", "--to", "01/01/2020 8h"), "déjà passé"),
        (("nadia", "karim", "--from", "demain 9h", "--to", "demain 8h"), "après le début"),
        (("nadia", "karim", "--to", "jamais"), "n'est pas un moment"),
    ],
)
def test_what_makes_no_cover_is_refused_in_a_sentence(
    cli: CommandLine, typed: tuple[str, ...], said: str
) -> None:
    cli.ok("staff", "add", "claire", "--name", "Claire", "--role", "coordinator")
    assert said in cli.refused("cover", "add", *typed)
    assert cli.ok("cover", "list") == []


def test_an_unknown_cover_is_refused(cli: CommandLine) -> None:
    for which in ("123456789012", "9" * 19, "9" * 40):
        assert "n'existe pas" in cli.refused("cover", "end", which)
    assert "Aucun compte" in cli.refused("cover", "end", "personne")


def test_a_youth_is_handed_over_and_told_what_the_command_said(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami, consents={"reminders": True, "messages": True})
    facts = cli.ok("youth", "transfer", sami, "--to", "karim")
    assert (facts["from"], facts["to"], facts["told"]) == ("nadia", "karim", True)
    [said] = [one["text"] for one in facts["messages"] if one["kind"] == "notice"]
    assert said.startswith("Maintenant, c'est Karim qui t'accompagne, à la place de Nadia.")
    assert cli.ok("youth", "show", sami)["educator"] == "karim"
    assert "accompagne déjà" in cli.refused("youth", "transfer", sami, "--to", "karim")
    assert "Nadia accompagne maintenant Sami" in cli.said(
        "youth", "transfer", sami, "--to", "nadia"
    )


def test_who_cannot_be_told_by_the_bot_is_named(cli: CommandLine, sami: str) -> None:
    ines = add_sami(cli, nickname="Inès")
    link_phone(cli, ines)
    said = cli.said("staff", "transfer", "nadia", "--to", "karim")
    assert said.startswith("2 jeunes passent de Nadia à Karim.")
    assert f"À prévenir de vive voix : {sami}." in said
    assert "n'accompagne personne" in cli.said("staff", "transfer", "nadia", "--to", "karim")
    assert cli.ok("staff", "transfer", "karim", "--to", "nadia")["told"] == [ines]


def test_closing_an_account_says_how_to_hand_its_youths_over(cli: CommandLine, sami: str) -> None:
    assert "relais staff transfer nadia --to" in cli.said("staff", "disable", "nadia")
    assert "accompagne" in cli.said("youth", "transfer", sami, "--to", "karim")
    assert "Ce compte est fermé" in cli.refused("youth", "transfer", sami, "--to", "nadia")


def test_closing_the_account_of_whoever_covers_says_for_whom(cli: CommandLine, sami: str) -> None:
    cli.ok("cover", "add", "nadia", "karim", "--to", at(days=3))
    assert "Karim remplaçait Nadia" in cli.said("staff", "disable", "karim")
    assert "Ce compte est fermé" in cli.refused("responses", sami, "--as", "karim")


def test_it_is_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    link_phone(either, code)
    either.ok("cover", "add", "nadia", "karim", "--to", at(days=3))
    either.ok("staff", "transfer", "nadia", "--to", "karim")
    assert told(either, code) == ["notice.transfer"]
    assert either.ok("youth", "show", code)["educator"] == "karim"


def test_closing_an_account_ends_the_covers_of_whoever_had_it(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    cli.ok("cover", "add", "nadia", "karim", "--to", at(days=3))
    cli.ok("cover", "add", "nadia", "karim", "--from", at(days=5), "--to", at(days=6))
    assert told(cli, sami) == ["notice.cover", "notice.cover"]
    said = cli.said("staff", "disable", "karim")
    assert "Karim remplaçait Nadia, ou allait le faire : c'est fini" in said.replace("\u00a0", " ")
    assert [one["state"] for one in cli.ok("cover", "list")] == ["over", "cancelled"]
    assert told(cli, sami) == []
    assert cli.ok("staff", "disable", "karim")["covers_ended"] == 0

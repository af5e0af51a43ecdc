"""relais youth: taken in, invited, confirmed, unlinked, closed — each with the records' own rules."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from records import alert, contact, message, structure, youth
from records.database import Tx
from records.errors import Refused
from tests.relais.conftest import TOKEN, CommandLine, add_sami, link_phone

YEAR = datetime.now(UTC).year


def test_a_youth_is_taken_in_with_a_code(cli: CommandLine) -> None:
    made = cli.ok(
        "youth",
        "add",
        "--educator",
        "nadia",
        "--nickname",
        " Sami ",
        "--born",
        f"01/{YEAR - 16}",
        "--referred-by",
        "justice",
        "--language",
        "en",
        "--support-ends-on",
        f"{YEAR + 1}-03-01",
    )
    assert made == made | {
        "nickname": "Sami",
        "born": f"{YEAR - 16}-01",
        "school_aged": True,
        "language": "en",
        "educator": "nadia",
        "structure": "Les Passerelles",
        "reach": "not_linked",
        "phone": None,
        "support_ends_on": f"{YEAR + 1}-03-01",
        "consents": {},
        "to_ask_again": [],
        "regime": "minor",
    }
    assert len(made["code"]) == 5
    assert isinstance(made["id"], str)


def test_who_accompanies_is_said_without_guessing_at_the_youth(cli: CommandLine) -> None:
    born = f"{YEAR - 16}-01"
    text = cli.said("youth", "add", "--educator", "nadia", "--nickname", "Zoé", "--born", born)
    assert text.startswith("Nadia accompagne Zoé. Code : ")


def test_the_way_of_referral_is_counted_and_never_kept(cli: CommandLine) -> None:
    made = cli.ok(
        "youth",
        "add",
        "--educator",
        "nadia",
        "--nickname",
        "Sami",
        "--born",
        f"{YEAR - 16}-01",
        "--referred-by",
        "prison",
    )
    assert "prison" not in str(cli.ok("youth", "show", made["code"]))

    async def counted(tx: Tx) -> Any:
        return await tx.row(select(youth.referral_tally.c.way, youth.referral_tally.c.total))

    assert tuple(cli.look(counted)) == ("prison", 1)


@pytest.mark.parametrize(
    ("age", "typed", "kept"),
    [
        (16, (), True),
        (19, (), False),
        (16, ("--school-aged", "no"), False),
        (19, ("--school-aged", "yes"), True),
    ],
)
def test_under_eighteen_counts_as_school_aged_unless_said_otherwise(
    cli: CommandLine, age: int, typed: tuple[str, ...], kept: bool
) -> None:
    made = cli.ok(
        "youth",
        "add",
        "--educator",
        "nadia",
        "--nickname",
        "Sami",
        "--born",
        f"{YEAR - age - 1}-12",
        *typed,
    )
    assert made["school_aged"] is kept


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"educator": "personne"}, "Aucun compte"),
        ({"educator": "claire"}, "n'est pas éducateur ou éducatrice"),
        ({"structure": "Nulle part"}, "Cette structure n'existe pas"),
        ({"nickname": " "}, "prénom ou un surnom"),
        ({"nickname": "x" * 41}, "40 caractères"),
        ({"born": "2010-13"}, "n'est pas un mois de naissance"),
        ({"born": f"{YEAR - 40}-01"}, "de 12 à 25 ans"),
        ({"born": f"{YEAR - 8}-01"}, "de 12 à 25 ans"),
        ({"born": "9999-01"}, "de 12 à 25 ans"),
        ({"school-aged": "maybe"}, "« maybe » n'existe pas"),
        ({"referred-by": "police"}, "« police » n'existe pas"),
        ({"support-ends-on": f"{YEAR + 1}-02-30"}, "n'est pas un jour qui existe"),
        ({"support-ends-on": "2020-01-31"}, "déjà passé"),
        ({"language": "de"}, "n'est pas une langue de Relais"),
    ],
)
def test_a_youth_who_cannot_be_taken_in_is_refused(
    cli: CommandLine, changed: dict[str, str], said: str
) -> None:
    cli.ok("staff", "add", "claire", "--name", "Claire", "--role", "coordinator")
    typed = {"educator": "nadia", "nickname": "Sami", "born": f"{YEAR - 16}-01"} | changed
    arguments = [part for name, value in typed.items() for part in (f"--{name}", value)]
    assert said in cli.refused("youth", "add", *arguments)
    assert cli.ok("youth", "list") == []


def test_an_educator_of_another_structure_or_closed_takes_nobody_in(cli: CommandLine) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    born = ("--nickname", "Sami", "--born", f"{YEAR - 16}-01")
    assert "travaille ailleurs" in cli.refused(
        "youth", "add", "--educator", "nadia", *born, "--structure", "Ailleurs"
    )
    cli.ok("staff", "disable", "karim")
    assert "Ce compte est fermé" in cli.refused("youth", "add", "--educator", "karim", *born)


def test_an_invitation_is_a_deep_link_that_works_once(cli: CommandLine, sami: str) -> None:
    made = cli.ok("youth", "invite", sami)
    assert set(made) == {"token", "link", "expires_at", "qr"}
    parts = urlsplit(made["link"])
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "t.me", "/relais_test_bot")
    assert parse_qs(parts.query) == {"start": [made["token"]]}
    until = datetime.fromisoformat(made["expires_at"])
    assert until.tzinfo is not None
    assert timedelta(days=6) < until - datetime.now(UTC) <= timedelta(days=7)
    cli.open_link(made["token"])
    with pytest.raises(Refused, match="link_used"):
        cli.open_link(made["token"], "5002")


def test_a_new_invitation_ends_the_one_before(cli: CommandLine, sami: str) -> None:
    first = cli.ok("youth", "invite", sami)
    cli.ok("youth", "invite", sami)
    with pytest.raises(Refused, match="link_unknown"):
        cli.open_link(first["token"])


@pytest.mark.parametrize("suffix", ["svg", "png", "PNG"])
def test_a_qr_code_is_written_to_print(
    cli: CommandLine, sami: str, tmp_path: Path, suffix: str
) -> None:
    picture = tmp_path / f"sami.{suffix}"
    made = cli.ok("youth", "invite", sami, "--qr", str(picture))
    assert made["qr"] == str(picture)
    if suffix == "svg":
        assert ET.fromstring(picture.read_bytes()).tag.endswith("svg")
    else:
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_script_finds_a_qr_code_where_it_stands(
    cli: CommandLine, sami: str, tmp_path: Path
) -> None:
    made = cli.ok("youth", "invite", sami)
    assert made["qr"] == f"invitation-{sami}.svg"
    assert ET.fromstring((tmp_path / made["qr"]).read_bytes()).tag.endswith("svg")


def test_a_qr_code_is_drawn_for_a_person(cli: CommandLine, sami: str, tmp_path: Path) -> None:
    text = cli.said("youth", "invite", sami)
    assert not list(tmp_path.glob("*.svg"))
    assert "https://t.me/relais_test_bot?start=" in text
    assert text.count("▀") + text.count("▄") + text.count("█") > 100
    assert f"relais youth show {sami}" in text


def test_a_qr_code_that_cannot_be_written_makes_no_link(
    cli: CommandLine, sami: str, tmp_path: Path
) -> None:
    first = cli.ok("youth", "invite", sami)
    assert ".svg ou .png" in cli.refused("youth", "invite", sami, "--qr", "sami.pdf")
    refused = cli.refused("youth", "invite", sami, "--qr", str(tmp_path / "nowhere" / "sami.svg"))
    assert "sami.svg : ce fichier ou ce dossier n'existe pas. Aucun lien n'a été fait" in refused
    (tmp_path / "dossier.svg").mkdir()
    assert "c'est un dossier" in cli.refused("youth", "invite", sami, "--qr", "dossier.svg")
    cli.open_link(first["token"])


def test_inviting_is_refused_until_the_alert_rule_is_complete(empty: CommandLine) -> None:
    empty.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:1")
    empty.ok(
        "structure",
        "add",
        "A",
        "--kind",
        "cjc",
        "--telegram-minimum-age",
        "13",
        "--alert-rule",
        "all:under_15=ask",
    )
    empty.ok("staff", "add", "nadia", "--name", "Nadia", "--role", "educator")
    code = add_sami(empty)
    assert "règle d'alerte" in empty.refused("youth", "invite", code)


def test_whoever_is_too_young_for_telegram_is_not_invited(cli: CommandLine) -> None:
    cli.ok("structure", "set", "--telegram-minimum-age", "18")
    code = add_sami(cli)
    assert "Telegram demande 18 ans" in cli.refused("youth", "invite", code)


def test_without_a_bot_nobody_is_invited(empty: CommandLine) -> None:
    empty.ok(
        "structure",
        "add",
        "A",
        "--kind",
        "cjc",
        "--telegram-minimum-age",
        "13",
        "--alert-rule",
        "all=ask",
    )
    empty.ok("staff", "add", "nadia", "--name", "Nadia", "--role", "educator")
    assert "RELAIS_TELEGRAM_TOKEN" in empty.refused("youth", "invite", add_sami(empty))


def test_the_bot_s_name_is_learnt_from_telegram_before_it_ever_ran(
    empty: CommandLine, telegram: str
) -> None:
    empty.ok(
        "structure",
        "add",
        "A",
        "--kind",
        "cjc",
        "--telegram-minimum-age",
        "13",
        "--alert-rule",
        "all=ask",
    )
    empty.ok("staff", "add", "nadia", "--name", "Nadia", "--role", "educator")
    code = add_sami(empty)
    empty.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:1")
    assert "Telegram ne répond pas" in empty.refused("youth", "invite", code)
    empty.set(TELEGRAM_API=telegram)
    assert "t.me/relais_demo_bot?" in empty.ok("youth", "invite", code)["link"]
    empty.set(TELEGRAM_API="http://127.0.0.1:1")
    assert "t.me/relais_demo_bot?" in empty.ok("youth", "invite", code)["link"]


def test_a_token_that_telegram_refuses_is_one_sentence(empty: CommandLine, telegram: str) -> None:
    empty.set(TELEGRAM_API=telegram)
    empty.ok(
        "structure",
        "add",
        "A",
        "--kind",
        "cjc",
        "--telegram-minimum-age",
        "13",
        "--alert-rule",
        "all=ask",
        "--bot-token",
        "999:revoked-by-botfather",
    )
    empty.ok("staff", "add", "nadia", "--name", "Nadia", "--role", "educator")
    assert "BotFather" in empty.refused("youth", "invite", add_sami(empty))


def test_the_words_are_compared_before_a_phone_is_confirmed(cli: CommandLine, sami: str) -> None:
    assert "Aucun téléphone n'attend" in cli.refused("youth", "confirm", sami)
    phone = cli.open_link(cli.ok("youth", "invite", sami)["token"])
    assert phone.words in cli.said("youth", "show", sami)
    assert "pas les mêmes deux mots" in cli.refused("youth", "confirm", sami, "avion", "mauve-x")
    facts = cli.ok("youth", "confirm", sami, *phone.words.upper().split())
    assert facts["phone"]["state"] == "confirmed"
    assert facts["reach"] == "linked"


def test_empty_words_are_not_the_same_two_words(cli: CommandLine, sami: str) -> None:
    cli.open_link(cli.ok("youth", "invite", sami)["token"])
    for words in (("",), (" ", "")):
        assert "pas les mêmes deux mots" in cli.refused("youth", "confirm", sami, *words)
    assert cli.ok("youth", "show", sami)["phone"]["state"] == "unconfirmed"
    assert "ses réponses vaudront dès que les deux mots" in cli.said("youth", "show", sami)


def test_a_phone_may_be_confirmed_without_typing_the_words(cli: CommandLine, sami: str) -> None:
    phone = cli.open_link(cli.ok("youth", "invite", sami)["token"])
    assert phone.words in cli.said("youth", "confirm", sami)


def test_a_lost_phone_is_unlinked_at_once_and_a_new_link_keeps_the_history(
    cli: CommandLine, sami: str
) -> None:
    link_phone(cli, sami)
    pending = cli.ok("youth", "invite", sami)["token"]
    assert cli.ok("youth", "unlink", sami) == {"code": sami, "unlinked": 1}
    shown = cli.ok("youth", "show", sami)
    assert (shown["phone"], shown["reach"]) == (None, "not_linked")
    with pytest.raises(Refused, match="link_unknown"):
        cli.open_link(pending)
    link_phone(cli, sami)
    assert cli.ok("youth", "show", sami)["consents"] == {"reminders": True, "messages": True}
    cli.ok("youth", "unlink", sami)
    assert "n'avait pas de téléphone" in cli.said("youth", "unlink", sami)


def test_a_parent_s_agreement_is_noted_with_its_day_and_means(cli: CommandLine) -> None:
    code = add_sami(cli, nickname="Léo", born=f"{YEAR - 14}-01")
    assert f"relais youth agree {code}" in cli.said("youth", "show", code)
    facts = cli.ok(
        "youth", "agree", code, "--on", "hier", "--means", "par téléphone", "--as", "karim"
    )
    assert facts["parental_agreement"] is True
    shown = cli.said("youth", "show", code)
    assert re.search(r"accord d'un parent +noté", shown)
    assert re.search(r"langue +français", shown)
    assert re.search(r"référent ou référente +Nadia \(nadia\)", shown)


def test_an_agreement_is_taken_by_someone_of_the_structure(cli: CommandLine, sami: str) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    cli.ok("staff", "add", "ana", "--name", "Ana", "--role", "educator", "--structure", "Ailleurs")
    assert "ne travaille pas ici" in cli.refused(
        "youth", "agree", sami, "--on", "hier", "--means", "par téléphone", "--as", "ana"
    )


@pytest.mark.parametrize(
    ("on", "means", "said"),
    [
        ("demain", "par téléphone", "Ce jour n'est pas encore venu"),
        ("2026-02-31", "par téléphone", "n'est pas un jour qui existe"),
        ("1950-01-01", "par téléphone", "avant sa naissance"),
        ("0999-01-01", "par téléphone", "avant sa naissance"),
        ("hier", " ", "comment l'accord a été donné"),
        ("hier", "x" * 121, "120 caractères"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(
    cli: CommandLine, sami: str, on: str, means: str, said: str
) -> None:
    assert said in cli.refused("youth", "agree", sami, "--on", on, "--means", means)


def test_closing_unlinks_the_phone_and_drops_what_was_planned(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    pending = cli.ok("youth", "invite", sami)["token"]
    cli.ok("appointment", "add", sami, "--at", f"{YEAR + 1}-03-02 14:30")
    cli.ok("message", "schedule", sami, "À bientôt", "--at", f"{YEAR + 1}-03-02 18:00", "--weekly")
    facts = cli.ok("youth", "close", sami)
    assert datetime.fromisoformat(facts["closed_at"]).tzinfo is not None
    assert facts["phone"] is None

    async def left(tx: Tx) -> list[tuple[str, str | None]]:
        rows = await tx.rows(
            select(message.message.c.state, message.message.c.reason).where(
                message.message.c.purpose.is_not(None)
            )
        )
        return [(row.state, row.reason) for row in rows]

    assert set(cli.look(left)) == {("dropped", "closed")}
    with pytest.raises(Refused, match="link_unknown"):
        cli.open_link(pending)
    for arguments in (
        ("youth", "close", sami),
        ("youth", "invite", sami),
        ("message", "schedule", sami, "Bonjour"),
        ("appointment", "add", sami, "--at", f"{YEAR + 1}-03-03 14:30"),
    ):
        assert "Cet accompagnement est clos" in cli.refused(*arguments)


def test_closing_over_an_alert_says_what_would_be_lost_and_asks_first(
    cli: CommandLine, sami: str
) -> None:
    async def warn(tx: Tx) -> None:
        who = await youth.by_code(tx, sami)
        of = await structure.get(tx, who.structure_id)
        await alert.raise_(tx, datetime.now(UTC), who, of, ["suicide"], "yes", 1)

    cli.look(warn)
    refused = cli.refused("youth", "close", sami)
    assert "Une alerte attend" in refused
    assert f"relais youth close {sami} --forget-alert" in refused
    assert cli.ok("youth", "show", sami)["closed_at"] is None
    said = cli.said("youth", "close", sami, "--forget-alert")
    assert "L'alerte qui attendait est effacée" in said
    assert cli.look(lambda tx: tx.rows(alert.alert.select())) == []


def test_closed_youths_are_listed_when_asked_for(cli: CommandLine, sami: str) -> None:
    maya = add_sami(cli, nickname="Maya", educator="karim")
    cli.ok("youth", "close", sami)
    assert [y["code"] for y in cli.ok("youth", "list")] == [maya]
    assert [y["code"] for y in cli.ok("youth", "list", "--closed")] == [sami, maya]
    assert cli.ok("youth", "list", "--educator", "nadia") == []
    text = cli.said("youth", "list", "--closed", "--structure", "Les Passerelles")
    assert "clos" in text
    assert "pas encore relié" in text


def test_an_empty_list_is_a_sentence(cli: CommandLine) -> None:
    assert cli.said("youth", "list").strip() == "Rien à montrer."


def test_showing_a_youth_tells_all_but_the_phone_s_address(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    soon = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d} 14:30"
    cli.ok("appointment", "add", sami, "--at", soon)
    shown = cli.ok("youth", "show", sami.lower())
    assert len(shown["appointments"]) == len(shown["messages"]) == 1
    assert "5001" not in str(shown)
    text = cli.said("youth", "show", sami)
    assert "messages avec vous oui" in text
    assert "RDV demain" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "ZZZZZ"),
        ("invite", "ZZZZZ"),
        ("confirm", "ZZZZZ"),
        ("unlink", "ZZZZZ"),
        ("close", "ZZZZZ"),
        ("show", "' OR 1=1 --"),
        ("show", "é" * 500),
        ("agree", "ZZZZZ", "--on", "hier", "--means", "par téléphone"),
    ],
)
def test_an_unknown_code_is_one_sentence(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    assert "Aucun jeune ne correspond" in cli.refused("youth", *arguments)


def test_a_code_that_two_structures_share_asks_for_the_structure(
    cli: CommandLine, sami: str
) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    cli.ok("staff", "add", "ana", "--name", "Ana", "--role", "educator", "--structure", "Ailleurs")
    other = add_sami(cli, educator="ana", nickname="Zoé")

    async def share(tx: Tx) -> None:
        await tx.run(youth.youth.update().where(youth.youth.c.code == other), {"code": sami})

    cli.look(share)
    assert "Précisez --structure" in cli.refused("youth", "show", sami)
    assert cli.ok("youth", "show", sami, "--structure", "Ailleurs")["nickname"] == "Zoé"
    assert cli.ok("youth", "show", sami, "--structure", "Les Passerelles")["nickname"] == "Sami"


def test_the_whole_way_in_is_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    link_phone(either, code)
    assert either.ok("youth", "show", code)["reach"] == "linked"

    async def one_bot(tx: Tx) -> tuple[int, str | None]:
        [bot] = await structure.bots(tx)
        [phone] = await contact.of_youth(tx, (await youth.by_code(tx, code)).id)
        return bot.id, phone.address

    assert either.look(one_bot)[1] == "5001"
    either.ok("youth", "close", code)
    assert either.ok("youth", "list") == []


@pytest.mark.parametrize(
    ("nickname", "doubted"),
    [("Sami Benali", True), ("DURAND", True), ("Jean-Luc", False), ("la Puce", False)],
)
def test_a_nickname_that_looks_like_a_surname_is_taken_with_a_word_of_warning(
    cli: CommandLine, nickname: str, doubted: bool
) -> None:
    year = datetime.now(UTC).year - 17
    said = cli.said(
        *("youth", "add", "--educator", "nadia", "--nickname", nickname, "--born", f"{year}-01")
    )
    assert f"Nadia accompagne {nickname}" in said
    assert ("ressemble à un nom de famille" in said) is doubted
    assert ("relais youth correct" in said) is doubted

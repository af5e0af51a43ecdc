"""relais structure smtp, staff notify and check: a server, an address, and a test that is told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from records import mail_server, mailbox, staff
from records.database import Tx
from records.errors import Refused
from relais.clock import real_now
from tests.cast import NOW
from tests.mail_town import PASSWORD, SENDER, USER, PostOffice, authority_in, post_office_beside
from tests.relais.conftest import CommandLine, Ran

ADDRESS = "nadia@structure.test"


@pytest.fixture
def office(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PostOffice]:
    """A server that asks for an account, which this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_in(tmp_path)))
    with post_office_beside("starttls", signs_in=True) as opened:
        assert set_server(cli, opened).status == 0
        yield opened


def set_server(cli: CommandLine, office: PostOffice, *more: str, password: str = PASSWORD) -> Ran:
    return cli.run(
        *("structure", "smtp", "--host", "127.0.0.1", "--port", str(office.port)),
        *("--user", USER, "--sender", SENDER, *more),
        stdin=f"{password}\n",
    )


def prove(cli: CommandLine, office: PostOffice) -> None:
    """Nadia opens the link that came."""
    [link] = re.findall(r"https?://\S+", office.letters[-1].get_content())
    [token] = parse_qs(urlsplit(link).query)["lien"]

    async def open_(tx: Tx) -> bool:
        person = await staff.by_login(tx, "nadia")
        return await mailbox.prove(tx, real_now(), person.id, token)

    assert cli.look(open_)


def told(cli: CommandLine, *arguments: str) -> tuple[bool | None, str]:
    """The last « e-mail » line of relais check."""
    ran = cli.run("check", "--json", *arguments)
    last = [c for c in json.loads(ran.out) if c["name"] == "e-mail"][-1]
    return last["right"], last["sentence"]


def test_a_server_is_kept_and_its_password_never_shown(
    cli: CommandLine, office: PostOffice
) -> None:
    said = cli.said("structure", "smtp")
    assert PASSWORD not in said
    assert "••••" in said
    assert f"{office.port}" in said
    assert PASSWORD not in repr(cli.look(kept))


async def kept(tx: Tx) -> object:
    return await tx.rows(select(mail_server.mail_server))


def test_a_server_in_clear_is_for_this_very_machine_only(cli: CommandLine) -> None:
    said = cli.refused(
        *("structure", "smtp", "--host", "smtp.structure.fr", "--security", "none"),
        *("--sender", SENDER),
    )
    assert "en clair" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--sender", SENDER), "--host"),
        (("--host", "smtp.structure.fr"), "--sender"),
        (("--host", "smtp.structure.fr", "--sender", "moi"), "adresse e-mail"),
        (("--host", "un serveur", "--sender", SENDER), "nom de serveur"),
        (("--host", "smtp.structure.fr", "--sender", SENDER, "--port", "0"), "port"),
        (("--host", "smtp.structure.fr", "--sender", SENDER, "--user", "x"), "mot de passe"),
    ],
)
def test_what_is_missing_is_said(cli: CommandLine, arguments: tuple[str, ...], says: str) -> None:
    assert says in cli.refused("structure", "smtp", *arguments, stdin="\n")


def test_an_address_is_given_proved_and_tried(cli: CommandLine, office: PostOffice) -> None:
    facts = cli.ok("staff", "notify", "nadia", "--email", ADDRESS, "--alerts", "hours")
    assert (facts["email"], facts["confirmed"], facts["alerts"]) == (True, False, "hours")
    refused = cli.refused("check", "--test-email", "nadia")
    assert "n'a pas encore ouvert le lien de confirmation" in refused
    assert "relais staff notify nadia --email" in refused
    assert ADDRESS not in refused
    prove(cli, office)
    assert cli.ok("staff", "notify", "nadia")["confirmed"] is True
    right, sentence = told(cli, "--test-email", "nadia")
    assert right is True
    assert "nadia" in sentence
    assert ADDRESS not in sentence
    assert office.letters[-1]["Subject"] == "Un essai de Relais"
    cli.ok("staff", "notify", "nadia", "--forget")
    assert cli.ok("staff", "notify", "nadia")["email"] is False


def test_without_a_server_check_says_so_and_is_not_wrong(cli: CommandLine) -> None:
    right, sentence = told(cli)
    assert right is None
    assert "relais structure smtp" in sentence
    assert "serveur d'e-mail" in cli.refused("staff", "notify", "nadia", "--email", ADDRESS)


def test_the_server_tells_how_its_last_try_went(cli: CommandLine, office: PostOffice) -> None:
    assert "jamais essayé" in cli.said("structure", "smtp")
    told(cli)
    assert "le dernier essai a réussi" in cli.said("structure", "smtp")
    set_server(cli, office, password="un-autre")
    assert "jamais essayé" in cli.said("structure", "smtp"), "it was set anew"
    told(cli)
    assert "refuse l'identifiant ou le mot de passe" in cli.said("structure", "smtp")


def test_check_goes_in_and_out_without_writing_to_anybody(
    cli: CommandLine, office: PostOffice
) -> None:
    right, sentence = told(cli)
    assert right is True, sentence
    assert office.letters == []


def test_check_has_a_sentence_for_each_kind_of_failure(
    cli: CommandLine, office: PostOffice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_server(cli, office, password="un-autre")
    assert "mot de passe" in told(cli)[1]
    set_server(cli, office, "--security", "tls")
    assert "certificat" in told(cli)[1]
    set_server(cli, office)
    cli.ok("staff", "notify", "nadia", "--email", ADDRESS)
    prove(cli, office)
    for step, answer, words in (
        ("MAIL", "550 no", "expéditeur"),
        ("RCPT", "550 no", "adresse"),
        ("DATA", "554 no", "refusé le message"),
        ("DATA", "451 later", "attendre"),
    ):
        office.answers = {step: answer}
        right, sentence = told(cli, "--test-email", "nadia")
        assert right is False
        assert words in sentence
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificat" in told(cli)[1]


def test_check_says_that_nobody_answers(cli: CommandLine) -> None:
    with post_office_beside() as office:
        pass
    set_server(cli, office, "--security", "none")
    right, sentence = told(cli)
    assert right is False
    assert "ne répond pas" in sentence


@pytest.mark.parametrize(
    "typed",
    [
        "nadia",
        "nadia@structure",
        "nadia@structure.test, omar@ailleurs.test",
        "nadia@structure.test\nBcc: omar@ailleurs.test",
        "Nadia <nadia@structure.test>",
        "a" * 250 + "@x.fr",
        "",
    ],
)
def test_what_is_no_single_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="email_unreadable"):
        mailbox.checked_address(typed)


def test_a_link_of_another_person_or_of_another_day_proves_nothing(
    cli: CommandLine, office: PostOffice
) -> None:
    async def try_(tx: Tx) -> tuple[bool, bool, bool, bool]:
        nadia, omar = (await staff.listed(tx))[0], (await staff.listed(tx))[-1]
        token = await mailbox.give(tx, NOW, nadia.id, ADDRESS)
        assert token is not None
        return (
            nadia.id != omar.id and await mailbox.prove(tx, NOW, omar.id, token),
            await mailbox.prove(tx, NOW + mailbox.PROOF_LIFE, nadia.id, token),
            await mailbox.prove(tx, NOW, nadia.id, token),
            await mailbox.prove(tx, NOW, nadia.id, token),
        )

    cli.ok("staff", "add", "omar", "--name", "Omar", "--role", "evaluator")
    assert cli.look(try_) == (False, False, True, False)

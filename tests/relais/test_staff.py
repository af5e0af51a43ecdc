"""relais staff: accounts open with a password of their own, and close at once."""

import re
from datetime import UTC, datetime

import pyotp
import pytest

from records import passwords, second_factor, sign_in, staff
from records.database import Tx
from tests.relais.conftest import PASSWORD, CommandLine, add_sami


def opens(line: CommandLine, login: str, password: str) -> bool:
    _, stored = line.look(lambda tx: staff.credentials(tx, datetime.now(UTC), login))
    return passwords.password_matches(stored, password)


def test_a_password_comes_from_standard_input_and_is_not_said(cli: CommandLine) -> None:
    ran = cli.run(
        "staff",
        "add",
        "Claire",
        "--name",
        "Claire",
        "--role",
        "coordinator",
        "--password-stdin",
        stdin=f"{PASSWORD}\n",
    )
    assert ran.status == 0
    assert PASSWORD not in ran.out
    assert opens(cli, "claire", PASSWORD)


def test_a_strong_password_is_made_and_shown_once(cli: CommandLine) -> None:
    made = cli.ok("staff", "add", "omar", "--name", "Omar", "--role", "evaluator")
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", made["password"])
    assert opens(cli, "omar", made["password"])
    text = cli.said("staff", "add", "claire", "--name", "Claire", "--role", "coordinator")
    shown = text.partition("Mot de passe : ")[2].split()[0]
    assert shown != made["password"]
    assert opens(cli, "claire", shown)
    assert shown not in cli.said("staff", "list")


def test_a_new_password_replaces_the_old_and_ends_sessions(cli: CommandLine) -> None:
    async def come_in(tx: Tx) -> str:
        person = await staff.by_login(tx, "nadia")
        return await sign_in.open_session(tx, datetime.now(UTC), person.id)

    token = cli.look(come_in)
    made = cli.ok("staff", "password", "nadia")["password"]
    assert opens(cli, "nadia", made)
    assert not opens(cli, "nadia", PASSWORD)
    assert cli.look(lambda tx: sign_in.session_of(tx, datetime.now(UTC), token)) is None
    facts = cli.ok("staff", "password", "nadia", "--password-stdin", stdin=PASSWORD)
    assert "password" not in facts
    assert opens(cli, "nadia", PASSWORD)


def test_accounts_are_listed_by_structure(cli: CommandLine) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    cli.ok("staff", "add", "ana", "--name", "Ana", "--role", "educator", "--structure", "ailleurs")
    assert [p["login"] for p in cli.ok("staff", "list")] == ["nadia", "karim", "ana"]
    assert [p["login"] for p in cli.ok("staff", "list", "--structure", "Ailleurs")] == ["ana"]
    assert "éducateur ou éducatrice" in cli.said("staff", "list")


def test_a_closed_account_opens_no_more(cli: CommandLine) -> None:
    add_sami(cli)
    left = {"youths": 1, "covers_ended": 0}
    assert cli.ok("staff", "disable", "nadia") == cli.ok("staff", "list")[0] | left
    assert not opens(cli, "nadia", PASSWORD)
    assert "1 jeune reste dans sa liste" in cli.said("staff", "disable", "nadia")
    assert "Ce compte est fermé" in cli.refused("staff", "password", "nadia")


def test_a_closed_account_is_opened_again_as_it_was(cli: CommandLine) -> None:
    add_sami(cli)
    assert "déjà ouvert" in cli.refused("staff", "enable", "nadia")
    [nadia] = [one for one in cli.ok("staff", "list") if one["login"] == "nadia"]
    token = cli.look(lambda tx: sign_in.open_session(tx, datetime.now(UTC), int(nadia["id"])))
    cli.ok("staff", "disable", "nadia")
    assert cli.ok("staff", "enable", "nadia") == nadia | {"youths": 1}
    assert opens(cli, "nadia", PASSWORD)
    assert cli.look(lambda tx: sign_in.session_of(tx, datetime.now(UTC), token)) is None
    cli.ok("staff", "disable", "nadia")
    said = cli.said("staff", "enable", "nadia")
    assert "la deuxième étape d'avant" in said
    assert cli.ok("audit", "list", "--staff", "nadia")[0]["action"] == "account_reopened"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("x", "--name", "X", "--role", "educator"), "", "2 à 64 caractères"),
        (("deux mots", "--name", "X", "--role", "educator"), "", "sans espace"),
        (("Nadia", "--name", "X", "--role", "educator"), "", "nadia est déjà pris"),
        (("ana", "--name", " ", "--role", "educator"), "", "40 caractères"),
        (("ana", "--name", "x" * 41, "--role", "educator"), "", "40 caractères"),
        (("ana", "--name", "Ana", "--role", "boss"), "", "« boss » n'existe pas"),
        (
            ("ana", "--name", "Ana", "--role", "educator", "--structure", "Nulle part"),
            "",
            "Cette structure n'existe pas",
        ),
        (
            ("ana", "--name", "Ana", "--role", "educator", "--password-stdin"),
            "court\n",
            "12 à 128 caractères",
        ),
        (
            ("ana", "--name", "Ana", "--role", "educator", "--password-stdin"),
            "",
            "12 à 128 caractères",
        ),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    cli: CommandLine, arguments: tuple[str, ...], stdin: str, said: str
) -> None:
    assert said in cli.refused("staff", "add", *arguments, stdin=stdin)
    assert len(cli.ok("staff", "list")) == 2


def test_an_unknown_account_is_one_sentence(cli: CommandLine) -> None:
    for verb in ("password", "disable", "enable"):
        assert "Aucun compte" in cli.refused("staff", verb, "personne")


def test_a_password_made_here_is_for_one_use(cli: CommandLine) -> None:
    made = cli.ok("staff", "add", "omar", "--name", "Omar", "--role", "evaluator")
    owed = cli.look(lambda tx: staff.password_is_temporary(tx, int(made["id"])))
    assert owed
    assert "à changer à la première connexion" in cli.said("staff", "password", "nadia")
    chosen = cli.ok("staff", "password", "omar", "--password-stdin", stdin=PASSWORD)
    assert not cli.look(lambda tx: staff.password_is_temporary(tx, int(chosen["id"])))


@pytest.mark.parametrize(
    ("given", "said"),
    [("q1w2e3r4t5y6", "trop connu"), ("nadia-passerelles-26", "se devine")],
)
def test_a_password_that_would_be_tried_first_is_refused(
    cli: CommandLine, given: str, said: str
) -> None:
    assert said in cli.refused("staff", "password", "nadia", "--password-stdin", stdin=given)
    words = ("add", "ana", "--name", "Nadia", "--role", "educator", "--password-stdin")
    assert said in cli.refused("staff", *words, stdin=given)


def test_a_lost_phone_is_forgotten_and_its_sessions_end(cli: CommandLine) -> None:
    now = datetime.now(UTC)

    async def set_up(tx: Tx) -> str:
        person, secret = await staff.by_login(tx, "nadia"), second_factor.new_secret()
        assert await second_factor.enrol(tx, now, person.id, secret, pyotp.TOTP(secret).at(now))
        return await sign_in.open_session(tx, now, person.id)

    token = cli.look(set_up)
    assert "est oubliée" in cli.said("staff", "reset-second-factor", "nadia")
    assert cli.look(lambda tx: sign_in.session_of(tx, now, token)) is None
    assert "pas de deuxième étape" in cli.refused("staff", "reset-second-factor", "nadia")
    assert "Aucun compte" in cli.refused("staff", "reset-second-factor", "personne")


def test_a_structure_says_who_needs_a_second_factor(cli: CommandLine) -> None:
    assert cli.ok("structure", "show")["second_factor"] == "all"
    changed = cli.ok("structure", "set", "--second-factor", "not_educators")
    assert changed["second_factor"] == "not_educators"
    assert "à la coordination et à l'évaluation" in cli.said("structure", "show")


def test_sessions_are_ended_for_one_account_or_for_all(cli: CommandLine) -> None:
    now = datetime.now(UTC)

    async def come_in(tx: Tx) -> None:
        for login in ("nadia", "nadia", "karim"):
            await sign_in.open_session(tx, now, (await staff.by_login(tx, login)).id)

    cli.look(come_in)
    assert cli.ok("staff", "sign-out", "karim") == {"sessions": 1}
    assert "2 sessions sont fermées" in cli.said("staff", "sign-out")
    assert cli.ok("staff", "sign-out") == {"sessions": 0}
    lines = cli.ok("audit", "list")
    assert [(one["staff"], one["action"]) for one in lines] == [(None, "session_revoked")] * 2
    assert "la personne qui administre Relais" in cli.said("audit", "list")


def test_who_takes_over_an_alert_is_named_for_one_or_for_all(cli: CommandLine) -> None:
    for login in ("lea", "ana"):
        cli.ok("staff", "add", login, "--name", login.title(), "--role", "educator")
    told = cli.ok("staff", "backup", "nadia", "--backup", "lea")
    assert (told["login"], told["backup"]) == ("nadia", "lea")
    assert cli.ok("staff", "backup", "--backup", "ana")["login"] is None
    assert "après 30 minutes d'heures de lecture" in cli.said("staff", "backup", "--backup", "ana")
    assert cli.ok("staff", "backup", "nadia", "--backup", "none")["backup"] is None
    assert "quelqu'un d'autre" in cli.refused("staff", "backup", "nadia", "--backup", "nadia")
    cli.ok("staff", "add", "claire", "--name", "Claire", "--role", "coordinator")
    assert "un éducateur ou une éducatrice" in cli.refused("staff", "backup", "--backup", "claire")
    assert "Aucun compte" in cli.refused("staff", "backup", "personne", "--backup", "ana")


def test_how_long_an_alert_waits_is_a_setting(cli: CommandLine) -> None:
    assert cli.ok("structure", "set", "--alert-minutes", "45")["alert_minutes"] == 45
    assert "après 45 min" in cli.said("structure", "show")
    assert "de 5 à 480 minutes" in cli.refused("structure", "set", "--alert-minutes", "2")

"""relais responses: the same access as that person at the desk, and the same line in the log."""

from datetime import UTC, datetime

import pytest

from records import audit, consent, response, youth
from records.database import Tx
from tests.relais.conftest import CommandLine, add_sami


def answered(line: CommandLine, code: str, *, shared: bool = True) -> None:
    """Two answers to an exercise, shared or kept."""

    async def answer(tx: Tx) -> None:
        now, who = datetime.now(UTC), await youth.by_code(tx, code)
        await response.keep(
            tx,
            now,
            [
                response.Saved(who.structure_id, who.id, 7, "gone-script", 1, variable, value)
                for variable, value in (("mood", "v3"), ("word", "ça va"))
            ],
        )
        if shared:
            await response.share(tx, now, who.id, 7)
        await consent.record(tx, now, who, "sharing", True, text_version=1)

    line.look(answer)


def log_of(line: CommandLine, code: str) -> list[str]:
    async def read(tx: Tx) -> list[str]:
        who = await youth.by_code(tx, code)
        return [one.action for one in await audit.about_youth(tx, who.id)]

    return line.look(read)


def test_the_educator_reads_what_is_shared_and_it_is_noted(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    found = cli.ok("responses", "--as", "nadia", sami)
    assert {(one["variable"], one["value"]) for one in found} == {("mood", "v3"), ("word", "ça va")}
    assert all(isinstance(one["id"], str) for one in found)
    assert {one["conversation"] for one in found} == {"7"}
    assert all(datetime.fromisoformat(one["at"]).tzinfo for one in found)
    assert log_of(cli, sami) == ["responses_read"]
    text = cli.said("responses", sami, "--as", "NADIA")
    assert "→ ça va" in text
    assert "Lecture notée au nom de Nadia" in text
    assert log_of(cli, sami) == ["responses_read"] * 2


def test_what_is_kept_to_oneself_is_not_shown(cli: CommandLine, sami: str) -> None:
    answered(cli, sami, shared=False)
    assert cli.ok("responses", "--as", "nadia", sami) == []
    assert "ne partage rien" in cli.said("responses", "--as", "nadia", sami)
    assert log_of(cli, sami) == []


def test_withdrawn_consent_hides_all_at_once(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)

    async def withdraw(tx: Tx) -> None:
        who = await youth.by_code(tx, sami)
        await consent.record(
            tx,
            datetime.now(UTC),
            who,
            "sharing",
            False,
            text_version=1,
        )

    cli.look(withdraw)
    assert cli.ok("responses", "--as", "nadia", sami) == []


@pytest.mark.parametrize(
    ("login", "role"), [("karim", "educator"), ("claire", "coordinator"), ("omar", "evaluator")]
)
def test_nobody_else_reads_and_their_try_is_noted(
    cli: CommandLine, sami: str, login: str, role: str
) -> None:
    if login != "karim":
        cli.ok("staff", "add", login, "--name", login.title(), "--role", role)
    answered(cli, sami)
    assert "Aucun jeune ne correspond" in cli.refused("responses", "--as", login, sami)
    assert log_of(cli, sami) == ["page_refused"]


def test_a_youth_of_another_structure_is_not_there(cli: CommandLine, sami: str) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    cli.ok("staff", "add", "ana", "--name", "Ana", "--role", "educator", "--structure", "Ailleurs")
    assert "Aucun jeune ne correspond" in cli.refused("responses", "--as", "ana", sami)
    other = add_sami(cli, educator="ana")
    assert cli.ok("responses", "--as", "ana", other) == []


def test_a_closed_youth_is_read_by_nobody(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    cli.ok("youth", "close", sami)
    assert "Aucun jeune ne correspond" in cli.refused("responses", "--as", "nadia", sami)


def test_a_closed_or_unknown_account_reads_nothing(cli: CommandLine, sami: str) -> None:
    assert "Aucun compte" in cli.refused("responses", "--as", "personne", sami)
    assert "Aucun jeune ne correspond" in cli.refused("responses", "--as", "nadia", "ZZZZZ")
    cli.ok("staff", "disable", "nadia")
    assert "Ce compte est fermé" in cli.refused("responses", "--as", "nadia", sami)


def test_reading_is_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    answered(either, code)
    assert len(either.ok("responses", "--as", "nadia", code)) == 2
    assert log_of(either, code) == ["responses_read"]

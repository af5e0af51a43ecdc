"""relais audit: who read what, whether the log is whole, and a head to note elsewhere."""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from records import audit, erased, staff, youth
from records.database import Database, Tx
from records.vault import Vault
from relais import upkeep
from relais.__main__ import parser
from tests.conftest import KEY
from tests.records.sealed_log import by_force
from tests.relais.conftest import CommandLine, add_sami
from tests.relais.test_responses import answered

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def noted(line: CommandLine, code: str, at: datetime, action: str = audit.READ) -> None:
    """A line of Nadia's about this youth."""

    async def note(tx: Tx) -> None:
        who, by = await youth.by_code(tx, code), await staff.by_login(tx, "nadia")
        await audit.note(tx, at, by.id, action, who.id, about=[7])

    line.look(note)


def sealed(line: CommandLine, at: datetime) -> None:
    async def seal(database: Database) -> None:
        await upkeep.seal(database, lambda: at)

    on(line, seal)


def on(line: CommandLine, deed: Any) -> None:
    async def done() -> None:
        database = Database(line.database, Vault(KEY))
        try:
            await deed(database)
        finally:
            await database.close()

    asyncio.run(done())


def forced(line: CommandLine, statement: str) -> None:
    """Done by whoever holds the database, for good."""

    async def deed(database: Database) -> None:
        async with by_force(database, undone=False) as tx:
            await tx.run(text(statement))

    on(line, deed)


def three_days(line: CommandLine, code: str) -> None:
    for days in (2, 1, 0):
        noted(line, code, NOW - days * DAY)
        noted(line, code, NOW - days * DAY)
        sealed(line, NOW - days * DAY)


def broken(line: CommandLine, *arguments: str) -> str:
    ran = line.run("audit", "verify", *arguments)
    assert (ran.status, ran.err) == (1, "")
    return ran.out.replace("\u00a0", " ")


def test_who_read_what_is_listed_newest_first(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    cli.ok("responses", "--as", "nadia", sami)
    cli.refused("responses", "--as", "karim", sami)
    newest, before = cli.ok("audit", "list", "--youth", sami)
    assert (newest["staff"], newest["action"]) == ("karim", "page_refused")
    assert (before["staff"], before["name"], before["youth"]) == ("nadia", "Nadia", sami)
    assert len(before["about"]) == 2
    assert cli.ok("audit", "list", "--youth", sami, "--staff", "nadia") == [before]
    assert cli.ok("audit", "list", "--limit", "1") == [newest]
    text_ = cli.said("audit", "list", "--staff", "nadia")
    assert f"Nadia (nadia)  a lu des réponses  {sami}" in text_


def test_a_list_may_begin_at_a_day(cli: CommandLine, sami: str) -> None:
    now = datetime.now(UTC)
    noted(cli, sami, now - 3 * DAY)
    noted(cli, sami, now)
    assert len(cli.ok("audit", "list")) == 2
    assert len(cli.ok("audit", "list", "--since", "hier")) == 1
    assert "n'est pas un jour" in cli.refused("audit", "list", "--since", "jadis")
    assert "Rien à montrer" in cli.said("audit", "list", "--since", "demain")


def test_a_youth_who_is_no_longer_known_has_no_code(cli: CommandLine, sami: str) -> None:
    async def note(tx: Tx) -> None:
        await audit.note(tx, NOW, None, audit.REFUSED, 12345)
        await erased.note(tx, NOW, 12345)

    cli.look(note)
    [line] = cli.ok("audit", "list")
    assert (line["youth"], line["about_a_youth"]) == (None, True)
    assert "(effacé)" in cli.said("audit", "list")


def test_a_youth_who_never_was_is_unknown_rather_than_erased(cli: CommandLine) -> None:
    cli.look(lambda tx: audit.note(tx, NOW, None, audit.EXPORTED, 54321))
    said = cli.said("audit", "list")
    assert "la personne qui administre Relais" in said
    assert "inconnu" in said
    assert "(effacé)" not in said


def test_a_whole_log_verifies(cli: CommandLine, sami: str) -> None:
    three_days(cli, sami)
    noted(cli, sami, NOW + DAY)
    found = cli.ok("audit", "verify")
    assert found["right"]
    assert [day["lines"] for day in found["days"]] == [2, 2, 2]
    assert found["waiting"] == 1
    said = cli.said("audit", "verify")
    assert "Du samedi 21 novembre 2026 au lundi 23 novembre 2026 : 6 lignes sous 3 sceaux" in said
    assert "Rien ne manque, rien n'a changé" in said
    assert "1 ligne attend d'être scellée." in said


def test_an_empty_log_is_whole(cli: CommandLine) -> None:
    said = cli.said("audit", "verify")
    assert "Rien n'est encore scellé." in said
    assert cli.ok("audit", "head") == {"head": "0", "day": None, "waiting": 0}


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "DELETE FROM access_log WHERE id = (SELECT min(id) FROM access_log WHERE seal = 2)",
            "Dimanche 22 novembre 2026, à 10 h UTC : 1 ligne a été retirée (sceau 2).",
        ),
        (
            "UPDATE access_log SET staff_id = NULL WHERE seal = 3",
            "Lundi 23 novembre 2026, à 10 h UTC : une au moins des 2 lignes a été modifiée",
        ),
        (
            "DELETE FROM access_seal WHERE number = 2",
            "le sceau 2 a été retiré.",
        ),
        (
            "UPDATE access_seal SET lines = 1 WHERE number = 1",
            "Samedi 21 novembre 2026, à 10 h UTC : le sceau 1 a été modifié.",
        ),
    ],
)
def test_what_was_done_to_the_log_is_said_with_its_day(
    cli: CommandLine, sami: str, statement: str, sentence: str
) -> None:
    three_days(cli, sami)
    forced(cli, statement)
    said = broken(cli)
    assert sentence in said
    assert "prévenez la personne responsable" in said
    assert cli.run("audit", "verify", "--json").status == 1


def test_days_let_go_are_told_and_still_verify(cli: CommandLine, sami: str) -> None:
    three_days(cli, sami)

    async def drop(tx: Tx) -> int:
        return await audit.drop_days(tx, NOW.date() - DAY)

    assert cli.look(drop) == 2
    said = cli.said("audit", "verify")
    assert "Samedi 21 novembre 2026 : lignes effacées à terme, sceau gardé." in said
    assert "Rien ne manque" in said


def test_a_noted_head_shows_that_the_end_was_cut_off(cli: CommandLine, sami: str) -> None:
    three_days(cli, sami)
    head = cli.ok("audit", "head")["head"]
    assert f"Dernier sceau : {head}, lundi 23 novembre 2026 à 10 h UTC" in cli.said("audit", "head")
    assert cli.ok("audit", "verify", "--head", head)["right"]
    forced(cli, "DELETE FROM access_log WHERE seal = 3")
    forced(cli, "DELETE FROM access_seal WHERE number = 3")
    assert cli.ok("audit", "verify")["right"]
    assert "le sceau 3, que vous aviez noté, n'est plus là" in broken(cli, "--head", head)
    assert "n'est pas un sceau" in cli.refused("audit", "verify", "--head", "12-ABC")


def test_verifying_is_the_same_on_both_databases(either: CommandLine) -> None:
    code = add_sami(either)
    three_days(either, code)
    assert either.ok("audit", "verify")["right"]
    forced(either, "DELETE FROM access_log WHERE seal = 1")
    assert "2 lignes ont été retirées (sceau 1)" in broken(either)


def test_the_head_of_a_day_that_is_over_goes_to_the_programs_log(
    cli: CommandLine, sami: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "relais")
    noted(cli, sami, NOW - DAY)
    sealed(cli, NOW - DAY)
    head = cli.ok("audit", "head")["head"]
    noted(cli, sami, NOW)
    sealed(cli, NOW)
    assert f"the access log's day 2026-11-22 ends with seal {head}" in caplog.messages


SHOWS = ("list", "show", "queue", "responses", "table")


def commands_that_show(code: str) -> list[list[str]]:
    """Every command that shows something, with what it requires."""
    known = {"CODE": code, "IDENTIFIANT": "nadia"}
    return [
        [*words, *_required(leaf, known)]
        for words, leaf in _leaves([], parser())
        if words[-1] in SHOWS and words[0] != "audit"
    ]


def _leaves(words: list[str], of: argparse.ArgumentParser) -> Iterator[tuple[list[str], Any]]:
    under = [a for a in of._actions if isinstance(a, argparse._SubParsersAction)]
    if not under:
        yield words, of
    for name, one in (pair for action in under for pair in action.choices.items()):
        yield from _leaves([*words, name], one)


def _required(leaf: argparse.ArgumentParser, known: dict[str, str]) -> list[str]:
    typed: list[str] = []
    for action in leaf._actions:
        if action.required:
            value = known.get(str(action.metavar), "1")
            typed += [*action.option_strings[:1], value]
    return typed


def test_every_command_that_shows_an_answer_writes_it_down(cli: CommandLine, sami: str) -> None:
    answered(cli, sami)
    commands = commands_that_show(sami)
    assert ["responses", sami, "--as", "nadia"] in commands
    assert len(commands) >= 6
    for command in commands:
        before = len(cli.ok("audit", "list"))
        ran = cli.run(*command)
        lines = cli.ok("audit", "list")[: len(cli.ok("audit", "list")) - before]
        shows = "ça va" in ran.out
        assert shows == (command[0] == "responses"), command
        assert [line["action"] for line in lines] == ([audit.READ] if shows else []), command

"""relais backup and relais restore, as a person types them."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from records import erased_file, erasure, inbox, youth
from records.database import Database, Tx
from records.vault import Vault, new_key
from tests.cast import NOW
from tests.conftest import KEY, postgres_url
from tests.relais.conftest import CommandLine, add_sami, link_phone
from tests.relais.test_as_a_process import ROOT
from tests.relais.test_key import rotated


def erase(line: CommandLine, code: str) -> None:
    """As the youth does it, with the list kept beside the database."""

    async def deed() -> None:
        database = Database(line.database, Vault(KEY))
        database.keeper = erased_file.Beside(database, Path("relais.db-erased"))
        async with database.write() as tx:
            await erasure.erase_all(tx, NOW, (await youth.by_code(tx, code)).id)
        await database.close()

    asyncio.run(deed())


def test_an_older_backup_restored_after_an_erasure_brings_nobody_back(either: CommandLine) -> None:
    sami, ines = add_sami(either), add_sami(either, nickname="Inès")
    link_phone(either, sami)
    saved = either.ok("backup", "relais.backup")
    assert saved["rows"]["youth"] == 2
    erase(either, sami)
    done = either.ok("restore", "relais.backup", "--replace")
    assert done["taken_back_again"] == {"youth": 1}
    assert [person["code"] for person in either.ok("youth", "list")] == [ines]
    assert "Aucun jeune" in either.refused("youth", "show", sami)


def test_the_list_beside_is_enough_when_the_database_is_lost(cli: CommandLine) -> None:
    sami = add_sami(cli)
    cli.ok("backup", "relais.backup")
    erase(cli, sami)
    for lost in Path().glob("relais.db*"):
        if lost.name != "relais.db-erased":
            lost.unlink()
    assert cli.ok("restore", "relais.backup")["taken_back_again"] == {"youth": 1}
    assert cli.ok("youth", "list") == []


def test_what_has_been_kept_long_enough_since_does_not_stay(cli: CommandLine) -> None:
    async def write(tx: Tx) -> None:
        who = await youth.by_code(tx, sami)
        for days in (29, 40):
            at = datetime.now(UTC) - timedelta(days=days)
            told: dict[str, Any] = {
                "structure_id": who.structure_id,
                "youth_id": who.id,
                "kind": "words",
            }
            await inbox.add(tx, at, text=f"{days}", **told)

    async def left(tx: Tx) -> list[str | None]:
        return [i.text for i in await inbox.of_youth(tx, (await youth.by_code(tx, sami)).id)]

    sami = add_sami(cli)
    cli.look(write)
    cli.ok("backup", "relais.backup")
    cli.ok("restore", "relais.backup", "--replace")
    assert cli.look(left) == ["29"]


def test_the_list_is_kept_where_the_setting_says(cli: CommandLine, tmp_path: Path) -> None:
    sami, named = add_sami(cli), tmp_path / "erased"
    cli.set(ERASED=str(named))
    cli.ok("youth", "close", sami)
    assert [line.kind for line in erased_file.read(named, Vault(KEY))] == ["closed"]
    assert not Path("relais.db-erased").exists()
    cli.set(ERASED=str(tmp_path))
    assert "il faut un fichier" in cli.refused("youth", "list")


def test_a_database_that_is_spoilt_may_be_replaced(cli: CommandLine) -> None:
    sami = add_sami(cli)
    cli.ok("backup", "relais.backup")
    for log in Path().glob("relais.db-[ws]*"):
        log.unlink()
    Path("relais.db").write_bytes(b"spoilt" * 1000)
    assert "--replace" in cli.refused("restore", "relais.backup")
    cli.ok("restore", "relais.backup", "--replace")
    assert [person["code"] for person in cli.ok("youth", "list")] == [sami]


def test_without_any_list_it_refuses_and_says_what_that_means(cli: CommandLine) -> None:
    sami = add_sami(cli)
    cli.ok("backup", "relais.backup")
    for lost in Path().glob("relais.db*"):
        lost.unlink()
    refused = cli.refused("restore", "relais.backup")
    assert "reviendraient" in refused
    assert "--without-erasures" in refused
    assert not Path("relais.db").exists()
    cli.ok("restore", "relais.backup", "--without-erasures")
    assert [person["code"] for person in cli.ok("youth", "list")] == [sami]


def test_a_fresh_database_on_another_machine_is_no_list(cli: CommandLine) -> None:
    """That nothing was erased there says nothing of here."""
    add_sami(cli)
    cli.ok("backup", "relais.backup")
    for lost in Path().glob("relais.db*"):
        lost.unlink()
    cli.ok("migrate")
    Path("relais.db-erased").unlink(missing_ok=True)
    assert "reviendraient" in cli.refused("restore", "relais.backup")


def test_what_is_there_is_replaced_only_when_asked_and_leaves_nothing_behind(
    cli: CommandLine,
) -> None:
    add_sami(cli)
    cli.ok("backup", "relais.backup")
    late = add_sami(cli, nickname="Zéphyrine")
    assert "n'est pas vide" in cli.refused("restore", "relais.backup")
    with Path("relais.db").open("rb") as before:
        cli.ok("restore", "relais.backup", "--replace")
        assert before.read() == b""  # the old file, under no name any more
    assert late not in [person["code"] for person in cli.ok("youth", "list")]
    names = {file.name for file in Path().iterdir()}
    assert names <= {
        "relais.db",
        "relais.db-wal",
        "relais.db-shm",
        "relais.db-speaking",
        "relais.db-erased",
        "relais.db-erased-lock",
        "relais.backup",
    }
    assert Path("relais.db").stat().st_mode & 0o077 == 0


def test_a_backup_is_never_written_over_unless_asked_and_is_the_owners_alone(
    cli: CommandLine,
) -> None:
    cli.ok("backup", "relais.backup")
    first = Path("relais.backup").read_bytes()
    assert "existe déjà" in cli.refused("backup", "relais.backup")
    assert Path("relais.backup").read_bytes() == first
    cli.ok("backup", "relais.backup", "--overwrite")
    assert Path("relais.backup").read_bytes() != first
    assert Path("relais.backup").stat().st_mode & 0o077 == 0
    assert not list(Path().glob("*.part"))


def test_it_goes_through_a_pipe_and_comes_back(cli: CommandLine) -> None:
    code = add_sami(cli)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "RELAIS_KEY": KEY,
        "RELAIS_DATABASE": cli.database.replace("+aiosqlite", ""),
    }
    piped = subprocess.run(
        [sys.executable, "-m", "relais", "backup", "-"],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert "lignes de" in piped.stderr.decode()
    Path("piped").write_bytes(piped.stdout)
    cli.ok("restore", "piped", "--replace")
    assert [person["code"] for person in cli.ok("youth", "list")] == [code]


def test_a_restore_that_was_killed_leaves_the_way_free(cli: CommandLine) -> None:
    """Until the new file is complete, the old one is the database."""
    code = add_sami(cli)
    cli.ok("backup", "relais.backup")
    Path("relais.db-restoring").write_bytes(b"half" * 5000)
    Path("relais.db-restoring-wal").write_bytes(b"half" * 5000)
    assert [person["code"] for person in cli.ok("youth", "list")] == [code]
    cli.ok("restore", "relais.backup", "--replace")
    assert [person["code"] for person in cli.ok("youth", "list")] == [code]
    assert not list(Path().glob("*restoring*"))


def test_it_says_how_many_rows_it_saved(cli: CommandLine) -> None:
    add_sami(cli)
    assert "lignes de" in cli.said("backup", "relais.backup")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw: b"PK" + raw, "n'est pas une sauvegarde"),
        (lambda raw: raw[:-9], "la fin manque"),
        (lambda raw: raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:], "modifiée ou abîmée"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_before_anything_is_touched(
    cli: CommandLine, spoil: Any, said: str
) -> None:
    code = add_sami(cli)
    cli.ok("backup", "relais.backup")
    Path("relais.backup").write_bytes(spoil(Path("relais.backup").read_bytes()))
    assert said in cli.refused("restore", "relais.backup", "--replace")
    assert [person["code"] for person in cli.ok("youth", "list")] == [code]


def test_another_key_and_a_file_that_is_not_there_are_said(cli: CommandLine) -> None:
    cli.ok("backup", "relais.backup")
    assert "n'existe pas" in cli.refused("restore", "nowhere")
    cli.set(KEY=new_key(), DATABASE="sqlite:///other.db")
    assert "avec une autre clé" in cli.refused("restore", "relais.backup")
    assert not Path("other.db").exists()


def test_a_backup_from_before_a_change_of_key_opens_with_both(cli: CommandLine) -> None:
    code, new = add_sami(cli), new_key()
    link_phone(cli, code)
    cli.ok("backup", "relais.backup")
    cli.set(KEY=f"{new},{KEY}")
    rotated(cli)
    cli.ok("restore", "relais.backup", "--replace")
    assert cli.ok("youth", "show", code)["nickname"] == "Sami"
    rotated(cli)
    cli.set(KEY=new)
    assert cli.ok("youth", "show", code)["nickname"] == "Sami"


def test_it_is_refused_while_relais_is_at_work(either: CommandLine) -> None:
    add_sami(either)
    either.ok("backup", "relais.backup")
    at_work = Database(either.database, Vault(KEY))

    async def connected() -> None:
        async with at_work.read() as tx:
            await tx.row(youth.youth.select().limit(1))

    with asyncio.Runner() as runner, at_work.speaking():
        runner.run(connected())
        assert "rrêtez" in either.refused("restore", "relais.backup", "--replace")
        runner.run(at_work.close())
    either.ok("restore", "relais.backup", "--replace")


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest) -> Any:
    server = request.getfixturevalue("postgres")
    server.psql("DROP DATABASE IF EXISTS elsewhere WITH (FORCE);")
    server.psql("CREATE DATABASE elsewhere;")
    yield postgres_url(server, "elsewhere").replace("+asyncpg", "")
    server.psql("DROP DATABASE IF EXISTS elsewhere WITH (FORCE);")


def test_it_is_the_way_from_sqlite_to_postgresql_and_back(cli: CommandLine, elsewhere: str) -> None:
    code = add_sami(cli)
    link_phone(cli, code)
    before = cli.ok("youth", "show", code)
    cli.ok("backup", "there.backup")
    cli.ok("restore", "there.backup", "--into", elsewhere, "--moved")
    cli.set(DATABASE=elsewhere)
    assert cli.ok("youth", "show", code) == before
    cli.ok("backup", "back.backup")
    said = cli.said("restore", "back.backup", "--into", "sqlite:///back.db", "--moved")
    assert "est restaurée dans le fichier back.db" in said
    assert "Tout est passé d'une base à l'autre." in said
    assert "aiosqlite" not in said
    assert "perdu" not in said
    assert len(said.splitlines()) == 2
    cli.set(DATABASE="sqlite:///back.db")
    assert cli.ok("youth", "show", code) == before
    with closing(sqlite3.connect("back.db")) as back:
        assert back.execute("PRAGMA integrity_check").fetchone() == ("ok",)

"""relais key rotate: said as it goes, refused when too early, gone on with after a kill."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa

from records import audit, rotation, sealing, youth
from records.database import Database, Tx
from records.message import message
from records.vault import Vault, new_key
from tests.cast import NOW
from tests.conftest import KEY
from tests.records.filled import fill
from tests.relais.conftest import CommandLine, add_sami
from tests.relais.test_as_a_process import ROOT

NEW = new_key()


def rotated(line: CommandLine) -> Any:
    """What it did; how far it is may be said meanwhile, where errors go."""
    ran = line.run("key", "rotate", "--json")
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


def test_a_key_is_changed_and_the_old_one_can_go(either: CommandLine) -> None:
    code = add_sami(either)
    either.set(KEY=f"{NEW},{KEY}")
    assert either.ok("youth", "show", code)["nickname"] == "Sami"
    done = rotated(either)
    assert done["tables"]["youth"] == 1
    assert done["keys_no_longer_needed"] == list(Vault(KEY).key_ids)
    either.set(KEY=NEW)
    assert either.ok("youth", "show", code)["nickname"] == "Sami"
    either.set(KEY=KEY)
    assert "n'ouvre pas cette base" in either.refused("youth", "show", code)


def test_the_access_log_stays_whole_and_still_says_who_read_whom(either: CommandLine) -> None:
    """It is under seals, so that its hashes cannot be made anew: they last."""

    async def note(tx: Tx) -> int:
        who = await youth.by_code(tx, code)
        await audit.note(tx, NOW, None, audit.READ, who.id, about=[1])
        return who.id

    async def lines(which: int) -> int:
        database = Database(either.database, Vault(NEW))
        try:
            await sealing.seal_new(database, NOW)
            await database.prove_key()
            async with database.read() as tx:
                return len(await audit.about_youth(tx, which))
        finally:
            await database.close()

    async def seal() -> None:
        database = Database(either.database, Vault(KEY))
        await sealing.seal_new(database, NOW)
        await database.close()

    code = add_sami(either)
    which = either.look(note)
    asyncio.run(seal())
    either.set(KEY=f"{NEW},{KEY}")
    rotated(either)
    either.set(KEY=NEW)
    assert either.run("audit", "verify").status == 0
    assert asyncio.run(lines(which)) == 1


def test_it_says_what_to_do_with_the_old_key(cli: CommandLine) -> None:
    add_sami(cli)
    cli.set(KEY=f"{NEW},{KEY}")
    said = cli.run("key", "rotate").out.replace("\u00a0", " ")
    assert "youth" in said
    assert "Retirez l'ancienne de RELAIS_KEY" in said
    assert "au coffre" in said
    cli.set(KEY=NEW)
    assert "Rien à faire : faites d'abord une clé" in cli.said("key", "rotate")


def test_a_new_key_alone_is_refused(cli: CommandLine) -> None:
    cli.set(KEY=NEW)
    assert "les deux, la nouvelle d'abord" in cli.refused("key", "rotate")


def test_it_shows_how_far_it_is(cli: CommandLine, capsys: pytest.CaptureFixture[str]) -> None:
    from relais.commands.key import Progress

    for as_json, shown in (
        (False, "message\u00a0: 1\u202f200 sur 3\u202f400"),
        (True, '"of":3400'),
    ):
        Progress(as_json=as_json)("message", 1000, 3400)
        assert capsys.readouterr().err == ""  # it has just begun
        Progress(as_json=as_json, every=0)("message", 1200, 3400)
        assert shown in capsys.readouterr().err


def test_a_thousand_rows_are_done_in_batches_that_nobody_waits_for(cli: CommandLine) -> None:
    async def many(tx: Tx) -> None:
        from records import inbox

        who = await youth.by_code(tx, code)
        said = [
            inbox.Said(n, who.structure_id, who.id, "words", f"mot {n}") for n in range(1, 1001)
        ]
        await inbox.keep(tx, NOW, said)

    code = add_sami(cli)
    cli.look(many)
    cli.set(KEY=f"{NEW},{KEY}")
    done = rotated(cli)
    assert done["tables"]["inbox"] == 1000
    assert done["longest_wait_ms"] < 1000


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(8))
def test_killed_at_any_moment_it_goes_on_where_it_was(cli: CommandLine, seed: int) -> None:
    """SIGKILL, at random; nothing is lost in between, whatever was done."""

    async def with_rows() -> None:
        database = Database(cli.database, Vault(KEY))
        await fill(database, rows=400)
        await database.close()

    asyncio.run(with_rows())
    draw = random.Random(seed)
    rotating = [sys.executable, "-m", "relais", "key", "rotate"]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "RELAIS_KEY": f"{NEW},{KEY}",
        "RELAIS_DATABASE": cli.database.replace("+aiosqlite", ""),
    }
    killed, process = 0, None
    for _ in range(20):
        process = subprocess.Popen(rotating, env=environment, stdout=-3, stderr=-3)
        try:
            process.wait(timeout=draw.uniform(0.6, 1.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        else:
            break
    assert process is not None
    assert process.returncode == 0
    assert killed
    cli.set(KEY=NEW)

    async def check(tx: Tx) -> None:
        vault = Vault(NEW)
        rows = await tx.rows(sa.select(message))
        assert len(rows) == 400
        for row in rows:
            vault.open_data("message.params", row.id, row.params)
        tx.vault = vault
        assert await rotation.left(tx) == 0

    cli.look(check)

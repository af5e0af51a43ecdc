"""A backup: whole or refused, the same rows in either database, nothing in clear, little memory."""

import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from records import backup, envelope, inbox, migrations, restore
from records.database import Database
from records.errors import Unusable
from records.vault import Vault, new_key
from tests.cast import NOW, Cast
from tests.conftest import KEY, postgres_url
from tests.records.filled import everything, fill

ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def saved(database: Database) -> io.BytesIO:
    out = io.BytesIO()
    async with database.snapshot() as tx:
        await backup.save(tx, NOW, out, revision=list(migrations.revisions())[-1])
    out.seek(0)
    return out


async def restored(url: str, source: Any, **options: Any) -> Database:
    database = Database(url, Vault(KEY))
    verified = backup.verify(source, database.vault)
    lines = options.pop("lines", [])
    what = restore.Restoring(source, verified, lines, options.pop("now", NOW), **options)
    await restore.into(database, what)
    return database


@pytest.fixture(params=["sqlite", "postgres"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An address where nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}"
        return
    server = request.getfixturevalue("postgres")
    server.psql("DROP DATABASE IF EXISTS elsewhere WITH (FORCE);")
    server.psql("CREATE DATABASE elsewhere;")
    yield postgres_url(server, "elsewhere")
    server.psql("DROP DATABASE IF EXISTS elsewhere WITH (FORCE);")


async def test_every_row_arrives_in_either_database_from_either(
    database: Database, other_url: str
) -> None:
    await database.prove_key()
    await fill(database, rows=3)
    before = await everything(database)
    source = await saved(database)
    other = await restored(other_url, source, moved=True)
    try:
        after = await everything(other)
    finally:
        await other.close()
    for name in backup.LEFT_OUT:
        assert before.pop(name, ["of another version"])
        assert not after.pop(name, [])
    assert after == before


@ON_ONE
async def test_a_second_restore_replaces_the_first(database: Database, other_url: str) -> None:
    await fill(database)
    source = await saved(database)
    await (await restored(other_url, source, moved=True)).close()
    other = await restored(other_url, source, moved=True)
    assert len((await everything(other))["youth"]) == 2
    await other.close()


async def test_a_backup_of_an_older_revision_is_brought_up_to_date(
    other_url: str, tmp_path: Path
) -> None:
    """Its rows go into the tables of then, which are then migrated like any other database's."""
    import sqlalchemy as sa

    old = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}", Vault(KEY))
    await migrations.upgrade(old, "0001")
    out = io.BytesIO()
    writer = envelope.Writer(out, old.vault, {"made_at": NOW.isoformat(), "revision": "0001"})
    kinds = {"name": "text", "row": "number", "value": "bytes"}
    sealed = old.vault.seal("note.key", 0, "relais")
    for line in (
        {"table": "note", "columns": kinds},
        ["key", 0, backup.KINDS["bytes"].write(sealed)],
        {"rows": {"note": 1}},
    ):
        writer.write(backup._line(line))
    writer.close()
    await old.close()
    out.seek(0)
    other = await restored(other_url, out)
    async with other.engine.connect() as connection:
        assert await connection.run_sync(migrations.differences) == []
        assert (await connection.execute(sa.text("SELECT count(*) FROM note"))).scalar_one() == 3
    await other.close()


@ON_ONE
async def test_a_backup_of_a_later_version_is_refused(database: Database) -> None:
    out = io.BytesIO()
    async with database.snapshot() as tx:
        await backup.save(tx, NOW, out, revision="9999")
    out.seek(0)
    with pytest.raises(Unusable, match="backup_newer"):
        await restored(database.url.render_as_string(hide_password=False), out)


@ON_ONE
async def test_whatever_byte_is_changed_and_wherever_it_is_cut_it_is_refused(
    database: Database,
) -> None:
    await fill(database)
    whole = (await saved(database)).getvalue()
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        altered = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for damaged in (altered, whole[:at]):
            with pytest.raises(Unusable) as refused:
                backup.verify(io.BytesIO(damaged), database.vault)
            assert refused.value.code in (
                "backup_not_one",
                "backup_altered",
                "backup_cut",
                "backup_key_wrong",  # the key's name itself was changed
            )
    with pytest.raises(Unusable, match="backup_altered"):
        backup.verify(io.BytesIO(whole + b"x"), database.vault)
    assert backup.verify(io.BytesIO(whole), database.vault).counts.rows["youth"] == 2


@ON_ONE
async def test_a_piece_taken_away_swapped_or_taken_for_the_last_is_refused(
    database: Database,
) -> None:
    vault, out = database.vault, io.BytesIO()
    import os

    writer = envelope.Writer(out, vault, {"made_at": NOW.isoformat(), "revision": "0001"})
    for _ in range(4):
        writer.write(os.urandom(envelope.PIECE))
    writer.close()
    out.seek(0)
    _facts, head = envelope.facts_of(out)
    pieces = []
    while length := out.read(4):
        pieces.append(length + out.read(int.from_bytes(length)))
    assert len(pieces) > 3
    for damaged, code in (
        (pieces[:-1], "backup_cut"),
        ([*pieces[:1], *pieces[2:]], "backup_altered"),
        ([pieces[1], pieces[0], *pieces[2:]], "backup_altered"),
        ([*pieces, pieces[-1]], "backup_altered"),
    ):
        with pytest.raises(Unusable, match=code):
            list(envelope.opened(io.BytesIO(head + b"".join(damaged)), vault))


@ON_ONE
async def test_another_key_is_told_from_an_altered_file(database: Database) -> None:
    source = await saved(database)
    with pytest.raises(Unusable, match="backup_key_wrong"):
        backup.verify(source, Vault(new_key()))
    source.seek(0)
    backup.verify(source, Vault(f"{new_key()},{KEY}"))


async def test_what_is_written_meanwhile_is_not_in_it(database: Database, cast: Cast) -> None:
    """It is the database of one moment, though reading it takes a while."""
    from sqlalchemy import select

    from records.youth import youth

    out = io.BytesIO()
    async with database.snapshot() as tx:
        await tx.rows(select(youth.c.id).limit(1))  # the moment
        async with database.write() as other:
            await other.run(youth.update().where(youth.c.id == cast.sami.id), {"language": "xx"})
        await backup.save(tx, NOW, out, revision="0001")
    out.seek(0)
    rows = [row for row in backup.read(out, database.vault) if isinstance(row, list)]
    assert not any("xx" in row for row in rows)


@ON_ONE
async def test_a_large_table_takes_no_more_memory_than_a_small_one(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, rows=1)

    async def peak(first: int, rows: int) -> int:
        async with database.write() as tx:
            said = [inbox.Said(n, 1, 1, "words", "x" * 4000) for n in range(first, first + rows)]
            await inbox.keep(tx, NOW, said)
        with (tmp_path / f"{rows}").open("wb") as out:
            tracemalloc.start()
            async with database.snapshot() as tx:
                await backup.save(tx, NOW, out, revision="0001")
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    small, large = await peak(10, 600), await peak(610, 2400)
    assert (
        large < small + 1_000_000
    )  # four thousand bytes a row: ten million more, if all were held

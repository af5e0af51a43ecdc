"""Upgrading a filled database from every earlier revision, on both databases."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from records import migrations
from records.database import Database
from records.errors import Unusable
from records.vault import Vault
from tests.conftest import KEY, postgres_url

REVISIONS = list(migrations.revisions())


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'filled.db'}"
        return
    server = request.getfixturevalue("postgres")
    server.psql("DROP DATABASE IF EXISTS filled WITH (FORCE);")
    server.psql("CREATE DATABASE filled;")
    yield postgres_url(server, "filled")
    server.psql("DROP DATABASE IF EXISTS filled WITH (FORCE);")


def _fill(connection: sa.Connection) -> dict[str, int]:
    """Two rows in every table, whatever its columns are at this revision."""
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), [_row(table, n) for n in (1, 2)])
    return _counted(connection, tables)


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    import datetime as dt

    kind = column.type
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.DateTime):
        return dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    if isinstance(kind, sa.Date):
        return dt.date(2026, 11, 23)
    if isinstance(kind, sa.LargeBinary):
        return f"sealed {column.name} {number}".encode()
    if isinstance(kind, sa.JSON):
        return ["1d"]
    return f"{number}{column.name}"[: getattr(kind, "length", None)]


def _counted(connection: sa.Connection, tables: sa.MetaData) -> dict[str, int]:
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in tables.sorted_tables
        if table.name != "alembic_version"
    }


def test_the_files_name_the_revisions_that_alembic_knows() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert [s.revision for s in reversed(list(scripts.walk_revisions()))] == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_filled_database_is_brought_up_to_date(empty_url: str, revision: str) -> None:
    database = Database(empty_url, Vault(KEY))
    try:
        await migrations.upgrade(database, revision)
        async with database.engine.connect() as connection:
            before = await connection.run_sync(_fill)
            await connection.commit()
        await migrations.upgrade(database)
        async with database.engine.connect() as connection:
            assert await connection.run_sync(migrations.differences) == []
            for table, count in before.items():
                left = await connection.execute(sa.text(f'SELECT count(*) FROM "{table}"'))
                assert left.scalar_one() == count, f"{table} lost rows"
    finally:
        await database.close()


async def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    database = Database(empty_url, Vault(KEY))
    try:
        assert len(await migrations.upgrade(database)) == len(REVISIONS)
        assert await migrations.upgrade(database) == []
    finally:
        await database.close()


async def test_a_database_of_a_later_version_is_refused(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unusable, match="database_newer"):
        await migrations.require_current(database)
    with pytest.raises(Unusable, match="database_newer"):
        await migrations.upgrade(database)


async def test_an_empty_database_is_refused_until_it_is_migrated(empty_url: str) -> None:
    database = Database(empty_url, Vault(KEY))
    with pytest.raises(Unusable, match="database_older"):
        await migrations.require_current(database)
    await database.close()


def test_a_folder_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)

    async def ask() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'where.db'}", Vault(KEY))
        try:
            await migrations.require_current(database)
        finally:
            await database.close()

    import asyncio

    with pytest.raises(Unusable, match="database_unreachable"):
        asyncio.run(ask())

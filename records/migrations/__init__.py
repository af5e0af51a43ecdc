"""The database's revisions: upgrading, checking that none is missing, refusing a newer one.

Revisions are files « 0001_what_it_brings.py », in one line. Telling where a database stands needs
only their names; Alembic, half a second to import, is loaded when there is something to apply.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

import records  # noqa: F401  (makes every table known)
from records.database import Database, metadata
from records.errors import Unusable

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent


@cache
def revisions() -> dict[str, str]:
    """Every known revision with what it brings, oldest first."""
    files = sorted((_HERE / "versions").glob("[0-9]*_*.py"))
    return {
        number: name.replace("_", " ")
        for number, _, name in (file.stem.partition("_") for file in files)
    }


async def upgrade(database: Database, to: str = "head") -> list[str]:
    """Bring the database to a revision; returns the revisions that were applied.

    Raises `Unusable("database_newer")` for one made by a later version of the program.
    """
    before = await _known(database)
    async with database.engine.connect() as connection:
        await connection.run_sync(_run, to)
        await connection.commit()
    after = await current(database) or ""
    return [
        f"{number} {brings}"
        for number, brings in revisions().items()
        if (before or "") < number <= after
    ]


async def upgrade_on(connection: AsyncConnection, to: str = "head") -> None:
    """The same in a transaction that is open, where the database can (PostgreSQL)."""
    await connection.run_sync(_run, to)


async def current(database: Database) -> str | None:
    """The database's revision; None when it is empty."""
    _require_folder(database)
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(_written_revision)
    except (DBAPIError, OSError) as failure:
        reason = str(getattr(failure, "orig", failure))
        raise Unusable("database_unreachable", reason=reason) from None


async def require_current(database: Database) -> None:
    """Refuse a database that is newer, older or empty: nothing is read or written before."""
    if await _known(database) != list(revisions())[-1]:
        raise Unusable("database_older")


async def _known(database: Database) -> str | None:
    revision = await current(database)
    if revision is not None and revision not in revisions():
        raise Unusable("database_newer", revision=revision)
    return revision


def _written_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _require_folder(database: Database) -> None:
    """SQLite makes the file, never its folder."""
    if database.is_sqlite and not Path(database.url.database or "").absolute().parent.is_dir():
        raise Unusable("database_unreachable", reason="no such folder")


def config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, on a connection that is already open."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_HERE))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _run(connection: Connection, to: str) -> None:
    from alembic import command

    command.upgrade(config(connection), to)


def differences(connection: Connection) -> list[object]:
    """What the tables of the code have that the migrated database has not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection), metadata))

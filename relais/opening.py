"""The database of one command, opened and proved. Light, so that a short command starts quickly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from records import migrations
from records.database import Database
from records.erased_file import Beside
from records.vault import Vault
from relais.settings import Settings


def erased_list(settings: Settings, database: Database) -> Path | None:
    """The file that keeps the list of what was taken back outside this database, if any."""
    named: Path | None = settings["ERASED"]
    if named is None and database.is_sqlite:
        return Path(f"{database.url.database}-erased")
    return named


@asynccontextmanager
async def prepared(settings: Settings, *, migrated: bool = True) -> AsyncIterator[Database]:
    """An open database of the right revision and key; anything else is refused before use.

    `migrated` is False for who migrates: they alone may make a file that is not there.
    """
    database = Database(settings["DATABASE"], Vault(settings["KEY"]))
    try:
        if migrated:
            database.require_file()
            await migrations.require_current(database)
            await database.prove_key()
        if file := erased_list(settings, database):
            database.keeper = Beside(database, file)
        yield database
    finally:
        await database.close()

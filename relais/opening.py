"""The database of one command, opened and proved. Light, so that a short command starts quickly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from records import migrations
from records.database import Database
from records.vault import Vault
from relais.settings import Settings


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
        yield database
    finally:
        await database.close()

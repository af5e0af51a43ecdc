"""`python -m records.migrations check` tells whether a revision is missing; `new NAME` writes one.

Both migrate an empty SQLite database first and compare it with the tables of the code.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from records.database import Database
from records.migrations import config, differences, revisions, upgrade
from records.vault import Vault, new_key


async def _on_empty_database(work: str, name: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}", Vault(new_key()))
        try:
            await upgrade(database)
            async with database.engine.connect() as connection:
                return await connection.run_sync(_check if work == "check" else _write, name)
        finally:
            await database.close()


def _check(connection: Connection, _name: str) -> int:
    missing = differences(connection)
    for difference in missing:
        sys.stderr.write(f"{difference}\n")
    sys.stdout.write(
        "migrations: a revision is missing, write it with "
        "« python -m records.migrations new NAME »\n"
        if missing
        else "migrations: up to date\n"
    )
    return 1 if missing else 0


def _write(connection: Connection, name: str) -> int:
    made = config(connection)
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    command.revision(made, name, autogenerate=True, rev_id=f"{len(revisions()) + 1:04}")
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:] or ["check"]
    sys.exit(asyncio.run(_on_empty_database(arguments[0], " ".join(arguments[1:]))))

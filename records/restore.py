"""A backup put back, whole or not at all, into SQLite or PostgreSQL, whichever it came from.

Rows go into tables of the revision that the backup was made at; the database is then brought up to
date like any other, and what was taken back since is taken back again, before anybody can look.
On PostgreSQL all of it is one transaction. A SQLite database is made in a new file, which takes the
old one's place when it is complete; the old file is overwritten then, since it holds people who
were erased.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from records import after_restore, backup, erased, migrations
from records.after_restore import Report
from records.backup import KINDS, Begin, Verified
from records.database import Database, Tx, metadata, prove, wipe_freed_pages
from records.erased import Erased
from records.erased_file import sync_folder
from records.errors import Unusable
from records.vault import Vault

AT_ONCE = 500  # rows inserted by one statement
_TRIGGERS_OWN = sa.text(
    "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
    "AND prorettype = 'trigger'::regtype"
)


@dataclass(frozen=True, slots=True)
class Restoring:
    """One restore about to be done: a verified file, and the lists of what was taken back."""

    source: BinaryIO
    verified: Verified
    lines: Sequence[Erased]
    now: datetime
    moved: bool = False


async def is_empty(database: Database) -> bool:
    """Whether nothing would be lost: there are no tables yet, or nobody in them."""
    async with database.engine.connect() as connection:
        present = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        for table in ("structure", "bot", "staff", "youth"):
            if table in present:
                some = sa.text(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608  (named above)
                if (await connection.execute(some)).first():
                    return False
    return True


async def into(database: Database, what: Restoring) -> Report:
    """Restore into this database, in the place of whatever it holds.

    Raises `Unusable("backup_newer")` for a backup of a later version.
    """
    if what.verified.revision not in migrations.revisions():
        raise Unusable("backup_newer", revision=what.verified.revision)
    return await (_into_file if database.is_sqlite else _into_server)(database, what)


async def _into_server(database: Database, what: Restoring) -> Report:
    async with database.engine.begin() as connection:
        await _clear(connection)
        await migrations.upgrade_on(connection, what.verified.revision)
        tx = Tx(connection, database.vault)
        await _load(tx, what, database.vault)
        await migrations.upgrade_on(connection)
        return await _finish(tx, what)


async def _clear(connection: AsyncConnection) -> None:
    """Every table of ours goes, whatever its revision, and the functions of their triggers."""
    present = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    for table in {*metadata.tables, "alembic_version"} & set(present):
        await connection.execute(sa.text(f'DROP TABLE "{table}" CASCADE'))
    for row in (await connection.execute(_TRIGGERS_OWN)).all():
        await connection.execute(sa.text(f'DROP FUNCTION "{row.proname}" CASCADE'))


async def _into_file(database: Database, what: Restoring) -> Report:
    file = Path(str(database.url.database))
    beside = file.with_name(f"{file.name}-restoring")
    _wipe_all(beside)  # left by a restore that was killed
    made = Database(f"sqlite+aiosqlite:///{beside}", database.vault)
    try:
        await migrations.upgrade(made, what.verified.revision)
        beside.chmod(0o600)
        async with made.write() as tx:
            await _load(tx, what, database.vault)
        await migrations.upgrade(made)
        async with made.write() as tx:
            report = await _finish(tx, what)
        await wipe_freed_pages(made, ())
    finally:
        await made.close()
    await database.close()
    _take_the_place(file, beside)
    return report


async def _load(tx: Tx, what: Restoring, vault: Vault) -> None:
    insert, columns, rows = None, list[str](), list[dict[str, Any]]()
    what.source.seek(0)
    for said in backup.read(what.source, vault):
        if isinstance(said, Begin):
            await _insert(tx, insert, rows)
            insert, columns, rows = _table(said).insert(), list(said.columns), []
            continue
        rows.append(dict(zip(columns, said, strict=True)))
        if len(rows) == AT_ONCE:
            await _insert(tx, insert, rows)
            rows = []
    await _insert(tx, insert, rows)


def _table(begun: Begin) -> sa.TableClause:
    """A table as the backup knows it, which may be an older one than ours."""
    columns = (sa.column(name, KINDS[kind].column()) for name, kind in begun.columns.items())
    return sa.table(begun.table, *columns)


async def _insert(tx: Tx, insert: sa.Insert | None, rows: list[dict[str, Any]]) -> None:
    if insert is not None and rows:
        await tx.run(insert, rows)


async def _finish(tx: Tx, what: Restoring) -> Report:
    await prove(tx)
    await erased.merge(tx, what.lines)
    return await after_restore.apply(tx, what.now, what.verified.made_at, moved=what.moved)


def _take_the_place(file: Path, beside: Path) -> None:
    """The new file is the database from one instant to the next; then the old one's bytes go.

    The old log goes first: it would be taken for the new file's own.
    """
    old = file.open("r+b") if file.exists() else None
    _sync(beside)
    for log in _logs(file):
        _wipe(log)
    beside.replace(file)
    sync_folder(file.absolute().parent)
    if old is not None:
        with old:
            _overwrite(old)


def _logs(file: Path) -> Iterator[Path]:
    yield from (Path(f"{file}-wal"), Path(f"{file}-shm"), Path(f"{file}-journal"))


def _wipe_all(file: Path) -> None:
    for one in (file, *_logs(file)):
        _wipe(one)


def _wipe(file: Path) -> None:
    if file.exists():
        with file.open("r+b") as opened:
            _overwrite(opened)
        file.unlink()


def _overwrite(opened: BinaryIO) -> None:
    """Zeros over every byte, and on to the disk."""
    left = opened.seek(0, os.SEEK_END)
    opened.seek(0)
    while left > 0:
        left -= opened.write(bytes(min(left, 1 << 20)))
    opened.flush()
    os.fsync(opened.fileno())
    opened.truncate(0)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())

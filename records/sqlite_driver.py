"""aiosqlite with one trip to its thread a statement, instead of four.

SQLAlchemy asks an asynchronous cursor to be made, to execute, to fetch and to close, and each is
a trip to the connection's thread and back; making and closing need none, and what a statement
gives is fetched while one is there. It halves what a statement costs (docs/decisions/0010).
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import aiosqlite

AHEAD = 500  # rows fetched with the statement; a larger answer takes its trips as it is read


class Cursor(aiosqlite.Cursor):
    """Holds the first rows of its answer."""

    _first: list[Any]
    _whole = True

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        await self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
        return self

    def _run(self, sql: str, parameters: Iterable[Any]) -> None:
        self._cursor.execute(sql, parameters)  # type: ignore[arg-type]  # an Iterable, in aiosqlite
        self._first = self._cursor.fetchmany(AHEAD) if self._cursor.description else []
        self._whole = len(self._first) < AHEAD

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        size = size or self.arraysize
        if self._first or self._whole:
            taken, self._first = self._first[:size], self._first[size:]
            return taken
        return list(await super().fetchmany(size))

    async def fetchall(self) -> list[Any]:
        first, self._first = self._first, []
        return first if self._whole else [*first, *await super().fetchall()]

    async def close(self) -> None:
        self._cursor.close()


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]  # a cursor is its own context manager
        return Cursor(self, self._conn.cursor())


def connect(database: str, **options: Any) -> Connection:
    """A connection for SQLAlchemy's `async_creator_fn`; its thread ends with the program."""
    options["check_same_thread"] = False  # one statement at a time, whoever asks

    def opened() -> sqlite3.Connection:
        _make_private(database)
        made: sqlite3.Connection = sqlite3.connect(database, **options)
        return made

    connection = Connection(opened, iter_chunk_size=AHEAD)
    connection._thread.daemon = True  # noqa: SLF001  as SQLAlchemy's own dialect does
    return connection


def _make_private(database: str) -> None:
    """A file that is not there is made for its owner alone; SQLite gives its -wal and -shm the same
    rights. What else is wrong with the path is left for SQLite to say."""
    with suppress(OSError):
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

"""One program at a time speaks from a SQLite file.

What it finds claimed at its start is its own, left by a life before; it counts each bot's permits
in its memory, and sends a reply without a look at what others sent. A second program would take
the first one's messages for lost, and repeat them. SQLite itself keeps the lock, on an empty file
beside the database: it ends with the process, however that ends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from records.errors import Unusable


@contextmanager
def sole_speaker(file: str) -> Iterator[None]:
    """Be the only one while the block runs. Raises `Unusable("already_speaking")`."""
    with closing(sqlite3.connect(f"{file}-speaking", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise Unusable("database_unreachable", reason=str(failure)) from None
            raise Unusable("already_speaking", file=file) from None
        yield

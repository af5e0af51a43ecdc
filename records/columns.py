"""Column types and identifiers that every table shares."""

import os
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01: leaves 41 bits of milliseconds until 2093


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. A naive one is a bug and is refused at the door.

    SQLite keeps text, which is written and read here: SQLAlchemy's own way takes four times as
    long, and a busy second handles a hundred thousand of them.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value

    def bind_processor(self, dialect: Dialect) -> Any:
        return _written if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a naive datetime reached the database")
    return value.astimezone(UTC)


def _written(value: datetime | None) -> str | None:
    """As SQLAlchemy's own SQLite type writes it: « 2026-11-24 16:30:00.000000 »."""
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _read(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class _Sequence:
    """Time-ordered 63-bit identifiers: milliseconds, ten bits for the process, twelve to count.

    They are made by the program before the insert, because a sealed field is bound to its row's
    identifier. They order rows by age: a list pages by key, and messages that fall due together
    leave in the order in which they were written. So each is above the one before, within a
    millisecond and over a clock set back. Uniqueness needs the real clock, never the demo's.
    """

    def __init__(self) -> None:
        self._last = 0
        self._own = 0  # this process's node, and where its counting begins in a millisecond
        self._pid = -1

    def __call__(self) -> int:
        if self._pid != os.getpid():
            self._pid, self._own = os.getpid(), secrets.randbits(10) << 12 | secrets.randbits(11)
        milliseconds = time.time_ns() // 1_000_000 - _EPOCH_MS
        self._last = max(self._last + 1, milliseconds << 22 | self._own)
        return self._last


new_id = _Sequence()


def random_id() -> int:
    """An identifier that tells nothing of when it was made, for anonymous rows."""
    return secrets.randbits(62)


# On SQLite an INTEGER primary key is the row's own place: no second one that would tell its age.
Identifier = BigInteger().with_variant(Integer, "sqlite")


def key() -> Column[int]:
    return Column("id", Identifier, primary_key=True, autoincrement=False)


def link(name: str, target: str, **options: Any) -> Column[Any]:
    """A foreign key to `target`.id; required unless nullable=True."""
    options.setdefault("nullable", False)
    return Column(name, BigInteger, ForeignKey(f"{target}.id"), **options)

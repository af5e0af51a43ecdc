"""What the peers are handed: the reminders as the product would render them, in a plain SQLite
table, and the plays of the exercises in a file. The words, chats and buttons are the product's."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

from bench.caseload import NOW
from bench.thumbs import Doings
from bot.taps import packed
from content import screen_of
from records import outbox
from records.database import Database
from records.due import Due

_TABLE = """
CREATE TABLE reminder (
    id BIGINT PRIMARY KEY, chat_id BIGINT NOT NULL, text VARCHAR NOT NULL,
    keyboard VARCHAR NOT NULL, due_at DATETIME NOT NULL, sent_at DATETIME, message_id BIGINT)
"""
_INDEX = "CREATE INDEX ix_reminder_due ON reminder (due_at) WHERE sent_at IS NULL"


async def reminders(database: Database, path: Path) -> None:
    """Everything that is due within a minute, rendered, in the order in which it falls due."""
    async with database.read() as tx:
        waiting = await outbox.awaited(tx, NOW, limit=1_000_000)
    waiting = [due for due in waiting if due.facts.due_at < NOW + timedelta(minutes=1)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(_TABLE)
        connection.execute(_INDEX)
        connection.executemany(
            "INSERT INTO reminder VALUES (?, ?, ?, ?, ?, NULL, NULL)", _rows(waiting)
        )
        connection.commit()


def _rows(waiting: Sequence[Due]) -> Iterator[tuple[Any, ...]]:
    for place, due in enumerate(waiting, 1):
        screen = screen_of(due, NOW)
        keyboard = [[(button.label, packed(button)) for button in row] for row in screen.rows]
        at = due.facts.due_at.replace(tzinfo=None).isoformat(" ", "microseconds")
        assert due.address is not None
        yield place, int(due.address), escape(screen.text, quote=False), json.dumps(keyboard), at


def steps(doings: Doings, path: Path) -> None:
    told = {"plays": doings.plays, "order": doings.order}
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")

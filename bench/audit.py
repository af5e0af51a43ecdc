"""Nothing counts that the database and the server do not both confirm.

After each run the rows are compared, one by one, with the server's ledger: every message `sent`
and found once at the place that the server gave it, every update accepted, every answer kept. The
peers must have sent each reminder once and answered each step once, whatever they remember of it.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.sql.selectable import FromClause

from bench.beside import Ledger, Place
from bench.thumbs import Doings
from bench.updates import FIRST_UPDATE
from records import contact
from records.conversation import conversation
from records.database import Database, Tx
from records.inbox import inbox
from records.message import message
from records.reception import accepted_update, set_aside
from records.response import response


class NotDurable(Exception):
    """A figure that may not be printed; the text says what was missing or doubled."""


@dataclass(frozen=True, slots=True)
class Found:
    """What both agree on: messages and edits that left, updates accepted, calls made in all."""

    messages: int
    edits: int
    updates: int
    calls: int


async def after_sending(database: Database, ledger: Ledger, due: int, past: int = 0) -> Found:
    """Rows up to the identifier `past` are of no concern."""
    async with database.read() as tx:
        messages, edits = await _all_sent_once(tx, ledger, past)
    _same("messages", due, messages)
    return Found(messages, edits, 0, ledger.calls.total())


async def after_handling(
    database: Database, ledger: Ledger, doings: Doings, past: int = 0
) -> Found:
    ids = {update["update_id"] for update in doings.updates}
    async with database.read() as tx:
        messages, edits = await _all_sent_once(tx, ledger, past)
        accepted = await tx.rows(
            select(accepted_update).where(accepted_update.c.update_id >= FIRST_UPDATE)
        )
        _same("updates accepted", sorted(ids), sorted(row.update_id for row in accepted))
        _same("updates set aside", 0, await _count(tx, set_aside, past))
        _same("updates unconfirmed", 0, ledger.unconfirmed)
        _same("taps answered", doings.expected["taps"], ledger.calls["answerCallbackQuery"])
        _same("words in the inbox", doings.expected["words"], await _count(tx, inbox, past))
        _same("answers kept", doings.expected["answers"], await _count(tx, response, past))
        statuses = Counter(
            row.status
            for row in await tx.rows(select(conversation).where(conversation.c.id > past))
        )
        _same("exercises done", {"done": doings.expected["conversations"]}, dict(statuses))
        _same("chats spoken to out of order", [], await _out_of_order(tx, ledger, past))
    _same("chats spoken to before they had answered", 0, ledger.overlapped)
    return Found(messages, edits, len(accepted), ledger.calls.total())


def peer_sent(path: Path, ledger: Ledger, due: int) -> Found:
    """One message a chat; and what the peer marked, if it marks, is what the server gave."""
    _same("messages", due, ledger.sent.total())
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT chat_id, message_id FROM reminder").fetchall()
    _same("chats that got their reminder once", Counter(chat for chat, _ in rows), ledger.by_chat())
    marked = {(chat, message_id) for chat, message_id in rows if message_id is not None}
    if marked:
        _same("reminders marked", set(ledger.sent), marked)
    return Found(ledger.sent.total(), 0, 0, ledger.calls.total())


def peer_answered(ledger: Ledger, doings: Doings) -> Found:
    """One message or edit a step in each chat, and every tap closed."""
    steps = Counter({play["chat"]: len(play["deeds"]) for play in doings.plays})
    _same("answers to each chat", steps, ledger.by_chat())
    _same("taps answered", doings.expected["taps"], ledger.calls["answerCallbackQuery"])
    return Found(ledger.sent.total(), ledger.edited.total(), steps.total(), ledger.calls.total())


async def _all_sent_once(tx: Tx, ledger: Ledger, past: int) -> tuple[int, int]:
    """Every row is `sent`, claimed once, and stands where the server says, as often."""
    rows = await tx.rows(select(message).where(message.c.id > past))
    _same("message states", {"sent"}, {row.state for row in rows})
    _same("messages that needed a second claim", 0, sum(row.attempts != 1 for row in rows))
    chats = await _chats(tx)
    for name, edits, told in (("messages", False, ledger.sent), ("edits", True, ledger.edited)):
        kept: Counter[Place] = Counter(
            (chats[row.youth_id], row.channel_message_id)
            for row in rows
            if (row.edits is not None) is edits
        )
        _same(f"{name} missing at the server", {}, dict(kept - told))
        _same(f"{name} doubled at the server", {}, dict(told - kept))
    return ledger.sent.total(), ledger.edited.total()


async def _out_of_order(tx: Tx, ledger: Ledger, past: int) -> list[int]:
    """Chats whose messages and edits reached the server otherwise than they were queued."""
    chats = await _chats(tx)
    queued: defaultdict[int, list[int]] = defaultdict(list)
    today = select(message).where(message.c.id > past)
    for row in await tx.rows(today.order_by(message.c.due_at, message.c.id)):
        place = row.channel_message_id if row.edits is None else row.edits
        queued[chats[row.youth_id]].append(place)
    arrived: defaultdict[int, list[int]] = defaultdict(list)
    for _, chat, place in ledger.arrivals:
        arrived[chat].append(place)
    return [chat for chat, places in queued.items() if arrived[chat] != places]


async def _chats(tx: Tx) -> dict[int, int]:
    phones = [contact.opened(tx, row) for row in await tx.rows(select(contact.contact))]
    return {phone.youth_id: int(phone.address) for phone in phones if phone.address}


async def _count(tx: Tx, table: FromClause, past: int) -> int:
    rows = select(func.count()).select_from(table).where(table.c.id > past)
    return int(await tx.value(rows))


def _same(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise NotDurable(f"{what}: expected {_short(expected)}, found {_short(found)}")


def _short(value: object) -> str:
    if isinstance(value, Sequence | dict) and len(value) > 5:
        return f"{len(value)} of them"
    return str(value)

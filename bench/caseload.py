"""The people of the benchmark and what is due to them, in a real, migrated SQLite database.

Everyone is invented. Rows that make a person reachable are inserted in bulk, so that a whole
region fits; what is measured afterwards (reminders, conversations) is written by the product's
own verbs. The clock stands at an hour when every youth may be written to.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from records import appointment, contact, migrations, staff, structure, youth
from records.columns import new_id
from records.consent import regime, standing
from records.consent_text import PURPOSES
from records.database import Database, Tx
from records.vault import Vault
from records.youth import Youth

NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # a Monday, 17 h 30 in Paris: open to everyone
TOMORROW = datetime(2026, 11, 24, 14, 30)  # noqa: DTZ001  a wall time: its zone is the structure's
TOKEN = "777001:bench-token-on-loopback-only"
FIRST_CHAT = 5_000_000_000
STRUCTURES, EDUCATORS = 4, 5  # educators a structure
CHUNK = 500
CONSENT_AGE = 15


@dataclass(frozen=True, slots=True)
class Linked:
    """A youth with a phone; `chat` is its Telegram identifier."""

    who: Youth
    chat: int


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@asynccontextmanager
async def filled(path: Path, key: str) -> AsyncIterator[Database]:
    """A database to write to; once the block ends it is one file, with nothing left in its log."""
    database = Database(url(path), Vault(key))
    try:
        yield database
        async with database.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await database.close()


async def migrate(database: Database) -> None:
    await migrations.upgrade(database)
    await database.prove_key()


async def settle_in(
    database: Database, people: int, *, structures: int = STRUCTURES
) -> list[Linked]:
    """A bot, some structures with their educators, and people who agreed to everything."""
    async with database.write() as tx:
        bot_id = await structure.seed_bot(tx, NOW, TOKEN)
        educators = [
            educator for number in range(structures) for educator in await _structure(tx, number)
        ]
        rows = [_youth(tx, nth, educators[nth % len(educators)]) for nth in range(people)]
        chats = {row["id"]: FIRST_CHAT + nth for nth, row in enumerate(rows)}
        for start in range(0, people, CHUNK):
            part = rows[start : start + CHUNK]
            await tx.run(youth.youth.insert(), part)
            await tx.run(
                contact.contact.insert(),
                [_phone(tx, row, bot_id, chats[row["id"]]) for row in part],
            )
            await tx.run(
                standing.insert(), [_agreed(row, purpose) for row in part for purpose in PURPOSES]
            )
        return [Linked(who, chats[who.id]) for who in await youth.listed(tx, limit=people)]


async def remind(database: Database, linked: list[Linked]) -> None:
    """A meeting tomorrow for each, whose reminder is due now."""
    for start in range(0, len(linked), CHUNK):
        async with database.write() as tx:
            for one in linked[start : start + CHUNK]:
                await appointment.add(
                    tx, NOW, one.who, TOMORROW, place="Salle bleue", ladder=["now"]
                )


async def _structure(tx: Tx, number: int) -> list[staff.Staff]:
    rule = {
        f"{category}:{age}": "ask"
        for category in structure.CATEGORIES
        for age in structure.MINOR_AGES
    }
    place = await structure.add(
        tx, NOW, f"Structure {number + 1}", "cjc", alert_rule=rule, telegram_minimum_age=13
    )
    return [
        await staff.add(
            tx,
            NOW,
            structure_id=place,
            login=f"educator-{number}-{nth}",
            name=f"Educ {nth + 1}",
            role="educator",
            password="never used: nobody signs in",
        )
        for nth in range(EDUCATORS)
    ]


def _youth(tx: Tx, nth: int, educator: staff.Staff) -> dict[str, Any]:
    row, minor = new_id(), nth % 2 == 0
    return {
        "id": row,
        "structure_id": educator.structure_id,
        "educator_id": educator.id,
        "code": f"B{nth:06}",
        "nickname": tx.vault.seal("youth.nickname", row, f"Ami {nth}"),
        "birth_month": "2010-03" if minor else "2005-09",
        "school_aged": minor,
        "language": "fr",
        "form": None,
        "support_ends_on": None,
        "paused_at": None,
        "closed_at": None,
        "created_at": NOW,
        "last_seen_at": None,
    }


def _phone(tx: Tx, of: dict[str, Any], bot_id: int, chat: int) -> dict[str, Any]:
    row = new_id()
    return {
        "id": row,
        "structure_id": of["structure_id"],
        "bot_id": bot_id,
        "youth_id": of["id"],
        "channel": "telegram",
        "address": tx.vault.seal("contact.address", row, str(chat)),
        "address_index": tx.vault.index("contact.address", str(chat)),
        "state": "confirmed",
        "reason": None,
        "words": "lune orange",
        "linked_at": NOW,
        "confirmed_at": NOW,
        "ended_at": None,
    }


def _agreed(of: dict[str, Any], purpose: str) -> dict[str, Any]:
    return {
        "youth_id": of["id"],
        "purpose": purpose,
        "given": True,
        "text_version": 1,
        "regime": regime(of["birth_month"], CONSENT_AGE, NOW.date()),
        "at": NOW,
        "entry": 0,
        "again_since": None,
    }

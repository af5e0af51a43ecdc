"""Nothing that receiving or delivering executes reads a growing table from end to end.

Every statement of a few whole stories is caught on its way to the database, which is then asked
for its plan. What the desk's verbs execute meanwhile is held to the same rule.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Table, event

from records import appointment, outgoing
from records.database import Database, Tx, metadata
from tests.journeys.thumb import begin, said, say, script, tap, walk, wall
from tests.town import Town

SMALL = {"bot", "structure", "staff", "note"}  # grow with the region's teams, not with their work
GROWING = {table.name for table in metadata.sorted_tables} - SMALL
WAVE = "2026-T4"


class Caught:
    """Statements with the values that they first had; lists of any length are one statement."""

    def __init__(self) -> None:
        self.first: dict[str, tuple[str, Any]] = {}

    def __call__(
        self, _connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
    ) -> None:
        shape = re.sub(r"(\?|\$\d+(::\w+)?)(, (\?|\$\d+(::\w+)?))+", "…", text)
        if text.lstrip().partition(" ")[0].upper() in {
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "WITH",
        }:
            self.first.setdefault(shape, (text, values[0] if many else values))


@pytest.fixture
def caught(database: Database) -> Iterator[Caught]:
    found = Caught()
    event.listen(database.engine.sync_engine, "before_cursor_execute", found)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", found)


async def everything_happens(town: Town) -> None:
    """A reminder and its answer, an exercise, words to the educator and back, a survey."""
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises", "surveys")
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.ines, wall("2026-11-25 14:30"))
        await outgoing.schedule_offer(tx, town.now(), **_survey(town))
    await town.pass_time(days=1, hours=7)
    await tap(town, phone, said("meeting.coming"))
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, town.cast.ines)
    await begin(town, phone, script())
    await walk(town, phone, town.cast.ines)
    await say(town, phone, "J'ai eu la place !", "/aide", "/rdv", "/moi", "/pause")
    async with town.database.write() as tx:
        await outgoing.reply(tx, town.now(), **_reply(town))
    await town.quiet()
    await town.deliverer.recover(alone=False)
    town.telegram.person("Zoé").start(town.bot, "nobody-s-link")
    await town.quiet()


def _survey(town: Town) -> dict[str, Any]:
    return {
        "structure_id": town.cast.structure_id,
        "bot_id": town.cast.bot_id,
        "youth_id": town.cast.ines.id,
        "script": script("survey").name,
        "purpose": "surveys",
        "due_at": town.now(),
        "wave": WAVE,
        "created_by": town.cast.nadia.id,
    }


def _reply(town: Town) -> dict[str, Any]:
    return {
        "structure_id": town.cast.structure_id,
        "bot_id": town.cast.bot_id,
        "youth_id": town.cast.ines.id,
        "text": "Bravo, à mardi",
        "created_by": town.cast.nadia.id,
    }


async def test_no_growing_table_is_read_from_end_to_end(town: Town, caught: Caught) -> None:
    await everything_happens(town)
    scans = []
    async with town.database.read() as tx:
        if tx.dialect == "postgresql":
            await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        ask = _scanned_by_sqlite if tx.dialect == "sqlite" else _scanned_by_postgres
        for text, values in list(caught.first.values()):
            scans += [f"{scan}\n{text}" for scan in await ask(tx, text, values)]
    assert len(caught.first) > 30, "the stories were told"
    assert not scans, "\n\n".join(scans)


async def _scanned_by_sqlite(tx: Tx, text: str, values: Any) -> list[str]:
    """« SCAN t » reads the whole table, « SCAN t USING INDEX » the whole index."""
    plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    steps = [str(row.detail) for row in plan]
    return [step for step in steps if step.startswith("SCAN ") and not _harmless(step, text)]


def _harmless(step: str, text: str) -> bool:
    words = step.split()
    return words[1] in SMALL


async def _scanned_by_postgres(tx: Tx, text: str, values: Any) -> list[str]:
    return []

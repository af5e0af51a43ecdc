"""Nothing that receiving or delivering executes reads a growing table from end to end.

Every statement of a few whole stories is caught on its way to the database, which is then asked
for its plan. What the desk's verbs execute meanwhile is held to the same rule.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from records import appointment, outgoing
from records.database import Database, Tx, metadata
from tests.journeys.thumb import begin, said, say, script, tap, walk, wall
from tests.town import Town

SMALL = {"bot", "structure", "staff", "note", "standby"}  # grow with the teams, not with their work
SMALL |= {"question"}  # each row lasts ten minutes
GROWING = {table.name for table in metadata.sorted_tables} - SMALL
BRIEF = {  # indexes of what waits or is on its way: reading one whole reads nothing that is past
    str(index.name)
    for table in metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
A_WHOLE_LIFE = re.compile(r"ix_(message_youth|message_week|response_youth) \(youth_id=\?\)")
WAVE = "2026-T4"


class Caught:
    """Statements, each with the values that it first had; a longer list is no other statement."""

    def __init__(self) -> None:
        self.first: dict[str, tuple[str, Any]] = {}

    def __call__(
        self, _connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
    ) -> None:
        shape = re.sub(r"(\?|\$\d+(::\w+)?)(, (\?|\$\d+(::\w+)?))+", "…", text)
        if text.split(maxsplit=1)[0].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            self.first.setdefault(shape, (text, values[0] if many else values))


@pytest.fixture
def caught(database: Database) -> Iterator[Caught]:
    found = Caught()
    event.listen(database.engine.sync_engine, "before_cursor_execute", found)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", found)


async def everything_happens(town: Town) -> None:
    """The way in, a reminder and its answer, a survey, an exercise, words there and back."""
    phone = await town.enrol(town.cast.ines)
    await town.agree(town.cast.ines, "exercises", "surveys")
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.ines, wall("2026-11-25 14:30"))
        await outgoing.schedule_offer(
            tx,
            town.now(),
            **_to_ines(town),
            script=script("survey").name,
            purpose="surveys",
            due_at=town.now(),
            wave=WAVE,
        )
    await town.pass_time(days=1, hours=7)
    await tap(town, phone, said("meeting.coming"))
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, town.cast.ines)
    await begin(town, phone, script())
    await walk(town, phone, town.cast.ines)
    await tap(town, phone, said("share.no"))
    await say(town, phone, "J'ai eu la place !", "/aide", "/rdv", "/moi", "/pause")
    async with town.database.write() as tx:
        await outgoing.reply(tx, town.now(), **_to_ines(town), text="Bravo, à mardi")
    await town.deliverer.recover(alone=False)
    town.telegram.person("Zoé").start(town.bot, "nobody-s-link")
    await town.quiet()


def _to_ines(town: Town) -> dict[str, Any]:
    return {
        "structure_id": town.cast.structure_id,
        "bot_id": town.cast.bot_id,
        "youth_id": town.cast.ines.id,
        "created_by": town.cast.nadia.id,
    }


async def test_no_growing_table_is_read_from_end_to_end(town: Town, caught: Caught) -> None:
    await everything_happens(town)
    told = list(caught.first.values())
    async with town.database.read() as tx:
        await _as_if_never_counted(tx)
        scans = [
            f"{scan}: {text}" for text, values in told for scan in await _scans(tx, text, values)
        ]
    assert len(told) > 50, "the stories were not told"
    assert not scans, "\n\n".join(scans)


async def _as_if_never_counted(tx: Tx) -> None:
    """PostgreSQL takes tables that it knows to be tiny as it likes; of those that it never counted
    it expects a few hundred rows. What it knew comes back when this transaction is undone."""
    if tx.dialect == "postgresql":
        ours = "SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        await tx.connection.exec_driver_sql(f"DELETE FROM pg_statistic WHERE starelid IN ({ours})")
        await tx.connection.exec_driver_sql(
            f"UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN ({ours})"
        )


async def _scans(tx: Tx, text: str, values: Any) -> list[str]:
    if tx.dialect == "sqlite":
        plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        return _in_sqlite([str(row.detail) for row in plan], text)
    await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are small
    plan = await tx.connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values)
    return [scan for root in plan.scalar_one() for scan in _in_postgres(root["Plan"])]


def _in_sqlite(steps: Iterable[str], text: str) -> list[str]:
    """« SCAN t » reads a table whole, « SCAN t USING INDEX » an index. A name may be an alias."""
    return [
        step
        for step in steps
        if A_WHOLE_LIFE.search(step)
        or (
            step.startswith("SCAN ")
            and not BRIEF & set(step.split())
            and _table(step.split()[1], text) in GROWING
        )
    ]


def _table(name: str, text: str) -> str:
    renamed = re.search(rf"(\w+) AS {re.escape(name)}\b", text)
    return renamed[1] if renamed else name


def _in_postgres(node: dict[str, Any]) -> Iterator[str]:
    """A sequential scan; or one of a whole index, which has no condition."""
    whole = node["Node Type"] == "Seq Scan" or (
        "Index" in node["Node Type"]
        and "Index Cond" not in node
        and node["Index Name"] not in BRIEF
    )
    if whole and node.get("Relation Name") in GROWING:
        yield f"{node['Node Type']} of {node['Relation Name']}"
    for below in node.get("Plans", ()):
        yield from _in_postgres(below)

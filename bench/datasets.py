"""What each measurement starts from: a prepared database, and the same for the peers.

A dataset is made once, before anything is timed; every run gets a fresh copy of it.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select

from bench import caseload, handout, history, thumbs, updates
from bench.caseload import NOW, Linked
from records.columns import new_id
from records.database import Database
from records.message import HELP, REMINDER, REPLY, REST, message

PRIORITIES = (HELP, REPLY, REMINDER, REST)
WARM_UP = 1  # messages due before the burst, so that it meets a process that has spoken
BURST_AFTER = 4.0  # seconds that a contender's clock runs before the burst
CROWD = 5_000  # youths who share a past: two hundred rows each in a million
GREETINGS = 200
REGION = 100  # structures that a region of 100,000 youths has


@dataclass(frozen=True, slots=True)
class Dataset:
    """`count` reminders are due, or the updates of `doings` are to be answered. Rows whose
    identifier is at most `past` were there before."""

    file: Path
    count: int = 0
    past: int = 0
    greetings: list[dict[str, Any]] = field(default_factory=list)  # words that wait at the server
    doings: thumbs.Doings = field(default_factory=thumbs.Doings)

    @property
    def for_peers(self) -> Path:
        return self.file.with_suffix(".peer.db")

    @property
    def steps(self) -> Path:
        return self.file.with_suffix(".steps.json")

    @property
    def what(self) -> str:
        return "handle" if self.doings.updates else "send"


@dataclass(slots=True)
class Stock:
    """Where datasets are made, under one key. Those with as many people and as long a past begin
    as copies of one file."""

    folder: Path
    key: str
    _settled: dict[tuple[int, int], list[Linked]] = field(default_factory=dict)
    _past: dict[tuple[int, int], int] = field(default_factory=dict)

    async def region(self, people: int) -> Dataset:
        """Everybody is enrolled, nothing is due, and some have written."""
        file = self.folder / "region.db"
        async with caseload.filled(file, self.key) as database:
            await caseload.migrate(database)
            linked = await caseload.settle_in(database, people, structures=REGION)
        said = [updates.words(one.chat, "Bonjour !") for one in linked[:: people // GREETINGS]]
        return Dataset(file, greetings=updates.mixed([said], [0] * len(said)))

    async def due(self, people: int, past: int = 0) -> Dataset:
        """A reminder for each, all due now, after `past` rows of history."""
        async with self._with_people("due", people, past) as (file, database, linked):
            await caseload.remind(database, linked)
            found = Dataset(file, people, self._past[people, past])
            await handout.reminders(database, found.for_peers)
        return found

    async def talking(self, people: int, past: int = 0) -> Dataset:
        """An exercise under way for each, after `past` rows of history."""
        async with self._with_people("talking", people, past) as (file, database, linked):
            doings = await thumbs.opened(database, linked)
        found = Dataset(file, len(doings.updates), self._past[people, past], doings=doings)
        handout.steps(doings, found.steps)
        return found

    async def burst(self, people: int) -> Dataset:
        """One reminder is due now, and all others within one second of a moment soon after."""
        everybody = people + WARM_UP
        async with self._with_people("burst", everybody, 0) as (file, database, linked):
            await caseload.remind(database, linked)
            await _spread_over_a_second(database, people)
            found = Dataset(file, everybody)
            await handout.reminders(database, found.for_peers)
        return found

    async def urgencies(self, people: int) -> tuple[Dataset, dict[int, int]]:
        """As many reminders of each priority, all due now; and the priority that each chat has."""
        async with self._with_people("urgencies", people, 0) as (file, database, linked):
            await caseload.remind(database, linked)
            chosen = await _of_every_priority(database)
        return Dataset(file, people), {one.chat: chosen[one.who.id] for one in linked}

    @asynccontextmanager
    async def _with_people(
        self, name: str, people: int, past: int
    ) -> AsyncIterator[tuple[Path, Database, list[Linked]]]:
        base = self.folder / f"people-{people}-{past}.db"
        if (people, past) not in self._settled:
            async with caseload.filled(base, self.key) as database:
                await caseload.migrate(database)
                crowd = max(people, CROWD if past else 0)
                everyone = await caseload.settle_in(database, crowd)
                self._settled[people, past] = everyone[:: crowd // people][:people]
                await history.fill(database, past)
            self._past[people, past] = new_id()
        file = Path(shutil.copy(base, self.folder / f"{name}-{people}-{past}.db"))
        async with caseload.filled(file, self.key) as database:
            yield file, database, self._settled[people, past]


async def _spread_over_a_second(database: Database, people: int) -> None:
    async with database.write() as tx:
        rows = await tx.rows(select(message.c.id).order_by(message.c.id).offset(WARM_UP))
        begins = NOW + timedelta(seconds=BURST_AFTER)
        due = [
            {"which": row.id, "due": begins + timedelta(seconds=place / people)}
            for place, row in enumerate(rows)
        ]
        await tx.run(
            message.update()
            .where(message.c.id == bindparam("which"))
            .values(due_at=bindparam("due")),
            due,
        )


async def _of_every_priority(database: Database) -> dict[int, int]:
    """Urgent and less urgent messages in turn; by youth."""
    async with database.write() as tx:
        rows = await tx.rows(select(message.c.id, message.c.youth_id).order_by(message.c.id))
        priorities = [nth % len(PRIORITIES) for nth in range(len(rows))]
        await tx.run(
            message.update()
            .where(message.c.id == bindparam("which"))
            .values(priority=bindparam("urgency")),
            [
                {"which": row.id, "urgency": urgency}
                for row, urgency in zip(rows, priorities, strict=True)
            ],
        )
    return {row.youth_id: urgency for row, urgency in zip(rows, priorities, strict=True)}

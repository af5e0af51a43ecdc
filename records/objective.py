"""Objectives set with the educator: at most three at a time, neutral, chosen from `content`.

What is kept is the key of a sentence, sealed, with three dates; how far the youth has come is their
own answer to a check-in, and stands nowhere here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, Index, LargeBinary, Table, select, text

from records import youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused

AT_ONCE = 3

objective = Table(
    "objective",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    Column("name", LargeBinary, nullable=False),  # a key of content's list, sealed
    Column("set_on", Date, nullable=False),
    Column("review_on", Date),
    Column("ended_on", Date),
    Column("asked_at", Instant),  # when the youth was last asked where it stands
    Index(
        "ix_objective_open",
        "youth_id",
        sqlite_where=text("ended_on IS NULL"),
        postgresql_where=text("ended_on IS NULL"),
    ),
    Index("ix_objective_youth", "youth_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Objective:
    """`name` opened; the dates are the structure's own days."""

    id: int
    youth_id: int
    name: str
    set_on: date
    review_on: date | None
    ended_on: date | None
    asked_at: datetime | None


async def add(tx: Tx, who: youth.Youth, name: str, on: date, review_on: date | None) -> Objective:
    """`Refused` when three are open, or when this one is, or when it is reviewed before it is set."""
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    await youth.lock(tx, who.id)
    current = await of_youth(tx, who.id)
    if any(one.name == name for one in current):
        raise Refused("objective_set_already")
    if len(current) >= AT_ONCE:
        raise Refused("objectives_count", limit=AT_ONCE)
    if review_on is not None and review_on < on:
        raise Refused("objective_reviewed_before")
    row = new_id()
    values = {
        "id": row,
        "structure_id": who.structure_id,
        "youth_id": who.id,
        "name": tx.vault.seal("objective.name", row, name),
        "set_on": on,
        "review_on": review_on,
        "ended_on": None,
        "asked_at": None,
    }
    await tx.run(objective.insert(), values)
    return Objective(row, who.id, name, on, review_on, None, None)


async def end(tx: Tx, who: youth.Youth, name: str, on: date) -> Objective:
    """It is followed no more: reached, or changed. `NotFound` when it is not open."""
    one = next((o for o in await of_youth(tx, who.id) if o.name == name), None)
    if one is None:
        raise NotFound("objective_unknown")
    await tx.run(objective.update().where(objective.c.id == one.id), {"ended_on": on})
    return Objective(one.id, who.id, name, one.set_on, one.review_on, on, one.asked_at)


async def of_youth(tx: Tx, youth_id: int, *, ended: bool = False) -> list[Objective]:
    """Those that are followed, in the order in which they were set; or all."""
    query = select(objective).where(objective.c.youth_id == youth_id)
    if not ended:
        query = query.where(objective.c.ended_on.is_(None))
    return [_opened(tx, row) for row in await tx.rows(query.order_by(objective.c.id))]


async def ask_about(tx: Tx, now: datetime, youth_id: int) -> Objective | None:
    """The one that was asked about the longest ago, or never; noted as asked now."""
    current = await of_youth(tx, youth_id)
    if not current:
        return None
    one = min(current, key=lambda o: (o.asked_at is not None, o.asked_at or now, o.id))
    await tx.run(objective.update().where(objective.c.id == one.id), {"asked_at": now})
    return one


def _opened(tx: Tx, row: Any) -> Objective:
    name = tx.vault.open("objective.name", row.id, row.name)
    return Objective(
        row.id, row.youth_id, name, row.set_on, row.review_on, row.ended_on, row.asked_at
    )

"""What is remembered of courses: each one begun, its steps, and what became of each.

A course is pinned to the steps that it began with. The verbs are in `records.course_run`, the hours
in `records.course_planning`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, select
from sqlalchemy import text as sql

from records import message
from records.columns import Instant, key, link
from records.course import (
    ANY_AGE,
    Rhythm,
)
from records.database import Tx, metadata
from records.errors import NotFound

KEY = "course:"
UNDER_WAY = ("active", "paused")
PASSED_BY = ("moved_on", "condition_unmet", "cancelled_by_staff")  # a step so dropped had its turn

course_run = Table(
    "course_run",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    link("started_by", "staff", nullable=True),
    link("appointment_id", "appointment", nullable=True),  # from which its beginning is counted
    Column("course", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("own", Boolean, nullable=False),  # begun by the youth alone
    Column("days", JSON, nullable=False),  # ISO weekdays
    Column("hour", String(5), nullable=False),
    Column("begins_on", Date, nullable=True),
    Column("anchor", String(16), nullable=False),
    Column("anchor_days", Integer, nullable=False),
    Column("state", String(8), nullable=False),  # active | paused | stopped
    Column("paused_by", String(8)),  # youth | staff
    Column("paused_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_course_run_youth", "youth_id", "id"),
    Index(
        "ix_course_run_under_way",
        "youth_id",
        sqlite_where=sql("state IN ('active', 'paused')"),
        postgresql_where=sql("state IN ('active', 'paused')"),
    ),
)

course_element = Table(
    "course_element",
    metadata,
    key(),
    link("youth_id", "youth"),
    link("run_id", "course_run", index=True),
    Column("position", Integer, nullable=False),
    Column("step", String(32), nullable=False),  # its name in the course
    Column("script", String(48), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("anchor", String(16), nullable=False),
    Column("anchor_days", Integer, nullable=False),
    Column("ages", JSON, nullable=False),
    Column("needs", JSON, nullable=False),  # done, answered, agreed: what must hold
    Column("skipped", Boolean, nullable=False),
    Column("held", String(24), nullable=False),  # why it has no hour
    Column("due_at", Instant),
    Column("wave", String(12)),  # of a survey
    Index("ix_course_element_youth", "youth_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A step as its author wrote it. `needs`: {"done": step, "answered": [script, variable,
    [values]], "agreed": purpose}, each only where it is asked for."""

    step: str
    script: str
    purpose: str
    anchor: str = ""
    anchor_days: int = 0
    ages: tuple[int, int] = ANY_AGE
    needs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A course as somebody wants it begun: on a day, or relative to a meeting or to the end."""

    course: str
    version: int
    steps: Sequence[Offered]
    rhythm: Rhythm
    on: date | None = None
    anchor: str = ""
    anchor_days: int = 0
    appointment_id: int | None = None
    own: bool = False
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    structure_id: int
    youth_id: int
    started_by: int | None
    appointment_id: int | None
    course: str
    version: int
    own: bool
    days: list[int]
    hour: str
    begins_on: date | None
    anchor: str
    anchor_days: int
    state: str
    paused_by: str | None
    paused_at: datetime | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(tuple(self.days), time.fromisoformat(self.hour))


@dataclass(frozen=True, slots=True)
class Element:
    """A step of a course under way; `private` where staff may not know whether it was proposed."""

    id: int
    run_id: int
    position: int
    step: str
    script: str
    purpose: str
    anchor: str
    anchor_days: int
    ages: list[int]
    needs: dict[str, Any]
    skipped: bool
    held: str
    due_at: datetime | None
    wave: str | None

    @property
    def key(self) -> str:
        return f"{KEY}{self.id}"

    @property
    def private(self) -> bool:
        return "answered" in self.needs


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a step's message."""

    id: int
    state: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None

    @property
    def had_its_turn(self) -> bool:
        return self.state in ("sent", "claimed", "uncertain") or self.reason in PASSED_BY


async def get(tx: Tx, run_id: int, youth_id: int | None = None) -> Run:
    """A course under way or over; with `youth_id`, only this youth's."""
    mine = [] if youth_id is None else [course_run.c.youth_id == youth_id]
    row = await tx.row(select(course_run).where(course_run.c.id == run_id, *mine))
    if row is None:
        raise NotFound("course_unknown")
    return Run(**row._mapping)


async def of_youth(tx: Tx, youth_id: int, *, own: bool | None = None) -> list[Run]:
    """A youth's courses, the latest first; `own` for those begun alone, or only for the others."""
    which = [] if own is None else [course_run.c.own == own]
    rows = await tx.rows(
        select(course_run)
        .where(course_run.c.youth_id == youth_id, *which)
        .order_by(course_run.c.id.desc())
    )
    return [Run(**row._mapping) for row in rows]


async def under_way(tx: Tx, youth_id: int, *, own: bool | None = None) -> list[Run]:
    which = [] if own is None else [course_run.c.own == own]
    rows = await tx.rows(
        select(course_run)
        .where(
            course_run.c.youth_id == youth_id,
            course_run.c.state.in_(UNDER_WAY),
            *which,
        )
        .order_by(course_run.c.id)
    )
    return [Run(**row._mapping) for row in rows]


async def elements(tx: Tx, run_id: int) -> list[Element]:
    columns = [course_element.c[name] for name in Element.__slots__]
    rows = await tx.rows(
        select(*columns)
        .where(course_element.c.run_id == run_id)
        .order_by(course_element.c.position)
    )
    return [Element(**row._mapping) for row in rows]


async def sent(tx: Tx, of: Iterable[Element]) -> dict[str, Sent]:
    """The message of each step that has one, by its key."""
    m = message.message.c
    rows = await tx.rows(
        select(m.unique_key, m.id, m.state, m.reason, m.due_at, m.sent_at).where(
            m.unique_key.in_([one.key for one in of])
        )
    )
    return {
        row.unique_key: Sent(row.id, row.state, row.reason, row.due_at, row.sent_at) for row in rows
    }


async def is_over(tx: Tx, run: Run) -> bool:
    """Whether nothing of it can still come."""
    if run.state == "stopped":
        return True
    steps = await elements(tx, run.id)
    became = await sent(tx, steps)
    return (
        run.state == "active"
        and not any(one.key in became and became[one.key].state in message.OPEN for one in steps)
        and not any(one.held in ("no_meeting", "no_end") for one in left(steps, became))
    )


def left(steps: Sequence[Element], became: Mapping[str, Sent]) -> list[Element]:
    """What had no turn yet: of those that follow the rhythm, all after the last that had one."""
    turned = {one.position for one in steps if one.skipped or had(one, became)}
    last = max(
        (one.position for one in steps if one.position in turned and not one.anchor), default=-1
    )
    return [
        one for one in steps if one.position not in turned and (one.anchor or one.position > last)
    ]


def had(one: Element, became: Mapping[str, Sent]) -> bool:
    return one.key in became and became[one.key].had_its_turn

"""Alerts: somebody must look after a youth. From « oui », or the structure's rule, to « je m'en occupe ».

What becomes of one that nobody takes up is in `records.unanswered`. Nobody is ever called from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    or_,
    select,
    text,
)

from records import message, notification, staff, structure, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound
from records.reading import read_until
from records.structure import Structure
from records.youth import ADULT, Youth, age_on

LED_TO = timedelta(minutes=15)  # the question's ten minutes, and what was being written
LOOKED_AFTER = timedelta(hours=24)  # how long what was taken up still shows, and stays open

alert = Table(
    "alert",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    Column("category", LargeBinary),  # all that were heard; none: in a survey, or too late
    Column("raised_by", String(4), nullable=False),  # yes: the youth's; rule: the structure's
    Column("question", BigInteger, nullable=False, unique=True),  # what it answers
    Column("raised_at", Instant, nullable=False),
    Column("seen_at", Instant),
    link("seen_by", "staff", nullable=True),
    Column("taken_at", Instant),
    link("taken_by", "staff", nullable=True),
    Column("next_at", Instant),  # when it goes further, if nobody takes it up
    Column("passed_on_at", Instant),
    link("passed_on_to", "staff", nullable=True),
    Column("overdue_at", Instant),  # since when the coordination sees that it is unanswered
    Index("ix_alert_youth", "youth_id", "id"),
    Index("ix_alert_passed_on", "passed_on_to"),
    Index(
        "ix_alert_next",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)


@dataclass(frozen=True, slots=True)
class Alert:
    """`categories` are opened, the gravest first; none when they were never kept."""

    id: int
    structure_id: int
    youth_id: int
    categories: tuple[str, ...]
    raised_by: str
    raised_at: datetime
    seen_at: datetime | None
    taken_at: datetime | None
    taken_by: int | None
    passed_on_to: int | None
    overdue_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.taken_at is None


def rule_of(of: Structure) -> str:
    """The structure's rule as it is kept for who has read it: the cells that say « tell »."""
    return " ".join(sorted(cell for cell, said in of.alert_rule.items() if said == "tell"))


def follows(of: Structure, who: Youth, heard: Iterable[str], day: date) -> str:
    """What the structure's rule says of this youth on that day: ask, or tell, as soon as one of
    what was heard must be told; and of what they have read of it, only what holds still. Nothing
    is ever told of an adult without a yes, nor of what was said without a name: nothing is kept
    as heard of it."""
    age = age_on(who.birth_month, day)
    if age >= ADULT:
        return "ask"
    band = "under_15" if age < 15 else "15_17"
    binding = set(rule_of(of).split()) & set((who.told_rule or "").split())
    return "tell" if binding & {f"{one}:{band}" for one in heard} else "ask"


def bands_to_come(birth_month: str, day: date) -> tuple[str, ...]:
    """The ages of the rule that are theirs, today or later as a minor."""
    age = age_on(birth_month, day)
    return () if age >= ADULT else ("15_17",) if age >= 15 else structure.MINOR_AGES


def may_follow(of: Structure, birth_month: str, day: date) -> str:
    """The strongest that the rule can say of them, today or later as a minor: read at enrolment."""
    bands = bands_to_come(birth_month, day)
    said = {of.alert_rule.get(f"{one}:{band}") for one in structure.CATEGORIES for band in bands}
    return "tell" if "tell" in said else "ask"


async def raise_(
    tx: Tx, now: datetime, who: Youth, of: Structure, heard: Sequence[str], by: str, question: int
) -> None:
    """Raise an alert: the educator in charge has it from this commit on, and is told by e-mail."""
    row = new_id()
    values = {
        "id": row,
        "structure_id": of.id,
        "youth_id": who.id,
        "category": tx.vault.seal("alert.category", row, " ".join(heard)) if heard else None,
        "raised_by": by,
        "question": question,
        "raised_at": now,
        "next_at": unanswered_at(of, now, 1),
    }
    await tx.run(alert.insert(), values)
    await notification.tell_who_follows(tx, now, who.id, "alert")
    await tx.announce()


def unanswered_at(of: Structure, since: datetime, times: int) -> datetime:
    minutes = of.alert_minutes * times
    return read_until(of.reading_hours, of.zone, of.holidays, since, minutes)


async def answering(tx: Tx, question: int, youth_id: int) -> bool:
    """Whether this question to this youth led to an alert."""
    asked = (alert.c.question == question, alert.c.youth_id == youth_id)
    return await tx.row(select(alert.c.id).where(*asked)) is not None


def open_about(youth_id: Any) -> ColumnElement[bool]:
    """Alerts about this youth that nobody took up."""
    return and_(alert.c.youth_id == youth_id, alert.c.taken_at.is_(None))


async def is_open(tx: Tx, youth_id: int) -> bool:
    """Whether an alert about this youth waits for somebody to take it up."""
    return await tx.row(select(alert.c.id).where(open_about(youth_id)).limit(1)) is not None


async def forget_open(tx: Tx, youth_id: int) -> None:
    """Closed by somebody who was told of it: what waited is over with the accompaniment. The
    schedule's own closure waits for it (`records.ending`)."""
    await tx.run(alert.delete().where(open_about(youth_id)))


async def tell_new_reader(tx: Tx, now: datetime, staff_id: int) -> None:
    """Whoever accompanies from now on is told that an alert waits among the youths who are theirs.
    Whoever covers is told as it begins (`notification.tell_when_it_begins`)."""
    theirs = youth.youth.c.educator_id == staff_id
    waits = select(alert.c.id).join(youth.youth, youth.youth.c.id == alert.c.youth_id)
    if await tx.row(waits.where(theirs, alert.c.taken_at.is_(None)).limit(1)):
        await notification.tell(tx, now, staff_id, "alert")


async def unseen(tx: Tx, youth_id: int) -> bool:
    """Whether an alert about this youth waits to be looked at."""
    waits = (alert.c.youth_id == youth_id, alert.c.seen_at.is_(None), alert.c.taken_at.is_(None))
    return await tx.row(select(alert.c.id).where(*waits).limit(1)) is not None


# At the desk ----------------------------------------------------------------------------------


def shown_to(staff_id: int, now: datetime) -> ColumnElement[bool]:
    """What was passed on to somebody, for as long as it is theirs to look after: until it is taken
    up; and for a day after, when they took it up themselves."""
    theirs = and_(alert.c.taken_by == staff_id, alert.c.taken_at > now - LOOKED_AFTER)
    return and_(alert.c.passed_on_to == staff_id, or_(alert.c.taken_at.is_(None), theirs))


async def opened_since(tx: Tx, now: datetime, staff_id: int, youth_id: int) -> datetime | None:
    """From when on an alert opens this youth's pages to somebody who stands by: shortly before it
    was raised, with what led to it. None when none does."""
    raised: datetime | None = await tx.value(
        select(alert.c.raised_at)
        .where(alert.c.youth_id == youth_id, shown_to(staff_id, now))
        .order_by(alert.c.id)
        .limit(1)
    )
    return raised and raised - LED_TO


async def waiting_for(
    tx: Tx, now: datetime, staff_id: int, youth_ids: Sequence[int]
) -> list[Alert]:
    """The alerts of a caseload and those passed on to this person, the open ones first."""
    lately = or_(alert.c.taken_at.is_(None), alert.c.taken_at > now - LOOKED_AFTER)
    mine = and_(alert.c.youth_id.in_(youth_ids), lately)
    open_youths = select(youth.youth.c.id).where(youth.youth.c.closed_at.is_(None))
    rows = await tx.rows(
        select(alert)
        .where(or_(mine, shown_to(staff_id, now)), alert.c.youth_id.in_(open_youths))
        .order_by(alert.c.id.desc())
        .limit(100)
    )
    return sorted((_opened(tx, row) for row in rows), key=lambda one: not one.is_open)


async def get(tx: Tx, alert_id: int, youth_id: int) -> Alert:
    row = await tx.row(select(alert).where(alert.c.id == alert_id, alert.c.youth_id == youth_id))
    if row is None:
        raise NotFound("alert_unknown")
    return _opened(tx, row)


async def see(tx: Tx, now: datetime, which: Alert, by: int) -> None:
    """Somebody looked: the youth is told so, once."""
    fresh = (alert.c.id == which.id, alert.c.seen_at.is_(None), alert.c.taken_at.is_(None))
    if await tx.run(alert.update().where(*fresh), {"seen_at": now, "seen_by": by}):
        await _tell(tx, now, which, "alert.seen", by)


async def take_up(tx: Tx, now: datetime, which: Alert, by: int) -> None:
    """« Je m'en occupe »: the clock stops, and the youth is told who."""
    still = (alert.c.id == which.id, alert.c.taken_at.is_(None))
    taken = {"taken_at": now, "taken_by": by, "next_at": None}
    if await tx.run(alert.update().where(*still), taken):
        await _tell(tx, now, which, "alert.taken", by)


async def _tell(tx: Tx, now: datetime, which: Alert, words: str, by: int) -> None:
    name = (await staff.get(tx, by)).name
    await tell_youth(tx, now, which.youth_id, words, f"{words}:{which.id}", {"who": name})


async def tell_youth(
    tx: Tx, now: datetime, youth_id: int, words: str, key_: str, facts: dict[str, str]
) -> None:
    """A sentence to the youth, at once: it answers what they did, whatever the hour."""
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    draft = message.Draft(
        of.id,
        of.bot_id,
        who.id,
        "phrase",
        now,
        now + message.REPLY_LIFE,
        {"say": words, "facts": facts},
        key=key_,
        priority=message.HELP,
    )
    await message.queue(tx, now, [draft])


def _opened(tx: Tx, row: Row[Any]) -> Alert:
    sealed = row.category
    heard = tx.vault.open("alert.category", row.id, sealed) if sealed else ""
    return Alert(
        row.id,
        row.structure_id,
        row.youth_id,
        tuple(heard.split()),
        row.raised_by,
        row.raised_at,
        row.seen_at,
        row.taken_at,
        row.taken_by,
        row.passed_on_to,
        row.overdue_at,
    )

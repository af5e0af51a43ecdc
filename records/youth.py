"""Youths: a code and a chosen first name, a birth month, who accompanies them. Nothing more."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
)

from records import structure
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.lines import one_line

_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without 0/O, 1/I/L: codes are said aloud
WAYS = ("justice", "prison", "worker")  # the three ways of repérage
AGES = (12, 25)
NICKNAME_LENGTH = 40
ADULT = 18
SEEN_TO = timedelta(minutes=1)

youth = Table(
    "youth",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("educator_id", "staff"),
    Column("code", String(8), nullable=False),
    Column("nickname", LargeBinary, nullable=False),
    Column("birth_month", String(7), nullable=False),  # 2010-05
    Column("school_aged", Boolean, nullable=False),
    Column("language", String(5), nullable=False),
    Column("form", String(4)),  # tu | vous; empty: the structure's
    Column("support_ends_on", Date),
    Column("paused_at", Instant),
    Column("closed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant),
    Column("told_rule", String(800)),  # the rule for minors that they read (`records.told_rule`)
    UniqueConstraint("structure_id", "code"),
    Index("ix_youth_educator", "educator_id", "id"),
)

referral_tally = Table(
    # Repérage: counted once at enrolment, never stored on a youth.
    "referral_tally",
    metadata,
    link("structure_id", "structure", primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("way", String(16), primary_key=True),
    Column("total", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Youth:
    """`nickname` is opened; `birth_month` is « YYYY-MM »."""

    id: int
    structure_id: int
    educator_id: int
    code: str
    nickname: str
    birth_month: str
    school_aged: bool
    language: str
    form: str | None
    support_ends_on: date | None
    paused_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    last_seen_at: datetime | None
    told_rule: str | None  # none: they were told none


def age_on(birth_month: str, day: date) -> int:
    """Whole years, counted as if born on the month's last day: never older than in truth."""
    year, month = map(int, birth_month.split("-"))
    return day.year - year - (day.month <= month)


def turns(birth_month: str, years: int) -> date:
    """The first day on which `age_on` counts so many years."""
    year, month = map(int, birth_month.split("-"))
    return date(year + years + month // 12, month % 12 + 1, 1)


async def add(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    educator_id: int,
    nickname: str,
    birth_month: str,
    school_aged: bool | None = None,
    language: str = "fr",
    form: str | None = None,
    way: str | None = None,
    support_ends_on: date | None = None,
) -> Youth:
    """Take a youth into a caseload. Under 18 counts as school-aged unless said otherwise.

    Ages, months and days are those of the structure's own calendar.
    """
    of = await structure.get(tx, structure_id)
    today = now.astimezone(of.tz).date()
    age = _checked_age(birth_month, today)
    if support_ends_on is not None and support_ends_on < today:
        raise Refused("in_the_past", wall=support_ends_on)
    name = _checked_name(nickname)
    youth_id = new_id()
    await tx.run(
        youth.insert(),
        {
            "id": youth_id,
            "structure_id": structure_id,
            "educator_id": educator_id,
            "code": await _free_code(tx, structure_id),
            "language": language,
            "form": form,
            "nickname": tx.vault.seal("youth.nickname", youth_id, name),
            "birth_month": birth_month,
            "school_aged": age < 18 if school_aged is None else school_aged,
            "support_ends_on": support_ends_on,
            "paused_at": None,
            "closed_at": None,
            "created_at": now,
            "last_seen_at": None,
            "told_rule": None,
        },
    )
    if way:
        await _count_referral(tx, structure_id, f"{today:%Y-%m}", way)
    return await get(tx, youth_id)


def _checked_name(nickname: str) -> str:
    name = one_line(nickname)
    if not name:
        raise Refused("nickname_missing")
    if len(name) > NICKNAME_LENGTH:
        raise Refused("nickname_length", limit=NICKNAME_LENGTH)
    return name


def _checked_age(birth_month: str, today: date) -> int:
    try:
        date.fromisoformat(f"{birth_month}-01")
    except ValueError:
        raise Refused("birth_month_malformed", value=birth_month) from None
    age = age_on(birth_month, today)
    if not AGES[0] - 1 <= age <= AGES[1]:  # whoever turns 12 this month may enter
        raise Refused("age_outside", low=AGES[0], high=AGES[1])
    return age


async def _free_code(tx: Tx, structure_id: int) -> str:
    while True:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(5))
        taken = select(youth.c.id).where(youth.c.structure_id == structure_id, youth.c.code == code)
        if not await tx.row(taken):
            return code


async def _count_referral(tx: Tx, structure_id: int, month: str, way: str) -> None:
    if way not in WAYS:
        raise Refused("referral_way_unknown", way=way, ways=WAYS)
    insert = tx.upsert(referral_tally).values(
        structure_id=structure_id, month=month, way=way, total=1
    )
    await tx.run(
        insert.on_conflict_do_update(
            index_elements=["structure_id", "month", "way"],
            set_={"total": referral_tally.c.total + 1},
        )
    )


async def get(tx: Tx, youth_id: int) -> Youth:
    row = await tx.row(select(youth).where(youth.c.id == youth_id))
    if row is None:
        raise NotFound("youth_unknown")
    return opened(tx, row)


async def lock(tx: Tx, youth_id: int) -> None:
    """Whoever plans for the same youth waits until this transaction ends."""
    await tx.row(select(youth.c.id).where(youth.c.id == youth_id).with_for_update())


async def lock_caseload(tx: Tx, educator_id: int) -> None:
    theirs = select(youth.c.id).where(youth.c.educator_id == educator_id)
    await tx.rows(theirs.order_by(youth.c.id).with_for_update())


async def by_code(tx: Tx, code: str, structure_id: int | None = None) -> Youth:
    """The youth with this code. Codes are unique within a structure; without one, a code that
    two structures share is `Refused("youth_ambiguous")`."""
    found = select(youth).where(youth.c.code == code.strip().upper())
    if structure_id is not None:
        found = found.where(youth.c.structure_id == structure_id)
    rows = await tx.rows(found.limit(2))
    if not rows:
        raise NotFound("youth_unknown", value=code)
    if len(rows) > 1:
        raise Refused("youth_ambiguous", code=code)
    return opened(tx, rows[0])


async def listed(
    tx: Tx,
    *,
    educator_id: int | None = None,
    structure_id: int | None = None,
    closed: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[Youth]:
    """A page of youths in order of entry; `after` is the last identifier of the page before."""
    query: Select[Any] = select(youth).where(youth.c.id > after).order_by(youth.c.id).limit(limit)
    if educator_id is not None:
        query = query.where(youth.c.educator_id == educator_id)
    if structure_id is not None:
        query = query.where(youth.c.structure_id == structure_id)
    if not closed:
        query = query.where(youth.c.closed_at.is_(None))
    return [opened(tx, row) for row in await tx.rows(query)]


async def count(tx: Tx) -> int:
    return int(await tx.value(select(func.count()).select_from(youth)))


async def change(tx: Tx, youth_id: int, **values: Any) -> None:
    """Set plain fields: language, form, paused_at, school_aged, support_ends_on, last_seen_at."""
    await tx.run(youth.update().where(youth.c.id == youth_id), values)


async def correct(tx: Tx, now: datetime, who: Youth, **values: Any) -> None:
    """What was written down wrongly: nickname, birth_month, school_aged, language, form. The month is
    held to the same bounds as at the entry."""
    if "nickname" in values:
        name = _checked_name(values["nickname"])
        values["nickname"] = tx.vault.seal("youth.nickname", who.id, name)
    if "birth_month" in values:
        of = await structure.get(tx, who.structure_id)
        _checked_age(values["birth_month"], now.astimezone(of.tz).date())
    await change(tx, who.id, **values)


async def accompany(tx: Tx, youth_ids: Sequence[int], educator_id: int) -> None:
    """Another educator accompanies them from now on (`records.transfer`)."""
    await tx.run(youth.update().where(youth.c.id.in_(youth_ids)), {"educator_id": educator_id})


async def mark_seen(tx: Tx, now: datetime, youth_ids: set[int]) -> None:
    """They did something just now; silence is counted from here, in days: to the minute is
    enough, and spares a write for most taps."""
    if youth_ids:
        a_while = youth.c.last_seen_at.is_(None) | (youth.c.last_seen_at < now - SEEN_TO)
        await tx.run(
            youth.update().where(youth.c.id.in_(youth_ids), a_while), {"last_seen_at": now}
        )


def opened(tx: Tx, row: Row[Any]) -> Youth:
    """A youth from a row that begins with their columns."""
    fields = dict(zip(Youth.__slots__, row, strict=False))
    fields["nickname"] = tx.vault.open("youth.nickname", row.id, row.nickname)
    return Youth(**fields)


async def codes(
    tx: Tx, structure_id: int, *, after: int = 0, limit: int = 300
) -> list[tuple[int, str, int]]:
    """Who follows whom, without a name: (identifier, code, educator), in order of entry."""
    rows = await tx.rows(
        select(youth.c.id, youth.c.code, youth.c.educator_id)
        .where(
            youth.c.structure_id == structure_id, youth.c.closed_at.is_(None), youth.c.id > after
        )
        .order_by(youth.c.id)
        .limit(limit)
    )
    return [(r.id, r.code, r.educator_id) for r in rows]


async def every_code(tx: Tx) -> dict[int, str]:
    """The code of everybody who is known, closed or not, by identifier."""
    return {r.id: r.code for r in await tx.rows(select(youth.c.id, youth.c.code))}


async def followed(tx: Tx, structure_id: int) -> dict[int, int]:
    """How many youths each educator accompanies now."""
    rows = await tx.rows(
        select(youth.c.educator_id, func.count().label("total"))
        .where(youth.c.structure_id == structure_id, youth.c.closed_at.is_(None))
        .group_by(youth.c.educator_id)
    )
    return {row.educator_id: row.total for row in rows}

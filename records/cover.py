"""Covers: while an educator is away, a colleague of the same structure reads and answers instead.

From a local moment to another, in the structure's zone. Exactly inside it the colleague sees what
is needed (`records.access`), and afterwards nothing at all. Each youth who agreed to messages is
told once, in the bot, when it begins; and told again if it ends before its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, String, Table, and_, func, or_, select
from sqlalchemy.sql.selectable import FromClause

from records import erased, message, notice, staff, structure, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.hours import future_instant
from records.staff import Staff
from records.youth import Youth

LONGEST = timedelta(days=92)  # whoever is away for longer hands their caseload over
ENDED_LIFE = timedelta(days=7)
EVERYONE = 10_000  # youths of one educator: no caseload is as large

cover = Table(
    "cover",
    metadata,
    key(),
    link("structure_id", "structure", index=True),
    link("absent_id", "staff"),
    link("covering_id", "staff"),
    Column("starts_wall", String(16), nullable=False),  # YYYY-MM-DDTHH:MM
    Column("ends_wall", String(16), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    link("created_by", "staff", nullable=True),  # nobody: the command line
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),  # called off, or ended before its time
    Index("ix_cover_absent", "absent_id", "ends_at"),
    Index("ix_cover_covering", "covering_id", "ends_at"),
)


@dataclass(frozen=True, slots=True)
class Cover:
    """`starts_at` is inside it, `ends_at` is not; the walls are the same moments, local to `zone`."""

    id: int
    structure_id: int
    absent_id: int
    covering_id: int
    starts_wall: str
    ends_wall: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    created_by: int | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def since(self) -> datetime:
        """What is older is not shown; one that begins at once was asked for within its minute."""
        return max(self.starts_at, self.created_at)

    def is_active(self, at: datetime) -> bool:
        called_off = self.ended_at is not None and self.ended_at <= at
        return self.starts_at <= at < self.ends_at and not called_off

    def is_to_come(self, at: datetime) -> bool:
        return at < self.starts_at and self.ended_at is None


async def add(
    tx: Tx,
    now: datetime,
    absent: Staff,
    covering: Staff,
    starts: datetime,
    ends: datetime,
    *,
    by: int | None = None,
) -> Cover:
    """Plan a cover between two wall times of the structure."""
    _check_people(absent, covering)
    of = await structure.get(tx, absent.structure_id)
    starts_at, ends_at = (future_instant(wall, of.zone, now) for wall in (starts, ends))
    if ends_at <= starts_at:
        raise Refused("cover_reversed")
    if ends_at - starts_at > LONGEST:
        raise Refused("cover_too_long", days=LONGEST.days)
    await staff.lock(tx, {absent.id, covering.id})
    await _check_free(tx, absent, covering, starts_at, ends_at)
    row = new_id()
    await tx.run(
        cover.insert(),
        {
            "id": row,
            "structure_id": of.id,
            "absent_id": absent.id,
            "covering_id": covering.id,
            "starts_wall": f"{starts:%Y-%m-%dT%H:%M}",
            "ends_wall": f"{ends:%Y-%m-%dT%H:%M}",
            "zone": of.zone,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "created_by": by,
            "created_at": now,
            "ended_at": None,
        },
    )
    made = await get(tx, row)
    await tell(tx, now, made, await _caseload(tx, made))
    return made


def _check_people(absent: Staff, covering: Staff) -> None:
    if absent.id == covering.id:
        raise Refused("cover_same_person")
    if absent.structure_id != covering.structure_id:
        raise Refused("colleague_elsewhere", login=covering.login)
    for person in (absent, covering):
        if person.role != "educator":
            raise Refused("not_an_educator", login=person.login)
    if covering.disabled_at is not None:
        raise Refused("staff_disabled")


async def _check_free(
    tx: Tx, absent: Staff, covering: Staff, starts_at: datetime, ends_at: datetime
) -> None:
    """One colleague at a time reads for somebody, and nobody reads through a second one."""
    both = (absent.id, covering.id)
    rows = await tx.rows(
        select(cover).where(
            or_(cover.c.absent_id.in_(both), cover.c.covering_id == absent.id),
            cover.c.ended_at.is_(None),
            cover.c.starts_at < ends_at,
            cover.c.ends_at > starts_at,
        )
    )
    if any(row.absent_id == absent.id for row in rows):
        raise Refused("cover_overlaps", name=absent.name)
    if any(row.absent_id == covering.id for row in rows):
        raise Refused("cover_by_absent", name=covering.name)
    if rows:
        raise Refused("cover_covers_then", name=absent.name)


async def end(tx: Tx, now: datetime, which: Cover) -> None:
    """End it now, or call it off before it begins: access ends in the same commit."""
    changed = await tx.run(
        cover.update().where(
            cover.c.id == which.id, cover.c.ended_at.is_(None), cover.c.ends_at > now
        ),
        {"ended_at": now},
    )
    if not changed:
        raise Refused("cover_over")
    await erased.note_cover_ended(tx, now, which.id)
    people = {_key(which, who): who for who in await _caseload(tx, which)}
    news = message.message.c.unique_key
    await message.drop_waiting(tx, "cancelled_by_staff", news.in_(people))
    left = await tx.rows(
        select(news).where(news.in_(people), message.message.c.state.in_(("sent", "uncertain")))
    )
    told = [people[row.unique_key] for row in left]
    said = {"say": "notice.ended", "facts": await _names(tx, which)}
    await notice.announce(tx, now, told, said, f"ended:{which.id}", now, now + ENDED_LIFE)


async def tell(tx: Tx, now: datetime, which: Cover, people: Sequence[Youth]) -> None:
    """Who reads meanwhile, and until when; once to each, when it begins or as soon as they can be
    told."""
    news = message.message
    keys = [_key(which, who) for who in people]
    untold = news.c.state.in_(("dropped", "refused"))
    await tx.run(news.delete().where(news.c.unique_key.in_(keys), untold))
    facts = await _names(tx, which)
    said = {"say": "notice.cover", "facts": facts, "until": which.ends_wall}
    due = max(now, which.starts_at)
    await notice.announce(tx, now, people, said, f"cover:{which.id}", due, which.ends_at)


async def get(tx: Tx, cover_id: int) -> Cover:
    found = await _where(tx, cover.c.id == cover_id)
    if not found:
        raise NotFound("cover_unknown")
    return found[0]


async def listed(tx: Tx, structure_id: int, since: datetime) -> list[Cover]:
    """Those of a structure that end after an instant, called off or not."""
    return await _where(tx, cover.c.structure_id == structure_id, cover.c.ends_at > since)


async def between(tx: Tx, absent_id: int, covering_id: int) -> list[Cover]:
    """All that one colleague ever covered for another."""
    theirs = (cover.c.absent_id == absent_id, cover.c.covering_id == covering_id)
    return await _where(tx, *theirs, _can_read)


async def by(tx: Tx, now: datetime, covering_id: int) -> list[Cover]:
    """Those under which somebody reads now."""
    theirs = (cover.c.covering_id == covering_id, cover.c.ends_at > now)
    found = await _where(tx, *theirs, _can_read)
    return [one for one in found if one.is_active(now)]


async def of(tx: Tx, now: datetime, absent_id: int) -> list[Cover]:
    """Those of somebody who is away, or will be."""
    theirs = (cover.c.absent_id == absent_id, cover.c.ends_at > now)
    found = await _where(tx, *theirs, _can_read)
    return [one for one in found if one.is_active(now) or one.is_to_come(now)]


async def end_all_by(tx: Tx, now: datetime, covering_id: int) -> list[Cover]:
    """The account of whoever covers is closed: their covers end with it, begun or not, and the
    youths are told. Returns those."""
    found = await _where(
        tx, cover.c.covering_id == covering_id, cover.c.ended_at.is_(None), cover.c.ends_at > now
    )
    for one in found:
        await end(tx, now, one)
    return found


# The account of whoever covers is open: whoever cannot sign in reads for nobody.
_open = staff.staff.alias("open_account")
_can_read = cover.c.covering_id.in_(select(_open.c.id).where(_open.c.disabled_at.is_(None)))


def reader_of(who: FromClause) -> ColumnElement[int]:
    """Whoever reads for a youth, where `reading_for` is joined."""
    return func.coalesce(cover.c.covering_id, who.c.educator_id)


def reading_for(absent_id: Any, now: Any) -> ColumnElement[bool]:
    """Joins, to an educator, the cover under which somebody reads for them at that moment."""
    return and_(
        cover.c.absent_id == absent_id,
        cover.c.starts_at <= now,
        cover.c.ends_at > now,
        or_(cover.c.ended_at.is_(None), cover.c.ended_at > now),
        _can_read,
    )


async def _where(tx: Tx, *which: ColumnElement[bool]) -> list[Cover]:
    rows = await tx.rows(select(cover).where(*which).order_by(cover.c.starts_at, cover.c.id))
    return [Cover(**row._mapping) for row in rows]


async def _names(tx: Tx, which: Cover) -> dict[str, str]:
    names = await staff.names(tx, {which.absent_id, which.covering_id})
    return {"absent": names[which.absent_id], "covering": names[which.covering_id]}


async def _caseload(tx: Tx, which: Cover) -> list[Youth]:
    return await youth.listed(tx, educator_id=which.absent_id, limit=EVERYONE)


def _key(which: Cover, who: Youth) -> str:
    return f"cover:{which.id}:{who.id}"

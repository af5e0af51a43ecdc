"""Meetings (rendez-vous), the answers they get, and the reminders that go with them.

What people schedule is a local wall time with its zone; the UTC instant is computed. Saving,
moving and cancelling write the meeting and its messages in one commit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, String, Table, select

from records import course_planning, inbox, message, notification, structure, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.hours import future_instant
from records.lines import one_line
from records.reasons import Dropped
from records.reminders import check_ladder, heard_at, last_told, notice, queue_reminders
from records.sending import opens_at

ANSWERS = ("coming", "late", "change", "no")
DURATION = (5, 600)
SLOTS = 4

appointment = Table(
    "appointment",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    link("educator_id", "staff"),
    Column("wall", String(16), nullable=False),  # YYYY-MM-DDTHH:MM
    Column("zone", String(64), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("place", LargeBinary),
    Column("slots", JSON, nullable=False),  # other wall times offered for « Changer »
    Column("ladder", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # planned | cancelled
    Column("revision", Integer, nullable=False),
    Column("answer", String(8)),
    Column("answered_at", Instant),
    Column("wish", String(16)),  # the other slot that the youth chose
    Column("created_at", Instant, nullable=False),
    Index("ix_appointment_youth", "youth_id", "starts_at"),
    Index("ix_appointment_educator", "educator_id", "starts_at"),
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A planned meeting; `wall` is local to `zone`, `starts_at` the same in UTC."""

    id: int
    structure_id: int
    youth_id: int
    educator_id: int
    wall: str
    zone: str
    starts_at: datetime
    minutes: int
    place: str | None
    slots: list[str]
    ladder: list[str]
    state: str
    revision: int
    answer: str | None
    answered_at: datetime | None
    wish: str | None
    created_at: datetime

    @property
    def local(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.zone))


async def add(
    tx: Tx,
    now: datetime,
    who: youth.Youth,
    wall: datetime,
    *,
    minutes: int = 45,
    place: str | None = None,
    slots: tuple[datetime, ...] = (),
    ladder: list[str] | None = None,
    created_by: int | None = None,
    key: str | None = None,
) -> Appointment:
    """Plan a meeting and its reminders. `ladder` holds rungs: « now », « 2d », « 1d », « 3h ».

    Asked twice under one `key`, it is planned once, and the same meeting is returned.
    """
    of = await structure.get(tx, who.structure_id)
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    starts_at = future_instant(wall, of.zone, now)
    for slot in slots:
        future_instant(slot, of.zone, now)
    rungs = of.ladder if ladder is None else ladder
    place = one_line(place) if place else None
    _check(minutes, place, slots, rungs)
    rows = _rows_under(tx, key) if key else (new_id(),)
    if len(rows) > 1 and (planned := await under(tx, key or "")):
        return planned  # under a key that is being replaced
    row = rows[0]
    made = await tx.run(
        tx.upsert(appointment).on_conflict_do_nothing(index_elements=["id"]),
        {
            "id": row,
            "structure_id": who.structure_id,
            "youth_id": who.id,
            "educator_id": who.educator_id,
            "wall": f"{wall:%Y-%m-%dT%H:%M}",
            "zone": of.zone,
            "starts_at": starts_at,
            "minutes": minutes,
            "place": _sealed_place(tx, row, place),
            "slots": [f"{slot:%Y-%m-%dT%H:%M}" for slot in slots],
            "ladder": rungs,
            "state": "planned",
            "revision": 1,
            "answer": None,
            "answered_at": None,
            "wish": None,
            "created_at": now,
        },
    )
    planned = await get(tx, row)
    if made:
        await queue_reminders(tx, now, planned, who, of, created_by)
        await course_planning.plan_again(tx, now, who.id)
        await _go_with(tx, now, planned, who, of)
    return planned


async def _go_with(
    tx: Tx, now: datetime, which: Appointment, who: youth.Youth, of: structure.Structure
) -> None:
    """What comes by itself before and after it, where the structure chose that."""
    if of.checkins or of.surveys:
        from records.around_meetings import queue_around  # which knows consents, and they meetings

        await queue_around(tx, now, which, who, of)


async def under(tx: Tx, key: str) -> Appointment | None:
    """The meeting that was planned under this key."""
    row = await tx.row(select(appointment).where(appointment.c.id.in_(_rows_under(tx, key))))
    return None if row is None else opened(tx, row)


def _rows_under(tx: Tx, key: str) -> tuple[int, ...]:
    indexes = tx.vault.indexes("appointment.key", key)
    return tuple(int.from_bytes(index[:8]) >> 1 for index in indexes)


async def move(
    tx: Tx,
    now: datetime,
    which: Appointment,
    wall: datetime,
    *,
    by: int | None = None,
    expected_revision: int | None = None,
) -> Appointment:
    """Give a meeting another time: its reminders are replaced and the change is announced."""
    _still_planned(which, expected_revision)
    starts_at = future_instant(wall, which.zone, now)
    told, told_at = await last_told(tx, which)
    await _drop_messages(tx, which.id, "meeting_moved")
    await _revise(
        tx,
        which,
        {
            "wall": f"{wall:%Y-%m-%dT%H:%M}",
            "starts_at": starts_at,
            "answer": None,
            "answered_at": None,
            "wish": None,
            "slots": [],
        },
    )
    moved = await get(tx, which.id)
    who, of = await youth.get(tx, which.youth_id), await structure.get(tx, which.structure_id)
    hours = of.hours(who.school_aged)
    if told == moved.wall:  # back to the time that the youth never heard it had left
        heard = await heard_at(tx, moved, hours)
    else:
        useful_until = min(at for at in (told_at, starts_at) if at > now or at == starts_at)
        news = notice(now, moved, "changed", of, by, useful_until, {"was": told})
        await message.queue(tx, now, [news])
        heard = [opens_at(hours, news.due_at, "changed", useful_until)]
    await queue_reminders(tx, now, moved, who, of, by, heard)
    await course_planning.plan_again(tx, now, who.id)
    await _go_with(tx, now, moved, who, of)
    return moved


async def cancel(
    tx: Tx,
    now: datetime,
    which: Appointment,
    *,
    by: int | None = None,
    expected_revision: int | None = None,
) -> None:
    """Call a meeting off: its reminders are dropped and the youth is told, unless it is past."""
    _still_planned(which, expected_revision)
    told, told_at = await last_told(tx, which)
    await _drop_messages(tx, which.id, "meeting_cancelled")
    await _revise(tx, which, {"state": "cancelled"})
    await course_planning.plan_again(tx, now, which.youth_id)
    useful_until = told_at if told_at > now else which.starts_at
    if useful_until > now:
        of = await structure.get(tx, which.structure_id)
        called_off = await get(tx, which.id)
        announced = {"announced": told} if told != which.wall else {}
        news = notice(now, called_off, "cancelled", of, by, useful_until, announced)
        await message.queue(tx, now, [news])


async def call_off_all(tx: Tx, now: datetime, youth_id: int) -> None:
    """The support ends: what was still to come is called off, and nobody is told by message."""
    await tx.run(
        appointment.update()
        .where(
            appointment.c.youth_id == youth_id,
            appointment.c.state == "planned",
            appointment.c.starts_at > now,
        )
        .values(state="cancelled", revision=appointment.c.revision + 1)
    )


async def answer(
    tx: Tx, now: datetime, which: Appointment, said: str, wish: str | None = None
) -> None:
    """Keep the youth's last word on a meeting; what needs the educator goes to the inbox, and by
    e-mail when the meeting is today."""
    await tx.run(
        appointment.update().where(appointment.c.id == which.id),
        {"answer": said, "answered_at": now, "wish": wish},
    )
    if said != "coming" and (said, wish) != (which.answer, which.wish):
        await inbox.add(
            tx,
            now,
            structure_id=which.structure_id,
            youth_id=which.youth_id,
            kind=f"meeting_{said}",
            appointment_id=which.id,
        )
        if which.local.date() == now.astimezone(ZoneInfo(which.zone)).date():
            await notification.tell_who_follows(tx, now, which.youth_id, "refusal")


async def get(tx: Tx, appointment_id: int) -> Appointment:
    row = await tx.row(select(appointment).where(appointment.c.id == appointment_id))
    if row is None:
        raise NotFound("appointment_unknown")
    return opened(tx, row)


async def listed(
    tx: Tx,
    *,
    youth_id: int | None = None,
    structure_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[Appointment]:
    """Meetings by start; `since` and `until` are instants."""
    query = select(appointment).where(appointment.c.id > after)
    for column, value in (
        (appointment.c.youth_id, youth_id),
        (appointment.c.structure_id, structure_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(appointment.c.starts_at >= since)
    if until is not None:
        query = query.where(appointment.c.starts_at < until)
    rows = await tx.rows(query.order_by(appointment.c.starts_at, appointment.c.id).limit(limit))
    return [opened(tx, row) for row in rows]


async def _drop_messages(tx: Tx, appointment_id: int, reason: Dropped) -> None:
    await message.drop_waiting(tx, reason, message.message.c.appointment_id == appointment_id)


async def _revise(tx: Tx, which: Appointment, values: dict[str, Any]) -> None:
    """Change a meeting only if nobody changed it meanwhile."""
    changed = await tx.run(
        appointment.update().where(
            appointment.c.id == which.id, appointment.c.revision == which.revision
        ),
        values | {"revision": which.revision + 1},
    )
    if not changed:
        raise Refused("changed_meanwhile")


def _still_planned(which: Appointment, expected_revision: int | None) -> None:
    if which.state != "planned":
        raise Refused("meeting_already_cancelled")
    if expected_revision is not None and expected_revision != which.revision:
        raise Refused("changed_meanwhile")


def _check(minutes: int, place: str | None, slots: tuple[datetime, ...], ladder: list[str]) -> None:
    low, high = DURATION
    if not low <= minutes <= high:
        raise Refused("duration_range", low=low, high=high)
    if place is not None and len(place) > 80:
        raise Refused("place_length", limit=80)
    if len(slots) > SLOTS:
        raise Refused("slots_count", limit=SLOTS)
    check_ladder(ladder)


def _sealed_place(tx: Tx, row: int, place: str | None) -> bytes | None:
    return tx.vault.seal("appointment.place", row, place) if place else None


def opened(tx: Tx, row: Any) -> Appointment:
    fields = dict(row._mapping)
    if row.place is not None:
        fields["place"] = tx.vault.open("appointment.place", row.id, row.place)
    return Appointment(**fields)


async def of_youths(
    tx: Tx, youth_ids: list[int], since: datetime, limit: int = 1000
) -> list[Appointment]:
    """What is planned with these youths from an instant on, by start."""
    rows = await tx.rows(
        select(appointment)
        .where(
            appointment.c.youth_id.in_(youth_ids),
            appointment.c.starts_at >= since,
            appointment.c.state == "planned",
        )
        .order_by(appointment.c.starts_at, appointment.c.id)
        .limit(limit)
    )
    return [opened(tx, row) for row in rows]


async def past(
    tx: Tx, youth_id: int, before: datetime, *, since: datetime | None = None, limit: int = 40
) -> list[Appointment]:
    """A youth's meetings that began before an instant, the latest first."""
    query = select(appointment).where(
        appointment.c.youth_id == youth_id, appointment.c.starts_at < before
    )
    if since is not None:
        query = query.where(appointment.c.starts_at >= since)
    query = query.order_by(appointment.c.starts_at.desc(), appointment.c.id.desc())
    return [opened(tx, row) for row in await tx.rows(query.limit(limit))]

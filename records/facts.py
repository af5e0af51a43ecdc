"""What deciding, rendering and sending a message need: gathered for many rows at once.

A fixed number of queries, however many rows: delivery, the desk's preview and `relais queue` all
come here, so that they look at the same facts.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

from sqlalchemy import func, select

from records import appointment, consent, contact, conversation, staff, structure, youth
from records.database import Tx
from records.hours import next_week
from records.message import TEXT_LIFE, message
from records.sending import Facts, Verdict, foresee


@dataclass(frozen=True, slots=True)
class Due:
    """A message with all that deciding, rendering and sending it need."""

    id: int
    claim: int | None
    kind: str
    params: dict[str, Any]
    facts: Facts
    contact_id: int | None
    address: str | None
    youth: youth.Youth
    educator: str
    structure: structure.Structure
    meeting: appointment.Appointment | None
    edits: int | None
    repeated: bool
    attempts: int
    repeat: str | None
    wall: str | None
    row: Any


async def with_facts(tx: Tx, now: datetime, rows: Sequence[Any]) -> list[Due]:
    """Gather facts for message rows: a fixed number of queries, however many rows."""
    if not rows:
        return []
    people = sorted({row.youth_id for row in rows})
    youths = {y.id: y for y in await _youths(tx, people)}
    structures = {s.id: s for s in await structure.all_structures(tx)}
    names = await staff.names(tx, {y.educator_id for y in youths.values()})
    meetings = await _meetings(tx, {r.appointment_id for r in rows if r.appointment_id})
    given = await consent.given_by(tx, people)
    agreed = await consent.with_parental_agreement(tx, people)
    phones = await _phones(tx, people)
    sent = await _sent_lately(tx, rows, structures, now)
    talking = {c.youth_id: c.touched_at for c in (await conversation.open_of(tx, people)).values()}
    found = []
    for row in rows:
        who, of = youths[row.youth_id], structures[row.structure_id]
        meeting = meetings.get(row.appointment_id)
        phone = _phone_for(row, phones.get(who.id, []))
        day = now.astimezone(of.tz).date()
        regime = consent.regime(who.birth_month, of.consent_age, day)
        facts = Facts(
            kind=row.kind,
            purpose=row.purpose,
            unasked=row.unasked,
            due_at=row.due_at,
            not_after=row.not_after,
            contact_state=phone.state if phone else None,
            given=given[who.id],
            regime_satisfied=regime != "parental" or who.id in agreed,
            paused=who.paused_at is not None,
            closed=who.closed_at is not None,
            meeting_state=meeting.state if meeting else None,
            meeting_answer=meeting.answer if meeting else None,
            useful_until=row.useful_until,
            meeting_revision_holds=meeting is None or meeting.revision == row.revision,
            hours=of.hours(who.school_aged),
            zone=of.zone,
            sent_this_week=sent.get(who.id, 0),
            weekly_budget=of.weekly_budget,
            week_ends_at=week_start(now, of) + timedelta(days=7),
            in_dialogue_since=talking.get(who.id),
        )
        params = (
            json.loads(tx.vault.open("message.params", row.id, row.params)) if row.params else {}
        )
        found.append(
            Due(
                row.id,
                row.claim,
                row.kind,
                params,
                facts,
                phone.id if phone else None,
                phone.address if phone else None,
                who,
                names[who.educator_id],
                of,
                meeting,
                row.edits,
                row.repeated,
                row.attempts,
                row.repeat,
                row.wall,
                row,
            )
        )
    return found


def week_start(now: datetime, of: structure.Structure) -> datetime:
    """Monday at midnight, local to the structure: the budget's week."""
    local = now.astimezone(of.tz)
    monday = local.date() - timedelta(days=local.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=of.tz)


Sent = Counter[tuple[int, datetime]]  # unasked messages by youth and local week
Turn = tuple[int, int]  # rows that wait, by identifier; then the weeks to come, not yet rows
Place = tuple[datetime, int, datetime, Turn]  # instant, priority, due: as delivery claims


def foresee_all(waiting: Sequence[Due], now: datetime) -> list[tuple[Due, Verdict]]:
    """What becomes of all that waits, in the order of leaving.

    A message that leaves unasked counts in the budget of its week for those that leave after it,
    as it will at delivery; one that repeats counts again each week, as far as the last that waits.
    """
    sent: Sent = Counter()
    for due in waiting:
        sent[due.youth.id, week_start(now, due.structure)] = due.facts.sent_this_week
    horizon = max((due.facts.due_at for due in waiting), default=now) + timedelta(days=7)
    queue = [(_place(due, Verdict("later"), (0, due.id)), due) for due in waiting]
    heapify(queue)
    coming, found = count(), []
    while queue:
        (*_, turn), due = heappop(queue)
        verdict = foresee(due.facts, now, partial(_as_of, due, sent))
        place = _place(due, verdict, turn)
        if verdict.at and queue and place > queue[0][0]:
            heappush(queue, (place, due))  # others leave first, and may take its place
            continue
        if due.facts.unasked and verdict.at and verdict.action == "send":
            sent[due.youth.id, week_start(verdict.at, due.structure)] += 1
        if turn[0] == 0:
            found.append((due, verdict))
        if due.repeat and (again := _a_week_later(due)).facts.due_at <= horizon:
            heappush(queue, (_place(again, Verdict("later"), (1, next(coming))), again))
    return found


def _place(due: Due, verdict: Verdict, turn: Turn) -> Place:
    """Where a message stands in the queue; one that is held is due when the wait is over."""
    at = verdict.at or due.facts.due_at
    return at, due.row.priority, at if verdict.reason else due.facts.due_at, turn


def _as_of(due: Due, sent: Sent, at: datetime) -> Facts:
    week = week_start(at, due.structure)
    day = at.astimezone(due.structure.tz).date()
    regime = consent.regime(due.youth.birth_month, due.structure.consent_age, day)
    return replace(
        due.facts,
        sent_this_week=sent[due.youth.id, week],
        week_ends_at=week + timedelta(days=7),
        regime_satisfied=due.facts.regime_satisfied or regime != "parental",
    )


def _a_week_later(due: Due) -> Due:
    wall, at = next_week(due.wall or "", due.structure.zone)
    return replace(due, wall=wall, facts=replace(due.facts, due_at=at, not_after=at + TEXT_LIFE))


async def _youths(tx: Tx, ids: list[int]) -> list[youth.Youth]:
    rows = await tx.rows(select(youth.youth).where(youth.youth.c.id.in_(ids)))
    return [youth.opened(tx, row) for row in rows]


async def _meetings(tx: Tx, ids: set[int]) -> dict[int, appointment.Appointment]:
    if not ids:
        return {}
    table = appointment.appointment
    rows = await tx.rows(select(table).where(table.c.id.in_(ids)))
    return {row.id: appointment.opened(tx, row) for row in rows}


async def _phones(tx: Tx, people: list[int]) -> dict[int, list[contact.Contact]]:
    table = contact.contact
    rows = await tx.rows(
        select(table)
        .where(table.c.youth_id.in_(people), table.c.state != "unlinked")
        .order_by(table.c.id)
    )
    found: dict[int, list[contact.Contact]] = {}
    for row in rows:
        found.setdefault(row.youth_id, []).append(contact.opened(tx, row))
    return found


def _phone_for(row: Any, phones: list[contact.Contact]) -> contact.Contact | None:
    """The phone a message was meant for, else the youth's confirmed one."""
    if row.contact_id is not None:
        return next((p for p in phones if p.id == row.contact_id), None)
    settled = [p for p in phones if p.state in ("confirmed", "unreachable")]
    return settled[-1] if settled else (phones[-1] if phones else None)


async def _sent_lately(
    tx: Tx, rows: Sequence[Any], structures: dict[int, structure.Structure], now: datetime
) -> dict[int, int]:
    """Unasked messages of this week, by youth; only asked when some message is bound by it, once
    for each zone."""
    people: dict[datetime, set[int]] = {}  # a week begins when it is Monday there
    for row in rows:
        if row.unasked:
            since = week_start(now, structures[row.structure_id])
            people.setdefault(since.astimezone(UTC), set()).add(row.youth_id)
    found: dict[int, int] = {}
    for since, youths in people.items():
        counted = await tx.rows(
            select(message.c.youth_id, func.count().label("total"))
            .where(
                message.c.youth_id.in_(youths),
                message.c.sent_at >= since,
                message.c.unasked,
                message.c.state.in_(("sent", "uncertain")),
            )
            .group_by(message.c.youth_id)
        )
        found |= {row.youth_id: row.total for row in counted}
    return found

"""What comes by itself, planned by night for two days ahead: the week's check-ins, what goes with
meetings, surveys, and the one reminder to whoever has not answered.

Each is a message with a key of its own: planned twice, it is one. Whether it still means something
is decided at the second of sending (`records.sending`). Check-ins go only to those whose yes stands;
a survey's first proposal asks for it, its reminder does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from records import (
    appointment,
    around_meetings,
    consent,
    contact,
    message,
    objective,
    structure,
    survey,
    youth,
)
from records.by_itself import CHECKIN, SCRIPTS, SURVEY_AGAIN, SURVEYS, WEEKLY
from records.database import Database, Tx
from records.message import REST, Draft, is_open
from records.outgoing import TURN, survey_key
from records.plan import opening
from records.structure import Structure
from records.youth import Youth

PAGE = 200
LIFE = timedelta(days=2)
SURVEY_DAYS = range(15, 18)  # of a quarter's last month: a night that was missed is made up for
BEFORE_THE_END = timedelta(days=14)
REMIND_AFTER = timedelta(days=7)
REMIND_WITHIN = timedelta(days=30)
_REMINDED = "survey:"  # how the keys of first proposals begin (`outgoing.survey_key`)


@dataclass(frozen=True, slots=True)
class _Night:
    """A structure on one night."""

    now: datetime
    of: Structure

    @property
    def today(self) -> date:
        return self.now.astimezone(self.of.tz).date()


async def plan(database: Database, now: datetime) -> int:
    """Plan the two days ahead, a few hundred youths a commit. Returns how many youths were looked
    at: those of structures where something comes by itself."""
    async with database.read() as tx:
        places = [of for of in await structure.all_structures(tx) if of.checkins or of.surveys]
    seen = 0
    for of in places:
        night, after = _Night(now, of), 0
        while True:
            async with database.write() as tx:
                people = await _page(tx, of, after)
                await _plan_for(tx, night, people)
            seen += len(people)
            if len(people) < PAGE:
                break
            after = people[-1].id
    return seen


async def _page(tx: Tx, of: Structure, after: int) -> list[Youth]:
    """Those who can be written to."""
    y, phone = youth.youth.c, contact.contact.c
    rows = await tx.rows(
        select(youth.youth)
        .where(
            y.structure_id == of.id,
            y.id > after,
            y.closed_at.is_(None),
            y.paused_at.is_(None),
            exists().where(phone.youth_id == y.id, phone.state == "confirmed"),
        )
        .order_by(y.id)
        .limit(PAGE)
    )
    return [youth.opened(tx, row) for row in rows]


async def _plan_for(tx: Tx, night: _Night, people: Sequence[Youth]) -> None:
    ids = [who.id for who in people]
    if not ids:
        return
    said = await consent.of_youths(tx, ids)
    rule = {
        who.id: consent.regime(who.birth_month, night.of.consent_age, night.today) for who in people
    }
    given = {row: consent.holding(said.get(row, {}), rule[row]) for row in ids}
    by_id = {who.id: who for who in people}
    for which in await appointment.of_youths(tx, ids, night.now):
        who = by_id[which.youth_id]
        await around_meetings.queue_around(
            tx, night.now, which, who, night.of, said.get(who.id, {})
        )
    drafts = await _of_the_week(tx, night, people, given)
    drafts += _surveys(night, people, given)
    drafts += await _reminders(tx, night, by_id, given)
    await message.queue(tx, night.now, drafts)


Given = Mapping[int, Mapping[str, bool]]


async def _of_the_week(tx: Tx, night: _Night, people: Sequence[Youth], given: Given) -> list[Draft]:
    days = [night.today, night.today + timedelta(days=1)]
    due = [
        (name, day)
        for name in WEEKLY
        for day in days
        if night.of.checkins.get(name) == day.isoweekday()
    ]
    agreed = [who for who in people if given[who.id].get("checkins")] if due else []
    wait = await _proposed(tx, [who.id for who in agreed]) if agreed else set()
    found = []
    for who in agreed:
        for name, day in due:
            if (who.id, SCRIPTS[name]) not in wait and await _has_reason(tx, who, name, day):
                found.append(_weekly(night, who, name, day))
    return found


async def _has_reason(tx: Tx, who: Youth, name: str, day: date) -> bool:
    """Objectives are asked about every other week, where there are any."""
    if name != "objective":
        return True
    return day.toordinal() // 7 % 2 == 0 and bool(await objective.of_youth(tx, who.id))


async def _proposed(tx: Tx, ids: Sequence[int]) -> set[tuple[int, str]]:
    """What waits already, as an educator planned it."""
    m = message.message
    rows = await tx.rows(
        select(m.c.id, m.c.youth_id, m.c.params).where(
            m.c.youth_id.in_(ids), is_open(m), m.c.kind == "offer", m.c.appointment_id.is_(None)
        )
    )
    opened = (
        (row.youth_id, tx.vault.open_data("message.params", row.id, row.params)) for row in rows
    )
    return {(row, params.get("script", "")) for row, params in opened}


def _weekly(night: _Night, who: Youth, name: str, day: date) -> Draft:
    due = max(opening(night.of.hours(who.school_aged), day), night.now)
    key = f"{CHECKIN}{name}:{who.id}:{day}"
    return _offer(night, who, SCRIPTS[name], "checkins", due, due + LIFE, key)


def _surveys(night: _Night, people: Sequence[Youth], given: Given) -> list[Draft]:
    on, today, found = night.of.surveys, night.today, []
    wave = survey.wave_of(today)
    asked = today.month % 3 == 0 and today.day in SURVEY_DAYS
    for who in people:
        if given[who.id].get("surveys") is False:
            continue
        names = ["satisfaction"] if asked and "satisfaction" in on else []
        names += ["end"] if "end" in on and _ends_soon(who, today) else []
        for name in names:
            script = SURVEYS[name]
            key = survey_key(script, wave, who.id)
            due = night.of.hours(who.school_aged).next_open(night.now)
            found.append(_offer(night, who, script, "surveys", due, due + TURN, key, wave))
    return found


def _ends_soon(who: Youth, today: date) -> bool:
    ends = who.support_ends_on
    return ends is not None and today <= ends <= today + BEFORE_THE_END


async def _reminders(
    tx: Tx, night: _Night, people: Mapping[int, Youth], given: Given
) -> list[Draft]:
    """Once to each, a week after a proposal that has left, while the wave can be answered."""
    m = message.message.c
    which: tuple[ColumnElement[bool], ...] = (
        m.youth_id.in_([row for row in people if given[row].get("surveys")]),
        m.purpose == "surveys",
        m.state == "sent",
        m.unique_key.startswith(_REMINDED, autoescape=True),
        m.sent_at <= night.now - REMIND_AFTER,
        m.sent_at > night.now - REMIND_WITHIN,
    )
    rows = await tx.rows(select(m.youth_id, m.unique_key).where(*which))
    found = []
    for row in rows:
        _survey, script, wave, _youth = row.unique_key.split(":")
        if survey.is_over(wave, night.today):
            continue
        if await survey.has_completed(tx, row.youth_id, script, wave):
            continue
        who = people[row.youth_id]
        due = night.of.hours(who.school_aged).next_open(night.now)
        key = f"{SURVEY_AGAIN}{script}:{wave}:{who.id}"
        found.append(_offer(night, who, script, "surveys", due, due + LIFE, key, wave, again=True))
    return found


def _offer(
    night: _Night,
    who: Youth,
    script: str,
    purpose: str,
    due: datetime,
    until: datetime,
    key: str,
    wave: str | None = None,
    *,
    again: bool = False,
) -> Draft:
    params: dict[str, Any] = {"script": script, "wave": wave, "by_itself": True}
    return Draft(
        night.of.id,
        night.of.bot_id,
        who.id,
        "offer",
        due,
        until,
        params | ({"again": True} if again else {}),
        key=key,
        purpose=purpose,
        unasked=True,
        priority=REST,
    )

"""The end that was foreseen for an accompaniment: prompts before it, then closure by schedule.

`support_ends_on` is one neutral date. The educator is prompted thirty and seven
days before; the youth hears of it from them first, then from the bot on the eve. Unless the date is
moved, the accompaniment is closed once the days of grace are over: nothing stays open because
somebody forgot it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from records import alert, closure, consent, contact, course_planning, message, structure, youth
from records.database import Tx
from records.errors import Refused
from records.youth import Youth

PROMPTS = (30, 7)  # days before
SHOWN_FOR = 7  # days, of the first prompt; the second one stays until it is over


def prompted(ends_on: date | None, today: date) -> int | None:
    """The prompt that stands on a day: 30, 7, or 0 once the date is reached; None for no prompt."""
    if ends_on is None:
        return None
    left = (ends_on - today).days
    first, second = PROMPTS
    if left <= 0:
        return 0
    if left <= second:
        return second
    return first if first - SHOWN_FOR < left <= first else None


def closes_on(ends_on: date, grace: int) -> date:
    """The day whose night closes it, unless the date is moved."""
    return ends_on + timedelta(days=grace)


async def move(tx: Tx, now: datetime, who: Youth, ends_on: date | None) -> None:
    """Put the end at another day, or at none. What was said of the earlier one is not sent."""
    of = await structure.get(tx, who.structure_id)
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    if ends_on is not None and ends_on < now.astimezone(of.tz).date():
        raise Refused("in_the_past", wall=ends_on)
    await youth.change(tx, who.id, support_ends_on=ends_on)
    said = message.message.c.unique_key.like(f"closing:{who.id}:%")
    await message.drop_waiting(tx, "cancelled_by_staff", said)
    await course_planning.plan_again(tx, now, who.id)


@dataclass(frozen=True, slots=True)
class Ending:
    """An open accompaniment whose days of grace are counted; `today` is its structure's."""

    youth: Youth
    structure: structure.Structure
    ends_on: date


async def due(tx: Tx, at: datetime, grace: int) -> list[Ending]:
    """Those that the night of this instant closes: none while an alert waits for somebody."""
    waits = await tx.rows(
        select(youth.youth.c.id).where(exists().where(alert.open_about(youth.youth.c.id)))
    )
    kept_open = {row.id for row in waits}
    return [
        one
        for one in await _foreseen(tx, at.date() + timedelta(days=1))
        if one.youth.id not in kept_open
        and closes_on(one.ends_on, grace) <= at.astimezone(one.structure.tz).date()
    ]


async def close_due(tx: Tx, at: datetime, grace: int) -> int:
    endings = await due(tx, at, grace)
    for one in endings:
        await closure.close(tx, at, one.youth)
    return len(endings)


async def announce(tx: Tx, now: datetime, grace: int) -> int:
    """On the eve, tell those who agreed to messages, in their own hours. Returns how many."""
    endings = [
        one
        for one in await _foreseen(tx, now.date() + timedelta(days=2))
        if closes_on(one.ends_on, grace) - timedelta(days=1)
        == now.astimezone(one.structure.tz).date()
    ]
    drafts = [draft for one in endings for draft in await _goodbye(tx, now, one)]
    await message.queue(tx, now, drafts)
    return len(drafts)


async def _foreseen(tx: Tx, before: date) -> Sequence[Ending]:
    ends_on = youth.youth.c.support_ends_on
    rows = await tx.rows(
        select(youth.youth)
        .where(youth.youth.c.closed_at.is_(None), ends_on.is_not(None), ends_on <= before)
        .order_by(youth.youth.c.id)
    )
    known = {of.id: of for of in await structure.all_structures(tx)}
    return [
        Ending(youth.opened(tx, row), known[row.structure_id], row.support_ends_on) for row in rows
    ]


async def _goodbye(tx: Tx, now: datetime, one: Ending) -> list[message.Draft]:
    who, of = one.youth, one.structure
    if who.paused_at is not None or not await _may_be_told(tx, now, one):
        return []
    return [
        message.Draft(
            who.structure_id,
            phone.bot_id,
            who.id,
            "phrase",
            now,
            now + timedelta(days=1),
            {"say": "ending.closing"},
            key=f"closing:{who.id}:{one.ends_on}",
            purpose="messages",
            unasked=True,
            priority=message.REST,
            contact_id=phone.id,
            channel=phone.channel,
        )
        for phone in await contact.of_youth(tx, who.id)
        if phone.state == "confirmed" and phone.structure_id == of.id
    ]


async def _may_be_told(tx: Tx, now: datetime, one: Ending) -> bool:
    stands = (await consent.of(tx, one.youth.id)).get("messages")
    today = now.astimezone(one.structure.tz).date()
    age = one.structure.consent_age
    return bool(stands and stands.given) and not await consent.needs_parent(
        tx, one.youth, age, today
    )

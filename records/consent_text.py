"""The questions by which consents are asked: which text is in force, and the message that asks again.

Two rows ask again, at most: the question, and a nudge a week later; both say that there is one and
lead to it, for which purposes they are is looked up when they are tapped. They are unasked: they
leave in the youth's hours and count in the week's budget. For the age to come they are planned as
soon as a consent is given; when a text changes, by `records.asking`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Column, Integer, String, Table, select

from records import message, structure
from records.columns import Instant
from records.database import Tx, metadata
from records.youth import ADULT, Youth, age_on, turns

PURPOSES = ("reminders", "messages", "exercises", "checkins", "sharing", "surveys")
Why = Literal["age", "text"]
NUDGE_AFTER = timedelta(days=7)
ASKED_FOR = timedelta(days=14)  # then it is the educator's, who sees it on the youth's page
NOON = timedelta(hours=12)  # at which a parent's agreement is dated
ASKS_AGAIN = message.message.c.kind == "again"
_NOT_ASKED = message.message.c.state.in_(("waiting", "dropped", "refused"))

in_force = Table(
    # The version of each purpose's text that is asked now. Once it has changed: since when, and
    # from when a parent's agreement is to the text of now (they are dated to the day).
    "consent_text",
    metadata,
    Column("purpose", String(16), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("since", Instant),
    Column("agreed_from", Instant),
)


async def version_in_force(tx: Tx, purpose: str) -> int:
    """0 where nothing was ever put in force."""
    found = select(in_force.c.version).where(in_force.c.purpose == purpose)
    return int(await tx.value(found) or 0)


async def put_in_force(tx: Tx, now: datetime, versions: Mapping[str, int]) -> list[str]:
    """The texts that this program asks with; the purposes whose text has just changed. An older
    program, started beside a newer one, changes nothing."""
    rows = await tx.rows(select(in_force))
    known = {row.purpose: row.version for row in rows}
    new = [
        {"purpose": p, "version": v, "since": None, "agreed_from": None}
        for p, v in versions.items()
        if p not in known
    ]
    if new:
        await tx.run(tx.upsert(in_force).on_conflict_do_nothing(), new)
    changed = [p for p, version in versions.items() if version > known.get(p, version)]
    for purpose in changed:
        await tx.run(
            in_force.update().where(in_force.c.purpose == purpose),
            {"version": versions[purpose], "since": now, "agreed_from": now - NOON},
        )
    return changed


async def plan_for_next_age(tx: Tx, now: datetime, who: Youth) -> None:
    """Ask again on the first day of the age to come: the structure's consent age, then 18."""
    of = await structure.get(tx, who.structure_id)
    age = age_on(who.birth_month, now.astimezone(of.tz).date())
    coming = next((years for years in (of.consent_age, ADULT) if age < years), None)
    if coming is not None:
        first_day = datetime.combine(turns(who.birth_month, coming), time.min, of.tz)
        rule = "minor" if coming < ADULT else "adult"
        await plan(tx, now, who, of, "age", rule, first_day.astimezone(UTC))


async def plan(
    tx: Tx,
    now: datetime,
    who: Youth,
    of: structure.Structure,
    why: Why,
    occasion: str,
    due_at: datetime,
) -> None:
    """The question and its nudge, once an occasion; one that has not left makes room."""
    drafts = [_draft(who, of, why, occasion, turn, due_at) for turn in (1, 2)]
    keys = [draft.key for draft in drafts]
    await tx.run(message.message.delete().where(message.message.c.unique_key.in_(keys), _NOT_ASKED))
    await message.queue(tx, now, drafts)


def _draft(
    who: Youth, of: structure.Structure, why: Why, occasion: str, turn: int, due_at: datetime
) -> message.Draft:
    due = due_at + (turn - 1) * NUDGE_AFTER
    params: dict[str, Any] = {"why": why}
    return message.Draft(
        of.id,
        of.bot_id,
        who.id,
        "again",
        due,
        due + ASKED_FOR,
        params,
        key=f"again:{who.id}:{occasion}:{turn}",
        purpose="consents",
        unasked=True,
        priority=message.REST,
    )

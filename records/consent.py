"""Consent by purpose: a ledger that only grows, and what stands today.

What a phone answers before the educator has confirmed its two words is written in the ledger and
takes effect at the confirmation only: a stranger's phone changes nothing.

A yes holds while its text is the one in force, and for the age at which it was given: at the
structure's consent age and at 18, and when the text changes, it counts no more until the youth has
answered again (`records.asking`). A no holds until it is undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    String,
    Table,
    exists,
    select,
)

from records import (
    consent_text,
    course_planning,
    erased,
    inbox,
    message,
    missed,
    parental,
    structure,
    youth,
)
from records.columns import Instant, key, link, new_id
from records.consent_text import PURPOSES
from records.database import Tx, metadata
from records.errors import Refused
from records.youth import ADULT, Youth, age_on, turns

REGIMES = ("parental", "minor", "adult")  # in order of age

consent = Table(
    "consent",
    metadata,
    key(),
    link("youth_id", "youth"),
    link("contact_id", "contact", nullable=True),
    Column("purpose", String(16), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("regime", String(16), nullable=False),  # parental | minor | adult
    Column("at", Instant, nullable=False),
    Index("ix_consent_youth", "youth_id", "id"),
)

standing = Table(
    # The last word on each purpose, so that delivery asks one row.
    "consent_standing",
    metadata,
    link("youth_id", "youth", primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("given", Boolean, nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("regime", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("entry", BigInteger, nullable=False),  # the ledger's line
    Column("again_since", Instant),  # its text has changed: a yes counts no more
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a youth last said on one purpose: the text that was read, the law at that age, the line
    of the ledger. `again_since`: its text has changed since, and it is asked again."""

    given: bool
    text_version: int
    regime: str
    at: datetime
    entry: int
    again_since: datetime | None = None

    def holds(self, rule: str) -> bool | None:
        """Whether it counts under the law of today's age; None when it is to be asked again."""
        if not self.given:
            return False
        return None if self.again_since or outgrown(self.regime, rule) else True


def regime(birth_month: str, consent_age: int, day: date) -> str:
    """Which law applies on a day: with a parent's agreement, a minor's own consent, an adult's."""
    age = age_on(birth_month, day)
    return "parental" if age < consent_age else "minor" if age < ADULT else "adult"


def outgrown(given_under: str, rule: str) -> bool:
    """An age was reached since: whoever only becomes younger, by a correction, has said enough."""
    return REGIMES.index(given_under) < REGIMES.index(rule)


def holding(stands: Mapping[str, Standing], rule: str) -> dict[str, bool]:
    """What counts under today's law; what is to be asked (again) is absent."""
    told = ((purpose, said.holds(rule)) for purpose, said in stands.items())
    return {purpose: counts for purpose, counts in told if counts is not None}


def again_since(said: Standing, who: Youth, of: structure.Structure, rule: str) -> date:
    """The day from which a yes counted no more."""
    if said.again_since is not None:
        return said.again_since.astimezone(of.tz).date()
    return turns(who.birth_month, of.consent_age if rule == "minor" else ADULT)


def to_ask_again(stands: Mapping[str, Standing], rule: str) -> list[str]:
    """The purposes of which a yes no longer counts, in their order."""
    return [p for p in PURPOSES if p in stands and stands[p].holds(rule) is None]


async def record(
    tx: Tx,
    now: datetime,
    who: Youth,
    purpose: str,
    given: bool,
    *,
    text_version: int,
    contact_id: int | None = None,
    in_effect: bool = True,
) -> Standing:
    """Write a yes or a no. A no drops at once what was planned for this purpose."""
    if purpose not in PURPOSES:
        raise Refused("purpose_unknown", purpose=purpose)
    of = await structure.get(tx, who.structure_id)
    rule = regime(who.birth_month, of.consent_age, now.astimezone(of.tz).date())
    said = Standing(given, text_version, rule, now, new_id())
    await tx.run(
        consent.insert(),
        {
            "id": said.entry,
            "youth_id": who.id,
            "contact_id": contact_id,
            "purpose": purpose,
            "given": given,
            "text_version": text_version,
            "at": now,
            "regime": rule,
        },
    )
    return await _stand(tx, now, who, purpose, said) if in_effect else said


async def take_effect(tx: Tx, now: datetime, youth_id: int, contact_id: int) -> None:
    """The phone was confirmed: what it answered at enrolment now stands, unless the youth has
    said otherwise since, on another phone."""
    who, stands = await youth.get(tx, youth_id), await of(tx, youth_id)
    for row in await _answered_on(tx, youth_id, contact_id):
        last = stands.get(row.purpose)
        if last is None or last.entry <= row.id:
            said = Standing(row.given, row.text_version, row.regime, row.at, row.id)
            await _stand(tx, now, who, row.purpose, said)


async def awaited(tx: Tx, youth_id: int, contact_id: int) -> dict[str, bool]:
    """What an unconfirmed phone answered: it stands once its two words are confirmed."""
    return {row.purpose: row.given for row in await _answered_on(tx, youth_id, contact_id)}


async def _answered_on(tx: Tx, youth_id: int, contact_id: int) -> Sequence[Row[Any]]:
    return await tx.rows(
        select(consent)
        .where(consent.c.youth_id == youth_id, consent.c.contact_id == contact_id)
        .order_by(consent.c.id)
    )


async def _stand(tx: Tx, now: datetime, who: Youth, purpose: str, said: Standing) -> Standing:
    """A no drops what was planned; a yes plans again the reminders that a no had dropped, and the
    question of the age to come."""
    if said.given and said.text_version < await consent_text.version_in_force(tx, purpose):
        said = replace(said, again_since=now)
    values = asdict(said)
    insert = tx.upsert(standing).values(youth_id=who.id, purpose=purpose, **values)
    await tx.run(insert.on_conflict_do_update(index_elements=["youth_id", "purpose"], set_=values))
    if said.given:
        await consent_text.plan_for_next_age(tx, now, who)
        if purpose == "reminders":
            await missed.tell_again(tx, now, who.id)
        elif purpose == "messages":
            await missed.tell_who_reads(tx, now, who.id)
        if purpose != "reminders":  # which has just told all again
            await course_planning.plan_again(tx, now, who.id)
        return said
    await erased.note_withdrawn(tx, said.at, who.id, purpose)
    mine = message.message.c.youth_id == who.id
    await message.drop_waiting(tx, "withdrawn", mine, message.message.c.purpose == purpose)
    await message.drop_waiting(
        tx, "withdrawn", mine, consent_text.ASKS_AGAIN, ~_agrees_to_something(who)
    )
    if purpose == "sharing":
        await inbox.forget_notices(tx, who.id)
    return said


def _agrees_to_something(who: Youth) -> ColumnElement[bool]:
    return exists().where(standing.c.youth_id == who.id, standing.c.given)


async def of(tx: Tx, youth_id: int) -> dict[str, Standing]:
    """What was last said, by purpose; a purpose that was never asked is absent."""
    return (await of_youths(tx, [youth_id]))[youth_id]


async def of_youths(tx: Tx, youth_ids: Sequence[int]) -> dict[int, dict[str, Standing]]:
    """What many youths last said, in one query."""
    found: dict[int, dict[str, Standing]] = {youth_id: {} for youth_id in youth_ids}
    asked = select(standing.c.youth_id, standing.c.purpose, *_SAID)
    for row in await tx.rows(asked.where(standing.c.youth_id.in_(youth_ids))):
        said: list[Any] = list(row[2:])
        found[row.youth_id][row.purpose] = Standing(*said)
    return found


async def given_by(tx: Tx, youth_ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """The last word of many youths, by purpose, whether it still counts or not."""
    stands = await of_youths(tx, youth_ids)
    return {who: {p: said.given for p, said in theirs.items()} for who, theirs in stands.items()}


_SAID = [standing.c[name] for name in Standing.__slots__]


async def needs_parent(tx: Tx, who: Youth, consent_age: int, day: date, purpose: str = "") -> bool:
    """Whether a parent's agreement is asked for by law on that day, and not recorded yet: for this
    purpose, or for any at all."""
    if regime(who.birth_month, consent_age, day) != "parental":
        return False
    return not await parental.agreed(tx, [who.id], purpose)


async def sharing_stands(tx: Tx, now: datetime, who: Youth) -> bool:
    """Whether answers may be shown: the youth's own consent, and under fifteen a parent's
    ."""
    at = await structure.get(tx, who.structure_id)
    today = now.astimezone(at.tz).date()
    rule = regime(who.birth_month, at.consent_age, today)
    if not holding(await of(tx, who.id), rule).get("sharing"):
        return False
    return not await needs_parent(tx, who, at.consent_age, today, "sharing")


async def history(tx: Tx, youth_id: int) -> list[tuple[datetime, str, bool, int, str]]:
    """The whole ledger of a youth: at, purpose, given, text version, regime."""
    rows = await tx.rows(
        select(consent).where(consent.c.youth_id == youth_id).order_by(consent.c.id)
    )
    return [(r.at, r.purpose, r.given, r.text_version, r.regime) for r in rows]

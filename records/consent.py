"""Consent by purpose: a ledger that only grows, and what stands today (domain.md § 5.1, § 5.2).

What a phone answers before the educator has confirmed its two words is written in the ledger and
takes effect at the confirmation only: a stranger's phone changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Row, String, Table, select

from records import erased, inbox, message, missed, structure, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import Refused
from records.youth import Youth, age_on

PURPOSES = ("reminders", "messages", "exercises", "checkins", "sharing", "surveys")
ADULT = 18

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
    Column("at", Instant, nullable=False),
)

parental_agreement = Table(
    # When and how a holder of parental authority agreed; never who.
    "parental_agreement",
    metadata,
    key(),
    link("youth_id", "youth", index=True),
    link("recorded_by", "staff"),
    Column("obtained_on", Instant, nullable=False),
    Column("means", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a youth last said on one purpose."""

    given: bool
    text_version: int
    at: datetime


def regime(birth_month: str, consent_age: int, day: date) -> str:
    """Which law applies on a day: with a parent's agreement, a minor's own consent, an adult's."""
    age = age_on(birth_month, day)
    return "parental" if age < consent_age else "minor" if age < ADULT else "adult"


async def record(
    tx: Tx,
    now: datetime,
    who: Youth,
    purpose: str,
    given: bool,
    *,
    text_version: int,
    consent_age: int,
    contact_id: int | None = None,
    in_effect: bool = True,
) -> None:
    """Write a yes or a no. A no drops at once what was planned for this purpose."""
    if purpose not in PURPOSES:
        raise Refused("purpose_unknown", purpose=purpose)
    await tx.run(
        consent.insert(),
        {
            "id": new_id(),
            "youth_id": who.id,
            "contact_id": contact_id,
            "purpose": purpose,
            "given": given,
            "text_version": text_version,
            "at": now,
            "regime": regime(who.birth_month, consent_age, now.date()),
        },
    )
    if in_effect:
        await _stand(tx, now, who.id, purpose, Standing(given, text_version, now))


async def take_effect(tx: Tx, now: datetime, youth_id: int, contact_id: int) -> None:
    """The phone was confirmed: what it answered at enrolment now stands, unless the youth has
    said otherwise since, on another phone."""
    for row in await _answered_on(tx, youth_id, contact_id):
        last = (await of(tx, row.youth_id)).get(row.purpose)
        if last is None or last.at <= row.at:
            said = Standing(row.given, row.text_version, row.at)
            await _stand(tx, now, row.youth_id, row.purpose, said)


async def awaited(tx: Tx, youth_id: int, contact_id: int) -> dict[str, bool]:
    """What an unconfirmed phone answered: it stands once its two words are confirmed."""
    return {row.purpose: row.given for row in await _answered_on(tx, youth_id, contact_id)}


async def _answered_on(tx: Tx, youth_id: int, contact_id: int) -> Sequence[Row[Any]]:
    return await tx.rows(
        select(consent)
        .where(consent.c.youth_id == youth_id, consent.c.contact_id == contact_id)
        .order_by(consent.c.id)
    )


async def _stand(tx: Tx, now: datetime, youth_id: int, purpose: str, said: Standing) -> None:
    """A no drops what was planned; a yes plans again the reminders that a no had dropped."""
    values = asdict(said)
    insert = tx.upsert(standing).values(youth_id=youth_id, purpose=purpose, **values)
    await tx.run(insert.on_conflict_do_update(index_elements=["youth_id", "purpose"], set_=values))
    if not said.given:
        await erased.note_withdrawn(tx, said.at, youth_id, purpose)
        await message.drop_waiting(
            tx,
            "withdrawn",
            message.message.c.youth_id == youth_id,
            message.message.c.purpose == purpose,
        )
        if purpose == "sharing":
            await inbox.forget_notices(tx, youth_id)
    elif purpose == "reminders":
        await missed.tell_again(tx, now, youth_id)
    elif purpose == "messages":
        await missed.tell_who_reads(tx, now, youth_id)


async def of(tx: Tx, youth_id: int) -> dict[str, Standing]:
    """What stands, by purpose; a purpose that was never asked is absent."""
    rows = await tx.rows(select(standing).where(standing.c.youth_id == youth_id))
    return {r.purpose: Standing(r.given, r.text_version, r.at) for r in rows}


async def given_by(tx: Tx, youth_ids: list[int]) -> dict[int, dict[str, bool]]:
    """What stands for many youths, in one query."""
    found: dict[int, dict[str, bool]] = {youth_id: {} for youth_id in youth_ids}
    asked = select(standing.c.youth_id, standing.c.purpose, standing.c.given)
    for row in await tx.rows(asked.where(standing.c.youth_id.in_(youth_ids))):
        found[row.youth_id][row.purpose] = row.given
    return found


async def record_parental_agreement(
    tx: Tx, now: datetime, youth_id: int, obtained_on: datetime, means: str, recorded_by: int
) -> None:
    """When and how; what was dropped for want of it is planned again. `obtained_on` is local:
    `Refused("agreement_before_birth")` when nobody was born yet to agree for."""
    who = await youth.get(tx, youth_id)
    if obtained_on.isoformat()[:7] < who.birth_month:
        raise Refused("agreement_before_birth")
    row = new_id()
    await tx.run(
        parental_agreement.insert(),
        {
            "id": row,
            "youth_id": youth_id,
            "recorded_by": recorded_by,
            "obtained_on": obtained_on,
            "means": tx.vault.seal("parental_agreement.means", row, means),
        },
    )
    await missed.tell_again(tx, now, youth_id)


async def needs_parent(tx: Tx, who: Youth, consent_age: int, day: date) -> bool:
    """Whether a parent's agreement is asked for by law on that day, and not recorded yet."""
    rule = regime(who.birth_month, consent_age, day)
    return rule == "parental" and not await with_parental_agreement(tx, [who.id])


async def sharing_stands(tx: Tx, now: datetime, who: Youth) -> bool:
    """Whether answers may be shown: the youth's own consent, and under fifteen a parent's
    (domain.md § 5.2)."""
    stands = (await of(tx, who.id)).get("sharing")
    if stands is None or not stands.given:
        return False
    at = await structure.get(tx, who.structure_id)
    return not await needs_parent(tx, who, at.consent_age, now.astimezone(at.tz).date())


async def with_parental_agreement(tx: Tx, youth_ids: list[int]) -> set[int]:
    rows = await tx.rows(
        select(parental_agreement.c.youth_id).where(parental_agreement.c.youth_id.in_(youth_ids))
    )
    return {row.youth_id for row in rows}


async def history(tx: Tx, youth_id: int) -> list[tuple[datetime, str, bool, int, str]]:
    """The whole ledger of a youth: at, purpose, given, text version, regime."""
    rows = await tx.rows(
        select(consent).where(consent.c.youth_id == youth_id).order_by(consent.c.id)
    )
    return [(r.at, r.purpose, r.given, r.text_version, r.regime) for r in rows]

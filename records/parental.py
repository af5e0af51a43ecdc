"""A parent's agreement: when, how and for which purposes a holder of parental authority agreed, never
who. It is withdrawn as it was given, purpose by purpose, and counts no more at once.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Column, ColumnElement, LargeBinary, String, Table, exists, or_, select

from records import consent_text, erased, inbox, message, missed, structure, youth
from records.columns import Instant, key, link, new_id
from records.consent_text import PURPOSES
from records.database import Tx, metadata
from records.errors import Refused
from records.youth import age_on

agreement = Table(
    "parental_agreement",
    metadata,
    key(),
    link("youth_id", "youth", index=True),
    link("recorded_by", "staff"),
    Column("obtained_on", Instant, nullable=False),
    Column("means", LargeBinary, nullable=False),
    Column("purpose", String(16)),  # none: all of them, as it was noted before there were boxes
    Column("withdrawn_at", Instant),
)


async def record(
    tx: Tx,
    now: datetime,
    youth_id: int,
    obtained_on: datetime,
    means: str,
    recorded_by: int,
    purposes: Iterable[str] = PURPOSES,
) -> None:
    """What was dropped for want of it is planned again. `obtained_on` is local:
    `Refused("agreement_before_birth")` when nobody was born yet to agree for."""
    who = await youth.get(tx, youth_id)
    if obtained_on.isoformat()[:7] < who.birth_month:
        raise Refused("agreement_before_birth")
    rows = [(new_id(), purpose) for purpose in purposes]
    if not rows:
        raise Refused("agreement_for_nothing")
    await tx.run(
        agreement.insert(),
        [
            {
                "id": row,
                "youth_id": youth_id,
                "recorded_by": recorded_by,
                "obtained_on": obtained_on,
                "means": tx.vault.seal("parental_agreement.means", row, means),
                "purpose": purpose,
                "withdrawn_at": None,
            }
            for row, purpose in rows
        ],
    )
    await missed.tell_again(tx, now, youth_id)


async def withdraw(tx: Tx, now: datetime, youth_id: int, purposes: Collection[str]) -> int:
    """A holder of parental authority takes their agreement back: nothing more leaves for these
    purposes, and what was planned is dropped, where the law still asks for it. Returns how many
    noted agreements it ended."""
    await _split(tx, youth_id)
    theirs = (agreement.c.youth_id == youth_id, agreement.c.withdrawn_at.is_(None))
    which = agreement.update().where(*theirs, agreement.c.purpose.in_(purposes))
    ended = await tx.run(which, {"withdrawn_at": now})
    for purpose in purposes:
        await erased.note_disagreed(tx, now, youth_id, purpose)
    if await _asked_by_law(tx, now, youth_id):
        mine = message.message.c.youth_id == youth_id
        about = message.message.c.purpose.in_(purposes)
        await message.drop_waiting(tx, "parental_agreement_missing", mine, about)
        if "sharing" in purposes:
            await inbox.forget_notices(tx, youth_id)
    return ended


async def _split(tx: Tx, youth_id: int) -> None:
    """One that was noted for everything becomes one for each of the others."""
    whole = (agreement.c.youth_id == youth_id, agreement.c.purpose.is_(None))
    for row in await tx.rows(select(agreement).where(*whole, agreement.c.withdrawn_at.is_(None))):
        means = tx.vault.open("parental_agreement.means", row.id, row.means)
        for purpose in PURPOSES:
            fresh = new_id()
            sealed = tx.vault.seal("parental_agreement.means", fresh, means)
            values = dict(row._mapping) | {"id": fresh, "purpose": purpose, "means": sealed}
            await tx.run(agreement.insert(), values)
        await tx.run(agreement.delete().where(agreement.c.id == row.id))


async def _asked_by_law(tx: Tx, now: datetime, youth_id: int) -> bool:
    who = await youth.get(tx, youth_id)
    of = await structure.get(tx, who.structure_id)
    return age_on(who.birth_month, now.astimezone(of.tz).date()) < of.consent_age


def covers(purpose: ColumnElement[str] | str) -> ColumnElement[bool]:
    """An agreement that counts for this purpose, or for any at all (« »): not withdrawn, and not of
    before its text was rewritten, which was to other words."""
    text, kept = consent_text.in_force, agreement.c
    counts = kept.withdrawn_at.is_(None)
    if isinstance(purpose, str) and not purpose:
        return counts
    rewritten = exists().where(text.c.purpose == purpose, text.c.agreed_from > kept.obtained_on)
    return counts & or_(kept.purpose.is_(None), kept.purpose == purpose) & ~rewritten


async def agreed(tx: Tx, youth_ids: list[int], purpose: str = "") -> set[int]:
    """Those of these youths for whom a parent's agreement counts."""
    rows = await tx.rows(
        select(agreement.c.youth_id).where(agreement.c.youth_id.in_(youth_ids), covers(purpose))
    )
    return {row.youth_id for row in rows}

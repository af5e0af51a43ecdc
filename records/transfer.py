"""Transfers: a youth, or a whole caseload, goes to another educator of the same structure.

All of it in one commit: who accompanies, the meetings to come, what was planned (it leaves under
the new name), who may see (`records.sight`), and the message that tells the youth. The history
stays where it is; the former educator sees nothing of it any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Table, select

from records import alert, cover, erased, message, notice, staff, youth
from records.appointment import appointment
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import Refused
from records.staff import Staff
from records.youth import Youth

TOLD_WITHIN = timedelta(days=14)

transfer = Table(
    "transfer",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    link("from_id", "staff"),
    link("to_id", "staff"),
    link("created_by", "staff", nullable=True),  # nobody: the command line
    Column("at", Instant, nullable=False),
    Index("ix_transfer_youth", "youth_id", "id"),
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One youth went from one educator to another."""

    youth_id: int
    from_id: int
    to_id: int
    created_by: int | None
    at: datetime


async def one(tx: Tx, now: datetime, who: Youth, to: Staff, *, by: int | None = None) -> None:
    """Hand one youth over."""
    await youth.lock(tx, who.id)
    who = await youth.get(tx, who.id)
    if who.closed_at is not None:
        raise Refused("youth_closed", code=who.code)
    await _hand_over(tx, now, await staff.get(tx, who.educator_id), to, [who], by)


async def all_of(
    tx: Tx, now: datetime, leaving: Staff, to: Staff, *, by: int | None = None
) -> list[Youth]:
    """Hand a whole caseload over: somebody leaves. Returns who went."""
    await youth.lock_caseload(tx, leaving.id)
    people = await youth.listed(tx, educator_id=leaving.id, limit=cover.EVERYONE)
    await _hand_over(tx, now, leaving, to, people, by)
    return people


async def _hand_over(
    tx: Tx, now: datetime, leaving: Staff, to: Staff, people: Sequence[Youth], by: int | None
) -> None:
    _check(leaving, to)
    ids = [who.id for who in people]
    await youth.accompany(tx, ids, to.id)
    await erased.note_transferred(tx, now, ids, to.id)
    await tx.run(
        appointment.update().where(
            appointment.c.youth_id.in_(ids),
            appointment.c.state == "planned",
            appointment.c.starts_at > now,
        ),
        {"educator_id": to.id},
    )
    went = {
        "structure_id": to.structure_id,
        "from_id": leaving.id,
        "to_id": to.id,
        "created_by": by,
        "at": now,
    }
    rows = [went | {"id": new_id(), "youth_id": who.id} for who in people]
    if rows:
        await tx.run(transfer.insert(), rows)
    await _tell(tx, now, leaving, to, people)
    await alert.tell_new_reader(tx, now, to.id)


def _check(leaving: Staff, to: Staff) -> None:
    if leaving.id == to.id:
        raise Refused("transfer_same", name=to.name)
    if leaving.structure_id != to.structure_id:
        raise Refused("colleague_elsewhere", login=to.login)
    if to.role != "educator":
        raise Refused("not_an_educator", login=to.login)
    if to.disabled_at is not None:
        raise Refused("staff_disabled")


async def _tell(tx: Tx, now: datetime, leaving: Staff, to: Staff, people: Sequence[Youth]) -> None:
    """Who accompanies from now on, and who reads for them if they are away; what was still to be
    said of the former educator is not said any more."""
    ids, kept = [who.id for who in people], message.message.c
    await message.drop_waiting(
        tx, "cancelled_by_staff", kept.youth_id.in_(ids), kept.kind == "notice"
    )
    said = {"say": "notice.transfer", "facts": {"before": leaving.name}, "menu": True}
    await notice.announce(tx, now, people, said, f"transfer:{new_id()}", now, now + TOLD_WITHIN)
    for away in await cover.of(tx, now, to.id):
        await cover.tell(tx, now, away, people)


async def was_with(tx: Tx, youth_id: int, educator_id: int) -> bool:
    """Whether this youth was ever handed over by this educator."""
    mine = (transfer.c.youth_id == youth_id, transfer.c.from_id == educator_id)
    return await tx.row(select(transfer.c.id).where(*mine).limit(1)) is not None


async def of_youth(tx: Tx, youth_id: int) -> list[Transfer]:
    """From whom to whom a youth went, the latest first."""
    rows = await tx.rows(
        select(transfer).where(transfer.c.youth_id == youth_id).order_by(transfer.c.id.desc())
    )
    return [Transfer(r.youth_id, r.from_id, r.to_id, r.created_by, r.at) for r in rows]

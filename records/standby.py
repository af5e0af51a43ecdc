"""Who stands by: the educator who also gets an alert that nobody took up in time.

One for an educator, or else one for the whole structure.
"""

from sqlalchemy import Table, UniqueConstraint, or_, select

from records.columns import key, link, new_id
from records.database import Tx, metadata
from records.errors import Refused
from records.staff import Staff, staff

standby = Table(
    "standby",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("educator_id", "staff", nullable=True),  # empty: for whoever has none of their own
    link("standby_id", "staff"),
    UniqueConstraint("educator_id"),
)


async def name(tx: Tx, structure_id: int, educator: Staff | None, by: Staff | None) -> None:
    """Name who stands by for an educator, or for the structure; nobody with `by` None."""
    if by is not None:
        _check(structure_id, educator, by)
    theirs = standby.c.educator_id == educator.id if educator else standby.c.educator_id.is_(None)
    await tx.run(standby.delete().where(standby.c.structure_id == structure_id, theirs))
    if by is not None:
        values = {
            "id": new_id(),
            "structure_id": structure_id,
            "educator_id": educator.id if educator else None,
            "standby_id": by.id,
        }
        await tx.run(standby.insert(), values)


def _check(structure_id: int, educator: Staff | None, by: Staff) -> None:
    fits = by.role == "educator" and by.structure_id == structure_id and by.disabled_at is None
    if not fits or (educator is not None and educator.structure_id != structure_id):
        raise Refused("standby_unfit")
    if educator is not None and educator.id == by.id:
        raise Refused("standby_oneself")


async def of(tx: Tx, structure_id: int, educator_id: int) -> int | None:
    """Who stands by for this educator: somebody else, whose account is open; or nobody."""
    rows = await tx.rows(
        select(standby.c.educator_id, standby.c.standby_id)
        .join(staff, staff.c.id == standby.c.standby_id)
        .where(
            standby.c.structure_id == structure_id,
            or_(standby.c.educator_id == educator_id, standby.c.educator_id.is_(None)),
            standby.c.standby_id != educator_id,
            staff.c.disabled_at.is_(None),
        )
    )
    named = sorted(rows, key=lambda row: row.educator_id is None)
    return named[0].standby_id if named else None


async def named(tx: Tx, structure_id: int) -> dict[int | None, int]:
    """Who stands by, by educator; under None, for the structure."""
    rows = await tx.rows(select(standby).where(standby.c.structure_id == structure_id))
    return {row.educator_id: row.standby_id for row in rows}

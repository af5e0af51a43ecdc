"""What a youth read last of a script that has several ways of asking: how it was proposed, how it
began. One row each, with a mark that only `content.wordings` understands; no words, no answer."""

from collections.abc import Collection

from sqlalchemy import Column, String, Table, UniqueConstraint, select

from records.columns import key, link, new_id
from records.database import Tx, metadata

PROPOSED, BEGUN = "proposed", "begun"

wording = Table(
    "wording",
    metadata,
    key(),
    link("youth_id", "youth"),
    Column("script", String(48), nullable=False),
    Column("moment", String(8), nullable=False),  # proposed | begun
    Column("mark", String(16), nullable=False),
    UniqueConstraint("youth_id", "script", "moment"),
)


async def last(tx: Tx, youth_id: int, script: str, moment: str) -> str | None:
    found = await tx.value(
        select(wording.c.mark).where(
            wording.c.youth_id == youth_id, wording.c.script == script, wording.c.moment == moment
        )
    )
    return None if found is None else str(found)


async def last_proposed(tx: Tx, youth_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """By youth and script, for many youths at once."""
    rows = await tx.rows(
        select(wording).where(wording.c.youth_id.in_(youth_ids), wording.c.moment == PROPOSED)
    )
    return {(row.youth_id, row.script): row.mark for row in rows}


async def note(tx: Tx, youth_id: int, script: str, moment: str, mark: str) -> None:
    """This one was read just now."""
    statement = tx.upsert(wording).on_conflict_do_update(
        index_elements=["youth_id", "script", "moment"], set_={"mark": mark}
    )
    row = {"id": new_id(), "youth_id": youth_id, "script": script, "moment": moment, "mark": mark}
    await tx.run(statement, row)

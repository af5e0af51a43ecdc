"""An alert that nobody takes up: its clock, which counts reading hours only.

In time it goes to whoever stands by as well; later the coordination learns that one is unanswered,
by the youth's code and nothing else.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from records import notification, staff, standby, structure, youth
from records.alert import alert, unanswered_at
from records.database import Tx


async def next_due(tx: Tx) -> datetime | None:
    """When the next alert goes further."""
    found: datetime | None = await tx.value(
        select(alert.c.next_at)
        .where(alert.c.next_at.is_not(None))
        .order_by(alert.c.next_at)
        .limit(1)
    )
    return found


async def pass_on(tx: Tx, now: datetime) -> int:
    """What nobody took up in time goes to whoever stands by, then to the coordination's page."""
    due = (alert.c.next_at.is_not(None), alert.c.next_at <= now)
    rows = await tx.rows(
        select(alert).where(*due).order_by(alert.c.id).with_for_update(skip_locked=True)
    )
    for row in rows:
        await tx.run(alert.update().where(alert.c.id == row.id), await _further(tx, now, row))
    return len(rows)


async def _further(tx: Tx, now: datetime, row: Row[Any]) -> dict[str, Any]:
    """Where an unanswered alert goes next, as things stand now."""
    who, of = await youth.get(tx, row.youth_id), await structure.get(tx, row.structure_id)
    if who.closed_at is not None or row.taken_at is not None:
        return {"next_at": None}
    other = await standby.of(tx, of.id, who.educator_id)
    if row.passed_on_at is None and other is not None:
        await notification.tell(tx, now, other, "alert")
        later = max(unanswered_at(of, row.raised_at, 2), unanswered_at(of, now, 1))
        return {"passed_on_at": now, "passed_on_to": other, "next_at": later}
    for person in await staff.listed(tx, of.id):
        if person.role == "coordinator" and person.disabled_at is None:
            await notification.tell(tx, now, person.id, "alert")
    return {"overdue_at": now, "next_at": None}


async def overdue(tx: Tx, structure_id: int) -> list[tuple[str, int, datetime]]:
    """Alerts that nobody took up: the youth's code, the educator, since when. No category."""
    who = youth.youth.c
    rows = await tx.rows(
        select(who.code, who.educator_id, alert.c.raised_at)
        .join(youth.youth, who.id == alert.c.youth_id)
        .where(
            alert.c.structure_id == structure_id,
            alert.c.overdue_at.is_not(None),
            alert.c.taken_at.is_(None),
            who.closed_at.is_(None),
        )
        .order_by(alert.c.id)
    )
    return [(row.code, row.educator_id, row.raised_at) for row in rows]

"""Silence in the middle of a script: one gentle nudge, then it is put away with its place kept.

Each open conversation knows when its silence is looked at next (`wakes_at`, moved by every step).
A nudge is an unasked message like any other: window, week's budget, consent, and its meaning is
asked again as it leaves. Nobody is nudged twice about one script, nor ever about a survey: that has
its own reminder. Staff see that a nudge leaves, and never about what (`outgoing.PRIVATE_KINDS`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from records.conversation import PUT_AWAY_AFTER, conversation
from records.database import Tx
from records.message import REST, Draft, queue
from records.structure import structure

AT_ONCE = 200  # conversations at one look
_OPEN = conversation.c.status == "open"

Purpose = Callable[[str], str | None]


async def next_due(tx: Tx) -> datetime | None:
    due: datetime | None = await tx.value(select(func.min(conversation.c.wakes_at)).where(_OPEN))
    return due


async def run_out(tx: Tx, now: datetime, purpose_of: Purpose) -> int:
    """What becomes of each silence that has lasted long enough; how many there were. `purpose_of`
    gives the consent under which a script may be spoken of; None where it is not spoken of."""
    rows = await tx.rows(
        select(conversation, structure.c.bot_id)
        .join(structure, structure.c.id == conversation.c.structure_id)
        .where(_OPEN, conversation.c.wakes_at <= now)
        .order_by(conversation.c.wakes_at)
        .limit(AT_ONCE)
        .with_for_update(of=conversation, skip_locked=True)
    )
    nudged, left = [], []
    for row in rows:
        purpose = None if row.nudged else purpose_of(row.script)
        if purpose is None:
            left.append(row.id)
        else:
            nudged.append(_nudge(row, now, purpose))
    await _put_away(tx, left)
    await _wait(tx, now, [draft.params["talk"] for draft in nudged])
    await queue(tx, now, nudged)
    return len(rows)


def _nudge(row: Any, now: datetime, purpose: str) -> Draft:
    return Draft(
        row.structure_id,
        row.bot_id,
        row.youth_id,
        "nudge",
        now,
        now + PUT_AWAY_AFTER,
        {"talk": row.id, "script": row.script},
        key=f"nudge:{row.id}",
        purpose=purpose,
        unasked=True,
        priority=REST,
    )


async def _put_away(tx: Tx, ids: list[int]) -> None:
    if ids:
        away = conversation.update().where(conversation.c.id.in_(ids), _OPEN)
        await tx.run(away, {"status": "away"})


async def _wait(tx: Tx, now: datetime, ids: list[int]) -> None:
    """The nudge is spent; whoever stays silent is left in peace."""
    if ids:
        mine = conversation.update().where(conversation.c.id.in_(ids))
        await tx.run(mine, {"nudged": True, "wakes_at": now + PUT_AWAY_AFTER})

"""The carnet: what a youth said and who may read it, exercise by exercise, to them alone.

One occasion is one exercise as it was done once: its answers share their conversation. The youth
opens each answer to their educator or closes it again, and erases one occasion or all of them; the
desk reads the same rows (`records.response`), so every change is there at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from records import conversation, erased, plan
from records.database import Tx
from records.response import ONLY_ME, Response, forget_notices, of_occasion, opened, response


@dataclass(frozen=True, slots=True)
class Occasion:
    """One exercise done once: how many answers are kept of it, and how many are shown."""

    conversation_id: int
    script: str
    version: int
    at: datetime
    answers: int
    shown: int


async def occasions(tx: Tx, youth_id: int) -> list[Occasion]:
    """All of a youth's, the latest first. No answer is opened."""
    kept = response.c
    rows = await tx.rows(
        select(
            kept.conversation_id,
            func.max(kept.script),
            func.max(kept.version),
            func.max(kept.at),
            func.count(),
            func.sum(case((kept.visibility == "educator", 1), else_=0)),
        )
        .where(kept.youth_id == youth_id)
        .group_by(kept.conversation_id)
        .order_by(func.max(kept.id).desc())
    )
    return [Occasion(*tuple(row)) for row in rows]


async def answers(tx: Tx, youth_id: int, occasion: int) -> list[Response]:
    """What was said on one occasion, in order; nothing where it is not theirs."""
    rows = await tx.rows(
        select(response).where(*of_occasion(youth_id, occasion)).order_by(response.c.id)
    )
    return [opened(tx, row) for row in rows]


async def show_only(
    tx: Tx, now: datetime, youth_id: int, occasion: int, rows: Collection[int]
) -> int:
    """Of one occasion, these answers are open to the educator, and no other; what is for the youth
    alone never is. Returns how many are open."""
    said = [one for one in await answers(tx, youth_id, occasion) if one.visibility != ONLY_ME]
    chosen = [one for one in said if one.id in rows]
    opening = [one.id for one in chosen if one.visibility != "educator"]
    await tx.run(
        response.update().where(response.c.id.in_(opening)),
        {"visibility": "educator", "shared_at": now},
    )
    await _close(tx, now, youth_id, [one for one in said if one.id not in rows])
    return len(chosen)


async def close_all(tx: Tx, now: datetime, youth_id: int) -> None:
    """Nothing is open to the educator any more, whatever is said of sharing later."""
    rows = await tx.rows(
        select(response).where(response.c.youth_id == youth_id, response.c.visibility == "educator")
    )
    await _close(tx, now, youth_id, [opened(tx, row) for row in rows])


async def _close(tx: Tx, now: datetime, youth_id: int, said: Sequence[Response]) -> None:
    closing = [one.id for one in said if one.visibility == "educator"]
    if closing:
        await tx.run(response.update().where(response.c.id.in_(closing)), {"visibility": "me"})
        await erased.note_hidden(tx, now, closing)
        await forget_notices(tx, [youth_id])


async def erase_occasion(tx: Tx, now: datetime, youth_id: int, occasion: int) -> bool:
    """Delete all that was said on one occasion, and its plan. False when nothing is left of it."""
    gone = await tx.rows(
        response.delete()
        .where(*of_occasion(youth_id, occasion))
        .returning(response.c.id, response.c.variable)
    )
    for row in gone:
        await conversation.forget_answer(tx, youth_id, row.id, occasion, row.variable)
    rows = [row.id for row in gone]
    await _gone(tx, now, youth_id, [occasion], rows)
    talk = await conversation.get(tx, occasion, youth_id)
    if talk is not None and talk.status == "done":
        await conversation.set_state(tx, talk, {})
    return bool(rows)


async def erase_all(tx: Tx, now: datetime, youth_id: int) -> int:
    """Delete every answer of a youth, and every plan. Returns how many answers went."""
    gone = await tx.rows(
        response.delete()
        .where(response.c.youth_id == youth_id)
        .returning(response.c.id, response.c.conversation_id)
    )
    await _gone(tx, now, youth_id, {row.conversation_id for row in gone}, [row.id for row in gone])
    await conversation.forget_answers(tx, youth_id)
    return len(gone)


async def _gone(
    tx: Tx, now: datetime, youth_id: int, occasions_: Collection[int], rows: Sequence[int]
) -> None:
    if rows:
        await plan.forget(tx, youth_id, occasions_, rows)
        await erased.note_rows(tx, now, "response", rows)
        await forget_notices(tx, [youth_id])

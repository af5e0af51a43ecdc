"""A plan that a youth asked to read again, some days later: one message, planned by themself.

Its words are theirs alone. Staff see that there is one, in the week's budget, and never what it
says (`records.outgoing`). It lasts as long as the answers that it is made of.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from records import conversation
from records.database import Tx
from records.hours import Hours, local_instant
from records.message import OPEN, REST, Draft, by_staff, drop_waiting, message
from records.structure import Structure
from records.youth import Youth

_KEY = "plan:"
LIFE = timedelta(days=2)  # a plan for one day says little three days later


def remind(
    now: datetime,
    who: Youth,
    of: Structure,
    *,
    days: int,
    text: str,
    purpose: str,
    occasion: int,
    turn: str,
) -> Draft:
    """The message to queue: for one `turn` of a conversation, there is one at most."""
    hours = of.hours(who.school_aged)
    due = opening(hours, hours.local_day(now) + timedelta(days=days))
    return Draft(
        of.id,
        of.bot_id,
        who.id,
        "plan",
        due,
        due + LIFE,
        {"text": text},
        key=f"{_KEY}{occasion}:{turn}",
        purpose=purpose,
        unasked=True,
        priority=REST,
    )


def opening(hours: Hours, day: date) -> datetime:
    """When the window of a local day opens; of a silent day, the first one after it."""
    if window := hours.window(day):
        return window[0]
    return hours.next_open(local_instant(datetime.combine(day, time(12)), hours.zone))


async def coming_back(tx: Tx, youth_id: int) -> dict[int, datetime]:
    """When each plan that waits is due, by the conversation in which it was made."""
    return {
        _occasion(row): row.due_at
        for row in await _of_youth(tx, youth_id, message.c.state.in_(OPEN))
    }


async def call_off(tx: Tx, youth_id: int, occasion: int) -> bool:
    """The youth does not want to read it again. False when nothing waited any more."""
    waits = await _of_youth(tx, youth_id, message.c.state == "waiting")
    ids = [row.id for row in waits if _occasion(row) == occasion]
    return bool(ids) and bool(await drop_waiting(tx, "called_off", message.c.id.in_(ids)))


async def forget(
    tx: Tx, youth_id: int, occasions: Collection[int], recalled: Collection[int] = ()
) -> None:
    """Nothing of these plans stays, waiting or sent; nor of those that say a `recalled` answer
    again, by its row."""
    held = await _of_youth(tx, youth_id, message.c.params.is_not(None))
    gone = set(occasions) | await _saying_again(tx, youth_id, {*map(_occasion, held)}, recalled)
    ids = [row.id for row in held if _occasion(row) in gone]
    if ids:
        await drop_waiting(tx, "called_off", message.c.id.in_(ids))
        ended = message.c.state.not_in(OPEN)
        await tx.run(message.update().where(message.c.id.in_(ids), ended), {"params": None})


async def _saying_again(
    tx: Tx, youth_id: int, occasions: Collection[int], recalled: Collection[int]
) -> set[int]:
    found = set()
    for which in occasions if recalled else ():
        talk = await conversation.get(tx, which, youth_id)
        if talk is not None and not {*map(str, recalled)}.isdisjoint(_rows(talk.state)):
            found.add(which)
    return found


def _rows(state: dict[str, Any]) -> list[str]:
    """The rows that a conversation recalled (`dialogs.state`)."""
    return [said for name, said in state.get("answers", {}).items() if name.endswith("@")]


async def _of_youth(tx: Tx, youth_id: int, *which: Any) -> list[Any]:
    theirs = (message.c.youth_id == youth_id, by_staff(message), message.c.kind == "plan")
    columns = (message.c.id, message.c.unique_key, message.c.due_at)
    return list(await tx.rows(select(*columns).where(*theirs, *which)))


def _occasion(row: Any) -> int:
    return int(row.unique_key.removeprefix(_KEY).partition(":")[0])

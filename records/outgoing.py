"""What staff send: words and offers, planned or at once, and how each of them ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from records import course_record
from records.database import Tx
from records.errors import NotFound, Refused
from records.hours import future_instant
from records.message import (
    OPEN,
    REPLY,
    REST,
    TEXT_LIFE,
    Draft,
    by_staff,
    drop_waiting,
    message,
    queue,
)

TEXT_LENGTH = 1000
TURN = timedelta(days=7)  # how long words and proposals wait for their turn


async def schedule_text(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    bot_id: int | None,
    youth_id: int,
    text: str,
    wall: datetime,
    zone: str,
    weekly: bool = False,
    created_by: int | None = None,
    signed: str | None = None,
    key: str | None = None,
) -> int:
    """An educator's words at a local wall time, once or every week. Returns the message; `key`,
    without an « @ », makes a second copy of it impossible. `signed` is the name of a colleague who
    writes in the educator's absence."""
    words = text.strip()
    if not 1 <= len(words) <= TEXT_LENGTH:
        raise Refused("text_length", limit=TEXT_LENGTH)
    due = future_instant(wall, zone, now)
    draft = Draft(
        structure_id,
        bot_id,
        youth_id,
        "text",
        due,
        due + (TEXT_LIFE if weekly else TURN),
        {"text": words} | _signed(signed),
        key=key,
        purpose="messages",
        unasked=True,
        priority=REST,
        created_by=created_by,
        repeat="weekly" if weekly else None,
        wall=f"{wall:%Y-%m-%dT%H:%M}",
    )
    return (await queue(tx, now, [draft]))[0]


async def schedule_offer(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    bot_id: int | None,
    youth_id: int,
    script: str,
    purpose: str,
    due_at: datetime,
    wave: str | None = None,
    created_by: int | None = None,
    signed: str | None = None,
    key: str | None = None,
    weekly: datetime | None = None,
) -> int:
    """Propose a script (exercise, check-in or survey), or a check-in every week at the wall time
    `weekly`. `key` makes a second copy impossible; a
    survey goes once a wave to one youth, and only remembers its key."""
    params: dict[str, Any] = {"script": script, "wave": wave} | _signed(signed)
    if wave:
        params, key = params | {"once": key}, survey_key(script, wave, youth_id)
    draft = Draft(
        structure_id,
        bot_id,
        youth_id,
        "offer",
        due_at,
        due_at + (TEXT_LIFE if weekly else TURN),
        params,
        key=key,
        purpose=purpose,
        unasked=True,
        priority=REST,
        created_by=created_by,
        repeat="weekly" if weekly else None,
        wall=f"{weekly:%Y-%m-%dT%H:%M}" if weekly else None,
    )
    return (await queue(tx, now, [draft]))[0]


async def reply(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    bot_id: int | None,
    youth_id: int,
    text: str,
    created_by: int,
    signed: str | None = None,
) -> int:
    """An educator's live answer to what the youth wrote: leaves at once, outside windows."""
    words = text.strip()
    if not 1 <= len(words) <= TEXT_LENGTH:
        raise Refused("text_length", limit=TEXT_LENGTH)
    draft = Draft(
        structure_id,
        bot_id,
        youth_id,
        "text",
        now,
        now + TEXT_LIFE,
        {"text": words} | _signed(signed),
        purpose="messages",
        priority=REPLY,
        created_by=created_by,
    )
    return (await queue(tx, now, [draft]))[0]


def _signed(name: str | None) -> dict[str, Any]:
    return {"from": name} if name else {}


async def was_offered(tx: Tx, youth_id: int, script: str, wave: str) -> bool:
    """Whether a survey of this wave was proposed to this youth, and not taken back."""
    found = select(message.c.id).where(
        message.c.unique_key == survey_key(script, wave, youth_id),
        message.c.state.not_in(("dropped", "refused")),
    )
    return await tx.row(found) is not None or await _in_a_course(tx, youth_id, script, wave)


async def _in_a_course(tx: Tx, youth_id: int, script: str, wave: str) -> bool:
    """Whether a course of theirs has proposed it."""
    rows = await tx.rows(
        select(course_record.course_element.c.id).where(
            course_record.course_element.c.youth_id == youth_id,
            course_record.course_element.c.script == script,
            course_record.course_element.c.wave == wave,
        )
    )
    keys = [f"{course_record.KEY}{row.id}" for row in rows]
    left = select(message.c.id).where(
        message.c.unique_key.in_(keys), message.c.sent_at.is_not(None)
    )
    return await tx.row(left.limit(1)) is not None


def survey_key(script: str, wave: str, youth_id: int) -> str:
    """A survey goes once a wave to one youth."""
    return f"survey:{script}:{wave}:{youth_id}"


async def cancel(tx: Tx, message_id: int) -> None:
    """Take back a planned message; `Refused("already_left")` once it is on its way."""
    changed = await drop_waiting(tx, "cancelled_by_staff", message.c.id == message_id)
    if not changed:
        await get(tx, message_id)
        raise Refused("already_left")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as staff see it; `params` are empty once forgotten, and of what is private."""

    id: int
    youth_id: int
    kind: str
    purpose: str | None
    state: str
    reason: str | None
    held_by: str | None
    due_at: datetime
    not_after: datetime
    sent_at: datetime | None
    repeat: str | None
    appointment_id: int | None
    created_by: int | None
    created_at: datetime
    params: dict[str, Any]


async def get(tx: Tx, message_id: int) -> Message:
    row = await tx.row(select(message).where(message.c.id == message_id))
    if row is None:
        raise NotFound("message_unknown")
    return _opened(tx, row)


async def under(tx: Tx, key: str) -> Message | None:
    """The message that was queued under this key."""
    row = await tx.row(select(message).where(message.c.unique_key == key))
    return None if row is None else _opened(tx, row)


STAFF_KINDS = ("reminder", "changed", "cancelled", "text", "offer", "notice")
PRIVATE_KINDS = ("plan", "nudge")  # the youth's own: staff see that there is one, never its words
SHOWN_KINDS = (*STAFF_KINDS, *PRIVATE_KINDS)
KINDS = (  # and the bot's own
    *SHOWN_KINDS,
    "course",
    "again",
    "rule",
    "screen",
    "phrase",
    "passing",
    "card",
    "question",
    "wipe",
)


async def listed(
    tx: Tx,
    *,
    youth_id: int | None = None,
    structure_id: int | None = None,
    states: Iterable[str] = OPEN,
    kinds: Iterable[str] = STAFF_KINDS,
    before: int | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> list[Message]:
    """What staff planned, newest first; `before` is the last identifier of the page before."""
    query = select(message).where(message.c.kind.in_(kinds), message.c.state.in_(states))
    if youth_id is not None:
        query = query.where(message.c.youth_id == youth_id)
    if set(kinds) <= set(SHOWN_KINDS):
        query = query.where(by_staff(message))
    if structure_id is not None:
        query = query.where(message.c.structure_id == structure_id)
    if before is not None:
        query = query.where(message.c.id < before)
    if since is not None:
        query = query.where(message.c.due_at >= since)
    rows = await tx.rows(query.order_by(message.c.id.desc()).limit(limit))
    return [_opened(tx, row) for row in rows]


async def waiting(tx: Tx, youth_id: int) -> list[Message]:
    """What is planned for a youth, in the order in which it is due."""
    rows = await tx.rows(
        select(message)
        .where(
            message.c.youth_id == youth_id,
            by_staff(message),
            message.c.state.in_(OPEN),
            message.c.kind.in_(STAFF_KINDS),
        )
        .order_by(message.c.due_at, message.c.id)
    )
    return [_opened(tx, row) for row in rows]


async def decide_uncertain(tx: Tx, now: datetime, message_id: int, send_again: bool) -> None:
    """The educator's decision on words whose fate is unknown: once more, or let it be."""
    again = {
        "state": "waiting",
        "due_at": now,
        "not_after": now + TEXT_LIFE,
        "repeated": True,
        "reason": None,
    }
    settled = {"state": "dropped", "reason": "left_uncertain", "params": None}
    changed = await tx.run(
        message.update().where(message.c.id == message_id, message.c.state == "uncertain"),
        again if send_again else settled,
    )
    if not changed:
        raise Refused("nothing_uncertain")
    if send_again:
        await tx.announce()


def _opened(tx: Tx, row: Any) -> Message:
    shown = row.params and row.kind not in PRIVATE_KINDS
    params = tx.vault.open_data("message.params", row.id, row.params) if shown else {}
    return Message(
        row.id,
        row.youth_id,
        row.kind,
        row.purpose,
        row.state,
        row.reason,
        row.held_by,
        row.due_at,
        row.not_after,
        row.sent_at,
        row.repeat,
        row.appointment_id,
        row.created_by,
        row.created_at,
        params,
    )


async def of_youths(
    tx: Tx, youth_ids: list[int], *, states: Iterable[str], since: datetime, limit: int = 200
) -> list[Message]:
    """What staff planned for these youths and ended so, newest first: a caseload's failures."""
    rows = await tx.rows(
        select(message)
        .where(
            message.c.youth_id.in_(youth_ids),
            by_staff(message),
            message.c.state.in_(states),
            message.c.kind.in_(STAFF_KINDS),
            message.c.due_at >= since,
        )
        .order_by(message.c.id.desc())
        .limit(limit)
    )
    return [_opened(tx, row) for row in rows]

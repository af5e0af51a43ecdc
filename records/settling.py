"""Settling: how claimed messages ended, and what follows from it.

A row is settled only with the claim's own token, so that a worker that lost its lease cannot
overwrite another's word.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Table, bindparam, case, delete, or_, select

from records import contact, question, told_rule, wording, youth
from records.columns import new_id
from records.contact import channel_message
from records.database import Tx
from records.due import Due, gathered
from records.hours import next_week
from records.message import CLAIMED, TEXT_LIFE, TRACELESS, Draft, message, queue
from records.reasons import Reason

REPEATABLE = (
    "screen",
    "phrase",
    "passing",
    "card",
    "question",
    "wipe",
    "reminder",
    "changed",
    "cancelled",
    "offer",
    "course",
    "plan",
    "nudge",
    "again",
    "rule",
    "notice",
)
EPHEMERAL = ("screen", "phrase")  # their words are forgotten as soon as they have left


@dataclass(frozen=True, slots=True)
class Settled:
    """How one claimed message ended: sent | later | refused | dropped | uncertain.

    `at` is when to try again (later), `repeated` whether it may then be there twice. `lost` is a
    permanent reason that the phone is out of reach. `channel_id` is the channel's identifier of
    what was sent.
    """

    due: Due
    outcome: str
    reason: Reason | None = None
    at: datetime | None = None
    channel_id: int | None = None
    lost: Reason | None = None
    repeated: bool = False
    worded: str = ""  # the mark of the wording in which it was proposed
    removed: tuple[int, ...] = ()  # the channel's messages that are no longer there


async def settle(tx: Tx, now: datetime, outcomes: Iterable[Settled]) -> None:
    """Write how messages ended, in one commit with what follows from it."""
    done = list(outcomes)
    gone = [s for s in done if s.due.kind in TRACELESS and _state(s) != "waiting"]
    sent = [s for s in done if s.outcome == "sent"]
    kept = [s for s in sent if s.due.kind not in TRACELESS]
    others = [s for s in done if s.outcome != "sent" and s not in gone]
    await _many(tx, _GONE, [_claimed(s) for s in gone])
    await _many(tx, _SENT, [_left(s, now) for s in kept])
    await _many(tx, _ENDED, [_change(s, now) for s in others])
    await _was_read(tx, now, sent)
    new = [s for s in sent if _is_new(s)]
    phones = await _still_here(tx, contact.contact, {s.due.contact_id for s in new})
    shown = [_shown(s, now) for s in new if s.due.contact_id in phones]
    await _many(tx, channel_message.insert(), shown)
    for s in done:
        if s.removed and s.due.contact_id:
            await contact.forget_message_ids(tx, s.due.contact_id, s.removed)
    if any(_state(s) == "waiting" for s in others):
        await tx.announce()  # whoever settles it may be gone by then
    for s in done:
        if s.lost and s.due.contact_id:
            await contact.set_reachable(tx, s.due.contact_id, s.lost)
    await _follow_up(tx, now, done)


async def _was_read(tx: Tx, now: datetime, sent: list[Settled]) -> None:
    """What begins only once its screen has really left."""
    for s in sent:
        if s.due.kind == "question":
            await question.shown(tx, now, s.due.params["question"])
        elif s.due.kind == told_rule.KIND:
            await told_rule.has_read(tx, [s.due.youth.id], s.due.params["told"])


async def _follow_up(tx: Tx, now: datetime, done: list[Settled]) -> None:
    """What a youth who is still here is left with: the next week of a series, the wording read."""
    weekly = [s.due for s in done if _goes_on(s)]
    proposed = [s for s in done if s.outcome == "sent" and s.worded]
    concerned = {due.youth.id for due in weekly} | {s.due.youth.id for s in proposed}
    youths = await _still_here(tx, youth.youth, concerned)
    for s in proposed:
        if s.due.youth.id in youths:
            name = s.due.params["script"]
            await wording.note(tx, s.due.youth.id, name, wording.PROPOSED, s.worded)
    await queue(tx, now, [_again_next_week(due) for due in weekly if due.youth.id in youths])


async def _many(tx: Tx, statement: Any, values: list[dict[str, Any]]) -> None:
    if values:
        await tx.run(statement, values)


def _claimed(s: Settled) -> dict[str, Any]:
    return {"which": s.due.id, "token": s.due.claim}


def _left(s: Settled, now: datetime) -> dict[str, Any]:
    return _claimed(s) | {"at": now, "number": s.channel_id, "why": s.reason}


_MINE = (message.c.id == bindparam("which"), message.c.claim == bindparam("token"), CLAIMED)
_FREE = {"claim": None, "claimed_until": None}
_GONE = delete(message).where(*_MINE)
_SENT = (
    message.update()
    .where(*_MINE)
    .values(
        **_FREE,
        state="sent",
        reason=bindparam("why"),
        held_by=None,
        sent_at=bindparam("at"),
        channel_message_id=bindparam("number"),
        params=case(
            (or_(*(message.c.kind == kind for kind in EPHEMERAL)), None), else_=message.c.params
        ),
    )
)
_ENDED = (
    message.update()
    .where(*_MINE)
    .values(
        **_FREE,
        state=bindparam("st"),
        reason=bindparam("why"),
        held_by=bindparam("held"),
        due_at=bindparam("due"),
        sent_at=bindparam("at"),
        params=case((bindparam("forgotten", type_=Boolean()), None), else_=message.c.params),
        repeated=bindparam("again"),
    )
)


def _state(s: Settled) -> str:
    """What is uncertain waits once more where it may be repeated, and says so."""
    if s.outcome == "later":
        return "waiting"
    if s.outcome == "uncertain" and s.due.kind in REPEATABLE and not s.due.repeated:
        return "waiting"
    return s.outcome


def _change(s: Settled, now: datetime) -> dict[str, Any]:
    state = _state(s)
    once_more = s.outcome == "uncertain" and state == "waiting"
    reason = "uncertain" if once_more else s.reason
    return _claimed(s) | {
        "st": state,
        "why": reason,
        "held": reason if state == "waiting" else None,
        "due": s.at or s.due.facts.due_at,
        "at": now if state == "uncertain" else None,
        "forgotten": state == "dropped" or (state == "refused" and s.due.kind in EPHEMERAL),
        "again": s.due.repeated or s.repeated or once_more,
    }


def _is_new(s: Settled) -> bool:
    """Whether it put something on the phone that « /efface » could remove."""
    return bool(s.channel_id and s.due.contact_id and s.channel_id != s.due.edits)


def _shown(s: Settled, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "structure_id": s.due.structure.id,
        "bot_id": s.due.bot_id,
        "contact_id": s.due.contact_id,
        "channel": s.due.channel,
        "direction": "out",
        "channel_id": s.channel_id,
        "at": now,
    }


async def _still_here(tx: Tx, table: Table, ids: Collection[int | None]) -> set[int]:
    """Those of which something may still be written: while a message was on its way, everything
    about its youth may have been erased. An erasure that comes now waits for this commit."""
    if not ids:
        return set()
    asked = select(table.c.id).where(table.c.id.in_(ids))
    return {row.id for row in await tx.rows(asked.with_for_update(read=True, key_share=True))}


def _goes_on(s: Settled) -> bool:
    """Whether a weekly message has its next week, however this one ended."""
    over = s.outcome == "later" or s.reason in ("closed", "refused")
    return s.due.repeat is not None and not over


async def go_on(tx: Tx, now: datetime, *which: ColumnElement[bool]) -> None:
    """Weekly messages that meet `which` have their next time after now, whatever becomes of the
    one at hand."""
    weekly = await gathered(tx, now, message.c.repeat.is_not(None), *which)
    await queue(tx, now, [_again_next_week(due, now) for due in weekly])


def _again_next_week(due: Due, after: datetime | None = None) -> Draft:
    wall, at = next_week(due.wall or "", due.structure.zone)
    while after is not None and at <= after:
        wall, at = next_week(wall, due.structure.zone)
    series = due.key.rsplit("@", 1)[0]
    return Draft(
        due.structure.id,
        due.structure.bot_id,
        due.youth.id,
        due.kind,
        at,
        at + TEXT_LIFE,
        due.params,
        key=f"{series}@{wall}",
        purpose=due.facts.purpose,
        unasked=True,
        priority=due.priority,
        repeat="weekly",
        wall=wall,
        created_by=due.created_by,
    )


async def recover(tx: Tx, real_now: datetime, *, everything: bool = False) -> int:
    """Mark uncertain what a dead worker had claimed; what may be repeated waits again, once.

    `everything` when this process is alone and just started: no claim can be alive.
    """
    lost = [CLAIMED]
    if not everything:
        lost.append(message.c.claimed_until < real_now)
    once = await tx.run(
        message.update().where(*lost, message.c.kind.in_(REPEATABLE), ~message.c.repeated),
        _FREE | {"state": "waiting", "repeated": True, "held_by": "uncertain"},
    )
    await tx.run(delete(message).where(*lost, message.c.kind.in_(TRACELESS)))
    unknown = await tx.rows(
        message.update()
        .where(*lost)
        .values(**_FREE, state="uncertain", reason="interrupted", sent_at=real_now)
        .returning(message.c.id, message.c.repeat)
    )
    again = [row.id for row in unknown if row.repeat]
    weekly = await gathered(tx, real_now, message.c.id.in_(again)) if again else []
    await queue(tx, real_now, [_again_next_week(due) for due in weekly])
    if once:
        await tx.announce()
    return once + len(unknown)

"""E-mails to staff, from due to done: claimed, asked again whether they mean something, settled.

A row is claimed by one conditional UPDATE for as long as its lease, on the real clock, so that any
number of processes may post. One that may have left is posted again, once, under the same number:
an e-mail that says nothing harms nobody twice, and an alert that never came might.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, bindparam, cast, func, not_, or_, select

from records import alert, cover, mailbox, structure
from records.columns import new_id
from records.database import Tx
from records.inbox import inbox
from records.mailbox import Mailbox
from records.notification import notification, tell
from records.staff import staff
from records.structure import Structure
from records.youth import youth

LEASE = timedelta(minutes=5)  # a session of `relais.courier` is over by then, however slow
REFUSALS = ("meeting_no", "meeting_change", "meeting_late")
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30))
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_WAITING = notification.c.state == "waiting"
_CLAIMED = notification.c.state == "claimed"
_FREE = {"claim": None, "claimed_until": None}


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed e-mail; `reason` says why it must not leave, and is empty when it may."""

    id: int
    structure_id: int
    staff_id: int
    about: str
    address: str
    attempts: int
    repeated: bool
    claim: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """How one ended: sent | later | refused | dropped | uncertain."""

    letter: Letter
    outcome: str
    reason: str | None = None


async def next_due(tx: Tx) -> datetime | None:
    row = await tx.row(
        select(notification.c.due_at).where(_WAITING).order_by(notification.c.due_at).limit(1)
    )
    return None if row is None else row.due_at


async def claim(tx: Tx, now: datetime, real_now: datetime, at_most: int) -> list[Letter]:
    """Claim what is due, and judge at once whether it still means something."""
    token = new_id()
    await tx.run(
        _CLAIM, {"now": now, "at_most": at_most, "token": token, "until": real_now + LEASE}
    )
    rows = await tx.rows(
        select(notification, staff.c.disabled_at, staff.c.role)
        .join(staff, staff.c.id == notification.c.staff_id)
        .where(_CLAIMED, notification.c.claim == token)
        .order_by(notification.c.id)
    )
    boxes = await mailbox.some(tx, {row.staff_id for row in rows})
    return [await _letter(tx, now, row, boxes.get(row.staff_id)) for row in rows]


def _claim_statement() -> Any:
    due = (
        select(notification.c.id)
        .where(_WAITING, notification.c.due_at <= bindparam("now"))
        .order_by(notification.c.due_at, notification.c.id)
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        notification.update()
        .where(notification.c.id.in_(select(due.c.id)))
        .values(
            state="claimed",
            claim=bindparam("token"),
            claimed_until=bindparam("until"),
            attempts=notification.c.attempts + 1,
            unique_key=cast(notification.c.id, String),  # a new cause may wait from now on
        )
    )


_CLAIM = _claim_statement()


async def _letter(tx: Tx, now: datetime, row: Any, box: Mailbox | None) -> Letter:
    return Letter(
        row.id,
        row.structure_id,
        row.staff_id,
        row.about,
        box.address if box else "",
        row.attempts,
        row.repeated,
        row.claim,
        await _why_not(tx, now, row, box),
    )


async def _why_not(tx: Tx, now: datetime, row: Any, box: Mailbox | None) -> str:
    if now >= row.not_after:
        return "expired"
    if row.disabled_at is not None:
        return "account_closed"
    if box is None or not box.is_reached:
        return "no_address"
    if not box.wants(row.about):
        return "declined"
    return "" if await _still_waits(tx, now, row) else "seen"


async def _still_waits(tx: Tx, now: datetime, row: Any) -> bool:
    """Whether there is still something that this person has not seen."""
    if row.about == "alert":
        return await _unanswered(tx, now, row)
    which = [inbox.c.kind.in_(REFUSALS)] if row.about == "refusal" else []
    return await _unseen(tx, now, row.structure_id, row.staff_id, *which)


async def _unanswered(tx: Tx, now: datetime, row: Any) -> bool:
    """An alert that nobody took up, nor this person looked at: of those they follow, or passed on
    to them; for coordination, one that went unanswered."""
    a = alert.alert.c
    if row.role == "coordinator":
        theirs: Any = a.overdue_at.is_not(None)
    else:
        followed = select(youth.c.id).where(
            youth.c.educator_id.in_(await _read_for(tx, now, row.staff_id))
        )
        theirs = or_(a.youth_id.in_(followed), a.passed_on_to == row.staff_id)
    looked = and_(a.seen_by.is_not(None), a.seen_by == row.staff_id)
    query = (
        select(a.id)
        .join(youth, youth.c.id == a.youth_id)
        .where(
            youth.c.closed_at.is_(None),
            a.structure_id == row.structure_id,
            a.taken_at.is_(None),
            not_(looked),
            theirs,
        )
    )
    return await tx.row(query.limit(1)) is not None


async def _read_for(tx: Tx, now: datetime, staff_id: int) -> list[int]:
    """Whose youths this person reads: their own, and those of colleagues whom they cover for."""
    return [staff_id, *(one.absent_id for one in await cover.by(tx, now, staff_id))]


async def _unseen(tx: Tx, now: datetime, structure_id: int, staff_id: int, *which: Any) -> bool:
    query = (
        select(inbox.c.id)
        .join(youth, youth.c.id == inbox.c.youth_id)
        .where(
            inbox.c.structure_id == structure_id,
            inbox.c.seen_at.is_(None),
            inbox.c.kind != "held",
            youth.c.educator_id.in_(await _read_for(tx, now, staff_id)),
            youth.c.closed_at.is_(None),
            *which,
        )
    )
    return await tx.row(query.limit(1)) is not None


async def settle(tx: Tx, now: datetime, posted: Iterable[Posted]) -> None:
    """Write how e-mails ended; only for whoever still holds the claim."""
    for one in posted:
        mine = (
            notification.c.id == one.letter.id,
            notification.c.claim == one.letter.claim,
            _CLAIMED,
        )
        await tx.run(notification.update().where(*mine), _FREE | _ended(one, now))


def _ended(one: Posted, now: datetime) -> dict[str, Any]:
    again = one.outcome == "uncertain" and not one.letter.repeated
    if one.outcome == "later" or again:
        step = min(max(one.letter.attempts, 1), len(BACKOFF)) - 1
        return {
            "state": "waiting",
            "reason": one.reason,
            "due_at": now + BACKOFF[step],
            "repeated": one.letter.repeated or again,
        }
    sent_at = now if one.outcome in ("sent", "uncertain") else None
    return {"state": one.outcome, "reason": one.reason, "sent_at": sent_at}


async def recover(tx: Tx, real_now: datetime, *, everything: bool = False) -> int:
    """What a process that died had claimed may have left: it is posted once more, and no more.

    `everything` when this process is alone and just started: no claim can be alive.
    """
    lost = [_CLAIMED]
    if not everything:
        lost.append(notification.c.claimed_until < real_now)
    once = await tx.run(
        notification.update().where(*lost, ~notification.c.repeated),
        _FREE | {"state": "waiting", "repeated": True, "reason": "interrupted"},
    )
    unknown = await tx.run(
        notification.update().where(*lost),
        _FREE | {"state": "uncertain", "reason": "interrupted", "sent_at": real_now},
    )
    return once + unknown


async def hasten(tx: Tx, now: datetime, structure_id: int) -> None:
    """The server was mended: what waited for it is tried now."""
    await tx.run(
        notification.update().where(
            notification.c.structure_id == structure_id,
            _WAITING,
            notification.c.reason.is_not(None),
            notification.c.due_at > now,
        ),
        {"due_at": now},
    )
    await tx.announce()


# Messages that nobody has read -----------------------------------------------------------------


async def look_for_unread(tx: Tx, now: datetime) -> None:
    """Tell those who asked to be told of what has waited too long; asked every minute."""
    rows = await tx.rows(
        select(mailbox.mailbox.c.staff_id, staff.c.structure_id)
        .join(staff, staff.c.id == mailbox.mailbox.c.staff_id)
        .where(
            mailbox.mailbox.c.unread != "never",
            mailbox.mailbox.c.proved_at.is_not(None),
            staff.c.disabled_at.is_(None),
        )
    )
    boxes = await mailbox.some(tx, [row.staff_id for row in rows])
    places = {s.id: s for s in await structure.some(tx, {row.structure_id for row in rows})}
    for row in rows:
        await _look(tx, now, boxes[row.staff_id], places[row.structure_id])


async def _look(tx: Tx, now: datetime, box: Mailbox, of: Structure) -> None:
    if any(one.is_active(now) for one in await cover.of(tx, now, box.staff_id)):
        return  # somebody reads instead, and is told
    told = box.unread_told or _BEGINNING
    if box.choices.unread == "daily":
        moment = _latest(box.choices.unread_at, of, now)
        if told >= moment:
            return  # today's was looked at
        await mailbox.told_unread(tx, box.staff_id, now)
        waits = await _unseen(tx, now, of.id, box.staff_id)
    else:
        long_ago = now - timedelta(hours=box.choices.unread_after)
        which = (inbox.c.at <= long_ago, inbox.c.at > told)
        waits = await _unseen(tx, now, of.id, box.staff_id, *which)
        if waits:  # this e-mail speaks of the younger ones too
            await mailbox.told_unread(tx, box.staff_id, now)
    if waits:
        await tell(tx, now, box.staff_id, "unread")


def _latest(wall: str, of: Structure, now: datetime) -> datetime:
    """The last time that this wall time came round in the structure's zone."""
    hour, minute = (int(part) for part in wall.split(":"))
    local = now.astimezone(ZoneInfo(of.zone))
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (today if today <= local else today - timedelta(days=1)).astimezone(UTC)


# What the desk says when it fails ---------------------------------------------------------------

_QUIET = ("seen", "declined", "account_closed", "no_address")


async def failing(tx: Tx, staff_ids: Sequence[int]) -> dict[int, str]:
    """Those whose last e-mail did not arrive, with the reason; an address proved since is new."""
    n, box = notification, mailbox.mailbox
    last = (
        select(func.max(n.c.id).label("id"))
        .join(box, box.c.staff_id == n.c.staff_id)
        .where(
            n.c.staff_id.in_(staff_ids),
            n.c.created_at >= box.c.proved_at,
            n.c.state.in_(("sent", "refused", "dropped", "uncertain")),
            n.c.reason.is_(None) | n.c.reason.not_in(_QUIET),
        )
        .group_by(n.c.staff_id)
        .subquery()
    )
    rows = await tx.rows(
        select(n.c.staff_id, n.c.state, n.c.reason).join(last, last.c.id == n.c.id)
    )
    return {row.staff_id: row.reason for row in rows if row.state != "sent"}


async def untold(tx: Tx, structure_id: int) -> list[int]:
    """The educators of a structure whom no e-mail would tell of an alert."""
    rows = await tx.rows(
        select(staff.c.id)
        .outerjoin(mailbox.mailbox, mailbox.mailbox.c.staff_id == staff.c.id)
        .where(
            staff.c.structure_id == structure_id,
            staff.c.role == "educator",
            staff.c.disabled_at.is_(None),
            mailbox.mailbox.c.proved_at.is_(None) | (mailbox.mailbox.c.alerts == "never"),
        )
        .order_by(staff.c.id)
    )
    return [row.id for row in rows]

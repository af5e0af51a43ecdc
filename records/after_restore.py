"""What a restored database must not bring back, done in the commit that brings it back.

A backup is older than the last word. Whatever was taken back since (`records.erased`) is taken back
again: people and rows erased, answers hidden, consents withdrawn, phones unlinked, accompaniments
and accounts closed. And what had fallen due by now may have left before the restore: nothing of it
is sent. An educator's own words are marked uncertain, for the educator to decide; the rest is
dropped, with its reason; what is due later stays. Links not used yet stop working: one of them may
have been revoked since.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from records import (
    closure,
    consent,
    contact,
    cover,
    erased,
    erasure,
    parental,
    response,
    settling,
    staff,
    transfer,
)
from records import youth as youths
from records.database import Tx, metadata
from records.erased import Erased, Kind
from records.errors import NotFound, Refused, Unusable
from records.invitation import invitation
from records.message import CLAIMED, OPEN, TRACELESS, message

# What the backup itself may have outlived: answers shared again, youths handed on, a password.
UNTIL_THEN = ("hidden", "transferred", "password")
SLACK = timedelta(minutes=5)  # by which the clocks of two machines may differ


@dataclass(slots=True)
class Report:
    """What was done again, by kind, and what became of messages and links."""

    taken_back: dict[str, int] = field(default_factory=dict)
    uncertain: int = 0
    dropped: int = 0
    links: int = 0


async def apply(tx: Tx, now: datetime, made_at: datetime, *, moved: bool = False) -> Report:
    """Do all of it. `made_at` is when the backup was made. `moved`: nothing has run since then, so
    that nothing that waits can have left; what was taken back is taken back all the same."""
    report = Report(taken_back=await take_back_again(tx, made_at))
    if not moved:
        report.uncertain, report.dropped = await let_overdue_go(tx, now)
        report.links = await _revoke_links(tx, now)
    return report


async def take_back_again(tx: Tx, made_at: datetime) -> dict[str, int]:
    """Do again all that the list says, in its order; returns how much of each kind there was."""
    done: dict[str, int] = {}
    for line in await erased.listed(tx):
        if line.kind not in _AGAIN:
            raise Unusable("erased_newer")
        if line.kind not in UNTIL_THEN or line.at > made_at - SLACK:
            done[line.kind] = done.get(line.kind, 0) + int(await _AGAIN[line.kind](tx, line))
    return {kind: count for kind, count in done.items() if count}


async def _youth(tx: Tx, line: Erased) -> bool:
    if await _who(tx, line) is None:
        return False
    await erasure.delete(tx, line.what["youth"])
    return True


async def _row(tx: Tx, line: Erased) -> bool:
    table = metadata.tables.get(line.what["table"])
    if table is None:
        return False  # a later version has no such table
    if table is response.response:
        return await response.erase_again(tx, line.what["row"])
    return bool(await tx.run(table.delete().where(table.c.id == line.what["row"])))


async def _hidden(tx: Tx, line: Erased) -> bool:
    one = response.response
    shown = one.update().where(one.c.id == line.what["row"], one.c.visibility == "educator")
    return bool(await tx.run(shown, {"visibility": "me"}))


async def _withdrawn(tx: Tx, line: Erased) -> bool:
    """Unless they said yes again later, and that is in the backup."""
    who, purpose = await _who(tx, line), line.what["purpose"]
    stands = who and (await consent.of(tx, who.id)).get(purpose)
    if not who or not stands or not stands.given or stands.at > line.at:
        return False
    await consent.record(
        tx,
        line.at,
        who,
        purpose,
        False,
        text_version=stands.text_version,
    )
    return True


async def _disagreed(tx: Tx, line: Erased) -> bool:
    """Unless it was given again later, and that is in the backup."""
    who, purpose = await _who(tx, line), line.what["purpose"]
    kept = parental.agreement.c
    mine = (kept.youth_id == line.what["youth"], kept.obtained_on <= line.at)
    older = select(kept.id).where(*mine, parental.covers(purpose)).limit(1)
    if who is None or await tx.row(older) is None:
        return False
    return bool(await parental.withdraw(tx, line.at, who.id, [purpose]))


async def _unlinked(tx: Tx, line: Erased) -> bool:
    try:
        phone = await contact.get(tx, line.what["row"])
    except NotFound:
        return False
    if phone.state == "unlinked":
        return False
    await contact.unlink(tx, line.at, phone)
    return True


async def _closed(tx: Tx, line: Erased) -> bool:
    who = await _who(tx, line)
    if who is None or who.closed_at is not None:
        return False
    await closure.close(tx, line.at, who, forget_alerts=True)
    return True


async def _disabled(tx: Tx, line: Erased) -> bool:
    try:
        person = await staff.get(tx, line.what["row"])
    except NotFound:
        return False
    if person.disabled_at is not None:
        return False
    await cover.end_all_by(tx, line.at, person.id)
    await staff.disable(tx, line.at, person.id)
    return True


async def _enabled(tx: Tx, line: Erased) -> bool:
    """Opened again since it was closed: as it stands now, not as the line before left it."""
    one = staff.staff
    closed = one.update().where(one.c.id == line.what["row"], one.c.disabled_at <= line.at)
    return bool(await tx.run(closed, {"disabled_at": None}))


async def _cover_ended(tx: Tx, line: Erased) -> bool:
    one = cover.cover
    still = one.update().where(one.c.id == line.what["row"], one.c.ended_at.is_(None))
    return bool(await tx.run(still, {"ended_at": line.at}))


async def _transferred(tx: Tx, line: Erased) -> bool:
    """To whom they went then; a later transfer has a later line."""
    who = await _who(tx, line)
    if who is None or who.educator_id == line.what["to"]:
        return False
    try:
        await transfer.one(tx, line.at, who, await staff.get(tx, line.what["to"]))
    except (NotFound, Refused):  # whom the backup does not know yet, or who has left since
        return False
    return True


async def _password(tx: Tx, line: Erased) -> bool:
    """Neither the password of the backup, which somebody had a reason to change, nor the one of
    now, which it does not hold: a new one is given by command."""
    one = staff.staff
    known = one.update().where(one.c.id == line.what["row"], one.c.created_at <= line.at)
    return bool(await tx.run(known, {"password": ""}))


_AGAIN: Mapping[Kind, Callable[[Tx, Erased], Awaitable[bool]]] = {
    "youth": _youth,
    "row": _row,
    "hidden": _hidden,
    "withdrawn": _withdrawn,
    "disagreed": _disagreed,
    "unlinked": _unlinked,
    "closed": _closed,
    "disabled": _disabled,
    "enabled": _enabled,
    "cover_ended": _cover_ended,
    "transferred": _transferred,
    "password": _password,
}


async def _who(tx: Tx, line: Erased) -> Any:
    try:
        return await youths.get(tx, line.what["youth"])
    except NotFound:
        return None


async def let_overdue_go(tx: Tx, now: datetime) -> tuple[int, int]:
    """What was due by now, or was on its way: (how many are uncertain, how many are dropped)."""
    overdue = or_(CLAIMED, and_(message.c.state.in_(OPEN), message.c.due_at <= now))
    await settling.go_on(tx, now, overdue)
    traceless = await tx.run(message.delete().where(overdue, message.c.kind.in_(TRACELESS)))
    free = {"claim": None, "claimed_until": None, "held_by": None}
    uncertain = await tx.run(
        message.update()
        .where(overdue, message.c.kind == "text")
        .values(**free, state="uncertain", reason="interrupted", sent_at=message.c.due_at)
    )
    dropped = await tx.run(
        message.update()
        .where(overdue)
        .values(**free, state="dropped", reason="restored", params=None)
    )
    return uncertain, dropped + traceless


async def _revoke_links(tx: Tx, now: datetime) -> int:
    unused = (invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None))
    still = select(invitation.c.id).where(*unused, invitation.c.expires_at > now)
    return await tx.run(invitation.update().where(invitation.c.id.in_(still)), {"revoked_at": now})

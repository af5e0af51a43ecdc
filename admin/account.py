"""« Mon compte »: where one is signed in, and one's own password."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from admin import prove
from admin.visit import Visit
from admin.wording import _
from records import audit, passwords, second_factor, sign_in, staff, structure
from records.errors import NotFound, Refused
from records.sign_in import Session

PAGE = "/compte"


@dataclass(frozen=True, slots=True)
class Opened:
    """One session, as its owner reads it."""

    id: int
    browser: str
    since: datetime
    seen: datetime
    is_this_one: bool


async def show(visit: Visit) -> Response:
    now = visit.desk.real_now()
    async with visit.database.read() as tx:
        zone = (await structure.get(tx, visit.me.structure_id)).tz
        listed = await sign_in.sessions(tx, now, visit.me.id)
        factor = await second_factor.since(tx, visit.me.id)
        left = await second_factor.codes_left(tx, visit.me.id)
        required = await second_factor.is_required(tx, visit.me)
    return visit.page(
        "account.html",
        opened=[_opened(visit, one, zone) for one in listed],
        factor=factor and factor.astimezone(zone),
        left=left,
        required=required,
        local=now.astimezone(zone),
    )


async def close(visit: Visit) -> Response:
    """End one session; one's own is left by « Se déconnecter »."""
    session_id = visit.id("session_id")
    if session_id == visit.session.id:
        return visit.go(PAGE)
    async with visit.database.write() as tx:
        if not await sign_in.revoke(tx, visit.me.id, session_id):
            raise NotFound("session_unknown")
        await audit.note(tx, visit.desk.real_now(), visit.me.id, "session_revoked")
    return visit.go(PAGE, "session_closed")


async def close_others(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        await sign_in.end_all(tx, visit.me.id, but=visit.session.id)
        await audit.note(tx, visit.desk.real_now(), visit.me.id, "session_revoked")
    return visit.go(PAGE, "sessions_closed")


async def password(visit: Visit) -> Response:
    """The present password is asked for, even of whoever has just proved who they are."""
    if visit.posted and visit.form.step != "again" and await _changed(visit):
        return visit.go("/" if visit.session.owes else PAGE, "password_changed")
    return visit.page("password.html", limits=passwords.LENGTH)


async def _changed(visit: Visit) -> bool:
    form, new = visit.form, visit.form.secret("new")
    try:
        kept = await _acceptable(visit, new)
    except Refused as refusal:
        form.wrong("new", refusal.code, **refusal.facts)
        return False
    if refused := await prove.refusal(visit, with_code=False):
        form.wrong("password", refused)
        return False
    async with visit.database.write() as tx:
        await staff.set_password(tx, visit.now, visit.me.id, kept, session=visit.session.id)
        await sign_in.settle(tx, visit.session, "password")
        await audit.note(tx, visit.desk.real_now(), visit.me.id, "password_changed")
    return True


async def _acceptable(visit: Visit, new: str) -> str:
    """The hash of a password that nobody would try first."""
    if new == visit.form.secret("password"):
        raise Refused("password_same")
    passwords.refuse_wrong_length(new)
    async with visit.database.read() as tx:
        of = await structure.get(tx, visit.me.structure_id)
    passwords.refuse_if_guessable(new, (visit.me.login, visit.me.name, of.name))
    return await asyncio.to_thread(passwords.hash_password, new)


def _opened(visit: Visit, one: Session, zone: ZoneInfo) -> Opened:
    return Opened(
        one.id,
        one.browser or _("Navigateur inconnu"),
        one.created_at.astimezone(zone),
        one.last_seen_at.astimezone(zone),
        one.id == visit.session.id,
    )

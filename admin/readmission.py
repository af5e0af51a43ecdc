"""A colleague who cannot get in any more: coordination makes a password for one use, or forgets a
lost phone. Whoever does so says that they have checked who is asking; nothing is sent anywhere."""

import asyncio

from starlette.responses import Response

from admin.visit import Visit
from records import audit, passwords, second_factor, staff
from records.database import Tx
from records.errors import NotFound
from records.staff import Staff


async def show(visit: Visit) -> Response:
    async with visit.database.read() as tx:
        person = await _colleague(tx, visit)
        factor = await second_factor.since(tx, person.id)
    done = {"password": _new_password, "second_factor": _forget_phone}.get(visit.form.step)
    if done and visit.form.get("checked") == "yes":
        return await done(visit, person)
    if done:
        visit.form.wrong("checked", "not_checked")
    return visit.page("readmission.html", person=person, factor=factor, made=None)


async def _new_password(visit: Visit, person: Staff) -> Response:
    made = passwords.new_password()
    kept = await asyncio.to_thread(passwords.hash_password, made)
    now = visit.desk.real_now()
    async with visit.database.write() as tx:
        await staff.set_password(tx, now, person.id, kept, until=now + staff.TEMPORARY)
        await audit.note(tx, now, person.id, "password_reset")
        await audit.note(tx, now, visit.me.id, "readmitted_colleague")
    days = staff.TEMPORARY.days
    return visit.page("readmission.html", person=person, factor=None, made=made, days=days)


async def _forget_phone(visit: Visit, person: Staff) -> Response:
    now = visit.desk.real_now()
    async with visit.database.write() as tx:
        await second_factor.reset(tx, person.id)
        await audit.note(tx, now, person.id, "second_factor_reset")
        await audit.note(tx, now, visit.me.id, "readmitted_colleague")
    return visit.go("/equipe", "second_factor_forgotten")


async def _colleague(tx: Tx, visit: Visit) -> Staff:
    """Somebody else of the same structure, whose account is open."""
    person = await staff.get(tx, visit.id("staff_id"))
    mine = person.structure_id == visit.me.structure_id
    if not mine or person.id == visit.me.id or person.disabled_at is not None:
        raise NotFound("staff_unknown")
    return person

"""Planning, moving and calling off a meeting, each after a look at what the youth will get."""

from datetime import datetime

from starlette.responses import Response

from admin.discretion import findings
from admin.forms import Form
from admin.french import clock_time, day, parse_moment
from admin.planning import (
    DoneBefore,
    FormWrong,
    local_now,
    moment,
    once,
    planned,
    rehearsed,
)
from admin.visit import Visit
from admin.wording import marked
from admin.youths import said
from records import appointment, hours
from records.appointment import Appointment
from records.database import Tx
from records.errors import NotFound, Refused
from records.structure import Structure
from records.youth import Youth

LADDER = {
    "now": marked("Tout de suite"),
    "7d": marked("Une semaine avant"),
    "1d": marked("La veille"),
    "3h": marked("3 heures avant"),
}
_SLOT_REFUSED = {
    "in_the_past": "slot_past",
    "too_far_ahead": "slot_far",
    "wall_time_skipped": "slot_skipped",
}


async def add(visit: Visit) -> Response:
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
    if not visit.posted:
        visit.form = _opening(of)

    async def act(tx: Tx) -> None:
        key = once(visit)
        if key and await appointment.under(tx, key):
            raise DoneBefore
        wall = moment(visit.form, local_now(visit, of).date())
        minutes = _minutes(visit.form)
        slots = _slots(visit, of)
        place = visit.form.get("place") or None
        _check_place(visit.form, place, of)
        if visit.form.errors or wall is None:
            raise FormWrong
        if await _already(tx, who, wall):
            visit.form.wrong("day", "same_meeting")
            raise FormWrong
        await appointment.add(
            tx,
            visit.now,
            who,
            wall,
            minutes=minutes,
            place=place,
            slots=tuple(slots),
            ladder=[rung for rung in LADDER if rung in visit.form.all("ladder")],
            created_by=visit.me.id,
            key=key,
        )

    return await planned(
        visit, who, of, act, "meeting.html", "meeting_added", meeting=None, ladder=said(LADDER)
    )


async def move(visit: Visit) -> Response:
    """`creneau` fills the form with the slot that the youth chose."""
    async with visit.database.read() as tx:
        who, of, which = await _meeting(tx, visit)
    if not visit.posted:
        wish = which.wish if visit.request.query_params.get("creneau") else None
        at = datetime.fromisoformat(wish) if wish else None
        visit.form = Form.filled(
            day=day(at.date()) if at else "", time=clock_time(at) if at else ""
        )
        visit.form.values["revision"] = [str(which.revision)]

    async def act(tx: Tx) -> None:
        wall = moment(visit.form, local_now(visit, of).date())
        if visit.form.errors or wall is None:
            raise FormWrong
        if f"{wall:%Y-%m-%dT%H:%M}" == which.wall:
            visit.form.wrong("day", "unchanged_time")
            raise FormWrong
        await appointment.move(
            tx,
            visit.now,
            await appointment.get(tx, which.id),
            wall,
            by=visit.me.id,
            expected_revision=_revision(visit.form),
        )

    answer = await planned(
        visit, who, of, act, "meeting.html", "meeting_moved", meeting=which, ladder=said(LADDER)
    )
    return await _as_it_is_now(visit, who, of, which) if "" in visit.form.errors else answer


async def cancel(visit: Visit) -> Response:
    async with visit.database.read() as tx:
        who, of, which = await _meeting(tx, visit)

    async def act(tx: Tx) -> None:
        expected = _revision(visit.form) if visit.posted else None
        await appointment.cancel(
            tx,
            visit.now,
            await appointment.get(tx, which.id),
            by=visit.me.id,
            expected_revision=expected,
        )

    if visit.posted:
        try:
            async with visit.database.write() as tx:
                await visit.sight(tx)
                await act(tx)
        except Refused as refusal:
            return visit.go(f"/jeunes/{who.id}", refusal.code)
        visit.desk.wake()
        return visit.go(f"/jeunes/{who.id}", "meeting_cancelled")
    if which.state != "planned":
        return visit.go(f"/jeunes/{who.id}", "meeting_already_cancelled")
    return visit.page(
        "meeting_cancel.html",
        who=who,
        of=of,
        meeting=which,
        coming=await rehearsed(visit, who, act),
        changed=False,
        local=local_now(visit, of),
    )


async def _as_it_is_now(visit: Visit, who: Youth, of: Structure, which: Appointment) -> Response:
    """Somebody else changed or cancelled it meanwhile: show where it is, and what was typed."""
    async with visit.database.read() as tx:
        which = await appointment.get(tx, which.id)
    if which.state != "planned":
        return visit.go(f"/jeunes/{who.id}", "meeting_already_cancelled")
    visit.form.values["revision"] = [str(which.revision)]
    return visit.page(
        "meeting.html",
        who=who,
        of=of,
        meeting=which,
        ladder=said(LADDER),
        coming=None,
        changed=False,
        days=[],
        local=local_now(visit, of),
    )


async def _meeting(tx: Tx, visit: Visit) -> tuple[Youth, Structure, Appointment]:
    """Of this address: this youth's, and not from before a cover."""
    seen, of = await visit.sight(tx), await visit.structure(tx)
    which = await appointment.get(tx, visit.id("meeting_id"))
    if which.youth_id != seen.who.id or not seen.shows(which.starts_at):
        raise NotFound("appointment_unknown")
    return seen.who, of, which


async def _already(tx: Tx, who: Youth, wall: datetime) -> bool:
    near = await appointment.listed(tx, youth_id=who.id, limit=1000)
    return any(m.wall == f"{wall:%Y-%m-%dT%H:%M}" and m.state == "planned" for m in near)


def _opening(of: Structure) -> Form:
    return Form.filled(
        minutes="45",
        ladder=[rung for rung in of.ladder if rung in LADDER],
        day="",
        time="",
        place="",
        slots="",
    )


def _minutes(form: Form) -> int:
    if not form.get("minutes").isdecimal() or len(form.get("minutes")) > 4:
        form.wrong("minutes", "minutes_unreadable")
        return 0
    return int(form.get("minutes"))


def _slots(visit: Visit, of: Structure) -> list[datetime]:
    """Other moments that « Changer » will offer, one a line; the first wrong line is told."""
    found, form = [], visit.form
    for line in map(str.strip, form.get("slots").splitlines()):
        if line:
            at = parse_moment(line, local_now(visit, of).date())
            if at is None:
                form.wrong("slots", "slot_unreadable", line=line[:60])
                continue
            try:
                hours.future_instant(at, of.zone, visit.now)
            except Refused as refusal:
                form.wrong("slots", _SLOT_REFUSED[refusal.code], line=line[:60], **refusal.facts)
            found.append(at)
    return found


def _check_place(form: Form, place: str | None, of: Structure) -> None:
    """A place goes through the phone as well."""
    if place and (found := findings(place, of.name)):
        form.errors["place"] = found[0].suggestion


def _revision(form: Form) -> int:
    given = form.get("revision")
    return int(given) if given.isdecimal() and len(given) < 9 else -1

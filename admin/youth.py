"""One youth: phone and two words, consents at a glance, what is planned, and the time line."""

import inspect
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno
from starlette.responses import Response

import content
from admin import alerts, preview
from admin.forms import Form
from admin.french import parse_day
from admin.outcomes import status
from admin.visit import Visit
from admin.wording import _, marked
from admin.youths import REACH, reach_of, said
from records import appointment, consent, contact, inbox, invitation, outgoing, parental, staff
from records import youth as youths_kept
from records.database import Tx
from records.errors import Refused
from records.sight import Sight
from records.structure import Structure
from records.youth import Youth

PURPOSES = {
    "reminders": marked("Rappels de rendez-vous"),
    "messages": marked("Messages avec vous"),
    "exercises": marked("Exercices"),
    "checkins": marked("Prises de nouvelles"),
    "sharing": marked("Montrer ses réponses"),
    "surveys": marked("Questionnaires"),
}
PAGE = 30
MEANS_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the time line; `at` is local."""

    at: datetime
    kind: str  # meeting | message | written
    row: Any
    words: str = ""
    status: str = ""


async def show(visit: Visit) -> Response:
    async with visit.database.read() as tx:
        seen = await visit.sight(tx)
        who = seen.who
        of = await visit.structure(tx)
        phones = await contact.of_youth(tx, who.id)
        waiting = next((p for p in phones if p.state == "unconfirmed"), None)
        stands = await consent.of(tx, who.id)
        awaited = await consent.awaited(tx, who.id, waiting.id) if waiting else {}
        local = visit.now.astimezone(of.tz)
        regime = consent.regime(who.birth_month, of.consent_age, local.date())
        agreed = bool(await parental.agreed(tx, [who.id]))
        without_parent = [
            purpose
            for purpose in stands
            if await consent.needs_parent(tx, who, of.consent_age, local.date(), purpose)
        ]
        planned = await preview.foreseen(tx, visit.now, who.id)
        coming = [
            m
            for m in await appointment.listed(tx, youth_id=who.id, since=visit.now)
            if m.state == "planned"
        ]
        unread = len(await inbox.unseen(tx, [who.id]))
        events, older = await _time_line(tx, visit, seen, of)
        warned = await alerts.waiting(tx, visit, of, {who.id: seen}, only=True)
        away = await staff.names(tx, {seen.covers_for} if seen.covers_for else set())
    given = {purpose: standing.given for purpose, standing in stands.items()}
    reach = reach_of(who, phones, given)
    return visit.page(
        "youth.html",
        who=who,
        of=of,
        formal=content.spoken(who.language, who.form, of.form) == content.FORMAL,
        phones=phones,
        stands=stands,
        purposes_said=said(PURPOSES),
        reach=reach,
        reach_said=_(REACH[reach]),
        needs_parent=bool(without_parent) or (regime == "parental" and not agreed),
        again={
            purpose: consent.again_since(stands[purpose], who, of, regime)
            for purpose in consent.to_ask_again(stands, regime)
        },
        agreed=agreed,
        age=youths_kept.age_on(who.birth_month, local.date()),
        planned=planned,
        coming=coming,
        under_consent_age=regime == "parental",
        events=events,
        older=older,
        unread=unread,
        local=local,
        waiting=waiting,
        awaited=awaited,
        alerts=warned,
        passed_on=seen.state == "passed_on",
        away=away.get(seen.covers_for or 0, ""),
    )


async def _time_line(tx: Tx, visit: Visit, seen: Sight, of: Structure) -> tuple[list[Event], str]:
    """What happened, newest first: three lists, each read from its own last place."""
    asked, who = visit.request.query_params, seen.who
    before_message, before_item = _number(asked.get("m")), _number(asked.get("i"))
    before_meeting = _instant(asked.get("r")) or visit.now
    sent = await outgoing.listed(
        tx,
        youth_id=who.id,
        before=before_message,
        since=seen.since,
        limit=PAGE,
        states=("sent", "uncertain", "refused", "dropped"),
        kinds=outgoing.SHOWN_KINDS,
    )
    items = await inbox.of_youth(tx, who.id, since=seen.since, before=before_item, limit=PAGE)
    meetings = await appointment.past(tx, who.id, before_meeting, since=seen.since, limit=PAGE)
    events = [
        *(
            Event(
                (m.sent_at or m.due_at).astimezone(of.tz),
                "message",
                m,
                preview.kind_words(m.kind, m.params),
                status(m.state, m.reason),
            )
            for m in sent
        ),
        *(Event(item.at.astimezone(of.tz), "written", item) for item in items),
        *(Event(m.local, "meeting", m) for m in meetings),
    ]
    events.sort(key=lambda e: e.at, reverse=True)
    if len(events) <= PAGE:
        return events, ""
    shown = events[:PAGE]
    places = {
        "m": before_message,
        "i": before_item,
        "r": f"{before_meeting:%Y-%m-%dT%H:%M:%SZ}" if asked.get("r") else None,
    }
    for event in shown:
        if event.kind == "meeting":
            places["r"] = f"{event.row.starts_at:%Y-%m-%dT%H:%M:%SZ}"
        else:
            places["m" if event.kind == "message" else "i"] = event.row.id
    return shown, "&".join(f"{name}={place}" for name, place in places.items() if place)


async def confirm(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        who = await visit.youth(tx)
        try:
            await contact.confirm(tx, visit.now, who.id, visit.form.get("words") or None)
        except Refused as refusal:
            return visit.go(f"/jeunes/{who.id}", refusal.code)
    visit.desk.wake()
    return visit.go(f"/jeunes/{who.id}", "phone_confirmed")


async def unlink(visit: Visit) -> Response:
    """A lost phone, or one that is not this youth's: at once, and the history stays."""
    async with visit.database.write() as tx:
        who = await visit.youth(tx)
        if only := visit.form.get("phone"):
            for phone in await contact.of_youth(tx, who.id):
                if only == str(phone.id):
                    await contact.unlink(tx, visit.now, phone)
        else:
            await contact.unlink_all(tx, visit.now, who.id)
    return visit.go(f"/jeunes/{who.id}", "phone_unlinked")


async def invite(visit: Visit) -> Response:
    """The link is shown now and never again: only its hash is kept."""
    try:
        async with visit.database.write() as tx:
            who = await visit.youth(tx)
            of = await visit.structure(tx)
            made = await invitation.invite(tx, visit.now, who, by=visit.me.id)
        link = await _link_to(visit, of.bot_id, made.token)
    except Refused as refusal:
        return visit.go(f"/jeunes/{visit.id('youth_id')}", refusal.code)
    return visit.page(
        "invitation.html",
        who=who,
        link=link,
        until=made.expires_at.astimezone(of.tz),
        code=segno.make(link, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff"),
    )


async def _link_to(visit: Visit, bot_id: int | None, token: str) -> str:
    if bot_id is None:
        raise Refused("no_bot")
    link = visit.desk.invite_link(bot_id, token)
    return await link if inspect.isawaitable(link) else link


async def agreement(visit: Visit) -> Response:
    """When and how a holder of parental authority agreed; never who."""
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
    today = visit.now.astimezone(of.tz).date()
    if visit.posted and visit.form.step != "again":
        on = parse_day(visit.form.get("day"), today, past=True)
        if on is None:
            visit.form.wrong("day", "day_unreadable")
        elif on > today:
            visit.form.wrong("day", "future_day")
        if not 1 <= len(visit.form.get("means")) <= MEANS_LENGTH:
            visit.form.wrong("means", "means_missing")
        if not _purposes(visit):
            visit.form.wrong("purpose", "agreement_for_nothing")
        if on and not visit.form.errors and await _agreed(visit, who, of, on):
            return visit.go(f"/jeunes/{who.id}", "agreement_recorded")
    elif not visit.posted:
        visit.form = Form({"day": ["aujourd'hui"], "purpose": list(PURPOSES)})
    return visit.page("agreement.html", who=who, purposes_said=said(PURPOSES))


def _purposes(visit: Visit) -> list[str]:
    return [purpose for purpose in PURPOSES if purpose in visit.form.all("purpose")]


async def disagreement(visit: Visit) -> Response:
    """A holder of parental authority takes their agreement back, purpose by purpose."""
    async with visit.database.read() as tx:
        who = await visit.youth(tx)
        noted = [p for p in PURPOSES if await parental.agreed(tx, [who.id], p)]
    if visit.posted and visit.form.step != "again":
        if purposes := _purposes(visit):
            async with visit.database.write() as tx:
                await visit.youth(tx)
                await parental.withdraw(tx, visit.now, who.id, purposes)
            return visit.go(f"/jeunes/{who.id}", "agreement_withdrawn")
        visit.form.wrong("purpose", "disagreement_for_nothing")
    shown = [(purpose, words) for purpose, words in said(PURPOSES) if purpose in noted]
    return visit.page("disagreement.html", who=who, purposes_said=shown)


async def _agreed(visit: Visit, who: Youth, of: Structure, on: date) -> bool:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=of.tz)
    try:
        async with visit.database.write() as tx:
            await visit.youth(tx)
            await parental.record(
                tx,
                visit.now,
                who.id,
                at,
                visit.form.get("means"),
                visit.me.id,
                _purposes(visit),
            )
    except Refused as refusal:
        visit.form.refuse(refusal)
        return False
    return True


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo and 2000 < found.year < 2100 else None

"""« Jeunes »: the caseload with each youth's state in words, and taking a youth in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from admin import preview
from admin.discretion import looks_like_a_surname
from admin.forms import Form
from admin.french import MONTHS, folded
from admin.visit import Visit
from admin.wording import _, marked
from records import appointment, consent, contact, sight, staff, youth
from records.appointment import Appointment
from records.contact import Contact
from records.errors import Refused
from records.youth import Youth

LANGUAGES = {"fr": marked("français"), "en": marked("anglais")}
WAYS_IN_WORDS = {
    "justice": marked("par la justice"),
    "prison": marked("par l'administration pénitentiaire"),
    "worker": marked("par des professionnels spécialisés"),
}
REACH = {
    "linked": marked("Relié"),
    "to_confirm": marked("À confirmer"),
    "not_linked": marked("Pas encore relié"),
    "unreachable": marked("Injoignable"),
    "paused": marked("En pause"),
    "stopped": marked("A tout arrêté"),
}


@dataclass(frozen=True, slots=True)
class Line:
    who: Youth
    reach: str
    next_meeting: Appointment | None
    seen: datetime | None
    away: str  # the colleague covered for; empty for one's own caseload

    @property
    def reach_words(self) -> str:
        return _(REACH[self.reach])


def reach_of(who: Youth, phones: list[Contact], given: dict[str, bool]) -> str:
    """How this youth can be reached now: a key of `REACH`."""
    states = {phone.state for phone in phones}
    if "unconfirmed" in states:
        return "to_confirm"
    if "confirmed" in states:
        if given and not any(given.values()):
            return "stopped"
        return "paused" if who.paused_at else "linked"
    return "unreachable" if states else "not_linked"


async def caseload(visit: Visit) -> Response:
    """A caseload has a few hundred names at most: it is searched in memory, by name or code."""
    asked = visit.request.query_params.get("q", "")[:60]
    async with visit.database.read() as tx:
        of = await visit.structure(tx)
        everyone = await sight.caseload(tx, visit.now, visit.me)
        found = [
            seen
            for seen in everyone
            if folded(asked) in folded(seen.who.nickname) or folded(asked) == folded(seen.who.code)
        ]
        ids = [seen.who.id for seen in found]
        phones, given = await contact.of_youths(tx, ids), await consent.given_by(tx, ids)
        planned = await appointment.of_youths(tx, ids, visit.now)
        away = await staff.names(tx, {seen.covers_for for seen in found if seen.covers_for})
    coming: dict[int, Appointment] = {}
    for meeting in planned:
        coming.setdefault(meeting.youth_id, meeting)
    lines = [
        Line(
            who,
            reach_of(who, phones[who.id], given[who.id]),
            coming.get(who.id),
            who.last_seen_at and who.last_seen_at.astimezone(of.tz),
            away.get(seen.covers_for or 0, ""),
        )
        for seen in sorted(found, key=lambda one: (folded(one.who.nickname), one.who.id))
        for who in (seen.who,)
    ]
    return visit.page(
        "youths.html",
        lines=lines,
        asked=asked,
        total=len(everyone),
        local=visit.now.astimezone(of.tz),
    )


async def add(visit: Visit) -> Response:
    if visit.posted and visit.form.step != "again":
        added = await _added(visit)
        if added:
            doubt = "_surname" if looks_like_a_surname(added.nickname) else ""
            return visit.go(f"/jeunes/{added.id}", f"youth_added{doubt}")
    elif not visit.posted:
        visit.form = Form.filled(language="fr", school="")
    return visit.page(
        "youth_new.html",
        months_listed=list(enumerate(MONTHS, 1)),
        languages_listed=said(LANGUAGES),
        ways_listed=said(WAYS_IN_WORDS),
    )


def said(choices: dict[str, str]) -> list[tuple[str, str]]:
    """A table of choices, in the language of the page."""
    return [(value, _(words)) for value, words in choices.items()]


async def _added(visit: Visit) -> Youth | None:
    """Every wrong field is told at once; nothing is half-saved."""
    form = visit.form
    school = {"yes": True, "no": False, "age": None}
    if not form.get("nickname"):
        form.wrong("nickname", "nickname_missing")
    if form.get("school") not in school:
        form.wrong("school", "school_missing")
    if form.get("language") not in LANGUAGES:
        form.wrong("language", "language_unknown")
    given: dict[str, Any] = {
        "structure_id": visit.me.structure_id,
        "educator_id": visit.me.id,
        "nickname": form.get("nickname"),
        "birth_month": _birth_month(form),
        "school_aged": school.get(form.get("school")),
        "language": form.get("language"),
        "way": form.get("way") or None,
    }
    try:
        if form.errors:
            async with preview.rehearsal(visit.database) as tx:
                await youth.add(tx, visit.now, **given)
            return None
        async with visit.database.write() as tx:
            return await youth.add(tx, visit.now, **given)
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _birth_month(form: Form) -> str:
    year, month = form.get("birth_year"), form.get("birth_month")
    good = year.isdecimal() and len(year) == 4 and month.isdecimal() and len(month) <= 2
    return f"{int(year):04}-{int(month):02}" if good else ""

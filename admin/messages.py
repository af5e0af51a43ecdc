"""Words and proposals planned for one youth; taking one back; deciding on an uncertain one."""

from datetime import datetime

from starlette.responses import Response

from admin.discretion import findings
from admin.forms import Form
from admin.planning import DoneBefore, FormWrong, local_now, moment, once, planned
from admin.scripts import on_offer, script
from admin.sentences import sentence
from admin.visit import Visit
from admin.wording import marked
from admin.youths import said
from records import hours, outgoing, survey
from records.database import Tx
from records.errors import NotFound, Refused
from records.outgoing import Message
from records.structure import Structure
from records.youth import Youth, age_on

KINDS = {
    "exercise": marked("Exercices"),
    "checkin": marked("Prises de nouvelles"),
    "survey": marked("Questionnaires"),
}
_PURPOSES = {"exercise": "exercises", "checkin": "checkins", "survey": "surveys"}


async def write(visit: Visit) -> Response:
    """Plan words, now or later, once or every week."""
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
    if not visit.posted:
        visit.form = Form.filled(text="", when="now", day="", time="", weekly="")
    found = findings(visit.form.get("text"), of.name)
    if found and visit.posted:
        said_so = [sentence("forbidden_words"), *(one.suggestion for one in found)]
        visit.form.errors["text"] = " ".join(said_so)

    async def act(tx: Tx) -> None:
        await _not_done_before(tx, once(visit))
        wall = _wall(visit, of)
        if visit.form.errors or wall is None:
            raise FormWrong
        if await _already(tx, who, visit.form.get("text"), wall, of):
            visit.form.wrong("text", "same_text")
            raise FormWrong
        await outgoing.schedule_text(
            tx,
            visit.now,
            structure_id=of.id,
            bot_id=of.bot_id,
            youth_id=who.id,
            text=visit.form.get("text"),
            wall=wall,
            zone=of.zone,
            weekly=visit.form.get("weekly") == "yes",
            created_by=visit.me.id,
            signed=visit.signature(who),
            key=once(visit),
        )

    return await planned(visit, who, of, act, "message.html", "message_planned")


async def offer(visit: Visit) -> Response:
    """Propose an exercise, a check-in or the satisfaction survey; the youth may say no."""
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
    if not visit.posted:
        visit.form = Form.filled(script="", when="now", day="", time="")
    age = age_on(who.birth_month, local_now(visit, of).date())

    async def act(tx: Tx) -> None:
        await _not_done_before(tx, once(visit))
        wall = _wall(visit, of)
        chosen = script(visit.form.get("script"))
        if chosen is None or chosen.kind not in KINDS:
            visit.form.wrong("script", "script_missing")
        if visit.form.errors or wall is None or chosen is None:
            raise FormWrong
        due = hours.future_instant(wall, of.zone, visit.now)
        wave = survey.wave_of(wall) if chosen.kind == "survey" else None
        kept = await outgoing.schedule_offer(
            tx,
            visit.now,
            structure_id=of.id,
            bot_id=of.bot_id,
            youth_id=who.id,
            script=chosen.name,
            purpose=_PURPOSES[chosen.kind],
            due_at=due,
            wave=wave,
            created_by=visit.me.id,
            signed=visit.signature(who),
            key=once(visit),
        )
        if wave:
            await _first_of_its_wave(
                visit, tx, kept, outgoing.survey_key(chosen.name, wave, who.id)
            )

    return await planned(
        visit,
        who,
        of,
        act,
        "offer.html",
        "offer_planned",
        kinds=said(KINDS),
        scripts=on_offer(KINDS, age),
    )


async def cancel(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        who, which = await _message(tx, visit)
        if which.kind not in ("text", "offer"):
            raise NotFound("message_unknown")  # a reminder goes with its meeting
        try:
            await outgoing.cancel(tx, which.id)
        except Refused as refusal:
            return visit.go(f"/jeunes/{who.id}", refusal.code)
    return visit.go(f"/jeunes/{who.id}", "message_cancelled")


async def decide(visit: Visit) -> Response:
    """Words whose fate is unknown: the educator sends them again, or lets them be."""
    again = visit.form.get("decision") == "again"
    back = "/" if visit.form.get("back") == "today" else f"/jeunes/{visit.id('youth_id')}"
    async with visit.database.write() as tx:
        _who, which = await _message(tx, visit)
        try:
            await outgoing.decide_uncertain(tx, visit.now, which.id, again)
        except Refused as refusal:
            return visit.go(back, refusal.code)
    visit.desk.wake()
    return visit.go(back, "sent_again" if again else "left_alone")


def _wall(visit: Visit, of: Structure) -> datetime | None:
    """When it is due. A day or an hour that was typed means « later », whatever is ticked."""
    form, local = visit.form, local_now(visit, of)
    if form.get("when") == "later" or form.get("day") or form.get("time"):
        form.values["when"] = ["later"]
        return moment(form, local.date())
    return local.replace(tzinfo=None, second=0, microsecond=0)


async def _message(tx: Tx, visit: Visit) -> tuple[Youth, Message]:
    """Of this address: this youth's, written or proposed by staff, and not from before a cover."""
    seen = await visit.sight(tx)
    which = await outgoing.get(tx, visit.id("message_id"))
    planned = which.state == "waiting"
    if which.youth_id != seen.who.id or not (planned or seen.shows(which.due_at)):
        raise NotFound("message_unknown")
    if which.kind not in outgoing.STAFF_KINDS:
        raise NotFound("message_unknown")
    return seen.who, which


async def _already(tx: Tx, who: Youth, text: str, wall: datetime, of: Structure) -> bool:
    """The same words for the same minute: a double click."""
    due = wall.replace(tzinfo=of.tz)
    return any(
        m.kind == "text" and m.params.get("text") == text and m.due_at == due
        for m in await outgoing.waiting(tx, who.id)
    )


async def _not_done_before(tx: Tx, key: str | None) -> None:
    if key and await outgoing.under(tx, key):
        raise DoneBefore


async def _first_of_its_wave(visit: Visit, tx: Tx, kept: int, key: str) -> None:
    """A survey goes once a wave to one youth: the second one was left out, unless it is the same
    form sent twice."""
    first = await outgoing.under(tx, key)
    if first and first.id != kept:
        if first.params.get("once") == once(visit):
            raise DoneBefore
        visit.form.wrong("script", "offered_already")
        raise FormWrong

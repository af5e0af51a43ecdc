"""A youth's words and yours. « Vu » is told to the youth only once this page was opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from admin.discretion import findings
from admin.outcomes import status
from admin.visit import Visit
from admin.youths import reach_of
from records import audit, consent, contact, inbox, outgoing, youth
from records.database import Tx
from records.errors import Refused
from records.sight import Sight
from records.structure import Structure
from records.youth import Youth

PAGE = 50
_TWICE = timedelta(seconds=30)  # the same words again so soon are a double click


@dataclass(frozen=True, slots=True)
class Said:
    """One bubble; `at` is local. `kind` is the inbox's, or « ours »."""

    at: datetime
    kind: str
    text: str
    status: str = ""
    is_new: bool = False


async def show(visit: Visit) -> Response:
    """Opening the page is the reading: what it shows is marked seen once it is ready to leave.

    Whoever asks for its headers only (HEAD), or before anybody looks, has read nothing.
    """
    async with visit.database.read() as tx:
        seen, of = await visit.sight(tx), await visit.structure(tx)
        values = await _values(tx, visit, seen, of)
    if not visit.is_looked_at:
        return visit.page("conversation.html", **values | {"bubbles": []})
    answer = visit.page("conversation.html", **values)
    await _read(visit, seen.who, values)
    return answer


async def _read(visit: Visit, who: Youth, values: dict[str, Any]) -> None:
    """Their words are shown: the log keeps who read them, and the youth may be told « vu »."""
    if not (values["theirs"] or values["unseen"]):
        return
    async with visit.database.write() as tx:
        if theirs := values["theirs"]:
            await audit.note(tx, visit.now, visit.me.id, audit.WORDS_READ, who.id, about=theirs)
        if values["unseen"]:
            await inbox.see(tx, visit.now, values["unseen"], visit.me.id)
    if values["unseen"]:
        visit.desk.wake()


async def reply(visit: Visit) -> Response:
    """A live reply is warned about words that betray, never blocked."""
    text = visit.form.get("text")
    async with visit.database.read() as tx:
        seen, of = await visit.sight(tx), await visit.structure(tx)
    who = seen.who
    found = findings(text, of.name)
    warned = visit.form.get("warned") == visit.form.get("text")
    if visit.form.step != "again" and (not found or warned):
        try:
            async with visit.database.write() as tx:
                await youth.lock(tx, who.id)
                seen = await visit.sight(tx)  # they may have changed hands meanwhile
                if not await _just_said(tx, visit, who, text):
                    await outgoing.reply(
                        tx,
                        visit.now,
                        structure_id=of.id,
                        bot_id=of.bot_id,
                        youth_id=who.id,
                        text=text,
                        created_by=visit.me.id,
                        signed=visit.signature(seen.who),
                    )
            visit.desk.wake()
            return visit.go(f"/jeunes/{who.id}/messages", "reply_sent")
        except Refused as refusal:
            visit.form.refuse(refusal)
            found = []
    async with visit.database.read() as tx:
        values = await _values(tx, visit, seen, of)
    answer = visit.page("conversation.html", **values | {"findings": found})
    await _read(visit, seen.who, values)  # the form comes back among their words
    return answer


async def _values(tx: Tx, visit: Visit, seen: Sight, of: Structure) -> dict[str, Any]:
    who = seen.who
    asked = visit.request.query_params.get("avant", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    items = await inbox.of_youth(tx, who.id, since=seen.since, before=before, limit=PAGE)
    ours = await outgoing.listed(
        tx,
        youth_id=who.id,
        kinds=("text",),
        before=before,
        since=seen.since,
        limit=PAGE,
        states=("waiting", "claimed", "sent", "uncertain", "refused", "dropped"),
    )
    last_places = [rows[-1].id for rows in (items, ours) if len(rows) == PAGE]
    older = max(last_places, default=None)
    shown = [i for i in items if older is None or i.id >= older]
    bubbles = [
        *(
            Said(i.at.astimezone(of.tz), i.kind, i.text or "", is_new=i.seen_at is None)
            for i in shown
        ),
        *(
            Said(
                (m.sent_at or m.due_at).astimezone(of.tz),
                "ours",
                m.params.get("text", ""),
                status(m.state, m.reason or m.held_by),
            )
            for m in ours
            if (older is None or m.id >= older) and (m.state != "waiting" or m.due_at <= visit.now)
        ),
    ]
    stands = await consent.of(tx, who.id)
    given = {purpose: standing.given for purpose, standing in stands.items()}
    reach = reach_of(who, await contact.of_youth(tx, who.id), given)
    return {
        "who": who,
        "bubbles": sorted(bubbles, key=lambda said: said.at),
        "older": older,
        "theirs": [i.id for i in shown if i.text],
        "unseen": [i.id for i in shown if i.seen_at is None],
        "findings": [],
        "reach": reach,
        "agrees": consent.holding(stands, _law(visit, who, of)).get("messages", False),
        "local": visit.now.astimezone(of.tz),
    }


def _law(visit: Visit, who: Youth, of: Structure) -> str:
    today = visit.now.astimezone(of.tz).date()
    return consent.regime(who.birth_month, of.consent_age, today)


async def _just_said(tx: Tx, visit: Visit, who: Youth, text: str) -> bool:
    recent = await outgoing.listed(
        tx,
        youth_id=who.id,
        kinds=("text",),
        since=visit.now - _TWICE,
        limit=5,
        states=("waiting", "claimed", "sent"),
    )
    return any(
        m.params.get("text") == text and m.purpose == "messages" and m.repeat is None
        for m in recent
    )

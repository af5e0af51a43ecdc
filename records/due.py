"""A message with all that deciding, rendering and sending it need, gathered for many at once.

One joined query and a few small ones, however many messages: delivery, the desk's preview and
`relais queue` all come here, so that they look at the same facts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal_column, select

from records import course_due, cover, parental, structure, survey, wording
from records.appointment import appointment
from records.by_itself import CHECKIN, SURVEY_AGAIN
from records.consent import Standing, holding, regime, standing
from records.consent import of_youths as said_by
from records.consent import to_ask_again as again_for
from records.contact import contact
from records.conversation import NUDGE_AFTER, conversation
from records.database import Tx
from records.errors import Unusable
from records.hours import Hours
from records.message import REPLY, by_staff, message
from records.reasons import Dropped, Reason
from records.sending import Facts
from records.staff import staff
from records.structure import Structure
from records.vault import Vault
from records.youth import Youth, youth

_BY_STAFF = ("text", "offer", "notice")  # name whoever accompanies; all others, whoever reads now
SOONEST_FIRST = (message.c.due_at, message.c.id)


@dataclass(frozen=True, slots=True)
class Recipient:
    """The youth a message is for; the nickname is opened when somebody asks for it."""

    id: int
    code: str
    language: str
    form: str | None
    birth_month: str
    sealed_nickname: bytes
    vault: Vault

    @property
    def nickname(self) -> str:
        return self.vault.open("youth.nickname", self.id, self.sealed_nickname)


@dataclass(frozen=True, slots=True)
class Meeting:
    """The meeting a message is about, as it stands now."""

    id: int
    revision: int
    answer: str | None
    starts_at: datetime
    zone: str
    place: str | None

    @property
    def local(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Due:
    """A message, and what it means now; `address` is the phone's, opened."""

    id: int
    claim: int | None
    kind: str
    params: dict[str, Any]
    facts: Facts
    bot_id: int
    channel: str
    contact_id: int | None
    address: str | None
    youth: Recipient | Youth
    educator: str
    structure: Structure
    meeting: Meeting | None = None
    edits: int | None = None
    priority: int = REPLY
    held_by: Reason | None = None
    repeated: bool = False
    key: str = ""
    repeat: str | None = None
    wall: str | None = None
    created_by: int | None = None
    entry: int | None = None  # the ledger's last line on its purpose: what a « oui » answers
    worded: str | None = None  # how this script was last proposed (`records.wording`)
    screen: Any = None  # what it says, where that was decided when it was queued


async def gathered(
    tx: Tx,
    now: datetime,
    *which: ColumnElement[bool],
    order: Sequence[Any] = SOONEST_FIRST,
    limit: int | None = None,
    **values: Any,
) -> list[Due]:
    """The messages that meet `which`, each with its facts at `now`."""
    values |= {"reading_at": now}
    rows = await tx.rows(_GATHER.where(*which).order_by(*order).limit(limit), values)
    if not rows:
        return []
    places = await structure.some(tx, {row.structure_id for row in rows})
    views = {of.id: _View(of, now) for of in places}
    sent = await _sent_lately(tx, rows, views)
    said = await said_by(tx, [row.youth_id for row in rows if row.kind == "again"])
    zones = {of.id: of.tz for of in places}
    lost = await course_due.lost(tx, now, rows, zones, {of.id: of.consent_age for of in places})
    again_and_again = {row.youth_id for row in rows if row.purpose == "checkins"}
    worded = await wording.last_proposed(tx, again_and_again) if again_and_again else {}
    names: dict[int, str] = {}
    found = []
    for row in rows:
        name = names.get(row.named_id)
        if name is None:
            name = tx.vault.open("staff.name", row.named_id, row.named)
            names[row.named_id] = name
        one = _due(tx.vault, row, views[row.structure_id], name, sent, said, lost)
        if row.unique_key.startswith(SURVEY_AGAIN):
            one = replace(one, facts=await _of_reminder(tx, one))
        last = worded.get((row.youth_id, one.params.get("script", ""))) if worded else None
        found.append(replace(one, worded=last) if last else one)
    return found


async def _of_reminder(tx: Tx, one: Due) -> Facts:
    """A survey's reminder loses its meaning with the answer, which queues nothing and drops
    nothing: what happened in its transaction would tell when it was given."""
    script, wave = one.params.get("script", ""), one.params.get("wave") or ""
    done = await survey.has_completed(tx, one.youth.id, script, wave)
    return replace(one.facts, answered=done)


def week_start(now: datetime, of: Structure) -> datetime:
    """Monday at midnight, local to the structure: the budget's week."""
    local = now.astimezone(of.tz)
    monday = local.date() - timedelta(days=local.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=of.tz)


class _View:
    """A structure at one moment: its day, its week, the hours of its youths."""

    def __init__(self, of: Structure, now: datetime) -> None:
        self.of, self.now = of, now
        self.day: date = now.astimezone(of.tz).date()
        self.week = week_start(now, of)
        self.week_ends_at = self.week + timedelta(days=7)
        self.hours: dict[bool, Hours] = {aged: of.hours(aged) for aged in (True, False)}


def _due(
    vault: Vault,
    row: Any,
    view: _View,
    educator: str,
    sent: dict[int, int],
    said: dict[int, dict[str, Standing]],
    lost: dict[int, Dropped],
) -> Due:
    """One row, opened."""
    of = view.of
    params = _opened(vault.open_data, "message.params", row.id, row.params) or {}
    return Due(
        row.id,
        row.claim,
        row.kind,
        params,
        _facts(row, params, view, sent, said.get(row.youth_id) or _said(row), lost),
        row.bot_id,
        row.channel,
        row.phone_id,
        _opened(vault.open, "contact.address", row.phone_id, row.address),
        Recipient(
            row.youth_id, row.code, row.language, row.form, row.birth_month, row.nickname, vault
        ),
        educator,
        of,
        _meeting(vault, row) if row.meeting_state else None,
        row.edits,
        row.priority,
        row.held_by,
        row.repeated,
        row.unique_key,
        row.repeat,
        row.wall,
        row.created_by,
        entry=row.asked_entry,
    )


def _said(row: Any) -> dict[str, Standing]:
    """What was last said of this message's purpose, and of messages: an offer needs both."""
    said = {
        row.purpose: (row.asked_given, row.asked_regime, row.asked_again),
        "messages": (row.words_given, row.words_regime, row.words_again),
    }
    return {
        purpose: Standing(given, 0, rule, row.due_at, 0, again)
        for purpose, (given, rule, again) in said.items()
        if given is not None
    }


def _facts(
    row: Any,
    params: dict[str, Any],
    view: _View,
    sent: dict[int, int],
    said: dict[str, Standing],
    lost: dict[int, Dropped],
) -> Facts:
    of = view.of
    rule = regime(row.birth_month, of.consent_age, view.day)
    again = again_for(said, rule)
    return Facts(
        kind=row.kind,
        purpose=row.purpose,
        unasked=row.unasked,
        due_at=row.due_at,
        not_after=row.not_after,
        contact_state=row.phone_state,
        given=holding(said, rule),
        regime_satisfied=rule != "parental" or row.parent_agreed,
        to_ask_again=bool(again) if row.kind == "again" else row.purpose in again,
        regimes={p: one.regime for p, one in said.items() if one.given and not one.again_since},
        paused=row.paused_at is not None,
        closed=row.closed_at is not None,
        meeting_state=row.meeting_state,
        meeting_answer=row.answer,
        useful_until=row.useful_until,
        meeting_revision_holds=row.meeting_revision in (None, row.revision),
        hours=view.hours[row.school_aged],
        zone=of.zone,
        sent_this_week=sent.get(row.youth_id, 0),
        weekly_budget=of.weekly_budget,
        week_ends_at=view.week_ends_at,
        in_dialogue_since=row.talking_since,
        silent=row.kind != "nudge" or _is_silent(row, params, view.now),
        lost=lost.get(row.id),
        by_itself=row.unique_key.startswith((CHECKIN, SURVEY_AGAIN)),
    )


def _is_silent(row: Any, params: dict[str, Any], now: datetime) -> bool:
    """Whether the script that a nudge is about still waits, untouched for as long."""
    same = row.talking is not None and row.talking == params.get("talk")
    return same and bool(row.talking_since + NUDGE_AFTER <= now)


def _meeting(vault: Vault, row: Any) -> Meeting:
    which = row.appointment_id
    place = _opened(vault.open, "appointment.place", which, row.place)
    return Meeting(which, row.meeting_revision, row.answer, row.starts_at, row.zone, place)


def _opened(how: Callable[[str, int, bytes], Any], field: str, row: int, sealed: Any) -> Any:
    """None, too, where it was altered: that message alone cannot be made, and the others leave."""
    try:
        return how(field, row, sealed) if sealed else None
    except Unusable:
        return None


async def _sent_lately(tx: Tx, rows: Sequence[Any], views: dict[int, _View]) -> dict[int, int]:
    """Unasked messages of this week, by youth; only asked when some message is bound by it."""
    weeks = {row.youth_id: views[row.structure_id].week for row in rows if row.unasked}
    if not weeks:
        return {}
    found = await tx.rows(
        select(message.c.youth_id, message.c.sent_at).where(
            message.c.youth_id.in_(weeks),
            message.c.sent_at >= min(weeks.values()),
            by_staff(message),
            message.c.unasked,
            message.c.state.in_(("sent", "uncertain")),
        )
    )
    counted = dict.fromkeys(weeks, 0)
    for row in found:
        counted[row.youth_id] += row.sent_at >= weeks[row.youth_id]
    return counted


_ROW = (
    "id structure_id bot_id youth_id appointment_id channel kind purpose unasked priority params "
    "revision edits held_by due_at not_after useful_until unique_key repeat wall repeated claim created_by"
).split()


def _gathering() -> Any:
    """Each message beside its youth and their educator, the phone it goes to, the meeting it is
    about, and what stands of the consents that it needs."""
    m, y, phone, asked = message, youth, contact.alias("phone"), standing.alias("asked")
    reader = cover.reader_of(y)
    words, talk = standing.alias("words"), conversation.alias("talk")
    parent = parental.agreement
    agreed = exists().where(parent.c.youth_id == m.c.youth_id, parental.covers(m.c.purpose))
    return (
        select(
            *(m.c[name] for name in _ROW),
            *(y.c[name] for name in ("code", "language", "form", "nickname", "birth_month")),
            *(y.c[name] for name in ("school_aged", "paused_at", "closed_at", "educator_id")),
            staff.c.id.label("named_id"),
            staff.c.name.label("named"),
            phone.c.id.label("phone_id"),
            phone.c.address,
            phone.c.state.label("phone_state"),
            *(appointment.c[name] for name in ("answer", "starts_at", "zone", "place")),
            appointment.c.revision.label("meeting_revision"),
            appointment.c.state.label("meeting_state"),
            *_standing(asked, "asked"),
            *_standing(words, "words"),
            asked.c.entry.label("asked_entry"),
            talk.c.touched_at.label("talking_since"),
            talk.c.id.label("talking"),
            agreed.label("parent_agreed"),
        )
        .join_from(m, y, y.c.id == m.c.youth_id)
        .outerjoin(cover.cover, cover.reading_for(y.c.educator_id, bindparam("reading_at")))
        .join(staff, staff.c.id == case((m.c.kind.in_(_BY_STAFF), y.c.educator_id), else_=reader))
        .outerjoin(phone, and_(phone.c.id == _phone_of(m), phone.c.state != "unlinked"))
        .outerjoin(appointment, appointment.c.id == m.c.appointment_id)
        .outerjoin(asked, and_(asked.c.youth_id == y.c.id, asked.c.purpose == m.c.purpose))
        .outerjoin(words, and_(words.c.youth_id == y.c.id, words.c.purpose == _MESSAGES))
        .outerjoin(talk, and_(talk.c.youth_id == y.c.id, talk.c.status == _OPEN))
    )


def _standing(of: Any, name: str) -> list[Any]:
    columns = {"given": of.c.given, "regime": of.c.regime, "again": of.c.again_since}
    return [column.label(f"{name}_{what}") for what, column in columns.items()]


_MESSAGES: ColumnElement[str] = literal_column("'messages'")
_OPEN: ColumnElement[str] = literal_column("'open'")


def _phone_of(m: Any) -> Any:
    """The phone a message is meant for, else the youth's confirmed one, else their last."""
    unsettled = case((contact.c.state.in_(("confirmed", "unreachable")), 0), else_=1)
    last = (
        select(contact.c.id)
        .where(contact.c.youth_id == m.c.youth_id, contact.c.state != "unlinked")
        .order_by(unsettled, contact.c.id.desc())
        .limit(1)
        .correlate(m)
        .scalar_subquery()
    )
    return func.coalesce(m.c.contact_id, last)


_GATHER = _gathering()

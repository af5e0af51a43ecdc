"""`relais appointment`: plan, move and call off meetings, with what the youth will see and when."""

from datetime import date, datetime
from typing import Any

from content import day_and_time
from records import appointment, hours, structure, youth
from records.appointment import Appointment
from records.database import Tx
from records.errors import NotFound, Refused
from records.structure import Structure
from records.youth import Youth
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import planned
from relais.commands.structure_options import ladder
from relais.commands.typed import (
    check_discreet,
    day,
    identifier,
    moment,
    structure_named,
    youth_named,
)

_ANSWERS = {"coming": "sera là", "late": "en retard", "change": "veut changer", "no": "ne peut pas"}
CODE_LENGTH = 5
_BEGINNING = date(2000, 1, 1)  # no meeting is older, and the first century has no time zones
_EXAMPLES = {"move": 'move K7M2P --at "demain 14h30"', "cancel": "cancel K7M2P"}
_AT = "par exemple « 2026-11-24 14:30 » ou « demain 14h30 »"


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "appointment", "les rendez-vous")
    one = verb(verbs, "add", "prévoir un rendez-vous", add)
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    one.add_argument("--at", required=True, metavar="QUAND", help=_AT)
    one.add_argument("--minutes", type=int, default=45, metavar="N", help="sa durée (45)")
    one.add_argument("--place", metavar="LIEU", help="où, en mots neutres")
    one.add_argument(
        "--slot",
        action="append",
        default=[],
        metavar="QUAND",
        help="un autre moment que « Changer » propose ; à répéter",
    )
    one.add_argument("--ladder", metavar="RAPPELS", help="par exemple now,1d,3h, ou none")
    one = verb(verbs, "move", "le déplacer ; le changement est annoncé", move)
    _which(one)
    one.add_argument("--at", required=True, metavar="QUAND", help=_AT)
    _which(verb(verbs, "cancel", "l'annuler ; le jeune est prévenu", cancel))
    one = verb(verbs, "list", "les rendez-vous à venir", list_)
    one.add_argument("code", metavar="CODE", nargs="?", help="ceux de ce jeune")
    one.add_argument("--since", metavar="JOUR", help="à partir de ce jour, passé compris")
    for parser in set(verbs.choices.values()):
        parser.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")


def _which(one: Any) -> None:
    one.add_argument(
        "which",
        metavar="RDV",
        help="son identifiant, ou le code du jeune s'il n'en a qu'un à venir",
    )


async def add(call: Call) -> Said:
    typed = call.typed
    async with call.database.write() as tx:
        who = await youth_named(tx, typed.code, typed.structure)
        of = await structure.get(tx, who.structure_id)
        local_now = call.now.astimezone(of.tz)
        wall, slots = moment(typed.at, local_now), [moment(s, local_now) for s in typed.slot]
        if typed.place is not None:
            check_discreet(typed.place, of)
        await _check_new(tx, call, who, of, wall, slots)
        made = await appointment.add(
            tx,
            call.now,
            who,
            wall,
            minutes=typed.minutes,
            place=typed.place,
            slots=tuple(slots),
            ladder=None if typed.ladder is None else ladder(typed.ladder),
        )
        return await _said(tx, call, made, who, "Rendez-vous prévu")


async def move(call: Call) -> Said:
    async with call.database.write() as tx:
        which, who, of = await _found(tx, call)
        wall = moment(call.typed.at, call.now.astimezone(of.tz))
        if f"{wall:%Y-%m-%dT%H:%M}" == which.wall:
            raise Refused("unchanged_time")
        if who.closed_at is not None:
            raise Refused("youth_closed", code=who.code)
        moved = await appointment.move(tx, call.now, which, wall)
        return await _said(tx, call, moved, who, "Rendez-vous déplacé")


async def cancel(call: Call) -> Said:
    async with call.database.write() as tx:
        which, who, _of = await _found(tx, call)
        await appointment.cancel(tx, call.now, which)
        return await _said(tx, call, await appointment.get(tx, which.id), who, "Rendez-vous annulé")


async def list_(call: Call) -> Said:
    typed = call.typed
    async with call.database.read() as tx:
        who = await youth_named(tx, typed.code, typed.structure) if typed.code is not None else None
        of = (
            await structure.get(tx, who.structure_id)
            if who
            else await structure_named(tx, typed.structure)
        )
        found = await appointment.listed(
            tx,
            youth_id=who.id if who else None,
            structure_id=of.id,
            since=_since(call, of),
            limit=1000,
        )
        people = {row: who or await youth.get(tx, row) for row in {m.youth_id for m in found}}
    lines = [
        (
            m.id,
            day_and_time(m.local, today=call.now),
            people[m.youth_id].code,
            people[m.youth_id].nickname,
            _state(m, call.now),
        )
        for m in found
    ]
    return Said(
        [_facts(m, people[m.youth_id]) for m in found],
        table(("rendez-vous", "quand", "code", "prénom", "réponse"), lines),
    )


def _since(call: Call, of: Structure) -> datetime:
    if call.typed.since is None:
        return call.now
    first = day(call.typed.since, call.now.astimezone(of.tz).date(), past=True)
    first = max(first, _BEGINNING)
    return datetime(first.year, first.month, first.day, tzinfo=of.tz)


async def _found(tx: Tx, call: Call) -> tuple[Appointment, Youth, Structure]:
    """By its identifier, or by the code of a youth who has one meeting to come."""
    typed = call.typed.which
    if typed.isdecimal() and len(typed) > 8:  # codes have five characters
        which = await appointment.get(tx, identifier(typed, "appointment_unknown"))
    else:
        who = await _whose(tx, call)
        coming = [
            m
            for m in await appointment.listed(tx, youth_id=who.id, since=call.now)
            if m.state == "planned"
        ]
        if len(coming) != 1:
            raise UsageError(
                f"{who.nickname} a {len(coming)} rendez-vous à venir. Précisez lequel : relais "
                f"appointment list {who.code}."
                if coming
                else f"{who.nickname} n'a pas de rendez-vous à venir."
            )
        which = coming[0]
    return (which, await youth.get(tx, which.youth_id), await structure.get(tx, which.structure_id))


async def _whose(tx: Tx, call: Call) -> Youth:
    typed = call.typed.which
    try:
        return await youth_named(tx, typed, call.typed.structure)
    except NotFound as unknown:
        if unknown.code != "youth_unknown" or len(typed) == CODE_LENGTH:
            raise
        raise UsageError(
            f"« {typed} » n'est ni l'identifiant d'un rendez-vous, ni le code d'un jeune. Pour les "
            f"voir : relais appointment list. Puis, par exemple : relais appointment {_EXAMPLES[call.typed.verb]}"
        ) from None


async def _check_new(
    tx: Tx, call: Call, who: Youth, of: Structure, wall: datetime, slots: list[datetime]
) -> None:
    for slot in slots:
        hours.future_instant(slot, of.zone, call.now)
    near = await appointment.listed(tx, youth_id=who.id, since=call.now, limit=1000)
    if any(m.wall == f"{wall:%Y-%m-%dT%H:%M}" and m.state == "planned" for m in near):
        raise Refused("same_meeting")


async def _said(tx: Tx, call: Call, which: Appointment, who: Youth, first: str) -> Said:
    """The meeting, then exactly what the youth will get about it."""
    coming = [
        p
        for p in await planned.waiting(tx, call.now, call.settings, youth_id=who.id)
        if p.due.meeting and p.due.meeting.id == which.id
    ]
    facts = _facts(which, who) | {"messages": [p.facts for p in coming]}
    text = (
        f"{first} : {day_and_time(which.local, today=call.now)}, avec {who.nickname} ({who.code}).\n"
        f"Identifiant : {which.id}\n\n{planned.seen(coming, who.nickname)}"
    )
    return Said(facts, text)


def _facts(which: Appointment, who: Youth) -> dict[str, Any]:
    zone = which.local.tzinfo
    return {
        "id": str(which.id),
        "youth": who.code,
        "starts_at": which.local,
        "zone": which.zone,
        "minutes": which.minutes,
        "place": which.place,
        "ladder": which.ladder,
        "slots": [datetime.fromisoformat(slot).replace(tzinfo=zone) for slot in which.slots],
        "state": which.state,
        "answer": which.answer,
        "revision": which.revision,
        "answered_at": which.answered_at
        and which.answered_at.astimezone(zone).replace(microsecond=0),
        "wish": which.wish and datetime.fromisoformat(which.wish).replace(tzinfo=zone),
    }


def _state(which: Appointment, now: datetime) -> str:
    if which.state == "cancelled":
        return "annulé"
    wished = which.wish and day_and_time(datetime.fromisoformat(which.wish), today=now)
    wish = f", plutôt {wished}" if wished else ""
    return f"{_ANSWERS.get(which.answer or '', 'pas encore de réponse')}{wish}"

"""`relais message`: words and proposals for a youth's phone, and what became of them."""

from datetime import datetime, timedelta
from typing import Any

import content
from admin.preview import kind_words
from content import day_and_time, offered_purpose
from dialogs.script import Script
from records import hours, outgoing, structure, survey, youth
from records.database import Tx
from records.errors import NotFound, Refused
from records.outgoing import Message
from records.structure import Structure
from records.youth import Youth
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import outcome, planned
from relais.commands.typed import (
    check_discreet,
    identifier,
    moment,
    structure_named,
    wall_now,
    youth_named,
)

RECENT = timedelta(days=7)
ENDED = ("claimed", "sent", "uncertain", "refused", "dropped")


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "message", "les messages aux jeunes")
    one = verb(verbs, "schedule", "prévoir un message, ou proposer un exercice", schedule)
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    one.add_argument("text", metavar="TEXTE", nargs="?", help="ce que le jeune lira")
    one.add_argument("--at", metavar="QUAND", help="par exemple « demain 18h » ; sinon maintenant")
    one.add_argument("--weekly", action="store_true", help="puis chaque semaine, à cette heure")
    one.add_argument(
        "--offer",
        metavar="SCRIPT",
        help="proposer un exercice, une prise de nouvelles ou le questionnaire",
    )
    one.add_argument(
        "--wave",
        metavar="VAGUE",
        help="la vague du questionnaire, par exemple 2026-T4 (ce trimestre)",
    )
    one = verb(verbs, "list", "ce qui attend, et ce que le reste est devenu", list_)
    one.add_argument("code", metavar="CODE", nargs="?", help="pour ce jeune")
    one = verb(verbs, "cancel", "annuler un message qui attend", cancel)
    one.add_argument("id", metavar="MESSAGE", help="son identifiant")
    outcome.add_to(verbs)
    for parser in set(verbs.choices.values()):
        parser.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")


async def schedule(call: Call) -> Said:
    typed = call.typed
    if (typed.text is None) == (typed.offer is None):
        raise UsageError(
            "Donnez un texte, ou bien --offer, pas les deux."
            if typed.text
            else "Donnez un texte, ou bien --offer."
        )
    async with call.database.write() as tx:
        who = await youth_named(tx, typed.code, typed.structure)
        if who.closed_at is not None:
            raise Refused("youth_closed", code=who.code)
        of = await structure.get(tx, who.structure_id)
        local_now = call.now.astimezone(of.tz)
        wall = moment(typed.at, local_now) if typed.at is not None else wall_now(local_now)
        made = await (_text if typed.offer is None else _offer)(tx, call, who, of, wall)
        waiting = await planned.waiting(tx, call.now, call.settings, youth_id=who.id)
    [one] = [p for p in waiting if p.due.id == made]
    return Said(
        one.facts, f"Message prévu. Identifiant : {made}\n\n{planned.seen([one], who.nickname)}"
    )


async def _text(tx: Tx, call: Call, who: Youth, of: Structure, wall: datetime) -> int:
    typed = call.typed
    if typed.wave is not None:
        raise UsageError("--wave ne va qu'avec le questionnaire.")
    check_discreet(typed.text, of)
    due = hours.future_instant(wall, of.zone, call.now)
    if any(
        m.kind == "text" and m.due_at == due and m.params.get("text") == typed.text.strip()
        for m in await outgoing.waiting(tx, who.id)
    ):
        raise Refused("same_text")
    return await outgoing.schedule_text(
        tx,
        call.now,
        structure_id=of.id,
        bot_id=of.bot_id,
        youth_id=who.id,
        text=typed.text,
        wall=wall,
        zone=of.zone,
        weekly=typed.weekly,
    )


async def _offer(tx: Tx, call: Call, who: Youth, of: Structure, wall: datetime) -> int:
    typed, script = call.typed, _script(call)
    if typed.weekly and script.kind != "checkin":
        raise UsageError("--weekly ne va qu'avec un texte ou une prise de nouvelles.")
    if typed.wave is not None and script.kind != "survey":
        raise UsageError("--wave ne va qu'avec le questionnaire.")
    if typed.wave is not None and not survey.is_wave(typed.wave):
        raise UsageError(f"« {typed.wave} » n'est pas une vague. Écrivez par exemple 2026-T4.")
    age = youth.age_on(who.birth_month, call.now.astimezone(of.tz).date())
    if not script.ages[0] <= age <= script.ages[1]:
        raise UsageError(
            f"« {script.title} » s'adresse aux {script.ages[0]} à {script.ages[1]} "
            "ans. Proposez autre chose."
        )
    made = await outgoing.schedule_offer(
        tx,
        call.now,
        structure_id=of.id,
        bot_id=of.bot_id,
        youth_id=who.id,
        script=script.name,
        purpose=offered_purpose(script.kind),
        wave=_wave(typed.wave, script, wall),
        due_at=hours.future_instant(wall, of.zone, call.now),
        weekly=wall if typed.weekly else None,
    )
    try:
        await outgoing.get(tx, made)
    except NotFound:  # left out: a survey goes once a wave to one youth
        raise Refused("offered_already") from None
    return made


def _script(call: Call) -> Script:
    library = content.load(call.settings["CONTENT"])
    known = {script.name: script for script in library.catalogue()}
    if call.typed.offer not in known:
        raise UsageError(
            f"« {call.typed.offer} » ne se propose pas. Au choix : {', '.join(known)}."
        )
    return known[call.typed.offer]


def _wave(typed: str | None, script: Script, wall: datetime) -> str | None:
    if script.kind != "survey":
        return None
    return typed or survey.wave_of(wall)


async def list_(call: Call) -> Said:
    typed = call.typed
    async with call.database.read() as tx:
        who = await youth_named(tx, typed.code, typed.structure) if typed.code is not None else None
        of = (
            await structure.get(tx, who.structure_id)
            if who
            else await structure_named(tx, typed.structure)
        )
        row = who.id if who else None
        waiting = await planned.waiting(
            tx, call.now, call.settings, youth_id=row, structure_id=of.id
        )
        ended = await outgoing.listed(
            tx, youth_id=row, structure_id=of.id, states=ENDED, since=call.now - RECENT, limit=200
        )
        codes = {m: who or await youth.get(tx, m) for m in {m.youth_id for m in ended}}
    facts = {
        "waiting": [p.facts for p in waiting],
        "ended": [planned.ended_facts(m, codes[m.youth_id].code, of) for m in ended],
    }
    return Said(
        facts,
        f"Ce qui attend\n{_waiting_words(waiting)}\n\n"
        f"Depuis {RECENT.days} jours\n{_ended_words(ended, codes, of, call.now)}",
    )


def _waiting_words(waiting: list[planned.Planned]) -> str:
    return (
        "\n".join(
            line
            for p in waiting
            for line in (f"{p.due.id}  {p.due.youth.code} {p.due.youth.nickname}", *p.lines())
        )
        or "Rien."
    )


def _ended_words(
    ended: list[Message], codes: dict[int, Youth], of: Structure, now: datetime
) -> str:
    if not ended:
        return "Rien."
    lines = []
    for m in ended:
        facts = planned.ended_facts(m, codes[m.youth_id].code, of)
        when = day_and_time(facts["sent_at"] or facts["due_at"], today=now)
        what = kind_words(m.kind, m.params)
        lines.append((facts["id"], when, facts["youth"], what, facts["sentence"]))
    return table(("message", "quand", "code", "quoi", "ce qu'il est devenu"), lines)


async def cancel(call: Call) -> Said:
    async with call.database.write() as tx:
        which = await outgoing.get(tx, identifier(call.typed.id, "message_unknown"))
        if which.kind not in ("text", "offer"):  # a reminder goes with its meeting
            raise NotFound("message_unknown")
        await outgoing.cancel(tx, which.id)
        which = await outgoing.get(tx, which.id)
        who = await youth.get(tx, which.youth_id)
        of = await structure.get(tx, who.structure_id)
    facts = planned.ended_facts(which, who.code, of)
    return Said(facts, "C'est annulé : ce message ne partira pas.")

"""`relais cover`: who reads and answers for an educator who is away, from when to when."""

from datetime import datetime, timedelta
from typing import Any

from admin.wording import counted
from content import day_and_time
from records import cover, notification, staff, structure, youth
from records.cover import Cover
from records.database import Tx
from records.structure import Structure
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import planned
from relais.commands.typed import identifier, moment, structure_named, wall_now

_LOOKING_BACK = timedelta(days=30)
_STATES = {"to_come": "à venir", "active": "en cours", "over": "fini", "cancelled": "annulé"}


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "cover", "les remplacements : qui lit pendant une absence")
    one = verb(verbs, "add", "confier les jeunes d'une personne absente à un ou une collègue", add)
    one.add_argument("absent", metavar="ABSENT", help="l'identifiant de la personne absente")
    one.add_argument("covering", metavar="REMPLAÇANT", help="l'identifiant de qui lit pendant")
    one.add_argument("--from", dest="starts", metavar="QUAND", help="le début ; sinon maintenant")
    one.add_argument(
        "--to", dest="ends", required=True, metavar="QUAND", help="la fin, « 30/11 8h »"
    )
    one = verb(verbs, "list", "les remplacements à venir, en cours, et du dernier mois", list_)
    one.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")
    one = verb(verbs, "end", "y mettre fin tout de suite", end)
    one.add_argument(
        "which",
        metavar="REMPLACEMENT",
        help="son identifiant, ou celui de la personne absente si elle n'en a qu'un",
    )


async def add(call: Call) -> Said:
    typed = call.typed
    async with call.database.write() as tx:
        absent = await staff.by_login(tx, typed.absent)
        covering = await staff.by_login(tx, typed.covering)
        of = await structure.get(tx, absent.structure_id)
        local = call.now.astimezone(of.tz)
        starts = moment(typed.starts, local) if typed.starts is not None else wall_now(local)
        made = await cover.add(tx, call.now, absent, covering, starts, moment(typed.ends, local))
        await notification.tell_when_it_begins(tx, call.now, made)
        facts = await _facts(tx, call, made, of)
        people = await youth.listed(tx, educator_id=absent.id, limit=cover.EVERYONE)
        told = await planned.told_of_readers(tx, call, people)
    said = (
        f"{covering.name} remplace {absent.name} "
        f"du {day_and_time(facts['starts_at'], today=call.now)} "
        f"au {day_and_time(facts['ends_at'], today=call.now)}.\nIdentifiant : {made.id}"
    )
    untold = [who.code for who in people if who.id not in told]
    counts = {"youths": len(people), "told": len(told), "untold": untold}
    return Said(facts | counts, "\n".join([said, *_who_is_told(len(told), untold)]))


def _who_is_told(told: int, untold: list[str]) -> list[str]:
    """By the bot; and who cannot be, because no phone receives or no messages are wanted."""
    lines = []
    if told:
        one, several = (
            "%(num)s jeune sera prévenu par le bot.",
            "%(num)s jeunes seront prévenus par le bot.",
        )
        lines.append(counted(one, several, told))
    if untold:
        one, several = (
            "%(num)s jeune ne peut pas être prévenu par le bot : à prévenir de vive voix (%(codes)s).",
            "%(num)s jeunes ne peuvent pas être prévenus par le bot : à prévenir de vive voix (%(codes)s).",
        )
        lines.append(counted(one, several, len(untold), codes=", ".join(untold)))
    return lines


async def list_(call: Call) -> Said:
    async with call.database.read() as tx:
        of = await structure_named(tx, call.typed.structure)
        found = await cover.listed(tx, of.id, call.now - _LOOKING_BACK)
        facts = [await _facts(tx, call, one, of) for one in found]
    lines = [
        (
            f["id"],
            f["absent"],
            f["covering"],
            day_and_time(f["starts_at"], today=call.now),
            day_and_time(f["ended_at"] or f["ends_at"], today=call.now),
            _STATES[f["state"]],
        )
        for f in facts
    ]
    return Said(facts, table(("remplacement", "absent", "qui lit", "du", "au", ""), lines))


async def end(call: Call) -> Said:
    async with call.database.write() as tx:
        which = await _named(tx, call)
        await cover.end(tx, call.now, which)
        of = await structure.get(tx, which.structure_id)
        facts = await _facts(tx, call, await cover.get(tx, which.id), of)
        names = await staff.names(tx, {which.absent_id, which.covering_id})
    absent, covering = names[which.absent_id], names[which.covering_id]
    if facts["state"] == "cancelled":
        return Said(
            facts,
            f"C'est annulé : ce remplacement n'avait pas commencé, et {covering} n'a rien vu des "
            f"jeunes de {absent}.",
        )
    return Said(facts, f"C'est fini : {covering} ne voit plus les jeunes de {absent}.")


async def _named(tx: Tx, call: Call) -> Cover:
    typed = call.typed.which
    if typed.isdecimal() and len(typed) > 8:
        return await cover.get(tx, identifier(typed, "cover_unknown"))
    absent = await staff.by_login(tx, typed)
    found = await cover.of(tx, call.now, absent.id)
    if len(found) != 1:
        raise UsageError(
            f"{absent.name} a {len(found)} remplacements. Précisez lequel : relais cover list."
            if found
            else f"Personne ne remplace {absent.name}, ni maintenant ni plus tard."
        )
    return found[0]


async def _facts(tx: Tx, call: Call, which: Cover, of: Structure) -> dict[str, Any]:
    return {
        "id": str(which.id),
        "absent": (await staff.get(tx, which.absent_id)).login,
        "covering": (await staff.get(tx, which.covering_id)).login,
        "structure": of.name,
        "starts_at": which.starts_at.astimezone(of.tz),
        "ends_at": which.ends_at.astimezone(of.tz),
        "ended_at": which.ended_at and which.ended_at.astimezone(of.tz).replace(microsecond=0),
        "state": _state(which, call.now),
    }


def _state(which: Cover, now: datetime) -> str:
    """One that was called off before it began never was."""
    if which.is_active(now):
        return "active"
    if which.is_to_come(now):
        return "to_come"
    never_began = which.ended_at is not None and which.ended_at <= which.starts_at
    return "cancelled" if never_began else "over"

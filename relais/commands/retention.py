"""`relais retention`: what will go and when, without deleting anything; or the same, now."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import content
from content import day
from content.answers import in_own_words
from records import retention
from records.retention import PERIODS, Going
from relais.command import Call, Said, UsageError, table, verb
from relais.upkeep import NIGHT_HOUR

FARTHEST = 800  # days ahead: beyond the longest period there is nothing more to tell
_WORDS = {
    "updates": "numéros des mises à jour reçues",
    "set_aside": "ce que le bot n'a pas compris",
    "message_ids": "numéros des messages",
    "held": "mots jamais confirmés par le jeune",
    "inbox": "messages et demandes des jeunes",
    "traces": "envois qui ne laissent pas de trace",
    "replies": "réponses automatiques du bot",
    "words": "mots des messages envoyés",
    "undecided": "messages restés incertains",
    "half_answered": "questionnaires laissés en route",
    "alerts": "alertes",
    "notifications": "e-mails à l'équipe",
    "begun": "exercices en cours d'un accompagnement clos",
    "steps": "étapes de parcours d'un accompagnement clos",
    "courses": "parcours d'un accompagnement clos",
    "carnet": "réponses gardées pour soi d'un accompagnement clos",
    "answers": "réponses montrées, après la clôture",
    "invitations": "liens d'invitation passés",
    "takeaways": "liens pour emporter ses données",
    "receipts": "reçus",
    "log": "lignes du journal des accès",
    "erased": "lignes de la liste des effacements",
    "comments": "commentaires des questionnaires",
    "person": "personnes, tout entières, après la clôture",
    "closing": "accompagnements à clore : leur fin prévue est passée",
}
_PERIOD_WORDS = {
    "messages": "messages et leurs mots",
    "answers": "réponses montrées, après la clôture",
    "person": "la personne tout entière, après la clôture",
    "alerts": "alertes, après que quelqu'un s'en est occupé",
    "comments": "commentaires, après la fin de leur vague",
    "invitations": "liens d'invitation, après leur fin",
    "set_aside": "ce que le bot n'a pas compris",
    "log": "journal des accès, par jours entiers",
    "receipts": "reçus",
    "erased": "liste des effacements, plus longtemps que toute sauvegarde (fixe)",
    "closing": "délai entre la fin prévue et la clôture",
    "updates": "numéros des mises à jour (fixe)",
    "message_ids": "numéros des messages : Telegram n'en permet pas plus (fixe)",
    "held": "mots jamais confirmés par le jeune (fixe)",
    "half_answered": "questionnaires laissés en route (fixe)",
    "at_once": "ce qui part dès la nuit suivante (fixe)",
}


def add_to(nouns: Any) -> None:
    one = verb(nouns, "retention", "ce qui va partir et quand, sans rien effacer", retention_)
    one.add_argument("--days", type=int, default=30, metavar="JOURS", help="aussi loin (30 jours)")
    act = one.add_mutually_exclusive_group()
    act.add_argument("--now", action="store_true", help="effacer maintenant ce qui doit partir")
    act.add_argument(
        "--periods", action="store_true", help="dire combien de temps chaque chose est gardée"
    )
    act.add_argument(
        "--set",
        dest="period",
        metavar="DURÉE=JOURS",
        help=f"changer une durée, de 1 à {retention.CEILING} jours : {', '.join(settable())}",
    )


def settable() -> list[str]:
    return [period.name for period in PERIODS.values() if not period.fixed]


async def retention_(call: Call) -> Said:
    typed = call.typed
    acts = ((typed.now, now), (typed.periods, periods), (typed.period is not None, set_))
    content.load(call.settings["CONTENT"])
    return await next((act for wanted, act in acts if wanted), show)(call)


async def show(call: Call) -> Said:
    if not 1 <= call.typed.days <= FARTHEST:
        raise UsageError(f"Choisissez de 1 à {FARTHEST} jours.")
    async with call.database.read() as tx:
        found = await retention.foresee(tx, nights(call.now, call.typed.days), in_own_words)
    return Said(_facts(found), _by_night(found))


def nights(now: datetime, days: int) -> list[datetime]:
    """The nightly job's coming times, by this machine's own clock."""
    local = now.astimezone()
    first = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    start = first if first > local else first + timedelta(days=1)
    return [(start + timedelta(days=n)).astimezone() for n in range(days)]


def _by_night(found: Sequence[Going]) -> str:
    if not found:
        return "Rien ne part dans ce délai. Rien n'a été effacé."
    parts = []
    for at, going in itertools.groupby(found, key=lambda one: one.at):
        lines = "\n".join(f"  {one.count}  {_WORDS[one.name]}" for one in going)
        parts.append(f"Dans la nuit du {day(at)} {at.year}, vers {NIGHT_HOUR} h\n{lines}")
    return "\n\n".join(
        [*parts, "Rien n'a été effacé. Pour le faire maintenant : relais retention --now"]
    )


async def now(call: Call) -> Said:
    done, receipts = await retention.carry_out(call.database, call.now, in_own_words)
    lines = [f"  {one.count}  {_WORDS[one.name]}" for one in done]
    text = (
        "\n".join(["C'est parti pour de bon :", *lines])
        if lines
        else "Il n'y avait rien à effacer."
    )
    if receipts:
        text = f"{text}\nReçus : {', '.join(receipts)}"
    return Said({"gone": _facts(done), "receipts": receipts}, text)


def _facts(found: Sequence[Going]) -> list[dict[str, Any]]:
    return [{"what": one.name, "at": one.at, "count": one.count} for one in found]


async def periods(call: Call) -> Said:
    async with call.database.read() as tx:
        kept = await retention.periods(tx)
    facts = [
        {"name": name, "days": length / timedelta(days=1), "fixed": PERIODS[name].fixed}
        for name, length in kept.items()
    ]
    lines = [(f["name"], f"{f['days']:g} jours", _PERIOD_WORDS[str(f["name"])]) for f in facts]
    return Said(facts, table(("durée", "gardé", "quoi"), lines))


async def set_(call: Call) -> Said:
    name, _, typed = call.typed.period.partition("=")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6):
        raise UsageError("Écrivez la durée et ses jours, par exemple « messages=15 ».")
    days = int(typed)
    async with call.database.write() as tx:
        await retention.set_period(tx, name, days)
    return Said({"name": name, "days": days}, f"C'est noté : {days} jours, {_PERIOD_WORDS[name]}.")

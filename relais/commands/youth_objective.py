"""`relais youth objective`: what was set with a youth, at most three at a time, from a list."""

import argparse
from datetime import date
from typing import Any

import content
from content import day as day_words
from records import objective, structure
from records.database import Tx
from records.objective import Objective
from records.structure import Structure
from records.youth import Youth
from relais.command import Call, Said, UsageError, as_sentence, table, verb
from relais.commands.typed import day, youth_named

KEY = "objective."


def add_to(verbs: Any) -> None:
    meaning = "les objectifs choisis ensemble : trois au plus, neutres"
    of = verbs.add_parser("objective", help=meaning, description=as_sentence(meaning))
    acts = of.add_subparsers(dest="act", required=True, metavar="ACTION")
    one = _about(verb(acts, "set", "en noter un, choisi dans la liste", set_))
    one.add_argument("objective", metavar="OBJECTIF", help="son nom, que donne « choices »")
    one.add_argument("--on", metavar="JOUR", help="le jour où il a été choisi (aujourd'hui)")
    one.add_argument("--review-on", metavar="JOUR", help="quand en reparler")
    one = _about(verb(acts, "end", "il n'est plus suivi : atteint, ou changé", end))
    one.add_argument("objective", metavar="OBJECTIF", help="son nom")
    one.add_argument("--on", metavar="JOUR", help="le jour (aujourd'hui)")
    _about(verb(acts, "list", "ceux d'un jeune, avec leurs dates", list_))
    verb(acts, "choices", "la liste de ceux qui se choisissent", choices)


def _about(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    one.add_argument("--structure", metavar="NOM", help="si plusieurs ont ce code")
    return one


def known(call: Call) -> dict[str, str]:
    """What can be set: name → words, as content gives them."""
    said = content.load(call.settings["CONTENT"]).interface
    return {key.removeprefix(KEY): words for key, words in said.items() if key.startswith(KEY)}


async def choices(call: Call) -> Said:
    listed = known(call)
    return Said(listed, table(("objectif", "ce que lit le jeune"), list(listed.items())))


async def set_(call: Call) -> Said:
    typed, listed = call.typed, known(call)
    if typed.objective not in listed:
        raise UsageError(
            f"« {typed.objective} » n'est pas dans la liste. Au choix : {', '.join(listed)}."
        )
    async with call.database.write() as tx:
        who, of = await _named(tx, call)
        today = call.now.astimezone(of.tz).date()
        on = day(typed.on, today, past=True) if typed.on is not None else today
        review = day(typed.review_on, today) if typed.review_on is not None else None
        made = await objective.add(tx, who, typed.objective, on, review)
        return await _said(tx, call, who, f"C'est noté : {listed[made.name]}.")


async def end(call: Call) -> Said:
    async with call.database.write() as tx:
        who, of = await _named(tx, call)
        today = call.now.astimezone(of.tz).date()
        on = day(call.typed.on, today, past=True) if call.typed.on is not None else today
        one = await objective.end(tx, who, call.typed.objective, on)
        words = known(call).get(one.name, one.name)
        return await _said(tx, call, who, f"« {words} » n'est plus suivi.")


async def list_(call: Call) -> Said:
    async with call.database.read() as tx:
        who, _of = await _named(tx, call)
        return await _said(tx, call, who)


async def _named(tx: Tx, call: Call) -> tuple[Youth, Structure]:
    who = await youth_named(tx, call.typed.code, call.typed.structure)
    return who, await structure.get(tx, who.structure_id)


async def _said(tx: Tx, call: Call, who: Youth, first: str = "") -> Said:
    found, listed = await objective.of_youth(tx, who.id, ended=True), known(call)
    lines = [(one.name, listed.get(one.name, one.name), *map(_day, _dates(one))) for one in found]
    shown = table(("objectif", "ce que lit le jeune", "choisi", "à revoir", "fini"), lines)
    return Said(
        [_facts(one) for one in found], "\n\n".join(part for part in (first, shown) if part)
    )


def _dates(one: Objective) -> tuple[date | None, ...]:
    return one.set_on, one.review_on, one.ended_on


def _day(on: date | None) -> str | None:
    return f"{day_words(on)} {on.year}" if on else None


def _facts(one: Objective) -> dict[str, Any]:
    return {
        "objective": one.name,
        "set_on": one.set_on,
        "review_on": one.review_on,
        "ended_on": one.ended_on,
    }

"""`relais youth`: taking a youth in, their phone, what they agreed to, and closing."""

import argparse
from datetime import datetime
from typing import Any

import content
from admin.discretion import looks_like_a_surname
from admin.french import folded
from admin.youth import MEANS_LENGTH
from records import (
    alert,
    closure,
    contact,
    ending,
    parental,
    receipt,
    sight,
    staff,
    structure,
    youth,
)
from records.consent_text import PURPOSES
from records.database import Tx
from records.errors import Refused
from records.staff import Staff
from records.youth import WAYS, Youth
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import invitation, transfer, youth_objective, youth_rights, youth_shown
from relais.commands.typed import birth_month, day, structure_named, youth_named

_PAGE = 200
_ALERT_LOST = "L'alerte qui attendait est effacée : personne ne la verra plus.\n"


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "youth", "les jeunes")
    _add_options(verb(verbs, "add", "accompagner un jeune", add))
    for name, meaning, command in (
        ("invite", "faire un lien, qui marche une fois", invitation.invite),
        ("confirm", "confirmer le téléphone qui montre les deux mots", confirm),
        ("unlink", "délier son téléphone, tout de suite", unlink),
        ("agree", "noter l'accord d'un parent : quand et comment, jamais qui", agree),
        ("disagree", "noter qu'un parent retire son accord : l'effet est immédiat", disagree),
        ("show", "un jeune, son téléphone et ce qui l'attend", show),
        ("change", "déplacer la fin prévue, ou l'enlever", change),
        ("transfer", "le confier à un ou une collègue ; il en est prévenu", transfer.of_youth),
        ("close", "clore l'accompagnement : plus rien ne part", close),
    ):
        one = verb(verbs, name, meaning, command)
        one.add_argument("code", metavar="CODE", help="le code du jeune")
        one.add_argument("--structure", metavar="NOM", help="si plusieurs ont ce code")
        if name == "invite":
            invitation.declare(one)
        elif name == "confirm":
            one.add_argument(
                "words",
                metavar="MOT",
                nargs="*",
                help="les deux mots que montre le téléphone, pour les comparer",
            )
        elif name == "agree":
            _agree_options(one)
            _purpose_option(one, "un usage pour lequel il vaut ; à répéter (tous)")
        elif name == "disagree":
            _purpose_option(one, "un usage pour lequel il est retiré ; à répéter (tous)")
        elif name == "change":
            one.add_argument(
                "--support-ends-on", required=True, metavar="JOUR", help="la fin prévue, ou none"
            )
        elif name == "transfer":
            transfer.declare(one)
        elif name == "close":
            one.add_argument(
                "--forget-alert",
                action="store_true",
                help="clore même si une alerte attend : elle est effacée, personne ne la verra plus",
            )
    youth_objective.add_to(verbs)
    youth_rights.add_to(verbs)
    one = verb(verbs, "list", "les jeunes accompagnés", list_)
    one.add_argument("--structure", metavar="NOM", help="ceux de cette structure")
    one.add_argument("--educator", metavar="IDENTIFIANT", help="ceux de cette personne")
    one.add_argument("--closed", action="store_true", help="avec les accompagnements clos")


def _add_options(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--educator",
        required=True,
        metavar="IDENTIFIANT",
        help="qui l'accompagne ; c'est aussi sa structure",
    )
    one.add_argument("--structure", metavar="NOM", help="inutile : celle de l'éducateur")
    one.add_argument(
        "--nickname",
        required=True,
        metavar="PRÉNOM",
        help="un prénom ou surnom, choisi ensemble ; jamais de nom de famille",
    )
    one.add_argument("--born", required=True, metavar="AAAA-MM", help="son mois de naissance")
    one.add_argument(
        "--school-aged",
        choices=("yes", "no"),
        help="va à l'école (oui avant 18 ans) ; décide des heures d'envoi",
    )
    one.add_argument(
        "--referred-by",
        choices=WAYS,
        help="la voie de repérage : comptée, jamais gardée avec le jeune",
    )
    one.add_argument("--support-ends-on", metavar="JOUR", help="la fin prévue")
    one.add_argument("--language", default="fr", metavar="LANGUE", help="fr ou en (fr)")
    one.add_argument(
        "--form", choices=("tu", "vous"), help="comment on lui parle (comme à tous, ici)"
    )


def _purpose_option(one: argparse.ArgumentParser, meaning: str) -> None:
    one.add_argument("--purpose", action="append", choices=PURPOSES, help=meaning)


def _agree_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--on", required=True, metavar="JOUR", help="quand l'accord a été donné")
    one.add_argument(
        "--means", required=True, metavar="TEXTE", help="comment, par exemple « par téléphone »"
    )
    one.add_argument(
        "--as",
        dest="login",
        metavar="IDENTIFIANT",
        help="qui l'a recueilli ; sinon, qui accompagne",
    )


async def add(call: Call) -> Said:
    typed = call.typed
    languages = content.load(call.settings["CONTENT"]).languages
    if typed.language not in languages:
        raise UsageError(
            f"« {typed.language} » n'est pas une langue de Relais. Au choix : "
            f"{', '.join(languages)}."
        )
    async with call.database.write() as tx:
        educator = await _educator(tx, typed.educator)
        of = await structure.get(tx, educator.structure_id)
        if typed.structure is not None and await structure_named(tx, typed.structure) != of:
            raise UsageError(f"{educator.login} travaille ailleurs : {of.name}.")
        today = call.now.astimezone(of.tz).date()
        ends = typed.support_ends_on
        who = await youth.add(
            tx,
            call.now,
            structure_id=of.id,
            educator_id=educator.id,
            nickname=typed.nickname,
            birth_month=birth_month(typed.born),
            language=typed.language,
            form=typed.form,
            school_aged={"yes": True, "no": False}.get(typed.school_aged),
            way=typed.referred_by,
            support_ends_on=day(ends, today) if ends is not None else None,
        )
        facts = await youth_shown.facts(tx, call, who)
    return Said(
        facts,
        f"{educator.name} accompagne {who.nickname}. Code : {who.code}\n"
        f"Pour le téléphone : relais youth invite {who.code}" + _doubt(who),
    )


def _doubt(who: Youth) -> str:
    """A gentle warning, never a refusal: only the educator knows."""
    if not looks_like_a_surname(who.nickname):
        return ""
    return (
        f"\n« {who.nickname} » ressemble à un nom de famille. Si c'en est un, remplacez-le par un "
        f"prénom ou un surnom : relais youth correct {who.code} --nickname …"
    )


async def _educator(tx: Tx, login: str) -> Staff:
    person = await staff.by_login(tx, login)
    if person.disabled_at is not None:
        raise Refused("staff_disabled")
    if person.role != "educator":
        raise UsageError(
            f"{person.login} n'est pas éducateur ou éducatrice : un autre compte ne "
            "peut pas accompagner."
        )
    return person


async def confirm(call: Call) -> Said:
    async with call.database.write() as tx:
        who = await _named(tx, call)
        typed = call.typed.words  # none at all: whoever types has compared them already
        words = await _as_shown(tx, who, " ".join(typed)) if typed else None
        phone = await contact.confirm(tx, call.now, who.id, words)
        facts = await youth_shown.facts(tx, call, who)
    return Said(facts, f"Le téléphone de {who.nickname} est confirmé : {phone.words}.")


async def _as_shown(tx: Tx, who: Youth, typed: str) -> str:
    """The words as the phone shows them, where only accents or capitals differ."""
    shown = [phone.words for phone in await contact.of_youth(tx, who.id)]
    return next((words for words in shown if folded(words) == folded(typed)), typed)


async def unlink(call: Call) -> Said:
    async with call.database.write() as tx:
        who = await _named(tx, call)
        phones = await contact.unlink_all(tx, call.now, who.id)
    said = (
        f"Le téléphone de {who.nickname} est délié : il ne reçoit plus rien. L'historique "
        "est gardé."
        if phones
        else f"{who.nickname} n'avait pas de téléphone relié. "
        "Ses liens d'invitation ne marchent plus."
    )
    return Said({"code": who.code, "unlinked": phones}, said)


async def agree(call: Call) -> Said:
    typed, means = call.typed, call.typed.means.strip()
    if not 1 <= len(means) <= MEANS_LENGTH:
        raise UsageError(
            f"Dites comment l'accord a été donné, en {MEANS_LENGTH} caractères au "
            "plus, par exemple « par téléphone »."
        )
    async with call.database.write() as tx:
        who = await _named(tx, call)
        of = await structure.get(tx, who.structure_id)
        today = call.now.astimezone(of.tz).date()
        on = day(typed.on, today, past=True)
        if on > today:
            raise Refused("future_day")
        by = await staff.by_login(tx, typed.login) if typed.login is not None else None
        if by and by.structure_id != of.id:
            raise UsageError(f"{by.login} ne travaille pas ici : {of.name}.")
        if by:
            await sight.of(tx, call.now, by, "relais-youth-agree", who)
        await parental.record(
            tx,
            call.now,
            who.id,
            datetime(on.year, on.month, on.day, 12, tzinfo=of.tz),
            means,
            by.id if by else who.educator_id,
            typed.purpose or PURPOSES,
        )
        facts = await youth_shown.facts(tx, call, who)
    return Said(facts, f"L'accord d'un parent de {who.nickname} est noté.")


async def disagree(call: Call) -> Said:
    async with call.database.write() as tx:
        who = await _named(tx, call)
        ended = await parental.withdraw(tx, call.now, who.id, call.typed.purpose or PURPOSES)
        facts = await youth_shown.facts(tx, call, who)
    if not ended:
        return Said(facts, f"Aucun accord d'un parent de {who.nickname} n'était noté pour cela.")
    return Said(facts, "Le retrait est noté. Plus rien ne part pour ces usages.")


async def show(call: Call) -> Said:
    async with call.database.read() as tx:
        who = await _named(tx, call)
        return await youth_shown.whole(tx, call, who)


async def close(call: Call) -> Said:
    async with call.database.write() as tx:
        who = await _named(tx, call)
        lost = call.typed.forget_alert and await alert.is_open(tx, who.id)
        await closure.close(tx, call.now, who, forget_alerts=call.typed.forget_alert)
        given = await receipt.give(tx, call.now, "closed")
        facts = await youth_shown.facts(tx, call, await youth.get(tx, who.id))
    return Said(
        facts | {"receipt": given.code, "alert_forgotten": lost},
        f"L'accompagnement de {who.nickname} est clos. Son téléphone est délié, "
        "ce qui était prévu ne partira pas, et ce qui n'était gardé que pour soi est effacé.\n"
        f"{_ALERT_LOST if lost else ''}"
        f"{youth_rights.receipt_words(given)}",
    )


async def change(call: Call) -> Said:
    """Only the end that is foreseen; what was wrong is for `correct`."""
    typed = call.typed
    async with call.database.write() as tx:
        who = await _named(tx, call)
        of = await structure.get(tx, who.structure_id)
        today = call.now.astimezone(of.tz).date()
        ends = None if typed.support_ends_on == "none" else day(typed.support_ends_on, today)
        await ending.move(tx, call.now, who, ends)
        facts = await youth_shown.facts(tx, call, await youth.get(tx, who.id))
    if ends is None:
        return Said(facts, f"L'accompagnement de {who.nickname} n'a plus de fin prévue.")
    return Said(
        facts,
        f"La fin prévue de {who.nickname} est le {youth_shown.long_day(ends)}. Sans changement, "
        f"l'accompagnement sera clos le {youth_shown.long_day(facts['closes_on'])}.",
    )


async def list_(call: Call) -> Said:
    typed = call.typed
    async with call.database.read() as tx:
        of = await structure_named(tx, typed.structure) if typed.structure is not None else None
        by = await staff.by_login(tx, typed.educator) if typed.educator is not None else None
        found: list[Youth] = []
        while page := await youth.listed(
            tx,
            structure_id=of.id if of else None,
            educator_id=by.id if by else None,
            closed=typed.closed,
            after=found[-1].id if found else 0,
            limit=_PAGE,
        ):
            found += page
        facts = [await youth_shown.facts(tx, call, who) for who in found]
    lines = [
        (
            f["code"],
            f["nickname"],
            f"{f['age']} ans",
            f["educator"],
            f["structure"],
            youth_shown.reach_words(f),
        )
        for f in facts
    ]
    return Said(
        facts, table(("code", "prénom", "âge", "référent", "structure", "téléphone"), lines)
    )


async def _named(tx: Tx, call: Call) -> Youth:
    return await youth_named(tx, call.typed.code, call.typed.structure)

"""`relais youth` for the rights of a youth: export, erase, erase-answer, erase-words, correct, and
receipt, which tells what a receipt proves."""

import argparse
import os
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import content
from admin import takeaway
from admin.french import folded, of_name
from content import day
from records import audit, erasure, inbox, receipt, response, rights, sight, staff, youth
from records.database import Tx
from records.errors import NotFound, Refused
from records.receipt import Receipt
from records.youth import Youth
from relais.command import Call, Said, UsageError, verb
from relais.commands import youth_shown
from relais.commands.typed import birth_month, identifier, youth_named

FORMATS = {"json": takeaway.file_of, "html": takeaway.page_of}
_ACTS = {
    "erased_all": "tout a été effacé",
    "erased_answer": "une réponse a été effacée",
    "erased_carnet": "un carnet a été effacé",
    "erased_words": "un message a été effacé",
    "corrected": "une donnée a été corrigée",
    "taken_away": "ce qui était gardé a été emporté",
    "closed": "un accompagnement a été clos",
}

Gone = Callable[[Tx, datetime, int, int], Awaitable[bool]]


def add_to(verbs: Any) -> None:
    """Declare these verbs beside the others of `relais youth`."""
    one = _of_a_youth(verbs, "export", "écrire tout ce qui est gardé, pour le jeune", export)
    one.add_argument("--format", choices=tuple(FORMATS), default="html", help="page (html) ou json")
    one.add_argument("--out", metavar="FICHIER", help="où l'écrire ; sinon CODE.html ou CODE.json")
    one.add_argument(
        "--as", dest="login", metavar="IDENTIFIANT", help="qui le remet : le jeune peut le voir"
    )
    one = _of_a_youth(verbs, "erase", "tout effacer d'un jeune, pour toujours", erase)
    one.add_argument("--confirm", required=True, metavar="CODE", help="le même code, pour être sûr")
    one = _of_a_youth(verbs, "erase-answer", "effacer une réponse", erase_answer)
    one.add_argument("id", metavar="RÉPONSE", help="son identifiant, tel que l'export le donne")
    one = _of_a_youth(verbs, "erase-words", "effacer un message du jeune", erase_words)
    one.add_argument("id", metavar="MESSAGE", help="son identifiant, tel que l'export le donne")
    one = _of_a_youth(verbs, "correct", "corriger ce qui est gardé d'un jeune", correct)
    one.add_argument("--nickname", metavar="PRÉNOM", help="un prénom ou surnom")
    one.add_argument(
        "--born", metavar="AAAA-MM", help="son mois de naissance : il décide des accords"
    )
    one.add_argument("--school-aged", choices=("yes", "no"), help="va à l'école")
    one.add_argument("--language", metavar="LANGUE", help="fr ou en")
    one.add_argument("--form", choices=("tu", "vous"), help="comment on lui parle, en français")
    one = verb(verbs, "receipt", "dire ce que prouve un reçu", receipt_)
    one.add_argument("receipt", metavar="REÇU", help="par exemple K7QM-2XHD")


def _of_a_youth(verbs: Any, name: str, meaning: str, command: Any) -> argparse.ArgumentParser:
    one = verb(verbs, name, meaning, command)
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    one.add_argument("--structure", metavar="NOM", help="si plusieurs ont ce code")
    return one


async def export(call: Call) -> Said:
    """Whoever runs this hands over what they shall not read; the youth sees that it was made."""
    content.load(call.settings["CONTENT"])
    kind = call.typed.format
    async with call.database.write() as tx:
        who = await _named(tx, call)
        by = await staff.by_login(tx, call.typed.login) if call.typed.login else None
        if by:
            await sight.of(tx, call.now, by, "relais-youth-export", who)
        whole = await rights.everything(tx, call.now, who.id)
        given = await receipt.give(tx, call.now, "taken_away")
        await audit.note(tx, call.now, by.id if by else None, audit.EXPORTED, who.id)
        path = Path(call.typed.out or f"{who.code}.{kind}")
        _write(path, FORMATS[kind](whole, given))
    return Said(
        {"code": who.code, "file": str(path), "receipt": given.code},
        f"Tout ce qui est gardé {of_name(who.nickname)} est dans {path}. Remettez-le sans le lire, "
        f"puis effacez ce fichier.\n{receipt_words(given)}",
    )


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read; an existing one is never replaced."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} existe déjà. Choisissez un autre fichier avec --out.") from None
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)


async def erase(call: Call) -> Said:
    if folded(call.typed.confirm) != folded(call.typed.code):
        raise UsageError(
            "Rien n'est effacé : les deux codes diffèrent. Pour tout effacer, répétez le code "
            "du jeune après --confirm."
        )
    async with call.database.write() as tx:
        who = await _named(tx, call)
        given = await erasure.erase_all(tx, call.now, who.id)
    await erasure.wipe(call.database)
    return Said(
        {"code": who.code, "erased": True, "receipt": given.code},
        f"Plus rien n'est gardé de {who.code}. Une sauvegarde plus ancienne ne le ramènera pas.\n"
        f"{receipt_words(given)}",
    )


async def erase_answer(call: Call) -> Said:
    return await _erase_one(
        call, response.erase_one, "response_unknown", "erased_answer", "La réponse est effacée"
    )


async def erase_words(call: Call) -> Said:
    return await _erase_one(
        call, inbox.erase_one, "inbox_item_unknown", "erased_words", "Le message est effacé"
    )


async def _erase_one(call: Call, gone: Gone, unknown: str, act: str, said: str) -> Said:
    which = identifier(call.typed.id, unknown)
    async with call.database.write() as tx:
        who = await _named(tx, call)
        if not await gone(tx, call.now, who.id, which):
            raise NotFound(unknown)
        given = await receipt.give(tx, call.now, act)
    await erasure.wipe(call.database)
    return Said(
        {"code": who.code, "erased": str(which), "receipt": given.code},
        f"{said}, au bureau comme dans les exports à venir.\n{receipt_words(given)}",
    )


async def correct(call: Call) -> Said:
    """What was wrong, and only that. A birth month may bring another regime of consent with it."""
    typed = call.typed
    wanted = {
        "nickname": typed.nickname,
        "birth_month": birth_month(typed.born) if typed.born is not None else None,
        "school_aged": {"yes": True, "no": False}.get(typed.school_aged),
        "language": typed.language,
        "form": typed.form,
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes:
        raise UsageError(
            "Dites quoi corriger : --nickname, --born, --school-aged, --language ou --form."
        )
    languages = content.load(call.settings["CONTENT"]).languages
    if typed.language is not None and typed.language not in languages:
        raise Refused("language_not_spoken", languages=", ".join(languages))
    async with call.database.write() as tx:
        who = await _named(tx, call)
        await youth.correct(tx, call.now, who, **changes)
        given = await receipt.give(tx, call.now, "corrected")
        who = await youth.get(tx, who.id)
        facts = await youth_shown.facts(tx, call, who)
    return Said(
        facts | {"receipt": given.code},
        f"C'est corrigé pour {who.nickname} ({who.code}).\n{receipt_words(given)}",
    )


async def receipt_(call: Call) -> Said:
    async with call.database.read() as tx:
        found = await receipt.find(tx, call.typed.receipt)
    return Said(
        {"receipt": found.code, "act": found.act, "on": found.on},
        f"Reçu {found.code} : le {_day(found.on)}, {_ACTS[found.act]}. "
        "Rien ne dit de qui il s'agissait.",
    )


def receipt_words(given: Receipt) -> str:
    return f"Reçu du {_day(given.on)} : {given.code}"


def _day(of: date) -> str:
    return f"{day(of)} {of.year}"


async def _named(tx: Tx, call: Call) -> Youth:
    return await youth_named(tx, call.typed.code, call.typed.structure)

"""`relais staff`: professionals' accounts. A password is given or made, shown once, never a default."""

import argparse
import asyncio
import secrets
from typing import Any

from admin.wording import counted
from records import staff, standby, structure, youth
from records.database import Tx
from records.errors import Refused
from records.staff import ROLES, Staff
from relais.command import Call, Said, noun, table, verb
from relais.commands import staff_notify, transfer
from relais.commands.typed import secret_from_stdin, structure_named

_ROLES = {
    "educator": "éducateur ou éducatrice",
    "coordinator": "coordination",
    "evaluator": "évaluation",
}
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l/1 and o/0: it is copied by hand


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "staff", "les comptes des professionnels")
    one = verb(verbs, "add", "ouvrir un compte", add)
    one.add_argument("login", metavar="IDENTIFIANT")
    one.add_argument("--name", required=True, metavar="PRÉNOM", help="ce que les jeunes liront")
    one.add_argument("--role", required=True, choices=ROLES)
    one.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")
    _password_option(one)
    one = verb(verbs, "password", "donner un nouveau mot de passe", password)
    one.add_argument("login", metavar="IDENTIFIANT")
    _password_option(one)
    one = verb(verbs, "disable", "fermer un compte, tout de suite", disable)
    one.add_argument("login", metavar="IDENTIFIANT")
    staff_notify.add_to(verbs)
    one = verb(
        verbs, "transfer", "passer tous ses jeunes à un ou une collègue", transfer.of_caseload
    )
    one.add_argument("login", metavar="IDENTIFIANT", help="qui s'en va")
    transfer.declare(one)
    one = verb(verbs, "backup", "dire qui prend le relais d'une alerte", backup)
    one.add_argument(
        "login", metavar="IDENTIFIANT", nargs="?", help="de qui ; sinon, de toute la structure"
    )
    one.add_argument(
        "--backup", required=True, metavar="IDENTIFIANT", help="qui prend le relais, ou none"
    )
    one.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")
    one = verb(verbs, "list", "les comptes", list_)
    one.add_argument("--structure", metavar="NOM", help="ceux de cette structure")


def _password_option(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--password-stdin",
        action="store_true",
        help="lire le mot de passe sur l'entrée standard ; sinon il est tiré au sort",
    )


async def add(call: Call) -> Said:
    typed = call.typed
    chosen, made = await _password(typed)
    async with call.database.write() as tx:
        of = await structure_named(tx, typed.structure)
        person = await staff.add(
            tx,
            call.now,
            structure_id=of.id,
            login=typed.login,
            name=typed.name,
            role=typed.role,
            password=chosen,
        )
        facts = await _facts(tx, person)
    return _with_password(
        facts, f"Le compte {person.login} est ouvert ({_ROLES[person.role]}, {of.name}).", made
    )


async def password(call: Call) -> Said:
    chosen, made = await _password(call.typed)
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        if person.disabled_at is not None:
            raise Refused("staff_disabled")
        await staff.set_password(tx, person.id, chosen)
        facts = await _facts(tx, person)
    return _with_password(
        facts, f"Le mot de passe de {person.login} est changé. Ses sessions sont fermées.", made
    )


async def disable(call: Call) -> Said:
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        if person.disabled_at is None:
            await staff.disable(tx, call.now, person.id)
        person = await staff.get(tx, person.id)
        left = (await youth.followed(tx, person.structure_id)).get(person.id, 0)
        facts = await _facts(tx, person) | {"youths": left}
    said = f"Le compte {person.login} est fermé, et ses sessions avec lui."
    if left:
        said += counted(
            " %(num)s jeune reste dans sa liste.", " %(num)s jeunes restent dans sa liste.", left
        )
        said += f"\nPour les confier à quelqu'un : relais staff transfer {person.login} --to …"
    return Said(facts, said)


async def backup(call: Call) -> Said:
    """Who also gets an alert that nobody took up in time."""
    typed = call.typed
    async with call.database.write() as tx:
        whose = await staff.by_login(tx, typed.login) if typed.login is not None else None
        by = None if typed.backup == "none" else await staff.by_login(tx, typed.backup)
        if whose is not None:
            of = await structure.get(tx, whose.structure_id)
        else:
            of = await structure_named(tx, typed.structure)
        await standby.name(tx, of.id, whose, by)
    for_whom = f"de {whose.login}" if whose else f"de toute la structure {of.name}"
    who = f"{by.login} prend" if by else "Personne ne prend"
    facts = {
        "structure": of.name,
        "login": whose.login if whose else None,
        "backup": by.login if by else None,
    }
    return Said(
        facts,
        f"{who} le relais {for_whom}, si personne ne s'occupe d'une alerte après "
        f"{of.alert_minutes} minutes d'heures de lecture.",
    )


async def list_(call: Call) -> Said:
    async with call.database.read() as tx:
        name = call.typed.structure
        of = await structure_named(tx, name) if name is not None else None
        facts = [
            await _facts(tx, person) for person in await staff.listed(tx, of.id if of else None)
        ]
    lines = [
        (
            f["login"],
            f["name"],
            _ROLES[f["role"]],
            f["structure"],
            "fermé" if f["disabled"] else "ouvert",
        )
        for f in facts
    ]
    return Said(facts, table(("identifiant", "prénom", "rôle", "structure", "compte"), lines))


async def _facts(tx: Tx, person: Staff) -> dict[str, Any]:
    of = await structure.get(tx, person.structure_id)
    return {
        "id": str(person.id),
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "structure": of.name,
        "disabled": person.disabled_at is not None,
    }


async def _password(typed: argparse.Namespace) -> tuple[str, str | None]:
    """The hash to keep, and the password itself when it was made here."""
    made = None if typed.password_stdin else _strong()
    given = secret_from_stdin("Mot de passe") if made is None else made
    return await asyncio.to_thread(staff.hash_password, given), made


def _strong() -> str:
    """Four groups of five: nearly a hundred bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def _with_password(facts: dict[str, Any], said: str, made: str | None) -> Said:
    if made is None:
        return Said(facts, said)
    return Said(
        facts | {"password": made},
        f"{said}\nMot de passe : {made}\nNotez-le : il ne sera plus jamais montré.",
    )

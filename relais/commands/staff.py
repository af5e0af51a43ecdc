"""`relais staff`: professionals' accounts. A password is given or made, shown once, never a default."""

import argparse
import asyncio
import secrets
from typing import Any

from admin.wording import counted
from records import staff, structure, youth
from records.database import Tx
from records.errors import Refused
from records.staff import ROLES, Staff
from relais.command import Call, Said, noun, table, verb
from relais.commands import transfer
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
    one = verb(
        verbs, "transfer", "passer tous ses jeunes à un ou une collègue", transfer.of_caseload
    )
    one.add_argument("login", metavar="IDENTIFIANT", help="qui s'en va")
    transfer.declare(one)
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

"""`relais staff`: professionals' accounts. A password is given or made, shown once, never a default.

One that was made here has been seen by somebody else: it opens the desk once, to choose another.
"""

import argparse
import asyncio
from typing import Any

from admin.wording import counted
from records import (
    audit,
    cover,
    passwords,
    second_factor,
    sign_in,
    staff,
    standby,
    structure,
    youth,
)
from records.database import Tx
from records.errors import Refused
from records.staff import ROLES, Staff
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import staff_notify, transfer
from relais.commands.typed import secret_from_stdin, structure_named

_ROLES = {
    "educator": "éducateur ou éducatrice",
    "coordinator": "coordination",
    "evaluator": "évaluation",
}


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
    one = verb(
        verbs,
        "reset-second-factor",
        "oublier le téléphone et les codes de secours d'un compte, une fois vérifié qui le demande",
        reset_second_factor,
    )
    one.add_argument("login", metavar="IDENTIFIANT")
    one = verb(verbs, "sign-out", "fermer les sessions d'un compte, ou de tous", sign_out)
    one.add_argument("login", metavar="IDENTIFIANT", nargs="?", help="sans lui, tous les comptes")
    one = verb(verbs, "disable", "fermer un compte, tout de suite", disable)
    one.add_argument("login", metavar="IDENTIFIANT")
    one = verb(verbs, "enable", "rouvrir un compte fermé", enable)
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
        help="lire sur l'entrée standard le mot de passe que la personne a choisi ; sinon il est "
        "tiré au sort, et à changer à la première connexion",
    )


async def add(call: Call) -> Said:
    typed = call.typed
    given, chosen, made = await _password(typed)
    async with call.database.write() as tx:
        of = await structure_named(tx, typed.structure)
        if made is None:
            passwords.refuse_if_guessable(given, (typed.login, typed.name, of.name))
        person = await staff.add(
            tx,
            call.now,
            structure_id=of.id,
            login=typed.login,
            name=typed.name,
            role=typed.role,
            password=chosen,
            temporary=made is not None,
        )
        facts = await _facts(tx, person)
    return _with_password(
        facts, f"Le compte {person.login} est ouvert ({_ROLES[person.role]}, {of.name}).", made
    )


async def password(call: Call) -> Said:
    given, chosen, made = await _password(call.typed)
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        if person.disabled_at is not None:
            raise Refused("staff_disabled")
        if made is None:
            of = await structure.get(tx, person.structure_id)
            passwords.refuse_if_guessable(given, (person.login, person.name, of.name))
        until = None if made is None else call.now + staff.TEMPORARY
        await staff.set_password(tx, call.now, person.id, chosen, until=until)
        await audit.note(tx, call.now, person.id, "password_reset")
        facts = await _facts(tx, person)
    return _with_password(
        facts, f"Le mot de passe de {person.login} est changé. Ses sessions sont fermées.", made
    )


async def reset_second_factor(call: Call) -> Said:
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        if not await second_factor.reset(tx, person.id):
            raise Refused("second_factor_missing")
        await audit.note(tx, call.now, person.id, "second_factor_reset")
        facts = await _facts(tx, person)
    return Said(
        facts,
        f"La deuxième étape de {person.login} est oubliée, et ses sessions sont fermées. "
        "À la prochaine connexion, le mot de passe suffit ; si la structure demande cette étape, "
        "il faut aussitôt la remettre en place.",
    )


async def sign_out(call: Call) -> Said:
    login = call.typed.login
    async with call.database.write() as tx:
        people = [await staff.by_login(tx, login)] if login else await staff.listed(tx)
        ended = 0
        for person in people:
            closed = await sign_in.end_all(tx, person.id)
            if closed:  # nobody's doing: whoever types here has no account
                await audit.note(tx, call.now, None, "session_revoked", about=[person.id])
            ended += closed
    said = counted("%(num)s session est fermée.", "%(num)s sessions sont fermées.", ended)
    return Said({"sessions": ended}, said)


async def disable(call: Call) -> Said:
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        covers = await cover.end_all_by(tx, call.now, person.id)
        if person.disabled_at is None:
            await staff.disable(tx, call.now, person.id)
        person = await staff.get(tx, person.id)
        left = (await youth.followed(tx, person.structure_id)).get(person.id, 0)
        away = {one.absent_id for one in covers}
        covered = sorted((await staff.names(tx, away)).values())
        facts = await _facts(tx, person) | {"youths": left, "covers_ended": len(covers)}
    said = f"Le compte {person.login} est fermé, et ses sessions avec lui."
    if left:
        said += counted(
            " %(num)s jeune reste dans sa liste.", " %(num)s jeunes restent dans sa liste.", left
        )
        said += f"\nPour les confier à quelqu'un : relais staff transfer {person.login} --to …"
    if covered:
        said += (
            f"\n{person.name} remplaçait {', '.join(covered)}, ou allait le faire : c'est fini, et "
            "les jeunes l'apprennent. Pour qu'un ou une autre collègue lise : relais cover add."
        )
    return Said(facts, said)


async def enable(call: Call) -> Said:
    """Nothing is given back that ended meanwhile: neither sessions nor youths handed over."""
    async with call.database.write() as tx:
        person = await staff.by_login(tx, call.typed.login)
        if person.disabled_at is None:
            raise UsageError(f"Le compte {person.login} est déjà ouvert : il n'y a rien à faire.")
        await staff.enable(tx, call.now, person.id)
        await audit.note(tx, call.now, person.id, "account_reopened")
        left = (await youth.followed(tx, person.structure_id)).get(person.id, 0)
        facts = await _facts(tx, await staff.get(tx, person.id)) | {"youths": left}
    return Said(
        facts,
        f"Le compte {person.login} est rouvert, avec le mot de passe et la deuxième étape d'avant. "
        "Les sessions fermées le restent.\n"
        f"S'il faut un nouveau mot de passe : relais staff password {person.login}",
    )


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


async def _password(typed: argparse.Namespace) -> tuple[str, str, str | None]:
    """The password, the hash to keep, and the password again when it was made here."""
    made = None if typed.password_stdin else passwords.new_password()
    given = secret_from_stdin("Mot de passe") if made is None else made
    return given, await asyncio.to_thread(passwords.hash_password, given), made


def _with_password(facts: dict[str, Any], said: str, made: str | None) -> Said:
    if made is None:
        return Said(facts, said)
    return Said(
        facts | {"password": made},
        f"{said}\nMot de passe : {made}\nNotez-le : il ne sera plus jamais montré. Il vaut "
        f"{staff.TEMPORARY.days} jours, et il est à changer à la première connexion.",
    )

"""`relais structure smtp`: the server through which a structure's staff are written to."""

import argparse
from typing import Any

from admin.sentences import MAIL
from admin.wording import _
from records import mail_server, mailing
from records.mail_server import SECURITY, USUAL_PORT, MailServer
from relais.command import Call, Said, UsageError, table, verb
from relais.commands.typed import secret_from_stdin, structure_named

_STATES = {
    "ok": "va bien : le dernier essai a réussi",
    mail_server.UNTRIED: "jamais essayé : relais check l'essaie",
}


def add_to(verbs: Any) -> None:
    one = verb(verbs, "smtp", "le serveur d'e-mail par lequel l'équipe est prévenue", smtp)
    one.add_argument("structure", metavar="NOM", nargs="?", help="inutile s'il n'y en a qu'une")
    one.add_argument("--host", metavar="SERVEUR", help="par exemple smtp.structure.fr")
    one.add_argument("--port", type=int, metavar="PORT", help="le port habituel, sinon")
    one.add_argument(
        "--security",
        choices=SECURITY,
        default="starttls",
        help="starttls (par défaut), tls, ou none sur cette machine même seulement",
    )
    one.add_argument(
        "--user",
        metavar="IDENTIFIANT",
        default="",
        help="le mot de passe est alors demandé, ou lu sur l'entrée standard",
    )
    one.add_argument("--sender", metavar="ADRESSE", help="de la part de qui : noreply@structure.fr")
    one.add_argument("--forget", action="store_true", help="ne plus envoyer d'e-mails")


async def smtp(call: Call) -> Said:
    typed = call.typed
    given = _given(typed)
    async with call.database.write() as tx:
        of = await structure_named(tx, typed.structure)
        if typed.forget:
            await mail_server.forget(tx, of.id)
        elif given is not None:
            await mail_server.keep(tx, call.now, MailServer(structure_id=of.id, **given))
            await mailing.hasten(tx, call.now, of.id)
        server = await mail_server.of(tx, of.id)
    first = "C'est noté. Essayez-le : relais check." if given else ""
    return Said(_facts(server), "\n\n".join(part for part in (first, _words(server)) if part))


def _given(typed: argparse.Namespace) -> dict[str, Any] | None:
    """What was typed, with the password that must not be; None when nothing was."""
    if typed.host is None:
        if typed.sender or typed.user or typed.port:
            raise UsageError("Donnez aussi le serveur : --host smtp.structure.fr.")
        return None
    if not typed.sender:
        raise UsageError("Précisez de la part de qui : --sender noreply@structure.fr.")
    return {
        "host": typed.host,
        "port": USUAL_PORT[typed.security] if typed.port is None else typed.port,
        "security": typed.security,
        "user": typed.user,
        "password": secret_from_stdin("Mot de passe du serveur") if typed.user else "",
        "sender": typed.sender,
    }


def _facts(server: MailServer | None) -> dict[str, Any] | None:
    if server is None:
        return None
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security,
        "user": server.user,
        "password": "••••" if server.password else "",
        "sender": server.sender,
        "state": server.state,
    }


def _words(server: MailServer | None) -> str:
    facts = _facts(server)
    if facts is None:
        return "Aucun serveur d'e-mail : personne n'est prévenu par e-mail."
    state = _STATES.get(facts["state"]) or _(MAIL[facts["state"]])
    names = ("serveur", "port", "sécurité", "identifiant", "mot de passe", "expéditeur")
    lines = list(zip(names, (v or "–" for v in facts.values()), strict=False))
    return table(("réglage", "valeur"), [*lines, ("état", state)])

"""`relais staff notify`: where and when a professional is told by e-mail."""

import secrets
from typing import Any
from urllib.parse import urlencode

from admin.letters import Envelope, letter
from admin.mail import CONFIRM
from admin.sentences import MAIL
from admin.wording import _
from records import mail_server, mailbox, staff
from records.mailbox import MOMENTS, UNREAD, Choices, Mailbox
from records.staff import Staff
from relais.command import Call, Said, UsageError, table, verb
from relais.smtp import post_one

_WORDS = {
    "now": "tout de suite, à toute heure",
    "hours": "aux heures où la structure lit",
    "never": "jamais",
}


def add_to(verbs: Any) -> None:
    one = verb(verbs, "notify", "où et quand cette personne est prévenue par e-mail", notify)
    one.add_argument("login", metavar="IDENTIFIANT")
    one.add_argument("--email", metavar="ADRESSE", help="un lien y est envoyé pour la confirmer")
    one.add_argument("--forget", action="store_true", help="oublier son adresse")
    one.add_argument("--alerts", choices=MOMENTS, help="une alerte")
    one.add_argument("--refusals", choices=MOMENTS, help="un refus le jour même d'un rendez-vous")
    one.add_argument("--unread", choices=UNREAD, help="un message que personne n'a lu")
    one.add_argument("--unread-after", type=int, metavar="HEURES", help="au bout de combien")
    one.add_argument("--unread-at", metavar="HH:MM", help="une fois par jour, à cette heure")
    one.add_argument("--quiet", type=int, metavar="MINUTES", help="entre deux e-mails, au moins")


async def notify(call: Call) -> Said:
    typed = call.typed
    chosen = {
        name: value
        for name in Choices.__slots__
        if (value := getattr(typed, name, None)) is not None
    }
    async with call.database.write() as tx:
        person = await staff.by_login(tx, typed.login)
        if chosen:
            await mailbox.choose(tx, person.id, **chosen)
        if typed.forget:
            await mailbox.forget(tx, person.id)
        token = await mailbox.give(tx, call.now, person.id, typed.email) if typed.email else None
    first = await _prove(call, person, token) if token else ""
    async with call.database.read() as tx:
        box = await mailbox.of(tx, person.id)
    return Said(_facts(person, box), "\n\n".join(p for p in (first, _table(person, box)) if p))


async def _prove(call: Call, person: Staff, token: str) -> str:
    """Send the link, after the commit; a server that refuses is told at once."""
    async with call.database.read() as tx:
        server = await mail_server.of(tx, person.structure_id)
    if server is None:
        raise UsageError(_(MAIL["no_server"]))
    desk = call.settings["DESK_URL"]
    envelope = Envelope(server.sender, call.typed.email, secrets.token_hex(16), call.now, desk)
    link = f"{desk}{CONFIRM}?{urlencode({'lien': token})}"
    went = await post_one(server, letter("proof", envelope, link))
    if went != "ok":
        raise UsageError(_(MAIL[went]))
    async with call.database.write() as tx:
        await mailbox.proof_left(tx, call.now, person.id)
    return "Un lien est parti à cette adresse : rien d'autre n'y part avant qu'il soit ouvert."


def _facts(person: Staff, box: Mailbox) -> dict[str, Any]:
    chosen = {name: getattr(box.choices, name) for name in Choices.__slots__}
    return {"login": person.login, "email": bool(box.address), "confirmed": box.is_reached} | chosen


def _table(person: Staff, box: Mailbox) -> str:
    chosen = box.choices
    unread = {
        "after": f"après {chosen.unread_after} h",
        "daily": f"une fois par jour, à {chosen.unread_at}",
        "never": "jamais",
    }
    address = "confirmée" if box.is_reached else "à confirmer" if box.address else "aucune"
    lines = [
        ("adresse", address),
        ("une alerte", _WORDS[chosen.alerts]),
        ("un refus le jour même", _WORDS[chosen.refusals]),
        ("un message non lu", unread[chosen.unread]),
        ("entre deux e-mails", f"{chosen.quiet} minutes au moins"),
    ]
    return table((person.login, "choix"), lines)

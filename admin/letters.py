"""The e-mails that staff receive: a sentence, a link to the desk, and nothing about anybody.

Plain text, no picture, nothing that tells that it was opened. RFC 3834: they are automatic, and
ask for no answer; RFC 2369: where to have fewer of them.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from admin.wording import gettext, marked

CHOICES = "/compte/e-mails"
SUBJECTS = {
    "alert": marked("Une alerte vous attend sur Relais"),
    "refusal": marked("Une réponse vous attend sur Relais"),
    "unread": marked("Un message vous attend sur Relais"),
    "test": marked("Un essai de Relais"),
    "proof": marked("Votre adresse pour Relais"),
}
_SAID = {
    "test": marked("Ceci est un essai : les e-mails de Relais vous parviennent."),
    "proof": marked(
        "Pour recevoir les e-mails de Relais à cette adresse, ouvrez ce lien. Il sert une fois, pendant deux jours :"
    ),
}
_OPEN = marked("Connectez-vous pour en savoir plus :")
_NOT_YOU = marked("Si vous n'avez rien demandé, il n'y a rien à faire.")
_WHY = marked("Ce message part tout seul et ne dit rien d'autre, à dessein.")
_CHOOSE = marked("Pour choisir vos e-mails, ou ne plus en recevoir :")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Between whom, at what time, and under which number; `desk` is the desk's public address."""

    sender: str
    to: str
    number: str
    at: datetime
    desk: str


def letter(about: str, envelope: Envelope, link: str = "") -> EmailMessage:
    """The e-mail of this kind; `link` is where it leads, the desk's first page by default."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address("Relais", addr_spec=envelope.sender)
    made["To"] = envelope.to
    made["Subject"] = gettext(SUBJECTS[about])
    made["Date"] = format_datetime(envelope.at)
    made["Message-ID"] = f"<{envelope.number}@{envelope.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # Exchange answers automatic mail otherwise
    made["List-Unsubscribe"] = f"<{envelope.desk}{CHOICES}>"
    made.set_content("\n".join(_lines(about, envelope.desk, link)), cte="quoted-printable")
    return made


def _lines(about: str, desk: str, link: str) -> list[str]:
    if about in _SAID:
        return [
            gettext(_SAID[about]),
            *([link] if link else []),
            "",
            gettext(_NOT_YOU if about == "proof" else _WHY),
        ]
    return [
        f"{gettext(SUBJECTS[about])}.",
        gettext(_OPEN),
        f"{desk}/",
        "",
        gettext(_WHY),
        gettext(_CHOOSE),
        f"{desk}{CHOICES}",
    ]

"""What is wrong with the bot or with e-mail and what to do, on the page that each role opens first."""

from datetime import timedelta

from admin.sentences import BOT, MAIL
from admin.visit import Visit
from admin.wording import _
from records import mail_server, mailbox, mailing, structure
from records.database import Tx
from records.staff import Staff
from records.structure import Structure

HICCUP = timedelta(minutes=5)  # a bot out of reach for less than that worries nobody
PASSING = ("unreachable", "timeout", "busy")  # an e-mail server, too


async def of_the_mail(tx: Tx, visit: Visit) -> str:
    """What keeps this person's e-mails from arriving; empty while they do, or want none."""
    box = await mailbox.of(tx, visit.me.id)
    if not any(box.wants(about) for about in mailbox.ABOUTS):
        return ""
    state, since = await mail_server.state(tx, visit.me.structure_id)
    if state in PASSING and visit.desk.real_now() - since < HICCUP:
        state = "ok"
    if state in ("ok", mail_server.UNTRIED):
        state = (await mailing.failing(tx, [visit.me.id])).get(visit.me.id, "ok")
    return _(MAIL[state]) if state in MAIL else ""


async def of_the_teams_mail(tx: Tx, visit: Visit, people: list[Staff]) -> dict[int, str]:
    """For coordination: by educator, why no e-mail would tell them of an alert."""
    ids = [person.id for person in people if person.disabled_at is None]
    failing, untold = (
        await mailing.failing(tx, ids),
        await mailing.untold(tx, visit.me.structure_id),
    )
    found = dict.fromkeys(untold, _("Aucun e-mail en cas d'alerte"))
    return found | dict.fromkeys(failing, _("Ses e-mails n'arrivent pas"))


async def of_the_server(tx: Tx, visit: Visit) -> str:
    """For coordination: what is wrong with the structure's e-mail server."""
    state, since = await mail_server.state(tx, visit.me.structure_id)
    passing = state in PASSING and visit.desk.real_now() - since < HICCUP
    return _(MAIL[state]) if state in MAIL and not passing else ""


async def of_the_bot(tx: Tx, visit: Visit, of: Structure) -> str:
    """Empty while it is well, or was so until just now."""
    if of.bot_id is None:
        return ""
    state, since = await structure.bot_state(tx, of.bot_id)
    passing = state == "unreachable" and visit.desk.real_now() - since < HICCUP
    return _(BOT[state]) if state in BOT and not passing else ""

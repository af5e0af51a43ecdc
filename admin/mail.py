"""« Mes e-mails »: the address where a professional is told, proved theirs, and what they choose.

A link is sent the moment it is asked for, after the commit, and the page says how that went; what
is due later leaves by rows (`records.notification`).
"""

import secrets
from urllib.parse import urlencode

from starlette.responses import Response

from admin import trouble
from admin.forms import Form
from admin.french import parse_time
from admin.letters import CHOICES, Envelope, letter
from admin.sentences import MAIL
from admin.visit import Visit
from admin.wording import _
from records import mail_server, mailbox
from records.errors import Refused
from records.mailbox import Choices, Mailbox

AFTER = (1, 2, 4, 8, 24, 48)  # hours
QUIET = (5, 15, 30, 60, 240)  # minutes
CONFIRM = f"{CHOICES}/confirmer"


async def show(visit: Visit) -> Response:
    """Two forms on one page: the address, and the choices."""
    box = await _box(visit)
    if not visit.posted or visit.form.step == "again":
        visit.form = _filled(box)
    elif visit.form.get("part") == "address":
        if await _give(visit):
            return visit.go(CHOICES, "email_link_sent")
    elif await _choose(visit):
        return visit.go(CHOICES, "email_choices_kept")
    return await _page(visit, box)


async def confirm(visit: Visit) -> Response:
    """Opened from the e-mail; it takes a press, for mail programs open links by themselves."""
    token = (visit.form.get("lien") or visit.request.query_params.get("lien", ""))[:100]
    if visit.posted:
        async with visit.database.write() as tx:
            proved = await mailbox.prove(tx, visit.desk.real_now(), visit.me.id, token)
        return visit.go(CHOICES, "email_proved" if proved else "email_link_old")
    return visit.page("mail_confirm.html", token=token, box=await _box(visit))


async def forget(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        await mailbox.forget(tx, visit.me.id)
    return visit.go(CHOICES, "email_forgotten")


async def test(visit: Visit) -> Response:
    """An e-mail on the spot, and the sentence for how it went."""
    box = await _box(visit)
    if not box.is_reached:
        return visit.go(CHOICES)
    if wrong := await _post(visit, "test", box.address):
        visit.form = _filled(box)
        visit.form.errors[""] = wrong
        return await _page(visit, box)
    return visit.go(CHOICES, "email_test_sent")


async def _box(visit: Visit) -> Mailbox:
    async with visit.database.read() as tx:
        return await mailbox.of(tx, visit.me.id)


async def _page(visit: Visit, box: Mailbox) -> Response:
    """What one form got wrong leaves the other as it was."""
    visit.form.values = _filled(box).values | visit.form.values
    async with visit.database.read() as tx:
        of = await visit.structure(tx)
        wrong = await trouble.of_the_mail(tx, visit)
    return visit.page(
        "mail.html",
        box=box,
        of=of,
        trouble=wrong,
        after_listed=[(n, _("%(hours)s h", hours=n)) for n in AFTER],
        quiet_listed=[(n, _("%(minutes)s minutes", minutes=n)) for n in QUIET],
    )


def _filled(box: Mailbox) -> Form:
    chosen = box.choices
    hour, minute = chosen.unread_at.split(":")
    return Form.filled(
        email=box.address,
        alerts=chosen.alerts,
        refusals=chosen.refusals,
        unread=chosen.unread,
        unread_after=str(chosen.unread_after),
        unread_at=f"{int(hour)}\u00a0h\u00a0{minute}",
        quiet=str(chosen.quiet),
    )


async def _give(visit: Visit) -> bool:
    """Keep the address, then send it the link; what the server says against it is told here."""
    try:
        async with visit.database.write() as tx:
            token = await mailbox.give(
                tx, visit.desk.real_now(), visit.me.id, visit.form.get("email")
            )
    except Refused as refusal:
        visit.form.refuse(refusal)
        return False
    if token is None:
        return True
    link = f"{visit.desk.address}{CONFIRM}?{urlencode({'lien': token})}"
    if wrong := await _post(visit, "proof", visit.form.get("email"), link):
        visit.form.errors["email"] = wrong
        return False
    async with visit.database.write() as tx:
        await mailbox.proof_left(tx, visit.desk.real_now(), visit.me.id)
    return True


async def _post(visit: Visit, about: str, to: str, link: str = "") -> str:
    """Send now; empty, or the sentence for what went wrong."""
    async with visit.database.read() as tx:
        server = await mail_server.of(tx, visit.me.structure_id)
    if server is None:
        return _(MAIL["no_server"])
    number = secrets.token_hex(16)
    envelope = Envelope(server.sender, to, number, visit.desk.real_now(), visit.desk.address)
    went = await visit.desk.post(server, letter(about, envelope, link))
    return "" if went == "ok" else _(MAIL[went])


async def _choose(visit: Visit) -> bool:
    form = visit.form
    at = parse_time(form.get("unread_at"))
    if at is None:
        form.wrong("unread_at", "email_hour_unknown")
        return False
    try:
        async with visit.database.write() as tx:
            await mailbox.choose(
                tx,
                visit.me.id,
                alerts=form.get("alerts"),
                refusals=form.get("refusals"),
                unread=form.get("unread"),
                unread_after=_number(form.get("unread_after"), Choices().unread_after),
                unread_at=f"{at:%H:%M}",
                quiet=_number(form.get("quiet"), Choices().quiet),
            )
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def _number(text: str, usual: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else usual

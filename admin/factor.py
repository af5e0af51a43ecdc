"""« Mon compte », the second factor: setting it up, taking it away, recovery codes.

The secret that a phone is shown is kept in the page, sealed for its owner, until a first code
proves that the phone has it; only then is it in use.
"""

from base64 import b64decode, b64encode
from datetime import datetime, timedelta

import segno
from starlette.responses import Response

from admin.account import PAGE
from admin.forms import Form
from admin.visit import Visit
from records import audit, second_factor, sign_in
from records.errors import Unusable

SHOWN_FOR = timedelta(minutes=30)
_FIELD = "second_factor.offered"


async def show(visit: Visit) -> Response:
    secret = _offered(visit) if visit.posted else None
    if secret and visit.form.step != "again":
        codes = await _enrolled(visit, secret)
        if codes:
            return visit.page("recovery_codes.html", codes=codes, first=True)
        visit.form.wrong("code", "first_code_refused")
    elif visit.posted:
        visit.form = Form()
        visit.form.wrong("", "secret_expired")
    secret = secret or second_factor.new_secret()
    return visit.page(
        "second_factor.html",
        sealed=_sealed(visit, secret),
        typed=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=segno.make(second_factor.address(secret, visit.me.login), error="m").svg_data_uri(
            scale=5, border=4, dark="#000", light="#fff"
        ),
    )


async def remove(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        if await second_factor.is_required(tx, visit.me):
            return visit.go(PAGE, "second_factor_required")
        await second_factor.remove(tx, visit.me.id)
        await sign_in.end_all(tx, visit.me.id, but=visit.session.id)
        await audit.note(tx, visit.desk.real_now(), visit.me.id, "second_factor_removed")
    return visit.go(PAGE, "second_factor_removed")


async def renew_codes(visit: Visit) -> Response:
    async with visit.database.write() as tx:
        if await second_factor.since(tx, visit.me.id) is None:
            return visit.go(PAGE)
        codes = await second_factor.new_codes(tx, visit.me.id)
        await audit.note(tx, visit.desk.real_now(), visit.me.id, "recovery_codes_made")
    visit.form = Form()
    return visit.page("recovery_codes.html", codes=codes, first=False)


async def _enrolled(visit: Visit, secret: str) -> list[str]:
    """The recovery codes when the first code is right; every other session then ends."""
    now = visit.desk.real_now()
    async with visit.database.write() as tx:
        codes = await second_factor.enrol(tx, now, visit.me.id, secret, visit.form.secret("code"))
        if codes is None:
            return []
        await sign_in.settle(tx, visit.session, "second_factor")
        await sign_in.end_all(tx, visit.me.id, but=visit.session.id)
        await audit.note(tx, now, visit.me.id, "second_factor_set")
    return list(codes)


def _sealed(visit: Visit, secret: str) -> str:
    offered = [secret, visit.desk.real_now().isoformat()]
    return b64encode(visit.database.vault.seal_data(_FIELD, visit.me.id, offered)).decode()


def _offered(visit: Visit) -> str | None:
    """The secret that this very person was shown, not too long ago."""
    try:
        sealed = b64decode(visit.form.get("sealed"), validate=True)
        secret, since = visit.database.vault.open_data(_FIELD, visit.me.id, sealed)
    except (ValueError, Unusable):
        return None
    lately = visit.desk.real_now() - datetime.fromisoformat(since) < SHOWN_FOR
    return str(secret) if lately else None

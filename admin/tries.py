"""How guessing is slowed down at the desk: whom a try is counted for, and how many each may have.

A browser in which somebody has signed in before is known by a cookie. Its tries are counted apart
from everybody else's, so that whoever guesses at an account, from however many addresses or from the
same one, with its password or without, never keeps out the person it belongs to
(docs/security.md, § Guessing).
"""

import logging
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from admin import cookies
from admin.visit import Desk
from records import audit, second_factor, sign_in
from records.errors import Unusable
from records.staff import Staff

log = logging.getLogger("relais.desk")
BY_ACCOUNT_AND_ADDRESS = 5
BY_KNOWN_BROWSER = 5
BY_ADDRESS = 20  # a whole team shares one
BY_ACCOUNT = 50  # from anywhere, by browsers that never signed in to it
BY_DOORSTEP = 5  # codes tried after one right password
BY_CODE = 10  # codes tried for one account: by a browser that is known, by all the others
KNOWN_FOR = timedelta(days=180)
_FIELD = "sign_in.browser"


def for_password(desk: Desk, request: Request, login: str) -> dict[str, int]:
    """Whom to count a password for, and how many tries each may have in `sign_in.WINDOW`."""
    login, address = login.strip().lower()[:64], address_of(request)
    if known := _known_browser(desk, request, login):
        return {f"browser:{known}": BY_KNOWN_BROWSER}
    return {
        f"address:{address}": BY_ADDRESS,
        f"login:{login}|{address}": BY_ACCOUNT_AND_ADDRESS,
        f"login:{login}": BY_ACCOUNT,
    }


def for_code(
    desk: Desk, request: Request, person: Staff, doorstep: int, code: str
) -> dict[str, int]:
    """Whom to count a code for. A recovery code is too long to be guessed: whoever types one is
    kept out by their own tries only, so that a new phone opens while somebody guesses."""
    counted = {f"door:{doorstep}": BY_DOORSTEP}
    if known := _known_browser(desk, request, person.login):
        return counted | {f"browser-code:{known}": BY_CODE}
    return counted | ({f"code:{person.id}": BY_CODE} if second_factor.is_code(code) else {})


async def begin(desk: Desk, limits: dict[str, int]) -> list[int] | None:
    """Count a try, in a commit of its own, before anything is looked at; None: no more for now."""
    async with desk.database.write() as tx:
        begun = await sign_in.begin_try(tx, desk.real_now(), limits)
    if begun is None:
        log.warning("a try to sign in was refused: there were too many")
    return begun


async def failed(desk: Desk, staff_id: int | None, action: str) -> None:
    async with desk.database.write() as tx:
        await audit.note(tx, desk.real_now(), staff_id, action)


def remember_browser(desk: Desk, answer: Response, person: Staff) -> None:
    """It opens nothing: it only says whose guesses are whose."""
    written = [person.login, secrets.token_urlsafe(12), desk.real_now().isoformat()]
    sealed = desk.database.vault.seal_data(_FIELD, 0, written)
    value = urlsafe_b64encode(sealed).decode()
    cookies.give(desk, answer, cookies.BROWSER, value, KNOWN_FOR)


def address_of(request: Request) -> str:
    """Whom we speak with; behind a trusted proxy, whom it speaks with (`relais.web`)."""
    return request.client.host if request.client else "unknown"


def _known_browser(desk: Desk, request: Request, login: str) -> str | None:
    """This browser's own name, if the account has been opened in it lately."""
    try:
        sealed = urlsafe_b64decode(request.cookies.get(desk.cookie_named(cookies.BROWSER), ""))
        owner, name, since = desk.database.vault.open_data(_FIELD, 0, sealed)
        lately = desk.real_now() - datetime.fromisoformat(since) < KNOWN_FOR
    except (ValueError, TypeError, Unusable):
        return None
    return str(name) if owner == login and lately else None

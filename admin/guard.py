"""Who may come in: headers of every answer, the Origin of every post, session, token and role."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin.forms import LIMIT, Form, FormTooLarge, FormTooSlow, NotAForm
from admin.visit import Desk, PageNotFound, ProofNeeded, Visit
from records import sign_in, staff
from records.access import Line, role_of
from records.database import is_trouble
from records.errors import NotFound
from records.staff import Staff

Page = Callable[[Visit], Awaitable[Response]]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
_UNUSED = (
    "accelerometer camera display-capture geolocation gyroscope hid idle-detection "
    "magnetometer microphone midi payment screen-wake-lock serial usb"
).split()
_STAYS_AWAKE = timedelta(minutes=1)  # a session is written to at most once a minute
_FORM = "application/x-www-form-urlencoded"
# Where whoever owes something is led, whatever they ask for.
SETTLED_AT = {"password": "/compte/mot-de-passe", "second_factor": "/compte/second-facteur"}


class PostRefused(Exception):
    """A post that did not come from one of our own pages, or from an older sign-in."""


class SignInFirst(Exception):
    """Nobody is signed in; what was being posted is kept for afterwards."""

    def __init__(self, form: Form | None = None) -> None:
        super().__init__()
        self.form = form


def headers(may_be_framed: bool, https: bool) -> dict[str, str]:
    """What every answer of the desk carries."""
    ancestors = "'self'" if may_be_framed else "'none'"
    two_years = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
    return (two_years if https else {}) | {
        "Content-Security-Policy": _CSP.format(ancestors=ancestors),
        "Cache-Control": "no-store",
        # No other site is ever told. Not « no-referrer »: browsers would then send « Origin: null »
        # with our own forms, and those that know no Sec-Fetch-Site could not sign in.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{one}=()" for one in _UNUSED),
    }


class Headers:
    """Puts the desk's headers on every answer that does not bring its own."""

    def __init__(self, app: ASGIApp, carried: dict[str, str]) -> None:
        self.app = app
        self.headers = carried

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    given.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def from_our_own_page(request: Request) -> bool:
    """Whether a post comes from this very site: by Sec-Fetch-Site, and by Origin.

    Each is believed when present and one of them must be; every browser sends one.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or origin == "null":
        return site == "same-origin"
    try:
        return urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:  # an origin that is no address
        return False


async def read_form(request: Request) -> Form:
    """The posted form. No page takes a file, so nothing but fields is read.

    Raises `NotAForm`, `FormTooLarge` as soon as it is longer than any of ours can be, or
    `FormTooSlow`.
    """
    if request.headers.get("content-type", _FORM).partition(";")[0].strip().lower() != _FORM:
        raise NotAForm
    try:
        async with asyncio.timeout(request.app.state.desk.patience):
            return Form.read(await _body(request))
    except TimeoutError:
        raise FormTooSlow from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise FormTooLarge
    return bytes(body)


async def session_of(
    desk: Desk, request: Request, *, awake: bool
) -> tuple[sign_in.Session, Staff] | None:
    """The live session of this browser, and whose it is; none of an account that is closed.
    `awake` is False for what a page asks by itself, so that a forgotten screen still signs out."""
    token = request.cookies.get(desk.cookie)
    if not token:
        return None
    now = desk.real_now()
    async with desk.database.read() as tx:
        session = await sign_in.session_of(tx, now, token)
        me = await staff.get(tx, session.staff_id) if session else None
    if session is None or me is None or me.disabled_at is not None:
        return None
    lately = desk.touched.get(token)
    if awake and (lately is None or now - lately >= _STAYS_AWAKE):
        if len(desk.touched) > 10_000:
            desk.touched.clear()
        await _keep_awake(desk, token, now)
    return session, me


async def _keep_awake(desk: Desk, token: str, now: datetime) -> None:
    """What cannot be written now (a full disk, a lock) shall not keep anybody from reading."""
    try:
        async with desk.database.write() as tx:
            await sign_in.touch_session(tx, now, token)
    except Exception as failure:
        if not is_trouble(failure):
            raise
    desk.touched[token] = now


def reached_by(
    page: Page, line: Line, *, fresh: bool = False, settles: str = ""
) -> Callable[[Request], Awaitable[Response]]:
    """The way to a page: a session, its token on a post, a role that its line lets in; and, where
    `fresh`, a proof of who is there that is not older than ten minutes. `settles` names what somebody may
    owe (`Session.owes`) and does here, « any » what helps with each: nothing else opens before."""

    async def reach(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        posted = request.method == "POST"
        if posted and not from_our_own_page(request):
            raise PostRefused
        form = await read_form(request) if posted else Form()
        own_accord = request.headers.get("hx-trigger") == "live"
        there = await session_of(desk, request, awake=not own_accord)
        if there is None:
            raise SignInFirst(form if posted else None)
        session, me = there
        if posted and not _token_matches(request, form, session):
            raise PostRefused
        if session.owes and settles not in (session.owes[0], "any"):
            return _settle_first(request, SETTLED_AT[session.owes[0]])
        visit = Visit(desk, request, session, me, desk.now(), line, form)
        return await _visited(page, visit, fresh=fresh)

    return reach


def _settle_first(request: Request, path: str) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


async def _visited(page: Page, visit: Visit, *, fresh: bool) -> Response:
    if visit.line.lets_in(role_of(visit.me)):
        if fresh and not visit.session.is_fresh(visit.desk.real_now()):
            raise ProofNeeded(visit)
        with suppress(NotFound):
            return await page(visit)
    await visit.note_refusal()
    raise PageNotFound(visit)


def _token_matches(request: Request, form: Form, session: sign_in.Session) -> bool:
    given = request.headers.get("x-csrf-token") or form.get("csrf")
    return compare_digest(given.encode(), session.csrf.encode())

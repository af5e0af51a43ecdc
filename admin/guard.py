"""Who may come in: headers of every answer, the Origin of every post, session, token and role."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin.forms import LIMIT, Form, FormTooLarge
from admin.visit import Desk, PageNotFound, Visit
from records import staff
from records.access import Line, role_of
from records.database import is_trouble
from records.errors import NotFound

Page = Callable[[Visit], Awaitable[Response]]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_STAYS_AWAKE = timedelta(minutes=1)  # a session is written to at most once a minute


class PostRefused(Exception):
    """A post that did not come from one of our own pages, or from an older sign-in."""


class SignInFirst(Exception):
    """Nobody is signed in; what was being posted is kept for afterwards."""

    def __init__(self, form: Form | None = None) -> None:
        super().__init__()
        self.form = form


def headers(may_be_framed: bool) -> dict[str, str]:
    """What every answer of the desk carries."""
    ancestors = "'self'" if may_be_framed else "'none'"
    return {
        "Content-Security-Policy": _CSP.format(ancestors=ancestors),
        "Cache-Control": "no-store",
        # Not no-referrer: Chromium would then send « Origin: null » with our own forms.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


class Headers:
    """Puts the desk's headers on every answer that does not bring its own."""

    def __init__(self, app: ASGIApp, may_be_framed: bool) -> None:
        self.app = app
        self.headers = headers(may_be_framed)

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
    """The posted form; `FormTooLarge` as soon as it is longer than any of ours can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise FormTooLarge
    return Form.read(bytes(body))


async def session_of(desk: Desk, request: Request, *, awake: bool) -> staff.Session | None:
    """The live session of this browser. `awake` is False for what a page asks by itself, so that
    a forgotten screen still signs out."""
    token = request.cookies.get(desk.cookie)
    if not token:
        return None
    now = desk.real_now()
    async with desk.database.read() as tx:
        session = await staff.session_of(tx, now, token)
    lately = desk.touched.get(token)
    if session and awake and (lately is None or now - lately >= _STAYS_AWAKE):
        if len(desk.touched) > 10_000:
            desk.touched.clear()
        await _keep_awake(desk, token, now)
    return session


async def _keep_awake(desk: Desk, token: str, now: datetime) -> None:
    """What cannot be written now (a full disk, a lock) shall not keep anybody from reading."""
    try:
        async with desk.database.write() as tx:
            await staff.touch_session(tx, now, token)
    except Exception as failure:
        if not is_trouble(failure):
            raise
    desk.touched[token] = now


def reached_by(page: Page, line: Line) -> Callable[[Request], Awaitable[Response]]:
    """The way to a page: a session, its token on a post, a role that its line lets in."""

    async def reach(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        posted = request.method == "POST"
        if posted and not from_our_own_page(request):
            raise PostRefused
        form = await read_form(request) if posted else Form()
        own_accord = request.headers.get("hx-trigger") == "live"
        session = await session_of(desk, request, awake=not own_accord)
        if session is None:
            raise SignInFirst(form if posted else None)
        if posted and not _token_matches(request, form, session):
            raise PostRefused
        visit = Visit(desk, request, session, desk.now(), line, form)
        return await _visited(page, visit)

    return reach


async def _visited(page: Page, visit: Visit) -> Response:
    if visit.line.lets_in(role_of(visit.me)):
        with suppress(NotFound):
            return await page(visit)
    await visit.note_refusal()
    raise PageNotFound(visit)


def _token_matches(request: Request, form: Form, session: staff.Session) -> bool:
    given = request.headers.get("x-csrf-token") or form.get("csrf")
    return compare_digest(given.encode(), session.csrf.encode())

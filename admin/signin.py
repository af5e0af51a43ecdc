"""Signing in and out. Guessing is slowed down by account and by address, and an account that does
not exist is refused with the same words, after the same time."""

import asyncio
import json
from base64 import b64decode, b64encode
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin.forms import Form
from admin.guard import PostRefused, from_our_own_page, read_form, session_of
from admin.sentences import outcome
from admin.visit import Desk
from records import audit, staff
from records.errors import NotFound, Unusable

WINDOW = timedelta(minutes=15)
TRIES_BY_LOGIN = 5
TRIES_BY_ADDRESS = 20  # a whole team shares one
DRAFT = 30_000  # bytes: the sign-in form must be able to carry it
_DRAFT = "session.draft"


async def sign_in(request: Request) -> Response:
    """`suite` is where to go afterwards; `draft` what was being posted when the session ended,
    sealed for whoever was signed in then."""
    desk: Desk = request.app.state.desk
    if request.method != "POST":
        if await session_of(desk, request, awake=True):
            return RedirectResponse("/", 303)
        form = Form.filled(suite=local_path(request.query_params.get("suite", "")))
        return show(desk, form, said=request.query_params.get("dit", ""))
    if not from_our_own_page(request):
        raise PostRefused
    form = await read_form(request)
    subjects = _subjects(request, form)
    if await _too_many(desk, subjects):
        form.wrong("", "too_many_attempts")
        return show(desk, form, 429)
    person = await _known(desk, form)
    if person is None:
        await _note_failure(desk, subjects)
        form.wrong("", "sign_in_refused")
        return show(desk, form, 422)
    return await _welcome(desk, request, form, person)


async def sign_out(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if not from_our_own_page(request):
        raise PostRefused
    form = await read_form(request)
    session = await session_of(desk, request, awake=False)
    if session:
        if form.get("csrf") != session.csrf:
            raise PostRefused
        async with desk.database.write() as tx:
            await staff.close_session(tx, request.cookies[desk.cookie])
    gone = RedirectResponse("/connexion?dit=signed_out", 303)
    gone.delete_cookie(
        desk.cookie, path="/", secure=desk.secure_cookies, httponly=True, samesite="lax"
    )
    return gone


async def interrupted(desk: Desk, request: Request, form: Form | None) -> Response:
    """The session has ended: sign in here, and find again what was being written.

    What was written goes to nobody else: it is sealed for the person whose session it was, and
    dropped where that is no longer known.
    """
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/connexion"})
    path = local_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    if form is None:
        suite = "" if path == "/" else f"?suite={quote(path, safe='/')}"
        return RedirectResponse(f"/connexion{suite}", 303)
    async with desk.database.read() as tx:
        owner = await staff.owner_of(tx, request.cookies.get(desk.cookie, ""))
    written = json.dumps(form.draft, ensure_ascii=False)
    if owner is None or not form.draft or len(written.encode()) > DRAFT:
        return show(desk, Form(), 401)
    sealed = desk.database.vault.seal(_DRAFT, owner, written)
    return show(desk, Form.filled(suite=path, draft=b64encode(sealed).decode()), 401)


def show(desk: Desk, form: Form, status: int = 200, said: str = "") -> Response:
    html = desk.pages.get_template("signin.html").render(
        form=form, outcome=outcome(said) if said == "signed_out" else "", me=None
    )
    return HTMLResponse(html, status)


def local_path(path: str) -> str:
    """A path of this desk, or the first page: never another site."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    plain = all(c.isprintable() for c in path)
    return path if own and plain else "/"


async def _known(desk: Desk, form: Form) -> staff.Staff | None:
    """Who this is, if the password is theirs. Argon2 runs off the event loop."""
    login, password = form.get("login"), form.all("password")
    async with desk.database.read() as tx:
        stored = await staff.stored_password(tx, login)
    given = password[0][:1024] if password else ""
    if not await asyncio.to_thread(staff.password_matches, stored, given):
        return None
    async with desk.database.read() as tx:
        try:
            return await staff.by_login(tx, login)
        except NotFound:
            return None


async def _welcome(desk: Desk, request: Request, form: Form, person: staff.Staff) -> Response:
    async with desk.database.write() as tx:
        if old := request.cookies.get(desk.cookie):
            await staff.close_session(tx, old)
        token = await staff.open_session(tx, desk.real_now(), person.id)
        await audit.note(tx, desk.real_now(), person.id, "signed_in")
    path = local_path(form.get("suite") or "/")
    draft = _draft(desk, form, person)
    if form.get("draft") and not draft:
        path = "/"  # where somebody else was writing
    if draft:
        async with desk.database.read() as tx:
            session = await staff.session_of(tx, desk.real_now(), token)
        assert session is not None
        html = desk.pages.get_template("draft.html").render(
            draft=draft, path=path, csrf=session.csrf, me=person
        )
        answer: Response = HTMLResponse(html)
    else:
        answer = RedirectResponse(path, 303)
    answer.set_cookie(
        desk.cookie, token, httponly=True, samesite="lax", path="/", secure=desk.secure_cookies
    )
    return answer


def _draft(desk: Desk, form: Form, person: staff.Staff) -> list[tuple[str, str]]:
    """What this person had typed before; nothing when it is not theirs, or not as we sealed it."""
    try:
        sealed = b64decode(form.get("draft"), validate=True)
        kept = json.loads(desk.database.vault.open(_DRAFT, person.id, sealed))
    except (ValueError, Unusable):
        return []
    return [(name, value) for name, value in kept]


def _subjects(request: Request, form: Form) -> dict[str, int]:
    """Whom to count failures for, and how many each may have."""
    address = request.client.host if request.client else "unknown"
    return {
        f"login:{form.get('login').lower()[:64]}": TRIES_BY_LOGIN,
        f"address:{address}": TRIES_BY_ADDRESS,
    }


async def _too_many(desk: Desk, subjects: dict[str, int]) -> bool:
    since = desk.real_now() - WINDOW
    async with desk.database.read() as tx:
        failed = [
            await staff.recent_failures(tx, subject, since) >= limit
            for subject, limit in subjects.items()
        ]
    return any(failed)


async def _note_failure(desk: Desk, subjects: dict[str, int]) -> None:
    async with desk.database.write() as tx:
        for subject in subjects:
            await staff.note_failure(tx, desk.real_now(), subject)

"""Signing in and out. An account that does not exist is refused with the same words, after the same
work, as one whose password was wrong; a right one may still owe a code (`admin.second_step`)."""

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin import cookies, drafts, second_step, tries
from admin.forms import Form
from admin.guard import PostRefused, from_our_own_page, read_form, session_of
from admin.sentences import outcome
from admin.visit import Desk
from admin.welcome import local_path, welcome
from records import audit, second_factor, sign_in, staff
from records.staff import Staff

LONGEST = 1024  # characters of a password that are looked at: ours have 128 at most
_SAID = ("signed_out", "door_closed")


async def sign_in_page(request: Request) -> Response:
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
    begun = await tries.begin(desk, tries.for_password(desk, request, form.get("login")))
    if begun is None:
        form.wrong("", "too_many_attempts")
        return show(desk, form, 429)
    staff_id, right = await checked(desk, form.get("login"), form.secret("password"))
    if staff_id is None or not right:
        await tries.failed(desk, staff_id, "sign_in_refused")
        form.wrong("", "sign_in_refused")
        return show(desk, form, 422)
    person = await _forgiven(desk, begun, staff_id)
    if person is not None:
        return await second_step.ask(desk, form, person)
    async with desk.database.read() as tx:
        person = await staff.get(tx, staff_id)
    return await welcome(desk, request, form, person)


async def checked(desk: Desk, login: str, password: str) -> tuple[int | None, bool]:
    """Whose account this is, and whether the password is theirs. Argon2 runs off the event loop,
    once, whether there is such an account or not."""
    async with desk.database.read() as tx:
        staff_id, stored = await staff.credentials(tx, desk.real_now(), login)
    right = await asyncio.to_thread(desk.password_matches, stored, password[:LONGEST])
    return staff_id, right


async def _forgiven(desk: Desk, begun: list[int], staff_id: int) -> Staff | None:
    """The password was right: its try is taken back. Returns whoever still owes a code."""
    async with desk.database.write() as tx:
        await sign_in.forgive(tx, begun)
        has_one = await second_factor.since(tx, staff_id) is not None
        return await staff.get(tx, staff_id) if has_one else None


async def sign_out(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if not from_our_own_page(request):
        raise PostRefused
    form = await read_form(request)
    there = await session_of(desk, request, awake=False)
    if there:
        session, me = there
        if form.get("csrf") != session.csrf:
            raise PostRefused
        async with desk.database.write() as tx:
            await sign_in.close_session(tx, request.cookies[desk.cookie])
            await audit.note(tx, desk.real_now(), me.id, "signed_out")
    gone = RedirectResponse("/connexion?dit=signed_out", 303)
    cookies.take_back(desk, gone, cookies.SESSION)
    gone.headers["Clear-Site-Data"] = '"cache", "storage"'  # the known browser's cookie stays
    return gone


async def interrupted(desk: Desk, request: Request, form: Form | None) -> Response:
    """The session has ended: sign in here, and find again what was being written."""
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/connexion"})
    path = way_back(request)
    if form is None:
        suite = "" if path == "/" else f"?suite={quote(path, safe='/')}"
        return RedirectResponse(f"/connexion{suite}", 303)
    async with desk.database.read() as tx:
        owner = await sign_in.owner_of(tx, request.cookies.get(desk.cookie, ""))
    kept = drafts.keep(desk, owner, form) if owner and form.draft else ""
    return show(desk, Form.filled(suite=path, draft=kept) if kept else Form(), 401)


def way_back(request: Request) -> str:
    """The address that was asked for, with its question."""
    return local_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))


def show(desk: Desk, form: Form, status: int = 200, said: str = "") -> Response:
    html = desk.pages.get_template("signin.html").render(
        form=form, outcome=outcome(said) if said in _SAID else "", me=None
    )
    return HTMLResponse(html, status)

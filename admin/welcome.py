"""Letting somebody in, once everything that was asked for is proved: a new session, its cookie, and
the way back to where they were going."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin import browsers, cookies, drafts, tries
from admin.forms import Form
from admin.visit import Desk
from records import audit, second_factor, sign_in
from records.staff import Staff


async def welcome(
    desk: Desk, request: Request, form: Form, person: Staff, action: str = "signed_in"
) -> Response:
    """`action` says, in the access log, by what they came in."""
    browser = browsers.named(request.headers.get("user-agent", ""))
    async with desk.database.write() as tx:
        if old := request.cookies.get(desk.cookie):
            await sign_in.close_session(tx, old)
        owed = await second_factor.owed(tx, person)
        token = await sign_in.open_session(
            tx, desk.real_now(), person.id, browser=browser, owes=owed
        )
        session = await sign_in.session_of(tx, desk.real_now(), token)
        await audit.note(tx, desk.real_now(), person.id, action)
    assert session is not None
    answer = back(desk, form, person, session.csrf)
    cookies.give(desk, answer, cookies.SESSION, token)
    tries.remember_browser(desk, answer, person)
    cookies.take_back(desk, answer, cookies.DOOR)
    return answer


def back(desk: Desk, form: Form, person: Staff, csrf: str, *, proved: bool = False) -> Response:
    """To `suite`, with the draft when there is one; to the first page when the draft is somebody
    else's. A file is fetched from a page that stays, because a download leaves none behind."""
    path = local_path(form.get("suite") or "/")
    if form.get("draft"):
        draft = drafts.reopen(desk, person.id, form.get("draft"))
        if draft is not None:
            shown = {"draft": draft, "path": path, "csrf": csrf, "me": person, "proved": proved}
            return _shown(desk, "draft.html", **shown)
        path = "/"
    if "." in path.partition("?")[0].rpartition("/")[2]:
        return _shown(desk, "download.html", path=path, csrf=csrf, me=person)
    return RedirectResponse(path, 303)


def local_path(path: str) -> str:
    """A path of this desk, or the first page: never another site."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    plain = all(c.isprintable() for c in path)
    return path if own and plain else "/"


def _shown(desk: Desk, page: str, **values: object) -> Response:
    return HTMLResponse(desk.pages.get_template(page).render(values))

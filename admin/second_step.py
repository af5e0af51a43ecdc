"""The second step of signing in: the code of a phone, or a recovery code.

Whoever stands here gave the right password. A cookie of its own names the doorstep; it opens no
page, lives ten minutes, and takes five codes at most.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin import cookies, tries
from admin.forms import Form
from admin.guard import PostRefused, from_our_own_page, read_form
from admin.visit import Desk
from admin.welcome import local_path, welcome
from records import second_factor, sign_in, staff
from records.database import Tx
from records.sign_in import Doorstep
from records.staff import Staff


async def ask(desk: Desk, form: Form, person: Staff) -> Response:
    async with desk.database.write() as tx:
        token = await sign_in.wait_at_door(tx, desk.real_now(), person.id)
    answer = _show(desk, Form.filled(suite=form.get("suite"), draft=form.get("draft")))
    cookies.give(desk, answer, cookies.DOOR, token, sign_in.DOORSTEP)
    return answer


async def code_page(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    posted = request.method == "POST"
    if posted and not from_our_own_page(request):
        raise PostRefused
    form = await read_form(request) if posted else Form()
    token = request.cookies.get(desk.cookie_named(cookies.DOOR), "")
    async with desk.database.read() as tx:
        waiting = await sign_in.at_door(tx, desk.real_now(), token)
    if waiting is None:
        return RedirectResponse("/connexion?dit=door_closed", 303)
    if not posted:
        suite = local_path(request.query_params.get("suite", ""))
        return _show(desk, Form.filled(suite=suite))
    return await _tried(desk, request, form, waiting)


async def _tried(desk: Desk, request: Request, form: Form, waiting: Doorstep) -> Response:
    async with desk.database.read() as tx:
        person = await staff.get(tx, waiting.staff_id)
    code = form.secret("code")
    begun = await tries.begin(desk, tries.for_code(desk, request, person, waiting.id, code))
    if begun is None:
        form.wrong("code", "too_many_codes")
        return _show(desk, form, 429)
    async with desk.database.write() as tx:
        action = await taken(tx, desk, person.id, code)
        if action is not None and await sign_in.leave_door(tx, waiting):
            await sign_in.forgive(tx, begun)
        else:
            action = None
    if action is None:
        await tries.failed(desk, person.id, "code_refused")
        form.wrong("code", "code_refused")
        return _show(desk, form, 422)
    return await welcome(desk, request, form, person, action)


async def taken(tx: Tx, desk: Desk, staff_id: int, code: str) -> str | None:
    """By what this code lets in, as the access log calls it; None when it does not."""
    now = desk.real_now()
    if second_factor.is_code(code):
        right = await second_factor.take_code(tx, now, staff_id, code)
        return "signed_in_with_code" if right else None
    right = await second_factor.take_recovery_code(tx, now, staff_id, code)
    return "signed_in_with_recovery" if right else None


def _show(desk: Desk, form: Form, status: int = 200) -> Response:
    html = desk.pages.get_template("code.html").render(form=form, me=None)
    return HTMLResponse(html, status)

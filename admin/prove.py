"""Proving again who one is, before an export or a change of the account (`fresh` in `admin.app`).

A proof is good for ten minutes. What was asked for goes on afterwards: a page is shown, a file is
fetched, and what was posted comes back, to be sent by its writer.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import cookies, drafts, second_step, signin, tries
from admin.forms import Form
from admin.visit import ProofNeeded, Visit
from admin.welcome import back, local_path
from records import audit, second_factor, sign_in
from records.database import Tx

PATH = "/compte/confirmer"


async def needed(request: Request, failure: Exception) -> Response:
    """Instead of the page: ask first, and remember where this person was going."""
    assert isinstance(failure, ProofNeeded)
    visit = failure.visit
    path = signin.way_back(request)
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": f"{PATH}?suite={quote(path)}"})
    if not visit.posted:
        return RedirectResponse(f"{PATH}?suite={quote(path, safe='/')}", 303)
    kept = drafts.keep(visit.desk, visit.me.id, visit.form)
    visit.form = Form.filled(suite=path, draft=kept)
    return await _shown(visit, 401)


async def show(visit: Visit) -> Response:
    if not visit.posted:
        suite = local_path(visit.request.query_params.get("suite", ""))
        visit.form = Form.filled(suite=suite)
        return await _shown(visit)
    if refused := await refusal(visit):
        visit.form.wrong("", refused)
        return await _shown(visit, 429 if refused == "too_many_attempts" else 422)
    desk = visit.desk
    async with desk.database.write() as tx:
        token = await sign_in.renew(tx, desk.real_now(), visit.session.id)
        await audit.note(tx, desk.real_now(), visit.me.id, "proved_again")
    answer = back(desk, visit.form, visit.me, visit.session.csrf, proved=True)
    cookies.give(desk, answer, cookies.SESSION, token)
    return answer


async def refusal(visit: Visit, *, with_code: bool = True) -> str | None:
    """None when the password is right, and the code where there is a second factor; else the code
    of a sentence. The limits are those of signing in."""
    desk, form = visit.desk, visit.form
    limits = tries.for_password(desk, visit.request, visit.me.login)
    if with_code:
        code = form.secret("code")
        limits |= tries.for_code(desk, visit.request, visit.me, visit.session.id, code)
    begun = await tries.begin(desk, limits)
    if begun is None:
        return "too_many_attempts"
    _, right = await signin.checked(desk, visit.me.login, form.secret("password"))
    async with visit.database.write() as tx:
        if right and (not with_code or await _code_is_right(tx, visit)):
            await sign_in.forgive(tx, begun)
            return None
    await tries.failed(desk, visit.me.id, "proof_refused")
    return "proof_refused"


async def _code_is_right(tx: Tx, visit: Visit) -> bool:
    if await second_factor.since(tx, visit.me.id) is None:
        return True
    code = visit.form.secret("code")
    return await second_step.taken(tx, visit.desk, visit.me.id, code) is not None


async def _shown(visit: Visit, status: int = 200) -> Response:
    async with visit.database.read() as tx:
        coded = await second_factor.since(tx, visit.me.id) is not None
    return visit.page("prove.html", status, coded=coded)

"""The notice that a youth reads before saying yes: who is responsible, what is kept, what the law
allows (RGPD, art. 12 and 13). Anyone may open it, and nothing notes who did."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from admin.papers import NOTICES, paper
from admin.visit import MAX_ID, Desk
from records import retention, structure
from records.errors import NotFound


def shown(asset: Callable[[str], str]) -> Callable[[Request], Awaitable[Response]]:
    """The page; `asset` gives the address of a packaged file."""

    async def show(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        which, age = request.path_params["structure_id"], request.path_params["age"]
        if which > MAX_ID or age not in NOTICES:
            raise HTTPException(404)
        try:
            async with desk.database.read() as tx:
                of, kept = await structure.get(tx, which), await retention.periods(tx)
        except NotFound:
            raise HTTPException(404) from None
        today = desk.now().astimezone(of.tz).date()
        page = {"layout": "notice.html", "stylesheet": asset("desk.css")}
        return HTMLResponse(paper(NOTICES[age], of, today, kept, **page).html)

    return show

"""What a youth takes away: a page to read and a file to keep, through a link of their own.

Nobody signs in here: the link itself is the proof, for a quarter of an hour, once for each of the
two. `page_of` and `file_of` make the same for the command line.
"""

import base64
import json
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

import content
from admin.guard import PostRefused, from_our_own_page, headers, read_form
from admin.visit import Desk
from content import stored as in_words
from records import receipt, rights, structure, takeaway, youth
from records.errors import NotFound
from records.receipt import Receipt
from records.rights import Stored

PATH = "/a-moi"


def address(desk_url: str, token: str) -> str:
    return f"{desk_url}{PATH}/{token}"


async def show(request: Request) -> Response:
    """GET tells what there is, and uses nothing up: a browser may ask ahead. POST takes it."""
    desk: Desk = request.app.state.desk
    token = request.path_params["token"]
    try:
        if request.method == "POST":
            return await _take(desk, request, token)
        return await _choice(desk, token)
    except NotFound:
        return _html("takeaway.html", "fr", 404, forms=[], until=None)


async def _choice(desk: Desk, token: str) -> Response:
    async with desk.database.read() as tx:
        found = await takeaway.offered(tx, desk.now(), token)
        who = await youth.get(tx, found.youth_id)
        of = await structure.get(tx, who.structure_id)
    language = content.spoken(who.language, who.form, of.form)
    until = content.clock_time(found.expires_at.astimezone(of.tz), language)
    return _html("takeaway.html", language, forms=found.forms, until=until)


async def _take(desk: Desk, request: Request, token: str) -> Response:
    if not from_our_own_page(request):
        raise PostRefused
    form = (await read_form(request)).get("form")
    async with desk.database.write() as tx:
        youth_id = await takeaway.take(tx, desk.now(), token, form)
        whole = await rights.everything(tx, desk.now(), youth_id)
        given = await receipt.give(tx, desk.now(), "taken_away")
    if form == "file":
        kept = {"Content-Disposition": 'attachment; filename="a-moi.json"'}
        return Response(file_of(whole, given), media_type="application/json", headers=kept)
    return HTMLResponse(page_of(whole, given), headers=_with_style())


def file_of(whole: Stored, given: Receipt) -> str:
    """JSON, indented: a person may open it too."""
    return json.dumps(whole.facts() | {"receipt": given.code}, ensure_ascii=False, indent=2) + "\n"


def page_of(whole: Stored, given: Receipt) -> str:
    """A page that stands alone: no script, no picture, no address of anywhere."""
    language = content.spoken(whole.youth.language, whole.youth.form, whole.structure.form)
    sections = [(section.table, section.rows) for section in whole.sections]
    shelves = in_words.shelves(sections, whole.read_by, language, whole.periods)
    return _rendered(
        "stored.html", language, shelves=shelves, when=_day(whole.made_at, language), receipt=given
    )


def _day(at: datetime, language: str) -> str:
    return f"{content.day(at, language)} {at.year}"


def _html(name: str, language: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_rendered(name, language, **values), status, headers=_with_style())


def _rendered(name: str, language: str, **values: Any) -> str:
    def say(key: str, **facts: Any) -> str:
        return content.library().phrase(key, language, **facts)

    return (
        _pages()
        .get_template(name)
        .render(values | {"say": say, "language": language[:2], "style": _style()})
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "static" / "stored.css").read_text("utf-8")


@cache
def _with_style() -> dict[str, str]:
    """The desk's own policy forbids inline styles; this page carries exactly one, named by hash."""
    ours = base64.b64encode(sha256(_style().encode()).digest()).decode()
    policy = headers(may_be_framed=False, https=False)["Content-Security-Policy"]
    allowed = policy.replace("style-src 'self'", f"style-src 'sha256-{ours}'").replace(
        "script-src 'self'", "script-src 'none'"
    )
    return {"Content-Security-Policy": allowed}

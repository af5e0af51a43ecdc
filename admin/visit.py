"""One request of somebody signed in, and what its page needs at hand.

Every page is a coroutine that takes a `Visit`. Reaching it has already proved the session, the
role, and for a POST the Origin and the token; what a page still asks is what this person may see
of this youth (`Visit.sight`, by the matrix of `records.access`). Whoever may not gets the same 404 as for a row that does
not exist, and the access log gets a line.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from admin.forms import Form
from records import audit, sight, structure
from records.access import Line
from records.database import Database, Tx
from records.errors import NotFound
from records.sight import Sight
from records.staff import Session, Staff
from records.youth import Youth

MAX_ID = 2**63 - 1


class PageNotFound(Exception):
    """No such page for this person: one answer, whatever the reason."""

    def __init__(self, visit: "Visit") -> None:
        super().__init__()
        self.visit = visit


@dataclass(frozen=True)
class Desk:
    """The desk's wiring. `now` is the product's clock; `real_now` the machine's, for sessions."""

    database: Database
    now: Callable[[], datetime]
    real_now: Callable[[], datetime]
    secure_cookies: bool
    may_be_framed: bool
    invite_link: Callable[[int, str], Awaitable[str] | str]
    wake: Callable[[], None]
    demo_note: str | None
    pages: Environment
    touched: dict[str, datetime] = field(default_factory=dict)  # sessions lately kept awake

    @property
    def cookie(self) -> str:
        return "__Host-relais" if self.secure_cookies else "relais"


@dataclass
class Visit:
    """`now` is one instant for the whole request."""

    desk: Desk
    request: Request
    session: Session
    now: datetime
    line: Line
    form: Form = field(default_factory=Form)

    @property
    def me(self) -> Staff:
        return self.session.staff

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    @property
    def is_looked_at(self) -> bool:
        """Somebody opens the page: neither its headers alone, nor a browser's guess ahead."""
        return self.request.method == "GET" and not self.request.headers.get("sec-purpose")

    @property
    def database(self) -> Database:
        return self.desk.database

    def id(self, name: str) -> int:
        """An identifier from the address; one that no row can have is not found."""
        found: int = self.request.path_params[name]
        if found > MAX_ID:
            raise NotFound("youth_unknown")
        return found

    async def sight(self, tx: Tx) -> Sight:
        """The youth of this address as this person may see them on this page."""
        return await sight.by_id(tx, self.now, self.me, self.line.page, self.id("youth_id"))

    async def youth(self, tx: Tx) -> Youth:
        """The same, for a page that shows nothing of the past."""
        seen = await self.sight(tx)
        assert seen.since is None, "this page must leave out what is older than the cover"
        return seen.who

    def signature(self, who: Youth) -> str | None:
        """The name that the youth reads, where it is not that of their own educator."""
        return None if who.educator_id == self.me.id else self.me.name

    async def structure(self, tx: Tx) -> structure.Structure:
        return await structure.get(tx, self.me.structure_id)

    async def note_refusal(self) -> None:
        """Somebody asked for what they may not see: one line, the same for what is not there."""
        asked = self.request.path_params.get("youth_id")
        about = int(asked) if asked is not None and int(asked) <= MAX_ID else None
        async with self.database.write() as tx:
            await audit.note(tx, self.now, self.me.id, "page_refused", about)

    def page(self, name: str, status: int = 200, **values: Any) -> Response:
        """A page of the desk. A form with errors is 422, and keeps what was typed."""
        if status == 200 and self.form.errors:
            status = 422
        known = {
            "visit": self,
            "me": self.me,
            "form": self.form,
            "csrf": self.session.csrf,
            "said": self.request.query_params.get("dit", ""),
        }
        html = self.desk.pages.get_template(name).render(known | values)
        return HTMLResponse(html, status)

    def go(self, path: str, said: str = "") -> Response:
        """After an act, show another page; `said` is the code of the sentence it opens with."""
        return RedirectResponse(f"{path}?dit={said}" if said else path, 303)

"""The demo page: a phone on the left, the educator's desk on the right, a clock above.

    routes += demo_routes(telegram, clock, "/bureau", logins=[…])

Mounted under `/demo` beside the desk, in the same program and on the same origin: the desk's own
headers must allow `frame-ancestors 'self'`, in the demo only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal, Protocol, cast, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator import french
from simulator.phone import own_json, phone_routes, sentence
from simulator.telegram import Telegram

Jump = Literal["hour", "next", "day"]
Login = tuple[str, str, str, str]  # name, role, login, password: fictional, shown to everybody

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
_logger = logging.getLogger(__name__)


class ClockError(Exception):
    """The clock stayed where it is; `str()` says why, in French, for the page."""


class ClockControl(Protocol):
    """The demo's clock, as the wiring gives it to the page."""

    @property
    def zone(self) -> tzinfo: ...

    def now(self) -> datetime: ...

    async def advance(self, by: Jump) -> datetime:
        """Run through every due instant up to the new time; may raise `ClockError`."""
        ...


def demo_routes(
    telegram: Telegram,
    clock: ClockControl,
    desk_url: str,
    *,
    logins: Sequence[Login] = (),
    first_phone: str = "Alex",
) -> list[Route | Mount]:
    """Everything under `/demo`, to be given to the Starlette application that serves the desk."""
    if not telegram.persons:
        telegram.person(first_phone)
    page = DemoPage(telegram, clock, desk_url, logins)
    return [
        Route("/demo", _with_slash),
        Mount(
            "/demo",
            routes=[
                Route("/", page.show),
                Route("/about", page.about),
                Route("/clock", page.advance, methods=["POST"]),
                *phone_routes(telegram, clock.zone),
                Mount("/static", StaticFiles(directory=_STATIC)),
            ],
        ),
    ]


async def _with_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/demo/{query}", 307)


class DemoPage:
    """The endpoints around the phone."""

    def __init__(
        self,
        telegram: Telegram,
        clock: ClockControl,
        desk_url: str,
        logins: Sequence[Login],
    ) -> None:
        self.telegram = telegram
        self.clock = clock
        self.desk_url = desk_url
        self.logins = logins
        self._moving = asyncio.Lock()

    async def show(self, _request: Request) -> Response:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return FileResponse(_STATIC / "demo.html", headers=headers)

    async def about(self, _request: Request) -> Response:
        """What the page needs to know once."""
        return JSONResponse(
            {
                "desk": self.desk_url,
                "phones": [person.id for person in self.telegram.persons],
                "clock": french.moment(self._now()),
                "logins": [
                    dict(zip(("name", "role", "login", "password"), login, strict=True))
                    for login in self.logins
                ],
            },
            headers={"Cache-Control": "no-store"},
        )

    async def advance(self, request: Request) -> Response:
        by = _jump((await own_json(request)).get("by"))
        if self._moving.locked():
            return sentence("L'horloge avance déjà.")
        async with self._moving:
            try:
                await self.clock.advance(by)
            except ClockError as error:
                return sentence(str(error))
            except Exception:
                _logger.exception("the demo's clock could not be advanced")
                return sentence("L'horloge n'a pas pu avancer. Rien n'est perdu : réessayez.", 500)
        self.telegram.changes.mark()
        return JSONResponse({"clock": french.moment(self._now())})

    def _now(self) -> datetime:
        return self.clock.now().astimezone(self.clock.zone)


def _jump(word: object) -> Jump:
    for known in get_args(Jump):
        if word == known:
            return cast("Jump", known)
    raise HTTPException(400)

"""The desk's three cookies: the session, the doorstep, the browser that is known. Each is out of
reach of scripts and of other hosts, and travels over https only where there is https."""

from datetime import timedelta
from typing import Literal

from starlette.responses import Response

from admin.visit import Desk

SESSION, DOOR, BROWSER = "", "door", "browser"
# A link in an e-mail finds the session; nothing from elsewhere needs the others.
_SITE: dict[str, Literal["lax", "strict"]] = {SESSION: "lax", DOOR: "strict", BROWSER: "strict"}


def give(
    desk: Desk, answer: Response, name: str, value: str, lasts: timedelta | None = None
) -> None:
    """`lasts`: until the browser is closed, if nothing is said."""
    answer.set_cookie(
        desk.cookie_named(name),
        value,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=desk.secure_cookies,
        httponly=True,
        samesite=_SITE[name],
    )


def take_back(desk: Desk, answer: Response, name: str) -> None:
    answer.delete_cookie(
        desk.cookie_named(name),
        path="/",
        secure=desk.secure_cookies,
        httponly=True,
        samesite=_SITE[name],
    )

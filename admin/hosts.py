"""The desk answers under its own name only: a page of another site that has made its name point
here (DNS rebinding), or a forged Host header, finds nothing."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


class OwnHost:
    """`host` is a name without a port; empty lets every name through."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.known = {host.lower(), *_THIS_MACHINE} if host else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope).get("host", "").lower()
        name = asked[: asked.index("]") + 1] if "]" in asked else asked.partition(":")[0]
        if self.known and name not in self.known:
            raise HTTPException(421)
        await self.app(scope, receive, send)

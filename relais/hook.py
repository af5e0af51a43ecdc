"""The webhook's route: where Telegram posts what comes in, one address and one secret a bot.

A post is believed for its secret, and answered 200 only once its effects are committed. Anything
else gets a bare status: whoever tries doors learns nothing, and nothing of a body is logged.
"""

import base64
from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gather import NotTaken
from bot.telegram_hook import Line, Unreadable
from records.vault import Vault

SECRET = "x-telegram-bot-api-secret-token"  # noqa: S105  a header's name
LARGEST = 1 << 20  # bytes: many times what an update takes
AGAIN = {"Retry-After": "1"}  # seconds; without it Telegram waits twice as long at each failure
METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def address(base: str, bot_id: int) -> str:
    """Where Telegram posts for this bot, as it is told."""
    return f"{base}/telegram/{bot_id}"


def secret(vault: Vault, token: str) -> str:
    """What Telegram shows with each post: derived, so that it is kept nowhere and survives."""
    return base64.urlsafe_b64encode(vault.lasting("bot.webhook", token)).decode().rstrip("=")


def routes(lines: Mapping[int, Line]) -> list[Route]:
    """One route for every bot that Telegram posts for, now or later."""

    async def take(request: Request) -> Response:
        bot = request.path_params["bot"]
        line = next((line for bot_id, line in lines.items() if str(bot_id) == bot), None)
        if line is None:
            return Response(status_code=404)
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        if not line.channel.knows(request.headers.get(SECRET, "")):
            return Response(status_code=403)
        body = await _body(request)
        return Response(status_code=413) if body is None else await _taken(line, body)

    return [Route("/telegram/{bot}", take, methods=METHODS)]


async def _taken(line: Line, body: bytes) -> Response:
    try:
        said = await line.posted(body)
        return Response(said, media_type="application/json" if said else None)
    except Unreadable:
        return Response(status_code=400)
    except NotTaken:
        return Response(status_code=503, headers=AGAIN)


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is longer than an update can be."""
    read = bytearray()
    with suppress(ClientDisconnect):  # cut short: what came of it cannot be read
        async for chunk in request.stream():
            read += chunk
            if len(read) > LARGEST:
                return None
    return bytes(read)

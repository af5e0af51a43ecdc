"""A Bot API server that sends a request elsewhere: the address holds the token, the body the words."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from yarl import URL

from bot.telegram_http import AiohttpRequest
from simulator.server import serving


async def test_a_redirection_takes_no_token_elsewhere() -> None:
    heard: list[bytes] = []

    async def elsewhere(request: Request) -> Response:
        heard.append(await request.body())
        return Response(b"{}")

    async def away(request: Request) -> Response:
        return RedirectResponse(f"{there}{request.url.path}", 307)

    line = AiohttpRequest()
    thief = Starlette(routes=[Route("/{rest:path}", elsewhere, methods=["GET", "POST"])])
    server = Starlette(routes=[Route("/{rest:path}", away, methods=["GET", "POST"])])
    async with serving(thief) as there, serving(server) as api:
        status, _ = await line.post_json(URL(f"{api}/bot1:token/sendMessage"), b"{}", 5)
        rare, _ = await line.do_request(f"{api}/bot1:token/getMe", "POST")
        await line.shutdown()
    assert (status, rare, heard) == (307, 307, [])

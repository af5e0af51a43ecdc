"""The simulated Telegram over HTTP: the Bot API as a Starlette application, and a runner.

    async with serving(bot_api(telegram)) as base_url: ...

`base_url` is what the production bot is given instead of Telegram's address. The runner lives
inside the caller's event loop and touches no signal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.errors import ApiError, bad_request, not_found
from simulator.fields import Upload
from simulator.telegram import Bot, Telegram
from simulator.transcript import number

_STUCK = 24 * 3600.0
_GOODBYE = 1.0  # seconds that a call under way has to end
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: the peer sees a reset


def bot_api(telegram: Telegram) -> Starlette:
    """`POST /bot{token}/{method}` with a JSON, form or multipart body, as the real one."""

    async def answer(request: Request) -> Response:
        try:
            bot = telegram.authorised(request.path_params["token"])
            given = await parameters(request)
            return await _faulty(telegram, bot, request, given)
        except ApiError as error:
            return refusal(error)

    async def nowhere(_request: Request, _error: Exception) -> Response:
        return refusal(not_found())

    return Starlette(
        routes=[Route("/bot{token}/{method}", answer, methods=["GET", "POST"])],
        exception_handlers={404: nowhere, 405: nowhere},
    )


async def _faulty(
    telegram: Telegram, bot: Bot, request: Request, given: dict[str, Any]
) -> Response:
    """One call, with whatever accident was planned for it."""
    method = request.path_params["method"]
    fault = telegram.faults.take(method, number(given.get("chat_id")))
    if fault.kind in ("answer", "reset", "hang"):
        telegram.record(bot, method, given, "unreached", fault)
    if fault.kind == "answer":
        return Response(fault.body, fault.status, fault.headers)
    if fault.kind == "delay":
        await _until_closing(telegram, fault.seconds)
    if fault.kind == "hang":
        await _until_closing(telegram, _STUCK)
    if fault.kind in ("reset", "hang"):
        return _cut(request)
    result = await telegram.call(bot, method, given, fault)
    if fault.kind == "answer_after":
        return Response(fault.body, fault.status, fault.headers)
    if fault.kind == "hang_after":
        await _until_closing(telegram, _STUCK)
    if fault.kind in ("lose_reply", "hang_after"):
        return _cut(request)
    return reply({"ok": True, "result": result})


async def parameters(request: Request) -> dict[str, Any]:
    """The call's parameters, wherever the client put them."""
    given: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        given |= _json_object(await request.body())
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            given |= {name: await _part(value) for name, value in form.items()}
    return _attached(given)


def reply(body: dict[str, Any], status: int = 200) -> Response:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(raw, status, media_type="application/json")


def refusal(error: ApiError) -> Response:
    response = reply(error.body, error.code)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@asynccontextmanager
async def serving(app: Starlette, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve an application on loopback while the block runs; port 0 takes a free one."""
    listener = _listener(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            lifespan="off",
            timeout_keep_alive=60,
        )
    )
    app.state.server = server
    task = asyncio.create_task(server.serve([listener]))
    try:
        await server.listening.wait()
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.told_to_end.set()
        await task


def _listener(host: str, port: int) -> socket.socket:
    # The protocol is named, because asyncio turns delayed sending off only then: 40 ms a reply.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


class _Server(uvicorn.Server):
    """Ends the moment it is told to: uvicorn looks ten times a second, then waits once more, which
    several hundred tests would pay for."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening, self.told_to_end = asyncio.Event(), asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        while not self.told_to_end.is_set():
            await self.on_tick(0)  # the date that every answer bears
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.told_to_end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for opened in (*self.servers, *(sockets or ())):
            opened.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            _, stuck = await asyncio.wait(self.server_state.tasks, timeout=_GOODBYE)
            for task in stuck:
                task.cancel()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals belong to the program, not to one of its servers."""
        yield


def _cut(request: Request) -> Response:
    """Break this request's connection; the response returned goes nowhere."""
    server: _Server | None = getattr(request.app.state, "server", None)
    for connection in server.server_state.connections if server else ():
        if getattr(connection, "client", None) == request.scope["client"]:
            transport = connection.transport
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET
            )
            transport.abort()
    return Response(status_code=502)


async def _until_closing(telegram: Telegram, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await telegram.closing.wait()


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(found, dict):
        raise bad_request("can't parse JSON object")
    return found


async def _part(value: UploadFile | str) -> Upload | str:
    if isinstance(value, str):
        return value
    kind = value.content_type or "application/octet-stream"
    return Upload(value.filename or "", kind, await value.read())


def _attached(given: dict[str, Any]) -> dict[str, Any]:
    """With each `attach://name` replaced by the part of that name."""
    taken = {
        name: value.removeprefix("attach://")
        for name, value in given.items()
        if isinstance(value, str) and value.startswith("attach://")
    }
    attached = {name: given[part] for name, part in taken.items() if part in given}
    used = {taken[name] for name in attached}
    return {name: value for name, value in given.items() if name not in used} | attached

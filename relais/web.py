"""Serving the desk: one listener, opened here so that a taken address is one clear sentence."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from relais.settings import SettingError


@asynccontextmanager
async def served(app: Starlette, listener: socket.socket) -> AsyncIterator[int]:
    """Serve an application while the block runs; yields the port."""
    server = _Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def listening(host: str, port: int) -> socket.socket:
    """Take an address, before anything else begins: a second program stops here, harmless.

    Raises `SettingError` when the address is taken.
    """
    # The protocol is named, because asyncio turns delayed sending off only then: 40 ms a reply.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failure:
        listener.close()
        raise SettingError(
            f"L'adresse {host}:{port} n'est pas libre\u00a0: {failure.strerror}."
        ) from None
    return listener


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program, not to one of its servers."""
        yield

"""Serving the desk: one listener, opened here so that a taken address is one clear sentence."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from relais.os_errors import in_french
from relais.settings import SettingError

GOODBYE = 2  # seconds that a page under way has to end
HEADERS = 32 * 1024  # bytes of a request before its body


@asynccontextmanager
async def served(
    app: Starlette, listener: socket.socket, *, proxies: Sequence[str] = ()
) -> AsyncIterator[int]:
    """Serve an application while the block runs; yields the port.

    `proxies`: whose X-Forwarded-For is believed; anybody else's is not looked at.
    """
    server = _Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            http="h11",
            h11_max_incomplete_event_size=HEADERS,
            ws="none",
            timeout_graceful_shutdown=GOODBYE,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def listening(host: str, port: int, *, choose: str = "avec --port") -> socket.socket:
    """Take an address, before anything else begins: a second program stops here, harmless.

    Raises `SettingError` when it cannot be had; `choose` says where to choose another.
    """
    # The protocol is named, because asyncio turns delayed sending off only then: 40 ms a reply.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError, UnicodeError) as failure:
        listener.close()
        raise SettingError(
            f"L'adresse {host}:{port} {_why(failure)}. Choisissez-en une autre {choose}."
        ) from None
    return listener


def _why(failure: Exception) -> str:
    if isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE:
        return "n'est pas libre"
    if isinstance(failure, PermissionError):
        return "est réservée\u00a0: un port sous 1024 demande des droits d'administration"
    if isinstance(failure, UnicodeError):
        return "ne peut pas servir\u00a0: ce nom de machine n'est pas connu"
    return f"ne peut pas servir\u00a0: {in_french(failure)}"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program, not to one of its servers."""
        yield

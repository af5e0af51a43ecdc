"""python-telegram-bot's request port on aiohttp: a tenth of the CPU of its default (design § 3)."""

from functools import lru_cache
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

_JSON = {"Content-Type": "application/json"}


@lru_cache(16)
def _limits(timeout: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=timeout, sock_connect=5)


class AiohttpRequest(BaseRequest):
    """Posts to a Bot API server. Errors are redacted: a URL holds the bot's token.

    `NotSentError` when the connection could not even be opened: nothing left this machine.
    """

    def __init__(self, connections: int = 128) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return 15.0

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post_json(self, url: URL, body: bytes, timeout: float) -> tuple[int, bytes]:
        """The hot path: one JSON body out, status and body back."""
        data = aiohttp.BytesPayload(body, headers=_JSON)
        return await self._exchange("POST", url, timeout, data=data)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = None,  # noqa: ARG002  the signature is python-telegram-bot's
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """What python-telegram-bot's rare calls go through."""
        data: Any = None
        if request_data is not None and request_data.contains_files:
            data = aiohttp.FormData()
            for name, (filename, content, mime) in request_data.multipart_data.items():
                data.add_field(name, content, filename=filename, content_type=mime)
            for name, value in request_data.json_parameters.items():
                data.add_field(name, value)
        elif request_data is not None:
            data = request_data.json_parameters
        limit = read_timeout if isinstance(read_timeout, int | float) else self.read_timeout
        return await self._exchange(method, url, limit, data=data)

    async def _exchange(
        self, method: str, url: URL | str, timeout: float, **content: Any
    ) -> tuple[int, bytes]:
        await self.initialize()
        assert self._session is not None
        try:
            async with self._session.request(
                method, url, timeout=_limits(timeout), allow_redirects=False, **content
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as failure:
            raise NotSentError(type(failure).__name__) from None
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as failure:
            raise NetworkError(type(failure).__name__) from None


class NotSentError(NetworkError):
    """No connection: the request never left."""

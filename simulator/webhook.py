"""Delivers one bot's updates to its webhook, in order, until each is taken."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from simulator.errors import bad_request
from simulator.model import Json
from simulator.updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_PORTS = (None, 80, 88, 443, 8443)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 10.0
_LONGEST_PAUSE = 2.0


def checked(url: str, secret: str) -> str:
    """The address, if the real server would take it; loopback is also allowed plain HTTP."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if parts.hostname not in _LOOPBACK:
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in _PORTS:
            raise bad_request(
                "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            )
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    return url


class Webhook:
    """A running delivery; `stop` ends it."""

    def __init__(
        self, url: str, secret: str, updates: Updates, now: Callable[[], datetime]
    ) -> None:
        self.url = url
        self._headers = {SECRET_HEADER: secret} if secret else {}
        self._updates = updates
        self._now = now
        self._error: tuple[int, str] | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def info(self) -> Json:
        found: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
            "max_connections": 40,
        }
        if self._error:
            found |= {"last_error_date": self._error[0], "last_error_message": self._error[1]}
        return found

    async def stop(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            pause = 0.05
            while True:
                await self._something()
                if await self._deliver(session):
                    pause = 0.05
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _something(self) -> None:
        while not self._updates.pending:
            self._updates.arrived.clear()
            await self._updates.arrived.wait()

    async def _deliver(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.post(
                self.url, json=self._updates.pending[0], headers=self._headers
            ) as reply:
                if reply.status // 100 == 2:
                    self._updates.confirm_first()
                    return True
                self._failed(f"Wrong response from the webhook: {reply.status} {reply.reason}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
        return False

    def _failed(self, reason: str) -> None:
        self._error = (int(self._now().timestamp()), reason)

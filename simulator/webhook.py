"""Hands one bot's updates over to its webhook, as the real server does (its `WebhookActor`).

Updates of one queue (a chat's messages, a person's taps) go one after another, different queues at
the same time, on at most `max_connections` connections. An update stays until it is answered 2xx;
the answer may carry one call, which is performed. Waits between two attempts are shorter than the
real ones (1 second, doubled up to 60–120), except one that the bot asks for by `Retry-After`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from simulator.errors import ApiError, bad_request
from simulator.model import Json
from simulator.updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_PORTS = (None, 80, 88, 443, 8443)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_NOT_IN_AN_ANSWER = ("get", "setwebhook", "deletewebhook", "close", "logout")

Perform = Callable[[str, Json], Awaitable[Any]]


@dataclass(frozen=True)
class Target:
    """What `setWebhook` was told."""

    url: str
    secret: str = ""
    max_connections: int = 40

    def __post_init__(self) -> None:
        """Only what the real server would take; loopback is also allowed plain HTTP."""
        parts = urlsplit(self.url)
        if not parts.hostname:
            raise bad_request("invalid webhook URL specified")
        if parts.hostname not in _LOOPBACK:
            if parts.scheme != "https":
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            if parts.port not in _PORTS:
                raise bad_request(
                    "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
                )
        if len(self.secret) > 256:
            raise bad_request("secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", self.secret):
            raise bad_request("secret token contains unallowed characters")


class Webhook:
    """A running delivery; `stop` ends it. `perform` makes the call that an answer carries."""

    def __init__(
        self, target: Target, updates: Updates, now: Callable[[], datetime], perform: Perform
    ) -> None:
        self.target, self._updates, self._now, self._perform = target, updates, now, perform
        self.answers_to_lose = 0  # the next answers that never reach Telegram
        self._error: tuple[int, str] | None = None
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}
        self._pauses: dict[Hashable, float] = {}  # of queues that failed
        self._resting: set[Hashable] = set()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def info(self) -> Json:
        found: Json = {
            "url": self.target.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
            "max_connections": self.target.max_connections,
        }
        if self._updates.allowed is not None:
            found["allowed_updates"] = sorted(self._updates.allowed)
        if self._error:
            found |= {"last_error_date": self._error[0], "last_error_message": self._error[1]}
        return found

    async def stop(self) -> None:
        tasks = [self._task, *self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        connections = aiohttp.TCPConnector(limit=self.target.max_connections)
        limit = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(connector=connections, timeout=limit) as session:
            while True:
                self._updates.arrived.clear()
                for queue, update in self._next():
                    self._under_way[queue] = asyncio.create_task(
                        self._hand_over(session, queue, update)
                    )
                await self._updates.arrived.wait()

    def _next(self) -> Iterator[tuple[Hashable, Any]]:
        """The oldest of each queue that has none under way, while there are connections."""
        free = self.target.max_connections - len(self._under_way.keys() - self._resting)
        heads: dict[Hashable, Any] = {}
        for update in islice(self._updates.pending, 2 * self.target.max_connections):
            heads.setdefault(queue_of(update), update)
        ready = [(queue, head) for queue, head in heads.items() if queue not in self._under_way]
        yield from ready[:free]

    async def _hand_over(
        self, session: aiohttp.ClientSession, queue: Hashable, update: Any
    ) -> None:
        """One attempt; after a failed one the queue rests, the others do not."""
        pause = await self._post(session, update)
        if pause is None:
            self._pauses.pop(queue, None)
        else:
            longer = min(self._pauses.get(queue, _FIRST_PAUSE / 2) * 2, _LONGEST_PAUSE)
            self._pauses[queue] = longer
            self._resting.add(queue)
            await asyncio.sleep(pause or longer)
            self._resting.discard(queue)
        del self._under_way[queue]
        self._updates.arrived.set()

    async def _post(self, session: aiohttp.ClientSession, update: Any) -> float | None:
        """None when it was taken; else the seconds that the bot asks to wait, or 0."""
        headers = {"Content-Type": "application/json"}
        if self.target.secret:
            headers[SECRET_HEADER] = self.target.secret
        raw = json.dumps(update).encode()
        try:
            async with session.post(self.target.url, data=raw, headers=headers) as reply:
                body = await reply.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return self._failed(f"Connection failed: {type(error).__name__}")
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            return self._failed("Webhook connection closed")
        if reply.status // 100 != 2:
            self._failed(f"Wrong response from the webhook: {reply.status} {reply.reason}")
            return float(reply.headers.get("Retry-After", "0"))
        await self._performed(body)
        self._updates.confirm(update)
        return None

    async def _performed(self, body: bytes) -> None:
        """The call that an answer carries: its own result is told to nobody."""
        with contextlib.suppress(ValueError, TypeError, KeyError, ApiError):
            given = json.loads(body)
            method = str(given.pop("method"))
            if not method.lower().startswith(_NOT_IN_AN_ANSWER):
                await self._perform(method, given)

    def _failed(self, reason: str) -> float:
        self._error = (int(self._now().timestamp()), reason)
        return 0.0


def queue_of(update: Any) -> Hashable:
    """What is handed over one after another: a chat's messages, a person's taps, a chat's
    memberships; anything else goes alone."""
    with contextlib.suppress(KeyError, TypeError):
        if "callback_query" in update:
            return "tap", str(update["callback_query"]["from"]["id"])
        for kind in ("message", "edited_message", "my_chat_member"):
            if kind in update:
                return kind.removeprefix("edited_"), str(update[kind]["chat"]["id"])
    return "alone", id(update)

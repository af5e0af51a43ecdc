"""The light Bot API server: as little as the contenders need, as fast as plain asyncio allows.

`python -m bench.server` listens on loopback, prints its port, and ends with its standard input.
Paths under /bench/ are the benchmark's own: reset, load, latency, ledger, polled.
"""

import asyncio
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from typing import Any

from bench.bot_api import TRUE, BotApi, result

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class Connection(asyncio.Protocol):
    """One keep-alive connection. Requests that came together are answered together."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _failure: Exception | None) -> None:
        self._transport = None
        self._desk.forget(self)

    def data_received(self, data: bytes) -> None:
        self._read = self._read + data if self._read else data
        while (request := self._next_request()) is not None:
            answer = self._desk.ask(self, *request)
            if answer is not None:
                self.write(answer)

    def write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(_HEAD % (len(answer), answer))

    def _next_request(self) -> tuple[bytes, bytes] | None:
        """Path and body of a whole request; it is no longer there afterwards."""
        read = self._read
        end = read.find(b"\r\n\r\n") + 4
        if end < 4:
            return None
        length = _LENGTH.search(read, 0, end)
        whole = end + int(length[1]) if length else end
        if len(read) < whole:
            return None
        self._read = read[whole:]
        return read[read.index(b" ") + 1 : read.index(b" HTTP/")], read[end:whole]


class Desk:
    """Who asks what, and what cannot be answered at once: long polls, and every call once there
    is latency."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._polls: dict[Connection, asyncio.TimerHandle] = {}
        self._for_poll: list[Connection] = []
        self._slow = Latency(0.0)
        self._control = {
            b"reset": self._reset,
            b"load": self._load,
            b"latency": self._latency,
            b"ledger": self._ledger,
        }

    def ask(self, who: Connection, path: bytes, body: bytes) -> bytes | None:
        _, first, method = path.split(b"/", 2)
        if first == b"bench":
            return self._polled(who) if method == b"polled" else self._control[method](body)
        answer = (
            self._poll(who, body) if method == b"getUpdates" else self._api.answer(method, body)
        )
        if not self._slow.seconds or answer is None:
            return answer
        self._slow.hold(who, answer, self._api.spoken_to)
        return None

    def forget(self, who: Connection) -> None:
        timer = self._polls.pop(who, None)
        if timer is not None:
            timer.cancel()

    def _poll(self, who: Connection, body: bytes) -> bytes | None:
        self._first_poll()
        self._api.spoken_to = None
        found, patience = self._api.pending(body)
        if found:
            return result(found)
        self._polls[who] = asyncio.get_running_loop().call_later(patience, self._give_up, who)
        return None

    def _give_up(self, who: Connection) -> None:
        del self._polls[who]
        who.write(result([]))

    def _first_poll(self) -> None:
        if self._api.first_poll is None:
            self._api.first_poll = time.monotonic()
            for who in self._for_poll:
                who.write(_json({"at": self._api.first_poll}))
            self._for_poll.clear()

    def _polled(self, who: Connection) -> bytes | None:
        """Answered once getUpdates was called."""
        if self._api.first_poll is not None:
            return _json({"at": self._api.first_poll})
        self._for_poll.append(who)
        return None

    def _reset(self, _body: bytes) -> bytes:
        self._api.reset()
        self._slow = Latency(self._slow.seconds)
        return TRUE

    def _load(self, body: bytes) -> bytes:
        self._api.updates = [*self._api.updates, *json.loads(body)]
        return TRUE

    def _latency(self, body: bytes) -> bytes:
        self._slow = Latency(json.loads(body))
        return TRUE

    def _ledger(self, _body: bytes) -> bytes:
        return _json(self._api.ledger() | self._slow.told())


class Latency:
    """Answers that wait before they leave: how many at once, and whether two of one chat did."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._flying: Counter[int | None] = Counter()
        self._now = self._most = self._overlapped = 0

    def hold(self, who: Connection, answer: bytes, chat: int | None) -> None:
        self._now += 1
        self._most = max(self._most, self._now)
        self._flying[chat] += 1
        if chat is not None and self._flying[chat] > 1:
            self._overlapped += 1
        asyncio.get_running_loop().call_later(self.seconds, self._let_go, who, answer, chat)

    def told(self) -> dict[str, int]:
        return {"in_flight": self._most, "overlapped": self._overlapped}

    def _let_go(self, who: Connection, answer: bytes, chat: int | None) -> None:
        self._now -= 1
        self._flying[chat] -= 1
        who.write(answer)


def _json(of: Any) -> bytes:
    return json.dumps(of).encode()


async def serve() -> None:
    desk = Desk(BotApi())
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(desk), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _end_with_input() -> None:
    """Whoever started this server is gone: so is it, even after a kill."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    asyncio.run(serve())

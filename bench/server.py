"""The light Bot API server: as little as the product needs, as fast as plain asyncio allows.

`python -m bench.server` listens on loopback, prints its port, and ends with its standard input.
It keeps a ledger of what it accepted, which the audit compares with the database. It has no
limits and refuses nothing: for a server that does, see `simulator/`. Paths under /bench/ are the
benchmark's own: load, reset, ledger, polled.
"""

import asyncio
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

BOT = {"id": 777001, "is_bot": True, "first_name": "Relais", "username": "relais_bench_bot"}
FIRST_MESSAGE_ID = 1_000_000
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_TRUE = b'{"ok":true,"result":true}'


class BotApi:
    """One bot's chats. Each method takes a body and gives the whole JSON answer."""

    def __init__(self) -> None:
        self.reset()
        self._methods: dict[bytes, Callable[[bytes], bytes]] = {
            b"sendMessage": self._send,
            b"editMessageText": self._edit,
            b"getMe": self._me,
        }

    def reset(self) -> None:
        self.calls: Counter[str] = Counter()
        self.sent: Counter[tuple[int, int]] = Counter()
        self.edited: Counter[tuple[int, int]] = Counter()
        self.updates: list[dict[str, Any]] = []
        self.confirmed = 0
        self.first_poll: float | None = None
        self._next = FIRST_MESSAGE_ID
        self._busy_before = time.process_time()

    def answer(self, method: bytes, body: bytes) -> bytes:
        self.calls[method.decode()] += 1
        known = self._methods.get(method)
        return known(body) if known else _TRUE

    def pending(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """What getUpdates would give now; what lies before the offset is confirmed by asking."""
        offset = asked.get("offset", 0)
        while (
            self.confirmed < len(self.updates)
            and self.updates[self.confirmed]["update_id"] < offset
        ):
            self.confirmed += 1
        return self.updates[self.confirmed : self.confirmed + asked.get("limit", 100)]

    def ledger(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "sent": [[*place, times] for place, times in self.sent.items()],
            "edited": [[*place, times] for place, times in self.edited.items()],
            "unconfirmed": len(self.updates) - self.confirmed,
            "cpu": time.process_time() - self._busy_before,
        }

    def _send(self, body: bytes) -> bytes:
        asked = json.loads(body)
        self._next += 1
        self.sent[asked["chat_id"], self._next] += 1
        return _message(asked, self._next)

    def _edit(self, body: bytes) -> bytes:
        asked = json.loads(body)
        self.edited[asked["chat_id"], asked["message_id"]] += 1
        return _message(asked, asked["message_id"])

    def _me(self, _body: bytes) -> bytes:
        return _result(BOT)


class Connection(asyncio.Protocol):
    """One keep-alive connection. Requests that came together are answered together."""

    def __init__(self, api: BotApi, waiting: "Waiting") -> None:
        self._api, self._waiting = api, waiting
        self._read = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _failure: Exception | None) -> None:
        self._waiting.forget(self)

    def data_received(self, data: bytes) -> None:
        self._read += data
        answers = []
        while (request := self._next_request()) is not None:
            answer = self._asked(*request)
            if answer is not None:
                answers.append(_HEAD % (len(answer), answer))
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))

    def write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_HEAD % (len(answer), answer))

    def _next_request(self) -> tuple[bytes, bytes] | None:
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = _LENGTH.search(self._read, 0, end)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self._read) < whole:
            return None
        path = bytes(self._read[: self._read.index(b"\r\n")]).split(b" ")[1]
        body = bytes(self._read[end + 4 : whole])
        del self._read[:whole]
        return path, body

    def _asked(self, path: bytes, body: bytes) -> bytes | None:
        _, first, method = path.split(b"/", 2)
        if first == b"bench":
            return self._waiting.control(self, method, body)
        if method == b"getUpdates":
            return self._waiting.poll(self, json.loads(body))
        return self._api.answer(method, body)


class Waiting:
    """What cannot be answered at once: a long poll, and who waits for the first one."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._timers: dict[Connection, asyncio.TimerHandle] = {}
        self._for_poll: list[Connection] = []

    def poll(self, who: Connection, asked: dict[str, Any]) -> bytes | None:
        self._first_poll()
        found = self._api.pending(asked)
        if found:
            return _result(found)
        self._timers[who] = asyncio.get_running_loop().call_later(
            asked.get("timeout", 0), self._give_up, who
        )
        return None

    def control(self, who: Connection, name: bytes, body: bytes) -> bytes | None:
        if name == b"ledger":
            return json.dumps(self._api.ledger()).encode()
        if name == b"polled":
            if self._api.first_poll is not None:
                return _polled(self._api.first_poll)
            self._for_poll.append(who)
            return None
        if name == b"reset":
            self._api.reset()
        elif name == b"load":
            self._api.updates += json.loads(body)
        return _TRUE

    def forget(self, who: Connection) -> None:
        timer = self._timers.pop(who, None)
        if timer is not None:
            timer.cancel()

    def _give_up(self, who: Connection) -> None:
        del self._timers[who]
        who.write(_result([]))

    def _first_poll(self) -> None:
        if self._api.first_poll is None:
            self._api.first_poll = time.monotonic()
            for who in self._for_poll:
                who.write(_polled(self._api.first_poll))
            self._for_poll.clear()


def _message(asked: dict[str, Any], message_id: int) -> bytes:
    """As large as Telegram's own answer, which repeats what was sent."""
    chat = {"id": asked["chat_id"], "first_name": "Ami", "type": "private"}
    return _result(
        {
            "message_id": message_id,
            "from": BOT,
            "chat": chat,
            "date": 1_795_000_000,
            "text": asked["text"],
            "reply_markup": asked.get("reply_markup"),
        }
    )


def _result(of: object) -> bytes:
    return json.dumps({"ok": True, "result": of}, ensure_ascii=False).encode()


def _polled(at: float) -> bytes:
    return json.dumps({"at": at}).encode()


async def serve() -> None:
    api = BotApi()
    waiting = Waiting(api)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(api, waiting), "127.0.0.1", 0
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

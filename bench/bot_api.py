"""The light server's Bot API: what each method answers, and the ledger of what was accepted.

It refuses nothing: for a server that does, see `simulator/`. Answers are as large as Telegram's,
which repeat what was sent, and are put together from the request's own bytes.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from bench.updates import BOT, WHEN

FIRST_MESSAGE_ID = 1_000_000
TRUE = b'{"ok":true,"result":true}'
_MADE = (
    b'{"ok":true,"result":{"message_id":%%d,"from":%b,"chat":{"id":%%d,"first_name":"Ami",'
    b'"type":"private"},"date":%d,%%b}' % (json.dumps(BOT).encode(), WHEN)
)
_EMPTY: list[dict[str, Any]] = []


class BotApi:
    """One bot's chats. Each method takes a body and gives the whole JSON answer."""

    def __init__(self) -> None:
        self.reset()
        self._methods: dict[bytes, Callable[[bytes], bytes]] = {
            b"sendMessage": self._send,
            b"editMessageText": self._edit,
            b"getMe": _me,
        }

    def reset(self) -> None:
        self.calls: Counter[bytes] = Counter()
        self.sent: Counter[tuple[int, int]] = Counter()
        self.edited: Counter[tuple[int, int]] = Counter()
        self.arrivals: list[tuple[float, int, int]] = []  # when, chat, message
        self.updates = _EMPTY
        self.confirmed = 0
        self.first_poll: float | None = None
        self.spoken_to: int | None = None  # the chat of the last call, if it had one
        self._next = FIRST_MESSAGE_ID

    def answer(self, method: bytes, body: bytes) -> bytes:
        self.calls[method] += 1
        self.spoken_to = None
        known = self._methods.get(method)
        return known(body) if known else TRUE

    def pending(self, body: bytes) -> tuple[list[dict[str, Any]], float]:
        """What getUpdates would give now, and how long it may wait for more.

        What lies before the offset is confirmed by asking.
        """
        asked = _asked(body)
        offset = int(asked.get("offset", 0))
        while (
            self.confirmed < len(self.updates)
            and self.updates[self.confirmed]["update_id"] < offset
        ):
            self.confirmed += 1
        batch = self.updates[self.confirmed : self.confirmed + int(asked.get("limit", 100))]
        return batch, float(asked.get("timeout", 0))

    def ledger(self) -> dict[str, Any]:
        return {
            "calls": {method.decode(): times for method, times in self.calls.items()},
            "sent": [[*place, times] for place, times in self.sent.items()],
            "edited": [[*place, times] for place, times in self.edited.items()],
            "arrivals": self.arrivals,
            "unconfirmed": len(self.updates) - self.confirmed,
            "cpu": time.process_time(),
        }

    def _send(self, body: bytes) -> bytes:
        asked = _asked(body)
        self.spoken_to = chat = int(asked["chat_id"])
        self._next += 1
        self.sent[chat, self._next] += 1
        self.arrivals.append((time.monotonic(), chat, self._next))
        return _made(self._next, chat, body, asked)

    def _edit(self, body: bytes) -> bytes:
        asked = _asked(body)
        self.spoken_to = chat = int(asked["chat_id"])
        message_id = int(asked["message_id"])
        self.edited[chat, message_id] += 1
        self.arrivals.append((time.monotonic(), chat, message_id))
        return _made(message_id, chat, body, asked)


def result(of: object) -> bytes:
    return json.dumps({"ok": True, "result": of}, ensure_ascii=False).encode()


def _me(_body: bytes) -> bytes:
    return result(BOT)


def _asked(body: bytes) -> dict[str, Any]:
    """JSON, or the form that python-telegram-bot and aiogram send, whose values are text."""
    if body.startswith(b"{"):
        return json.loads(body)  # type: ignore[no-any-return]
    return dict(parse_qsl(body.decode()))


def _made(message_id: int, chat: int, body: bytes, asked: dict[str, Any]) -> bytes:
    """The message as it now stands."""
    if body.startswith(b"{"):
        return _MADE % (message_id, chat, body[1:])  # its own last brace closes the message
    said = f'"text":{json.dumps(asked["text"], ensure_ascii=False)}'
    if "reply_markup" in asked:
        said += f',"reply_markup":{asked["reply_markup"]}'
    return _MADE % (message_id, chat, f"{said}}}".encode())

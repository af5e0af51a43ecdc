"""What can go wrong between a bot and Telegram, planned in advance by a test.

    telegram.faults.plan("sendMessage", faults.OK, faults.lose_reply(), faults.flood(3))

Each planned fault serves one call of that method, in order; then the line is clean again.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.errors import too_many_requests

Kind = Literal["ok", "answer", "answer_after", "delay", "reset", "lose_reply", "hang", "hang_after"]


@dataclass(frozen=True)
class Fault:
    """One accident: `answer` replaces the reply (nothing is accepted), `delay` waits and then
    works, `answer_after` replaces the reply to what was accepted, `reset` cuts before and `lose_reply` after acceptance, `hang` never answers.
    """

    kind: Kind
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


OK = Fault("ok")


def answer(status: int, body: bytes | str, content_type: str = "application/json") -> Fault:
    raw = body.encode() if isinstance(body, str) else body
    return Fault("answer", status, raw, {"content-type": content_type})


def flood(retry_after: int) -> Fault:
    """429, though no rate was passed: other traffic of the bot may have caused it."""
    return answer(429, json.dumps(too_many_requests(retry_after).body))


def server_error(status: int = 500) -> Fault:
    """What a front end says when the server behind it is gone: HTML, not JSON."""
    page = f"<html><head><title>{status}</title></head><body>nginx</body></html>"
    return answer(status, page, "text/html")


def bad_gateway() -> Fault:
    """The call is accepted, and the front end says that it was not."""
    return replace(server_error(502), kind="answer_after")


def malformed() -> Fault:
    return answer(200, '{"ok":true,"result":{"message_id":')


def delay(seconds: float) -> Fault:
    return Fault("delay", seconds=seconds)


def reset() -> Fault:
    """The connection breaks before the call was accepted."""
    return Fault("reset")


def lose_reply() -> Fault:
    """The call is accepted (the phone shows the message), the reply never arrives."""
    return Fault("lose_reply")


def hang(*, accepted: bool = False) -> Fault:
    """No answer until the client gives up; `accepted` says whether the call took effect."""
    return Fault("hang_after" if accepted else "hang")


class Faults:
    """The plan, by method; `"*"` serves any method that has no plan of its own."""

    def __init__(self) -> None:
        self._once: defaultdict[str, deque[tuple[Fault, int | None]]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}

    def plan(self, method: str, *faults: Fault, chat_id: int | None = None) -> None:
        """Each for one call of `method`; with `chat_id`, only for calls to that chat."""
        self._once[method.lower()].extend((fault, chat_id) for fault in faults)

    def always(self, method: str, fault: Fault | None) -> None:
        """For every call of `method` until set to None."""
        if fault is None:
            self._always.pop(method.lower(), None)
        else:
            self._always[method.lower()] = fault

    def clear(self) -> None:
        self._once.clear()
        self._always.clear()

    def take(self, method: str, chat_id: int | None) -> Fault:
        for name in (method.lower(), "*"):
            line = self._once.get(name)
            for index, (fault, wanted) in enumerate(line or ()):
                if wanted in (None, chat_id):
                    del self._once[name][index]
                    return fault
        return self._always.get(method.lower()) or self._always.get("*") or OK

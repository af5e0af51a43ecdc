"""The light server, seen from the benchmark: started on its core, loaded, asked for its ledger."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from bench.machine import SERVER_CORE, on_core

LOOK = 0.1  # seconds between two looks
Place = tuple[int, int]  # a chat, and a message in it


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the server accepted since the last reset. `cpu` is its own since it started, in seconds.

    `in_flight` and `overlapped` are known only while the server adds latency: how many calls were
    under way at most, and how often a chat was spoken to while a call of its own was.
    """

    calls: Counter[str]
    sent: Counter[Place]
    edited: Counter[Place]
    arrivals: Sequence[tuple[float, int, int]]  # when (monotonic), chat, message: in order
    unconfirmed: int
    cpu: float
    in_flight: int = 0
    overlapped: int = 0

    def by_chat(self) -> Counter[int]:
        """How many messages and edits each chat got."""
        chats: Counter[int] = Counter()
        for (chat, _), times in (*self.sent.items(), *self.edited.items()):
            chats[chat] += times
        return chats


@dataclass(frozen=True, slots=True)
class LightServer:
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self, updates: Sequence[dict[str, Any]] = (), latency: float = 0.0) -> None:
        """Forget the run before; have these updates ready for getUpdates, and keep each answer
        back for `latency` seconds."""
        self._ask("latency", json.dumps(latency).encode())
        self._ask("reset")
        if updates:
            self._ask("load", json.dumps(updates, ensure_ascii=False).encode())

    def first_poll(self, patience: float = 60.0) -> float:
        """When getUpdates was first called, on the machine's monotonic clock; waits for it."""
        return float(self._ask("polled", patience=patience)["at"])

    def until_confirmed(self, patience: float = 60.0) -> None:
        """Wait until every update is."""
        until = time.monotonic() + patience
        while self.ledger().unconfirmed:
            if time.monotonic() > until:
                raise TimeoutError("updates were left unconfirmed")
            time.sleep(LOOK)

    def ledger(self) -> Ledger:
        told = self._ask("ledger")
        return Ledger(
            Counter(told["calls"]),
            _places(told["sent"]),
            _places(told["edited"]),
            [tuple(one) for one in told["arrivals"]],
            told["unconfirmed"],
            told["cpu"],
            told["in_flight"],
            told["overlapped"],
        )

    def _ask(self, name: str, body: bytes = b"", patience: float = 30.0) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("POST", f"/bench/{name}", body)
            return json.loads(connection.getresponse().read())  # type: ignore[no-any-return]
        finally:
            connection.close()


def _places(rows: list[list[int]]) -> Counter[Place]:
    return Counter({(chat, message_id): times for chat, message_id, times in rows})


@contextmanager
def light_server() -> Iterator[LightServer]:
    with on_core(SERVER_CORE):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert process.stdout is not None
    try:
        yield LightServer(int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()

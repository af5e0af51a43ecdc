"""The light server's own ceiling: how many answers a second it gives to a client that does nothing.

`python -m bench.ceiling PORT SECONDS` prints a number. Many connections, each with one request at
a time: what the product does at best. A figure near this ceiling would measure the server.
"""

import asyncio
import json
import sys
import time

CONNECTIONS = 64
_BODY = json.dumps(
    {
        "chat_id": 5_000_000_000,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "text": "RDV demain, mardi 24 novembre à 14 h 30.",
        "reply_markup": {
            "inline_keyboard": [
                [{"text": label, "callback_data": "meeting:~1b2c3d4e5f6:1:coming"}]
                for label in ("J'y serai", "En retard", "Changer", "Je ne peux pas")
            ]
        },
    },
    ensure_ascii=False,
).encode()
_REQUEST = (
    b"POST /bot777001:ceiling/sendMessage HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class Asking(asyncio.Protocol):
    """Asks again as soon as it was answered."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(_REQUEST)

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"}}"):  # an answer is far smaller than what one read brings
            Asking.answered += 1
            self._transport.write(_REQUEST)


async def ceiling(port: int, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(Asking, "127.0.0.1", port) for _ in range(CONNECTIONS)]
    before, began = Asking.answered, time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (Asking.answered - before) / (time.perf_counter() - began)
    for transport, _ in opened:
        transport.abort()
    return rate


if __name__ == "__main__":
    print(asyncio.run(ceiling(int(sys.argv[1]), float(sys.argv[2]))))

"""How the program is doing: /healthz for who restarts it, /metrics for who watches it.

Nothing personal is counted: no name, no code, no identifier of a chat.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.deliver import Deliverer
from bot.receive import Receiver
from records import message, structure
from records.database import Database
from relais.clock import real_now

log = logging.getLogger("relais")
_SENTENCES = {
    "ok": "the bot is connected again",
    "unreachable": "Telegram does not answer",
    "revoked": "Telegram refuses the bot's token",
    "conflict": "another program receives for this bot: standing back",
}


class Watch:
    """Follows the parts of a running program."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._started = time.monotonic()
        self._states: dict[int, str] = {}
        self._notes: set[asyncio.Task[None]] = set()
        self.tasks: Sequence[asyncio.Task[None]] = ()
        self._deliverer: Deliverer | None = None
        self._receivers: Sequence[Receiver] = ()

    def follow(self, deliverer: Deliverer, receivers: Sequence[Receiver]) -> None:
        self._deliverer, self._receivers = deliverer, receivers

    def bot_is(self, bot_id: int, state: str) -> None:
        """Note a change of a bot's connection, in the log and for the desk."""
        if self._states.get(bot_id, "ok") != state:
            log.warning(_SENTENCES[state])
            note = asyncio.ensure_future(self._keep_state(bot_id, state))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)
        self._states[bot_id] = state

    async def _keep_state(self, bot_id: int, state: str) -> None:
        try:
            async with self._database.write() as tx:
                await structure.set_bot_state(tx, real_now(), bot_id, state)
        except DBAPIError as failure:
            log.warning("the bot's state could not be kept: %s", type(failure).__name__)

    def routes(self) -> list[Route]:
        return [Route("/healthz", self._healthz), Route("/metrics", self._metrics)]

    async def _healthz(self, _request: Request) -> Response:
        """200 while the database answers and every part runs; 503 with the reason otherwise."""
        stopped = [
            task.get_name()
            for task in self.tasks
            if task.done() and task.get_name() in ("deliver", "receive")
        ]
        try:
            async with self._database.read() as tx:
                await structure.first_bot(tx)
        except (DBAPIError, OSError):
            return JSONResponse({"status": "database unreachable"}, 503)
        if stopped:
            return JSONResponse({"status": f"stopped: {', '.join(stopped)}"}, 503)
        return JSONResponse({"status": "ok"})

    async def _metrics(self, _request: Request) -> Response:
        async with self._database.read() as tx:
            waiting = await message.counts(tx)
        registry = CollectorRegistry()
        _gauge(
            registry, "relais_uptime_seconds", "Since the start", time.monotonic() - self._started
        )
        _gauge(
            registry,
            "relais_messages_sent_total",
            "Accepted by the channel since the start",
            self._deliverer.sent if self._deliverer else 0,
        )
        _gauge(
            registry,
            "relais_updates_handled_total",
            "Committed since the start",
            sum(receiver.handled for receiver in self._receivers),
        )
        states = Gauge("relais_messages", "Rows by state", ["state"], registry=registry)
        for state, count in waiting.items():
            states.labels(state).set(count)
        up = Gauge("relais_bots_connected", "Bots whose channel answers", registry=registry)
        up.set(sum(state == "ok" for state in self._states.values()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _gauge(registry: CollectorRegistry, name: str, meaning: str, value: float) -> None:
    Gauge(name, meaning, registry=registry).set(value)

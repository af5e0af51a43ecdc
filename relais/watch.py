"""How the program is doing: /healthz for who restarts it, /metrics for who watches it.

Nothing personal is counted: no name, no code, no identifier of a chat.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.deliver import Deliverer
from bot.receive import Receiver
from records import message, structure
from records.database import Database, is_trouble
from relais.clock import real_now

log = logging.getLogger("relais")
_SENTENCES = {
    "ok": "the bot is connected again",
    "unreachable": "Telegram does not answer",
    "revoked": "Telegram refuses the bot's token",
    "conflict": "another program receives for this bot: standing back",
    "unheard": "Telegram cannot hand over what comes in",
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
        if self.state_of(bot_id) != state:
            log.warning(_SENTENCES[state])
            note = asyncio.ensure_future(self._keep_state(bot_id, state))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)
        self._states[bot_id] = state

    def state_of(self, bot_id: int) -> str:
        """How the bot's connection was when it last spoke."""
        return self._states.get(bot_id, "ok")

    async def _keep_state(self, bot_id: int, state: str) -> None:
        """However long the database is away; a newer state has a note of its own."""
        since = real_now()
        while self.state_of(bot_id) == state:
            try:
                async with self._database.write() as tx:
                    await structure.set_bot_state(tx, since, bot_id, state)
                return
            except Exception as failure:
                if not is_trouble(failure):
                    raise
                await asyncio.sleep(1)

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
        except Exception as failure:
            if not is_trouble(failure):
                raise
            return JSONResponse({"status": "database unreachable"}, 503)
        if stopped:
            return JSONResponse({"status": f"stopped: {', '.join(stopped)}"}, 503)
        return JSONResponse({"status": "ok"})

    async def _metrics(self, _request: Request) -> Response:
        """What memory knows, always; what the database counts, while it answers."""
        registry = CollectorRegistry()
        registry.register(_Collected([*self._in_memory(), *await self._in_the_database()]))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def _in_memory(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "relais_uptime_seconds", "Since the start", value=time.monotonic() - self._started
        )
        yield CounterMetricFamily(
            "relais_messages_sent",
            "Accepted by the channel since the start",
            value=self._deliverer.sent if self._deliverer else 0,
        )
        yield CounterMetricFamily(
            "relais_updates_handled",
            "Committed since the start",
            value=sum(receiver.handled for receiver in self._receivers),
        )
        yield GaugeMetricFamily(
            "relais_bots_connected",
            "Bots whose channel answers",
            value=sum(state == "ok" for state in self._states.values()),
        )

    async def _in_the_database(self) -> list[Metric]:
        rows = GaugeMetricFamily("relais_messages", "Rows by state", labels=["state"])
        up = GaugeMetricFamily("relais_database_reachable", "1 while the database answers")
        try:
            async with self._database.read() as tx:
                for state, count in (await message.counts(tx)).items():
                    rows.add_metric([state], count)
        except Exception as failure:
            if not is_trouble(failure):
                raise
            log.warning("the database is out of reach: %s", type(failure).__name__)
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, rows]


class _Collected(Collector):
    """Figures taken at one moment, in the order in which they are shown."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics

"""/healthz and /metrics: what is known is told, even when the database is gone."""

import httpx
import pytest
from starlette.applications import Starlette

from records.database import Database
from records.vault import Vault, new_key
from relais.watch import Watch


async def asked(database: Database, path: str) -> tuple[int, str, str]:
    watch = Watch(database)
    watch.bot_is(1, "ok")
    page = httpx.ASGITransport(Starlette(routes=watch.routes()))
    async with httpx.AsyncClient(transport=page, base_url="http://desk") as client:
        answer = await client.get(path)
    return answer.status_code, answer.headers["content-type"], answer.text


async def test_totals_are_counters_and_states_are_gauges(database: Database) -> None:
    status, kind, text = await asked(database, "/metrics")
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    assert "# TYPE relais_messages_sent_total counter" in text
    assert "# TYPE relais_updates_handled_total counter" in text
    assert "relais_messages_sent_total 0.0" in text
    assert "# TYPE relais_uptime_seconds gauge" in text
    assert "relais_database_reachable 1.0" in text
    assert "relais_bots_connected 1.0" in text
    assert (await asked(database, "/healthz"))[0] == 200


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://x:y@127.0.0.1:1/gone", "sqlite+aiosqlite:////nowhere/gone.db"]
)
async def test_a_database_that_is_gone_leaves_what_memory_knows(url: str) -> None:
    gone = Database(url, Vault(new_key()))
    status, kind, text = await asked(gone, "/metrics")
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    assert "relais_database_reachable 0.0" in text
    assert "relais_updates_handled_total 0.0" in text
    assert "relais_messages{" not in text
    assert (await asked(gone, "/healthz"))[0] == 503
    await gone.close()

"""`relais run` with a webhook, as a process that is killed while Telegram posts to it."""

import asyncio
import random
import socket
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from records import inbox
from records.database import Database
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import TOKEN, link_phone, settle_in
from tests.relais.running import running

WORDS = 12  # for each life of the program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def told(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as page:
        return page.status, await page.text()


@pytest.mark.parametrize(
    "kills", [1, pytest.param(10, marks=pytest.mark.prove)], ids=["once", "often"]
)
async def test_what_telegram_posts_survives_kills_each_word_once_and_in_order(
    database: Database, tmp_path: Path, kills: int
) -> None:
    chance, now = random.Random(kills), datetime.now(UTC)
    async with database.write() as tx:
        cast = await settle_in(tx, now)
    telegram = Telegram(lambda: datetime.now(UTC), limits=False)
    bot = telegram.bot(TOKEN)
    phone, port = telegram.person("Sami"), free_port()
    phone.chat.started, phone._bot = True, bot
    async with database.write() as tx:
        await link_phone(tx, now, cast, cast.sami, str(phone.id))
    written: list[str] = []
    async with serving(bot_api(telegram)) as api:
        chosen = {
            "DATABASE": database.url.render_as_string(hide_password=False),
            "TELEGRAM_API": api,
            "TELEGRAM_WEBHOOK": f"http://127.0.0.1:{port}",
            "DESK_ADDRESS": f"127.0.0.1:{port}",
        }
        for life in range(kills + 1):
            async with running(tmp_path, **chosen) as process:
                for number in range(WORDS):
                    written.append(f"{life}.{number}")
                    phone.say(written[-1])
                left = chance.randrange(1, WORDS) if life < kills else 0
                async with asyncio.timeout(60):
                    while len(bot.updates.pending) > left:  # noqa: ASYNC110  a queue
                        await asyncio.sleep(0)
                if left:
                    process.kill()
                    continue
                assert await told(port, "/healthz") == (200, '{"status":"ok"}')
                assert "relais_bots_connected 1.0" in (await told(port, "/metrics"))[1]
                assert (await told(port, "/telegram/1"))[0] == 404
                process.terminate()
                assert await process.wait() == 0
        await telegram.close()
    async with database.read() as tx:
        kept = await inbox.of_youth(tx, cast.sami.id, limit=1000)
    assert [item.text for item in kept][::-1] == written

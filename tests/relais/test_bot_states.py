"""A bot whose token is refused, or that another program uses: the desk and the command line say
so while it lasts, and the program takes up again by itself."""

import asyncio
import json
import logging
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from admin.sentences import BOT
from records import structure
from records.database import Database
from records.vault import Vault
from relais.clock import Clock, real_now
from relais.command import Call
from relais.commands import queue
from relais.settings import Settings
from relais.watch import Watch
from relais.wiring import Program
from simulator import faults
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.admin.house import House, words
from tests.cast import TOKEN, Cast
from tests.conftest import KEY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def refusal(code: int, description: str) -> faults.Fault:
    body = {"ok": False, "error_code": code, "description": description}
    return faults.answer(code, json.dumps(body))


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await true():  # noqa: ASYNC110  (watches the database)
            await asyncio.sleep(0.02)


async def state(database: Database, cast: Cast) -> str:
    async with database.read() as tx:
        return (await structure.bot_state(tx, cast.bot_id))[0]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("revoked", refusal(401, "Unauthorized")),
        ("conflict", refusal(409, "Conflict: terminated by other getUpdates request")),
    ],
)
async def test_a_bot_in_trouble_is_told_on_the_desk_and_the_command_line_until_it_is_well(
    database: Database,
    cast: Cast,
    told: str,
    fault: faults.Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    telegram = Telegram(lambda: datetime.now(UTC))
    bot = telegram.bot(TOKEN)
    async with serving(bot_api(telegram)) as api:
        settings = Settings({"RELAIS_TELEGRAM_API": api, "RELAIS_TELEGRAM_TOKEN": TOKEN})
        async with Program(database, Clock(), settings).speaking():
            telegram.faults.always("getUpdates", fault)
            telegram.person("Quelqu'un").start(bot)  # ends the poll that waits
            await until(lambda: _is(database, cast, told))
            assert await pages_with(BOT[told], database, cast) == ["/", "/equipe"]
            assert BOT[told] in await queued(database)
            telegram.faults.clear()
            await until(lambda: _is(database, cast, "ok"))
            assert await pages_with(BOT[told], database, cast) == []
            assert BOT[told] not in await queued(database)
        await telegram.close()
    assert "the bot is connected again" in caplog.text
    assert TOKEN not in caplog.text


async def _is(database: Database, cast: Cast, wanted: str) -> bool:
    return await state(database, cast) == wanted


async def pages_with(sentence: str, database: Database, cast: Cast) -> list[str]:
    """Of the educator's and the coordinator's first pages, those that say so."""
    async with House(database, cast).open() as house:
        house.at = house.real = real_now()
        found = []
        for login, path in (("nadia", "/"), ("claire", "/equipe")):
            async with await house.visitor(login) as visitor:
                if sentence in words(await visitor.get(path)):
                    found.append(path)
    return found


async def queued(database: Database) -> list[str | None]:
    call = Call(Namespace(structure=None, youth=None), Settings({}), database, real_now())
    return [place["trouble"] for place in (await queue.queue(call)).facts]


async def test_a_state_that_could_not_be_written_is_written_once_the_database_is_back(
    database: Database, database_url: str, cast: Cast
) -> None:
    hasty = Database(database_url, Vault(KEY), patience=0.05)
    watch = Watch(hasty)
    async with database.write():
        watch.bot_is(cast.bot_id, "revoked")
        await asyncio.sleep(0.3)
    await until(lambda: _is(database, cast, "revoked"))
    await hasty.close()

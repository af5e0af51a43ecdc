"""SIGTERM while Telegram keeps a message waiting: the program ends within the ten seconds promised."""

import asyncio
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import deliver
from relais import web
from simulator import faults
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.relais.conftest import TOKEN, CommandLine, link_phone
from tests.relais.running import running

PROMISED = 10.0  # seconds


def test_the_drain_and_the_desk_s_goodbye_leave_room_in_what_is_promised() -> None:
    assert deliver.DRAIN + web.GOODBYE <= PROMISED - 2


@pytest.mark.prove
def test_a_send_that_hangs_does_not_hold_the_program_back(
    cli: CommandLine, sami: str, tmp_path: Path
) -> None:
    link_phone(cli, sami)
    assert asyncio.run(seconds_to_stop(cli.database, tmp_path)) < PROMISED


async def seconds_to_stop(database: str, folder: Path) -> float:
    telegram = Telegram(lambda: datetime.now(UTC))
    telegram.bot(TOKEN)
    telegram.faults.plan("sendMessage", *[faults.hang() for _ in range(20)])
    chosen = {"DATABASE": database, "DESK_ADDRESS": "127.0.0.1:0"}
    async with serving(bot_api(telegram)) as api:
        async with running(folder, TELEGRAM_API=api, **chosen) as process:
            await asyncio.sleep(2)  # the welcome is on its way, and stays there
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            said, _ = await process.communicate()
            took = time.monotonic() - started
        await telegram.close()
    assert process.returncode == 0, said
    assert b"Traceback" not in said
    assert took > 1, "nothing hung"
    return took

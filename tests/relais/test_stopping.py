"""SIGTERM, whatever Telegram and the database are doing: the program ends within the ten seconds
promised, and nothing that was on its way is lost or doubled."""

import asyncio
import signal
import sqlite3
import time
from contextlib import AbstractAsyncContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import deliver
from records.database import Tx
from records.message import message
from relais import web
from simulator import faults
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.relais.conftest import TOKEN, CommandLine, link_phone
from tests.relais.running import running

PROMISED = 10.0  # seconds


def test_the_drain_and_the_desk_s_goodbye_leave_room_in_what_is_promised() -> None:
    assert deliver.DRAIN + deliver.LAST + web.GOODBYE <= PROMISED


class Installation:
    """A simulated Telegram with Sami's phone, whose welcome is about to leave."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self.cli, self.folder = cli, folder
        self.telegram = Telegram(lambda: datetime.now(UTC))
        self.telegram.bot(TOKEN)
        self.phone: Person = self.telegram.person("Sami")
        self.phone.chat.started = True

    def link(self, code: str) -> None:
        link_phone(self.cli, code, address=str(self.phone.id))

    def running(self, api: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        chosen = {"DATABASE": self.cli.database, "DESK_ADDRESS": "127.0.0.1:0"}
        return running(self.folder, TELEGRAM_API=api, **chosen)

    async def until_sending(self, times: int = 1) -> None:
        """As many calls have reached Telegram, whatever became of them."""
        async with asyncio.timeout(20):
            while self._sends() < times:  # noqa: ASYNC110  (watches a transcript)
                await asyncio.sleep(0.02)

    def _sends(self) -> int:
        return sum(call.method == "sendMessage" for call in self.telegram.transcript)

    def welcomes(self) -> list[tuple[str, str | None, bool]]:
        async def ask(tx: Tx) -> list[tuple[str, str | None, bool]]:
            now = message.c.kind != "again"  # which waits for an age to come
            rows = await tx.rows(select(message).where(now).order_by(message.c.id))
            return [(row.state, row.held_by, row.repeated) for row in rows]

        return self.cli.look(ask)


async def told_to_stop(process: Any) -> float:
    """The seconds until it has ended, tidily."""
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    assert b"Traceback" not in said
    return time.monotonic() - started


@pytest.fixture
def installed(cli: CommandLine, sami: str, tmp_path: Path) -> Installation:
    made = Installation(cli, tmp_path)
    made.link(sami)
    return made


def test_what_is_on_its_way_is_waited_for_and_settled(installed: Installation) -> None:
    async def story() -> float:
        installed.telegram.faults.always("sendMessage", faults.delay(1.0))
        async with serving(bot_api(installed.telegram)) as api, installed.running(api) as process:
            await asyncio.sleep(0.7)  # the call is under way: a delay shows it only at its end
            took = await told_to_stop(process)
        await installed.telegram.close()
        return took

    assert asyncio.run(story()) < PROMISED
    [(state, _, repeated)] = installed.welcomes()
    assert (state, repeated, len(installed.phone.received)) == ("sent", False, 1)


@pytest.mark.prove
def test_a_send_that_hangs_does_not_hold_the_program_back_and_is_repeated_by_the_next(
    installed: Installation,
) -> None:
    async def story() -> float:
        installed.telegram.faults.plan("sendMessage", faults.hang())
        async with serving(bot_api(installed.telegram)) as api:
            async with installed.running(api) as process:
                await installed.until_sending()
                took = await told_to_stop(process)
            async with installed.running(api) as process:
                await installed.until_sending(2)
                await told_to_stop(process)
        await installed.telegram.close()
        return took

    assert 1 < asyncio.run(story()) < PROMISED
    [(state, _, repeated)] = installed.welcomes()
    assert (state, repeated, len(installed.phone.received)) == ("sent", True, 1)


@pytest.mark.prove
def test_a_database_that_is_locked_does_not_hold_the_program_back(installed: Installation) -> None:
    async def story() -> float:
        installed.telegram.faults.always("sendMessage", faults.delay(1.0))
        async with serving(bot_api(installed.telegram)) as api, installed.running(api) as process:
            await asyncio.sleep(0.7)
            file = installed.folder / "relais.db"
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                took = await told_to_stop(process)
                other.execute("ROLLBACK")
        await installed.telegram.close()
        return took

    assert asyncio.run(story()) < PROMISED
    [(state, _, _)] = installed.welcomes()
    assert state in ("claimed", "waiting"), "the next start takes it up, and says so"


async def test_a_second_program_on_the_same_file_is_refused_until_the_first_has_ended(
    cli: CommandLine, tmp_path: Path
) -> None:
    """It would take what is on its way for lost, and send it again."""
    place = Installation(cli, tmp_path)
    async with serving(bot_api(place.telegram)) as api:
        async with place.running(api) as first:
            with pytest.raises(AssertionError, match="déjà en route"):
                async with place.running(api):
                    pass
            first.kill()  # its hold ends with it, however it ends
            await first.wait()
        async with place.running(api) as second:
            await told_to_stop(second)

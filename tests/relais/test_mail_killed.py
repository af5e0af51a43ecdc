"""`kill -9` between the e-mail and its mark: the next life posts it once more, under its number."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from records import alert, mail_server, mailbox, staff, structure, youth
from records.database import Tx
from records.notification import notification
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.mail_town import PostOffice, post_office
from tests.relais.conftest import TOKEN, CommandLine
from tests.relais.running import running


async def test_a_killed_process_leaves_its_email_to_the_next(
    cli: CommandLine, tmp_path: Path
) -> None:
    telegram = Telegram(lambda: datetime.now(UTC))
    telegram.bot(TOKEN)
    async with serving(bot_api(telegram)) as api, post_office() as office:
        chosen = {"DATABASE": cli.database, "DESK_ADDRESS": "127.0.0.1:0", "TELEGRAM_API": api}
        await asyncio.to_thread(cli.look, alert_through(office))
        never = asyncio.Event()

        async def hold(_server: Any) -> None:
            await never.wait()  # the letter was taken, and the reply is still to come

        office.at_data = hold
        async with running(tmp_path, TELEGRAM_TOKEN=TOKEN, **chosen) as first:
            await letters(office, 1)
            first.kill()
            await first.wait()
        office.at_data = None
        async with running(tmp_path, TELEGRAM_TOKEN=TOKEN, **chosen):
            await letters(office, 2)
            async with asyncio.timeout(20):
                while await asyncio.to_thread(cli.look, ended) != ("sent", "repeated"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        never.set()
    assert len(office.letters) == 2
    assert len({one["Message-ID"] for one in office.letters}) == 1


def alert_through(office: PostOffice) -> Any:
    async def queue(tx: Tx) -> None:
        now, person = datetime.now(UTC), await staff.by_login(tx, "nadia")
        await mail_server.keep(tx, now, office.server(person.structure_id))
        token = await mailbox.give(tx, now, person.id, "nadia@structure.test")
        assert token is not None
        await mailbox.prove(tx, now, person.id, token)
        of = await structure.get(tx, person.structure_id)
        who = await youth.add(
            tx,
            now,
            structure_id=of.id,
            educator_id=person.id,
            nickname="Sami",
            birth_month="2010-03",
        )
        await alert.raise_(tx, now, who, of, ["threats"], "yes", 1)

    return queue


async def letters(office: PostOffice, count: int) -> None:
    async with asyncio.timeout(30):
        while len(office.letters) < count:  # noqa: ASYNC110  (watches the server)
            await asyncio.sleep(0.02)


async def ended(tx: Tx) -> tuple[str, str | None]:
    row = await tx.row(select(notification))
    assert row is not None
    return row.state, row.reason

"""Told to stop in the middle of a round: what it was about to send is sent, and settled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channel import Incoming
from records import outgoing
from records.database import Database, Tx
from records.message import message
from records.vault import Vault
from tests.cast import Cast
from tests.conftest import KEY
from tests.journeys.thumb import rows_of, said
from tests.town import Town


class HeldOpen(Database):
    """Keeps the next commits waiting, once `hold` is set, until it is cleared."""

    hold = False

    def __init__(self, url: str) -> None:
        super().__init__(url, Vault(KEY))
        self.held, self.go_on = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        async with super().write() as tx:
            yield tx
            if self.hold:
                self.held.set()
                await self.go_on.wait()


async def test_a_round_under_way_is_brought_to_its_end(
    database_url: str, database: Database, cast: Cast
) -> None:
    slow = HeldOpen(database_url)
    async with Town(slow, cast).open() as town:
        phone = await town.linked(cast.sami)
        async with database.write() as tx:
            which = await outgoing.reply(
                tx,
                town.now(),
                structure_id=cast.structure_id,
                bot_id=cast.bot_id,
                youth_id=cast.sami.id,
                text="À demain",
                created_by=cast.nadia.id,
            )
        slow.hold = True
        town.deliverer.wake()
        await slow.held.wait()
        stopping = asyncio.create_task(town.deliverer.stop())
        await asyncio.sleep(0.05)  # it has nothing in hand yet, and would be gone by now
        slow.hold = False
        slow.go_on.set()
        await stopping
    await slow.close()
    async with database.read() as tx:
        assert (await outgoing.get(tx, which)).state == "sent"
    assert "À demain" in phone.last.text


async def test_a_reply_leaves_though_its_receiver_was_stopped_at_its_commit(
    database_url: str, cast: Cast
) -> None:
    """A bot's token is renewed: what received with the old one is called off, the rest goes on."""
    slow = HeldOpen(database_url)
    async with Town(slow, cast).open() as town:
        phone = await town.linked(cast.sami)
        slow.hold = True
        came = Incoming(7_001, "text", str(phone.id), 1, "/moi")
        receiving = asyncio.create_task(town.receiver.take([came]))
        await slow.held.wait()
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
        slow.hold = False
        slow.go_on.set()
        await town.receiver.drain()
        await town.quiet()
        assert said("me.title") in phone.last.text
        assert not await rows_of(
            slow, message, message.c.state != "sent", message.c.due_at <= town.now()
        )
    await slow.close()

"""A row that cannot be opened any more (a disk's fault, a hand in the database): it stops itself,
and nobody else."""

from records.database import Database
from records.message import message
from records.reception import set_aside
from records.youth import youth
from tests.cast import Cast, write
from tests.journeys.thumb import rows_of
from tests.town import Town

ALTERED = b"\0" * 40


async def test_one_altered_message_is_set_aside_and_the_others_leave(
    database: Database, cast: Cast
) -> None:
    async with Town(database, cast).open() as town:
        await town.linked(cast.sami)
        phone = await town.linked(cast.ines)
        async with database.write() as tx:
            lost = await write(tx, town.now(), cast, cast.sami, "Perdu")
            await write(tx, town.now(), cast, cast.ines, "À demain")
            await tx.run(message.update().where(message.c.id == lost), {"params": ALTERED})
        await town.quiet()
        assert "À demain" in phone.last.text
        [row] = await rows_of(database, message, message.c.id == lost)
        assert (row.state, row.reason) == ("refused", "unrenderable")


async def test_what_an_altered_youth_writes_is_set_aside_and_others_are_answered(
    database: Database, cast: Cast
) -> None:
    async with Town(database, cast).open() as town:
        altered, phone = await town.linked(cast.sami), await town.linked(cast.ines)
        async with database.write() as tx:
            await tx.run(youth.update().where(youth.c.id == cast.sami.id), {"nickname": ALTERED})
        altered.say("Bonjour")
        phone.say("/aide")
        await town.quiet()
        assert "3114" in phone.last.text
        [row] = await rows_of(database, set_aside)
        assert row.reason == "Unusable"

"""Claims and what becomes of them when the process that made them dies."""

from datetime import datetime, timedelta

from records import outbox, outgoing, settling
from records.database import Database
from tests.cast import NOW, Cast

LATER = NOW + timedelta(days=2)


async def weekly_text(database: Database, cast: Cast) -> int:
    async with database.write() as tx:
        return await outgoing.schedule_text(
            tx,
            NOW,
            structure_id=cast.structure_id,
            bot_id=cast.bot_id,
            youth_id=cast.sami.id,
            text="On se voit mardi",
            wall=datetime(2026, 11, 24, 17, 30),
            zone="Europe/Paris",
            weekly=True,
            created_by=cast.nadia.id,
        )


async def test_a_weekly_text_goes_on_after_a_week_whose_fate_is_unknown(
    database: Database, cast: Cast
) -> None:
    which = await weekly_text(database, cast)
    async with database.write() as tx:
        assert len(await outbox.claim_due(tx, LATER, LATER, cast.bot_id, 10)) == 1
    async with database.write() as tx:
        assert await settling.recover(tx, LATER + outbox.LEASE * 2) == 1
    async with database.read() as tx:
        assert (await outgoing.get(tx, which)).state == "uncertain"
        [following] = await outgoing.waiting(tx, cast.sami.id)
    assert following.due_at - timedelta(days=7) == (NOW + timedelta(days=1)).replace(
        hour=16, minute=30
    )


async def test_a_living_claim_is_left_alone(database: Database, cast: Cast) -> None:
    await weekly_text(database, cast)
    async with database.write() as tx:
        await outbox.claim_due(tx, LATER, LATER, cast.bot_id, 10)
        assert await settling.recover(tx, LATER) == 0


async def test_a_worker_that_lost_its_claim_cannot_overwrite_anothers_word(
    database: Database, cast: Cast
) -> None:
    which = await weekly_text(database, cast)
    async with database.write() as tx:
        [slow] = await outbox.claim_due(tx, LATER, LATER, cast.bot_id, 10)
    async with database.write() as tx:
        await settling.recover(tx, LATER + outbox.LEASE * 2)
        await settling.settle(tx, LATER, [settling.Settled(slow, "sent", channel_id=1)])
    async with database.read() as tx:
        assert (await outgoing.get(tx, which)).state == "uncertain"


async def test_a_chat_has_one_message_in_flight(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        for text in ("un", "deux"):
            await outgoing.reply(
                tx,
                NOW,
                structure_id=cast.structure_id,
                bot_id=cast.bot_id,
                youth_id=cast.sami.id,
                text=text,
                created_by=cast.nadia.id,
            )
        await outgoing.reply(
            tx,
            NOW,
            structure_id=cast.structure_id,
            bot_id=cast.bot_id,
            youth_id=cast.ines.id,
            text="trois",
            created_by=cast.nadia.id,
        )
    async with database.write() as tx:
        first = await outbox.claim_due(tx, NOW, NOW, cast.bot_id, 10)
        assert sorted(due.params["text"] for due in first) == ["trois", "un"]
        assert await outbox.claim_due(tx, NOW, NOW, cast.bot_id, 10) == []
        await settling.settle(tx, NOW, [settling.Settled(d, "sent", channel_id=1) for d in first])
        [then] = await outbox.claim_due(tx, NOW, NOW, cast.bot_id, 10)
    assert then.params["text"] == "deux"

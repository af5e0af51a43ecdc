"""Meetings and their news: what the youth last heard is never forgotten."""

from datetime import datetime, timedelta

from records import appointment, outgoing, structure
from records.database import Database
from tests.cast import NOW, Cast


async def test_a_meeting_moved_twice_names_the_time_that_was_announced(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        planned = await appointment.add(tx, NOW, cast.sami, datetime(2026, 12, 1, 8, 0))
        moved = await appointment.move(tx, NOW, planned, datetime(2026, 12, 3, 9, 0))
        await appointment.move(tx, NOW, moved, datetime(2026, 12, 4, 10, 0))
        [notice] = [m for m in await outgoing.waiting(tx, cast.sami.id) if m.kind == "changed"]
    assert notice.params["was"] == "2026-12-01T08:00"


async def test_a_cancellation_names_the_time_that_was_announced(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        planned = await appointment.add(tx, NOW, cast.sami, datetime(2026, 12, 1, 8, 0))
        moved = await appointment.move(tx, NOW, planned, datetime(2026, 12, 3, 9, 0))
        await appointment.cancel(tx, NOW, moved)
        [notice] = [m for m in await outgoing.waiting(tx, cast.sami.id) if m.kind == "cancelled"]
    assert notice.params["announced"] == "2026-12-01T08:00"


async def test_what_was_planned_before_a_bot_was_known_leaves_by_it(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await structure.change(tx, cast.structure_id, bot_id=None)
        which = await outgoing.schedule_offer(
            tx,
            NOW,
            structure_id=cast.structure_id,
            bot_id=None,
            youth_id=cast.sami.id,
            script="ma-meteo",
            purpose="exercises",
            due_at=NOW + timedelta(hours=1),
        )
        await structure.change(tx, cast.structure_id, bot_id=cast.bot_id)
        from records import outbox

        assert await outbox.next_due(tx) == NOW + timedelta(hours=1)
        assert (await outgoing.get(tx, which)).state == "waiting"

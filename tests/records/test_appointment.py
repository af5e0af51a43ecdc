"""Meetings and their news: what the youth last heard is never forgotten."""

from datetime import UTC, datetime, timedelta

from records import appointment, consent, outbox, outgoing, structure
from records.database import Database
from records.foreseen import foresee_all
from records.message import message
from tests.admin.house import linked
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
        assert await outbox.next_due(tx) == NOW + timedelta(hours=1)
        assert (await outgoing.get(tx, which)).state == "waiting"


async def test_a_meeting_called_off_after_an_untold_change_is_called_off_until_the_time_told(
    database: Database, cast: Cast
) -> None:
    """Told Friday, moved to Thursday at night, called off before anybody heard: they would come
    on Friday, and the news keeps its meaning until then."""
    late = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)
    friday = datetime(2026, 12, 4, 13, 0, tzinfo=UTC)
    async with database.write() as tx:
        planned = await appointment.add(tx, NOW, cast.sami, datetime(2026, 12, 4, 14, 0))
        moved = await appointment.move(tx, late, planned, datetime(2026, 12, 3, 9, 0))
        await appointment.cancel(tx, late, moved)
        [notice] = [m for m in await outgoing.waiting(tx, cast.sami.id) if m.kind == "cancelled"]
    assert notice.not_after == friday


async def test_a_past_meeting_given_another_day_at_night_wakes_nobody(
    database: Database, cast: Cast
) -> None:
    night = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
    await linked(database, cast, cast.ines, "reminders")
    async with database.write() as tx:
        planned = await appointment.add(tx, NOW, cast.ines, datetime(2026, 12, 1, 14, 0))
        await appointment.move(tx, night, planned, datetime(2026, 12, 9, 14, 0))
        waiting = await outbox.awaited(tx, night, youth_id=cast.ines.id)
    [leaves] = [v.at for due, v in foresee_all(waiting, night) if due.kind == "changed"]
    assert leaves == datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


async def test_a_reminder_is_not_said_twice_on_the_day_when_the_change_is_told(
    database: Database, cast: Cast
) -> None:
    noon = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
    async with database.write() as tx:
        planned = await appointment.add(tx, NOW, cast.ines, datetime(2026, 12, 4, 14, 0))
        await appointment.move(tx, noon, planned, datetime(2026, 12, 2, 16, 0))
        kinds = [m.kind for m in await outgoing.waiting(tx, cast.ines.id)]
    assert kinds == ["changed"]


async def test_a_consent_given_back_on_the_day_of_a_reminder_does_not_say_it_again(
    database: Database, cast: Cast
) -> None:
    evening = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    async with database.write() as tx:
        await appointment.add(
            tx, NOW, cast.sami, datetime(2026, 12, 2, 14, 30), ladder=["1d", "3h"]
        )
        sent = {"state": "sent", "sent_at": evening - timedelta(minutes=30)}
        await tx.run(message.update(), sent)
        for given in (False, True):
            await consent.record(
                tx,
                evening,
                cast.sami,
                "reminders",
                given,
                text_version=1,
            )
        assert await outgoing.waiting(tx, cast.sami.id) == []

"""An alert that nobody took up: nothing lets go of it by the clock, and whoever comes next is told."""

from datetime import date, timedelta

from sqlalchemy import select

from content.answers import in_own_words
from records import alert, closure, ending, mailing, notification, retention, structure, transfer
from records import youth as youths
from records.database import Database
from tests.cast import NOW, Cast
from tests.records.test_notification import reached


async def warn(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        of = await structure.get(tx, cast.structure_id)
        await alert.raise_(tx, NOW, cast.sami, of, ["suicide"], "yes", 1)


async def left(database: Database) -> int:
    async with database.read() as tx:
        return len(await tx.rows(select(alert.alert.c.id)))


async def test_one_that_nobody_took_up_waits_for_years(database: Database, cast: Cast) -> None:
    await warn(database, cast)
    at = NOW + timedelta(days=700)
    async with database.read() as tx:
        foreseen = await retention.foresee(tx, [at], in_own_words)
    assert "alerts" not in {going.name for going in foreseen}
    await retention.carry_out(database, at, in_own_words)
    assert await left(database) == 1


async def test_the_schedule_closes_nobody_about_whom_an_alert_waits(
    database: Database, cast: Cast
) -> None:
    await warn(database, cast)
    async with database.write() as tx:
        await youths.change(tx, cast.sami.id, support_ends_on=date(2026, 11, 30))
    at = NOW + timedelta(days=60)
    async with database.write() as tx:
        assert await ending.due(tx, at, 7) == []
        await tx.run(alert.alert.update(), {"taken_at": NOW})
        assert [one.youth.id for one in await ending.due(tx, at, 7)] == [cast.sami.id]


async def test_what_somebody_closes_forgets_it_and_no_e_mail_speaks_of_it(
    database: Database, cast: Cast
) -> None:
    await reached(database, cast.nadia.id)
    await warn(database, cast)
    async with database.write() as tx:
        await closure.close(tx, NOW, cast.sami)
        [letter] = await mailing.claim(tx, NOW, NOW, 10)
    assert letter.reason == "seen"
    assert await left(database) == 0


async def test_whoever_takes_a_caseload_over_is_told_of_what_waits_in_it(
    database: Database, cast: Cast
) -> None:
    await reached(database, cast.karim.id)
    await warn(database, cast)
    async with database.write() as tx:
        await transfer.one(tx, NOW, await youths.get(tx, cast.sami.id), cast.karim)
        rows = await tx.rows(select(notification.notification.c.staff_id))
    assert {row.staff_id for row in rows} == {cast.karim.id}


async def test_whoever_reads_for_somebody_away_is_told_of_what_waits(
    database: Database, cast: Cast
) -> None:
    await reached(database, cast.karim.id)
    async with database.write() as tx:
        await alert.tell_new_reader(tx, NOW, cast.karim.id, cast.nadia.id)
        assert await tx.rows(select(notification.notification.c.id)) == []
    await warn(database, cast)
    async with database.write() as tx:
        await alert.tell_new_reader(tx, NOW, cast.karim.id, cast.nadia.id)
        rows = await tx.rows(select(notification.notification.c.staff_id))
    assert {row.staff_id for row in rows} == {cast.karim.id}

"""An alert that nobody took up: nothing lets go of it by the clock, and whoever comes next is told."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from content.answers import in_own_words
from records import (
    alert,
    closure,
    cover,
    ending,
    inbox,
    mailing,
    notification,
    retention,
    structure,
    transfer,
)
from records import youth as youths
from records.database import Database
from records.errors import Refused
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


async def test_nobody_closes_over_an_alert_without_being_told(
    database: Database, cast: Cast
) -> None:
    await warn(database, cast)
    with pytest.raises(Refused, match="alert_waits"):
        async with database.write() as tx:
            await closure.close(tx, NOW, cast.sami)
    assert await left(database) == 1
    async with database.write() as tx:
        assert (await youths.get(tx, cast.sami.id)).closed_at is None
        await tx.run(alert.alert.update(), {"taken_at": NOW})
        await closure.close(tx, NOW, cast.sami)
    assert await left(database) == 1, "what was taken up has its own thirty days"


async def test_what_somebody_closes_forgets_it_and_no_e_mail_speaks_of_it(
    database: Database, cast: Cast
) -> None:
    await reached(database, cast.nadia.id)
    await warn(database, cast)
    async with database.write() as tx:
        await closure.close(tx, NOW, cast.sami, forget_alerts=True)
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


@pytest.mark.parametrize("waits", ["alert", "unread", "nothing"])
async def test_whoever_covers_is_told_of_what_waits_as_it_begins_and_not_before(
    database: Database, cast: Cast, waits: str
) -> None:
    await reached(database, cast.karim.id)
    if waits == "alert":
        await warn(database, cast)
    starts = datetime(2026, 11, 25, 9, 0)
    begins = NOW + timedelta(days=1, hours=22)
    async with database.write() as tx:
        if waits == "unread":
            item = {"structure_id": cast.structure_id, "youth_id": cast.sami.id}
            await inbox.add(tx, NOW, **item, kind="words", text="tu es là ?")
        made = await cover.add(tx, NOW, cast.nadia, cast.karim, starts, starts + timedelta(days=9))
        await notification.tell_when_it_begins(tx, NOW, made)
    assert made.starts_at == begins
    async with database.write() as tx:
        assert await mailing.claim(tx, begins - timedelta(seconds=1), NOW, 10) == []
        letters = await mailing.claim(tx, begins, NOW, 10)
    assert {one.about for one in letters if not one.reason} == {waits} - {"nothing"}
    assert {one.reason for one in letters} <= {"", "seen"}


async def test_a_cover_to_come_does_not_keep_an_alert_of_today_from_being_told(
    database: Database, cast: Cast
) -> None:
    await reached(database, cast.karim.id)
    starts = datetime(2026, 12, 1, 8, 0)
    async with database.write() as tx:
        made = await cover.add(tx, NOW, cast.nadia, cast.karim, starts, starts + timedelta(days=9))
        await notification.tell_when_it_begins(tx, NOW, made)
        await notification.tell(tx, NOW, cast.karim.id, "alert")
        rows = await tx.rows(
            select(notification.notification.c.due_at).where(
                notification.notification.c.about == "alert"
            )
        )
    assert sorted(row.due_at for row in rows) == [NOW, made.starts_at]

"""Staff are told by e-mail: which e-mail waits, for whom, and when it is due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from records import mailbox, notification
from records.database import Database
from records.mailbox import About
from records.notification import tell
from tests.cast import NOW, Cast

SATURDAY = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


async def reached(database: Database, staff_id: int, **chosen: Any) -> None:
    """An address that is proved, with these choices."""
    async with database.write() as tx:
        token = await mailbox.give(tx, NOW, staff_id, "nadia@structure.test")
        assert token is not None
        assert await mailbox.prove(tx, NOW, staff_id, token)
        await mailbox.choose(tx, staff_id, **chosen)


async def told(database: Database, staff_id: int, about: About, at: datetime = NOW) -> None:
    async with database.write() as tx:
        await tell(tx, at, staff_id, about)


async def rows(database: Database) -> list[Any]:
    async with database.read() as tx:
        return list(
            await tx.rows(
                select(notification.notification).order_by(notification.notification.c.id)
            )
        )


async def test_without_an_address_nobody_is_told(database: Database, cast: Cast) -> None:
    await told(database, cast.nadia.id, "alert")
    assert await rows(database) == []


async def test_an_address_that_is_not_proved_is_told_nothing(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await mailbox.give(tx, NOW, cast.nadia.id, "nadia@structure.test")
    await told(database, cast.nadia.id, "alert")
    assert await rows(database) == []


async def test_several_causes_while_one_waits_are_one_email(database: Database, cast: Cast) -> None:
    await reached(database, cast.nadia.id)
    for _ in range(3):
        await told(database, cast.nadia.id, "alert")
    await told(database, cast.nadia.id, "refusal")
    assert [(row.about, row.due_at) for row in await rows(database)] == [
        ("alert", NOW),
        ("refusal", NOW),
    ]


@pytest.mark.parametrize("about", ["alert", "refusal"])
async def test_what_was_chosen_for_reading_hours_waits_for_them(
    database: Database, cast: Cast, about: About
) -> None:
    await reached(database, cast.nadia.id, alerts="hours", refusals="hours")
    await told(database, cast.nadia.id, about, SATURDAY)
    (row,) = await rows(database)
    assert row.due_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)  # Monday, 9 h in Paris


@pytest.mark.parametrize("about", ["alert", "refusal", "unread"])
async def test_what_was_declined_is_never_told(
    database: Database, cast: Cast, about: About
) -> None:
    await reached(database, cast.nadia.id, alerts="never", refusals="never", unread="never")
    await told(database, cast.nadia.id, about)
    assert await rows(database) == []


async def test_a_cause_that_is_undone_leaves_no_email(database: Database, cast: Cast) -> None:
    await reached(database, cast.nadia.id)
    with pytest.raises(RuntimeError):
        async with database.write() as tx:
            await tell(tx, NOW, cast.nadia.id, "alert")
            raise RuntimeError
    assert await rows(database) == []


async def test_the_row_says_nothing_of_whom_or_what(database: Database, cast: Cast) -> None:
    await reached(database, cast.nadia.id)
    await told(database, cast.nadia.id, "alert", NOW + timedelta(minutes=1))
    (row,) = await rows(database)
    assert set(row._mapping) == {
        "id", "structure_id", "staff_id", "about", "due_at", "not_after", "unique_key", "state",
        "reason", "attempts", "repeated", "claim", "claimed_until", "sent_at", "created_at",
    }  # fmt: skip
    assert row.unique_key == f"alert:{cast.nadia.id}"

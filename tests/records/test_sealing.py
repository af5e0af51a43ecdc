"""The access log is sealed: each minute, one chain a day, whoever else writes meanwhile."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from records import audit, sealing
from records.database import Database
from records.vault import Vault, new_key
from tests.cast import NOW, Cast
from tests.conftest import KEY
from tests.records.sealed_log import DAY, MINUTE, head, read, rows_of, three_days, verdict


async def test_reads_wait_for_nobody_and_are_sealed_within_the_minute(
    database: Database, cast: Cast
) -> None:
    await read(database, cast, NOW, 3)
    assert (await verdict(database)).waiting == 3
    await sealing.seal_new(database, NOW + MINUTE)
    found = await verdict(database)
    assert found.right
    assert found.waiting == 0
    assert [(day.day, day.seals, day.lines) for day in found.days] == [(NOW.date(), 1, 3)]


async def test_a_minute_without_readings_makes_no_seal(database: Database) -> None:
    assert await sealing.seal_new(database, NOW) == []
    assert await head(database) == "0"


async def test_each_day_is_a_chain_and_says_when_it_ends(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    found = await verdict(database)
    assert found.right
    assert [(day.seals, day.lines) for day in found.days] == [(1, 3), (2, 6), (2, 6)]
    await read(database, cast, NOW + DAY)
    [over] = await sealing.seal_new(database, NOW + DAY)
    assert (over.day, over.number) == (NOW.date(), 5)


async def test_the_chain_survives_a_rotation_of_keys(
    database: Database, database_url: str, cast: Cast
) -> None:
    await three_days(database, cast)
    rotated = Database(database_url, Vault(f"{new_key()},{KEY}"))
    try:
        assert (await verdict(rotated)).right
        await read(rotated, cast, NOW + 2 * MINUTE)
        await sealing.seal_new(rotated, NOW + 3 * MINUTE)
        assert (await verdict(rotated)).right
    finally:
        await rotated.close()
    assert (await verdict(database)).right


async def test_a_day_let_go_keeps_seals_that_still_verify(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    until = (NOW - DAY).date()
    async with database.write() as tx:
        assert await audit.count_before(tx, until) == 3
        assert await audit.drop_days(tx, until) == 3
        assert await audit.drop_days(tx, until) == 0
        assert await audit.count_before(tx, until) == 0
    found = await verdict(database)
    assert found.right
    assert [(day.dropped, day.lines) for day in found.days] == [(True, 3), (False, 6), (False, 6)]
    async with database.read() as tx:
        assert {line.seal for line in await rows_of(tx, audit.access)} == {2, 3, 4, 5}


FORBIDDEN = (
    "UPDATE access_log SET action = 'nothing'",
    "UPDATE access_log SET seal = NULL",
    "DELETE FROM access_log",
    "UPDATE access_seal SET lines = 0",
    "DELETE FROM access_seal",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_database_itself_refuses_to_change_the_log(
    database: Database, cast: Cast, statement: str
) -> None:
    await three_days(database, cast)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as tx:
            await tx.run(text(statement))
    assert (await verdict(database)).right


async def test_lines_that_are_not_sealed_yet_cannot_be_changed_either(
    database: Database, cast: Cast
) -> None:
    await read(database, cast, NOW)
    for statement in FORBIDDEN[0], FORBIDDEN[2]:
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as tx:
                await tx.run(text(statement))


async def test_sealers_of_several_processes_take_turns(
    database: Database, database_url: str, cast: Cast
) -> None:
    await read(database, cast, NOW, 40)
    others = [Database(database_url, Vault(KEY)) for _ in range(3)]
    try:
        await asyncio.gather(
            *(sealing.seal_new(one, NOW + MINUTE) for one in (database, *others)),
            *(read(one, cast, NOW, 5) for one in others),
        )
        await sealing.seal_new(database, NOW + MINUTE)
    finally:
        for one in others:
            await one.close()
    found = await verdict(database)
    assert found.right
    assert (found.waiting, sum(day.lines for day in found.days)) == (0, 55)


async def test_a_log_that_waited_for_long_is_sealed_piece_by_piece(
    database: Database, cast: Cast
) -> None:
    await read(database, cast, NOW, sealing.LINES_A_SEAL + 20)
    await sealing.seal_new(database, NOW)
    [day] = (await verdict(database)).days
    assert (day.seals, day.lines) == (2, sealing.LINES_A_SEAL + 20)


instants = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC)
)


@given(instants, st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)), instants)
def test_no_line_goes_to_a_day_that_is_over_or_still_to_come(
    at: datetime, begun: date | None, now: datetime
) -> None:
    day = sealing.day_of(at, begun, now)
    assert day <= now.date()
    if begun is not None and begun <= now.date():
        assert day >= begun
    if at <= now and (begun is None or begun <= at.date()):
        assert day == at.date()

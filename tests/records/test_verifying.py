"""Whatever is done to the sealed log afterwards shows, and where."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from records import audit, chain, sealing, verifying
from records.database import Database, Tx
from records.vault import Vault, new_key
from tests.cast import NOW, Cast
from tests.records.sealed_log import (
    DAY,
    MINUTE,
    by_force,
    head,
    read,
    rows_of,
    three_days,
    verdict,
)

LINE = [column.name for column in audit.access.c if column.name != "seal"]
SEAL = ["day", "lines", "since", "until", "at", "digest", "mark"]


def other(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value + DAY
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return value + 1_000_000 if isinstance(value, int) else f"{value} " if value else "x"


async def changed(tx: Tx, table: Any, row: Any, column: str) -> None:
    key = next(iter(table.primary_key))
    which = table.update().where(key == getattr(row, key.name))
    await tx.run(which, {column: other(getattr(row, column))})


async def test_every_field_of_every_line_is_under_the_seal(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    async with database.read() as tx:
        lines = await rows_of(tx, audit.access)
    assert len(lines) == 15
    for line in lines:
        for column in LINE:
            async with by_force(database) as tx:
                await changed(tx, audit.access, line, column)
                [found] = (await verifying.verify(tx)).findings
            assert (found.what, found.number) == ("lines_altered", line.seal), column


async def test_a_line_taken_away_shows_with_its_day_and_its_stretch(
    database: Database, cast: Cast
) -> None:
    await three_days(database, cast)
    async with database.read() as tx:
        lines = await rows_of(tx, audit.access)
    for line in lines:
        async with by_force(database) as tx:
            await tx.run(audit.access.delete().where(audit.access.c.id == line.id))
            [found] = (await verifying.verify(tx)).findings
        assert (found.what, found.number, found.count) == ("lines_missing", line.seal, 1)
        assert (found.day, found.since) == (line.at.date(), line.at)


@pytest.mark.parametrize("claims", [1, 5, 6, 40], ids=["first", "last", "next", "invented"])
async def test_a_line_put_in_shows(database: Database, cast: Cast, claims: int) -> None:
    await three_days(database, cast)
    async with by_force(database) as tx:
        await audit.note(tx, NOW + MINUTE, cast.karim.id, audit.READ, cast.sami.id)
        await tx.run(audit.access.update().where(audit.access.c.seal.is_(None)).values(seal=claims))
        [found] = (await verifying.verify(tx)).findings
    what = "lines_added" if claims <= 5 else "lines_unsealed"
    assert (found.what, found.number, found.count) == (what, claims, 1)


async def test_a_line_written_into_the_past_shows_before_and_after_its_seal(
    database: Database, cast: Cast
) -> None:
    await three_days(database, cast)
    await read(database, cast, NOW - DAY)
    [found] = (await verdict(database)).findings
    assert (found.what, found.day, found.count) == ("lines_late", (NOW - DAY).date(), 1)
    await sealing.seal_new(database, NOW + 3 * MINUTE)
    [found] = (await verdict(database)).findings
    assert (found.what, found.number, found.since) == ("lines_late", 6, NOW - DAY)


async def test_a_page_that_took_its_time_is_not_late(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    await read(database, cast, NOW - 5 * MINUTE)
    await sealing.seal_new(database, NOW + 3 * MINUTE)
    assert (await verdict(database)).right


async def test_two_lines_that_change_places_show(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    async with by_force(database) as tx:
        first, second, *_ = await rows_of(tx, audit.access)
        await tx.run(audit.access.delete().where(audit.access.c.id.in_((first.id, second.id))))
        for row, identifier in ((first, second.id), (second, first.id)):
            await tx.run(audit.access.insert(), dict(row._mapping) | {"id": identifier})
        [found] = (await verifying.verify(tx)).findings
    assert (found.what, found.number) == ("lines_altered", 1)


async def test_every_field_of_every_seal_is_bound(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    async with database.read() as tx:
        seals = await rows_of(tx, audit.seal)
    for one in seals:
        for column in SEAL:
            async with by_force(database) as tx:
                await changed(tx, audit.seal, one, column)
                found = {(f.what, f.number) for f in (await verifying.verify(tx)).findings}
            assert ("seal_altered", one.number) in found, column
            assert {number for _, number in found} <= {one.number, one.number + 1}


async def test_a_whole_day_that_is_taken_away_with_its_seals_shows(
    database: Database, cast: Cast
) -> None:
    await three_days(database, cast)
    async with by_force(database) as tx:
        which = (2, 3)
        await tx.run(audit.access.delete().where(audit.access.c.seal.in_(which)))
        await tx.run(audit.seal.delete().where(audit.seal.c.number.in_(which)))
        [found] = (await verifying.verify(tx)).findings
    assert (found.what, found.number, found.count) == ("seals_missing", 2, 2)


async def test_the_first_days_taken_away_show(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    async with by_force(database) as tx:
        await tx.run(audit.access.delete().where(audit.access.c.seal <= 3))
        await tx.run(audit.seal.delete().where(audit.seal.c.number <= 3))
        [found] = (await verifying.verify(tx)).findings
    assert (found.what, found.number, found.count) == ("seals_missing", 1, 3)


async def test_seals_cut_off_at_the_end_show_by_their_lines_or_by_a_noted_head(
    database: Database, cast: Cast
) -> None:
    await three_days(database, cast)
    noted = await head(database)
    async with by_force(database) as tx:
        await tx.run(audit.seal.delete().where(audit.seal.c.number == 5))
        [found] = (await verifying.verify(tx)).findings
        assert (found.what, found.number, found.count) == ("lines_unsealed", 5, 3)
        await tx.run(audit.access.delete().where(audit.access.c.seal == 5))
        assert (await verifying.verify(tx)).right, "nothing in the database tells any more"
        [found] = (await verifying.verify(tx, noted)).findings
    assert (found.what, found.number) == ("head_missing", 5)


async def test_a_noted_head_holds_while_the_log_grows_however_it_is_typed(
    database: Database, cast: Cast
) -> None:
    await three_days(database, cast)
    noted = await head(database)
    assert noted.startswith("5-")
    await read(database, cast, NOW + 2 * MINUTE)
    await sealing.seal_new(database, NOW + 3 * MINUTE)
    assert (await verdict(database, f" {noted.lower()} ")).right
    [found] = (await verdict(database, f"4{noted[1:]}")).findings
    assert (found.what, found.number) == ("head_differs", 4)


async def test_a_log_written_anew_under_another_key_shows(database: Database, cast: Cast) -> None:
    """Without the key nobody makes seals that fit."""
    await three_days(database, cast)
    async with by_force(database) as tx:
        rows = await rows_of(tx, audit.seal)
        before = b""
        for row in rows:
            one = sealing.opened(row)
            forged = chain.mark(Vault(new_key()), before, one)
            which = audit.seal.c.number == one.number
            await tx.run(audit.seal.update().where(which).values(mark=forged))
            before = forged
        found = (await verifying.verify(tx)).findings
    assert {f.what for f in found} == {"seal_altered"}


async def test_a_day_that_only_looks_let_go_shows(database: Database, cast: Cast) -> None:
    await three_days(database, cast)
    async with by_force(database) as tx:
        which = audit.seal.c.number == 1
        await tx.run(audit.seal.update().where(which).values(dropped=b"let go, truly"))
        await tx.run(audit.access.delete().where(audit.access.c.seal == 1))
        [found] = (await verifying.verify(tx)).findings
    assert (found.what, found.number, found.count) == ("lines_missing", 1, 3)

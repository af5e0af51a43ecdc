"""A change of key: every sealed value and every hash is made anew, while others work."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from records import erased, rotation, survey
from records.database import Database, metadata
from records.errors import Refused, Unusable
from records.sealed import BESIDE, DIGESTS, LASTING, NOTES, OF_YOUTHS, PASSING, sealed_columns
from records.vault import Vault, new_key
from tests.conftest import KEY
from tests.records.filled import fill, said

NEW = new_key()


def silent(_table: str, _done: int, _of: int) -> None:
    pass


async def rotated(url: str, keys: str = f"{NEW},{KEY}", batch: int = 2) -> rotation.Done:
    database = Database(url, Vault(keys))
    try:
        await database.prove_key()
        return await rotation.rotate(database, silent, batch=batch)
    finally:
        await database.close()


async def opened_with(url: str, keys: str) -> dict[str, list[object]]:
    """What each sealed column holds, opened."""
    database = Database(url, Vault(keys))
    try:
        async with database.read() as tx:
            return {
                one.field: [
                    tx.vault.open_data(one.field, row._mapping[one.row], row._mapping[one.column])
                    for row in await tx.rows(sa.select(one.row, one.column).order_by(one.row))
                ]
                for columns in sealed_columns().values()
                for one in columns
            }
    finally:
        await database.close()


# What must be sealed under its own name. A binary column that is added is put here, or named in
# `records.sealed` as something else: nobody can forget to say which.
SEALED = {
    "alert.category",
    "appointment.place",
    "bot.token",
    "contact.address",
    "conversation.state",
    "erased.what",
    "inbox.text",
    "mail_server.password",
    "mail_server.user",
    "mailbox.address",
    "message.params",
    "objective.name",
    "parental_agreement.means",
    "question.category",
    "response.value",
    "second_factor.secret",
    "set_aside.payload",
    "staff.name",
    "survey_answer.value",
    "youth.nickname",
}


def test_every_binary_column_is_sealed_or_said_to_be_something_else() -> None:
    named = {*DIGESTS, *LASTING, *PASSING, *NOTES, *BESIDE, *OF_YOUTHS}
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    assert binary - named <= SEALED
    assert not SEALED & named
    assert {one.field for of in sealed_columns().values() for one in of} == binary - named


async def test_after_it_the_new_key_alone_opens_everything(
    database: Database, database_url: str
) -> None:
    await database.prove_key()
    await fill(database, rows=5)
    await database.close()
    before = await opened_with(database_url, KEY)
    done = await rotated(database_url)
    after = await opened_with(database_url, NEW)
    shuffled = "survey_answer.value"  # its rows are given other identifiers
    assert sorted(map(str, after.pop(shuffled))) == sorted(map(str, before.pop(shuffled)))
    assert after == before
    assert after["inbox.text"] == [said("inbox.text", n) for n in range(1, 6)]
    assert done.tables["message"] == 5


async def test_after_it_the_old_key_opens_nothing_and_is_refused(
    database: Database, database_url: str
) -> None:
    await database.prove_key()
    await fill(database)
    await database.close()
    await rotated(database_url)
    with pytest.raises(Unusable, match="key_wrong"):
        await opened_with(database_url, KEY)
    for keys in (KEY, new_key()):
        other = Database(database_url, Vault(keys))
        with pytest.raises(Unusable, match="key_wrong"):
            await other.prove_key()
        await other.close()
    alone = Database(database_url, Vault(NEW))
    await alone.prove_key()
    await alone.close()


async def test_every_keyed_hash_is_found_before_during_and_after(
    database: Database, database_url: str
) -> None:
    """Before: under both keys. After: under the new one alone."""
    await database.prove_key()
    await fill(database)
    await database.close()
    assert await found_with(database_url, f"{NEW},{KEY}") == dict.fromkeys(_hashed(), 2)
    assert await found_with(database_url, NEW) == dict.fromkeys(_hashed(), 0)
    await rotated(database_url)
    assert await found_with(database_url, NEW) == dict.fromkeys(_hashed(), 2)
    assert await found_with(database_url, KEY) == dict.fromkeys(_hashed(), 0)


def _hashed() -> list[str]:
    return [*BESIDE, *OF_YOUTHS]


async def found_with(url: str, keys: str) -> dict[str, int]:
    """How many rows of each hashed column these keys find."""
    database = Database(url, Vault(keys))
    found: dict[str, int] = {}
    try:
        async with database.read() as tx:
            for name in _hashed():
                column = metadata.tables[name.partition(".")[0]].columns[name.partition(".")[2]]
                hashes = [h for n in (1, 2) for h in tx.vault.indexes(*_made_of(name, n))]
                some = sa.select(sa.func.count()).where(column.in_(hashes))
                found[name] = int(await tx.value(some))
    finally:
        await database.close()
    return found


def _made_of(name: str, number: int) -> tuple[str, str]:
    if name in OF_YOUTHS:
        return OF_YOUTHS[name], str(number)
    if name == "erased.about":
        return name, erased.about("unlinked", said("erased.what", number))
    field, source = BESIDE[name]
    words = Vault(KEY).seal_data("x", 0, said(f"{name.partition('.')[0]}.{source}", number))
    return field, Vault(KEY).open("x", 0, words)


async def test_a_batch_that_dies_loses_nothing_and_the_next_run_goes_on(
    database: Database, database_url: str
) -> None:
    await database.prove_key()
    await fill(database, rows=8)
    await database.close()
    before = await opened_with(database_url, KEY)
    both = Database(database_url, Vault(f"{NEW},{KEY}"))

    def die(table: str, done: int, _of: int) -> None:
        if (table, done) == ("message", 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate(both, die, batch=2)
    async with both.read() as tx:
        assert 0 < await rotation.left(tx) < 8 * len(sealed_columns())
    await both.close()
    assert await opened_with(database_url, f"{NEW},{KEY}") == before
    done = await rotated(database_url)
    assert done.tables["message"] == 4
    await opened_with(database_url, NEW)


async def test_it_is_refused_while_a_program_has_only_the_old_key(
    database: Database, database_url: str
) -> None:
    """On SQLite it is whoever speaks; on PostgreSQL whoever is connected."""
    from records.database import say_keys

    async with database.write() as tx:
        await say_keys(tx)
    with database.speaking(), pytest.raises(Refused, match="key_not_everywhere"):
        await rotated(database_url)
    await database.close()
    await rotated(database_url)


async def test_a_program_that_has_both_keys_is_no_hindrance(
    database: Database, database_url: str
) -> None:
    from records.database import say_keys

    await database.close()
    at_work = Database(database_url, Vault(f"{NEW},{KEY}"))
    async with at_work.write() as tx:
        await say_keys(tx)
    with at_work.speaking():
        await rotated(database_url)
    await at_work.close()


async def test_answers_given_during_the_change_count_once(
    database: Database, database_url: str
) -> None:
    from tests.cast import NOW, settle_in

    answer: dict[str, Any] = {
        "instrument": "satisfaction",
        "version": 1,
        "wave": "2026-T4",
        "week": "2026-W48",
    }
    async with database.write() as tx:
        cast = await settle_in(tx, NOW)
        given: dict[str, Any] = {
            "structure_id": cast.structure_id,
            "youth_id": cast.sami.id,
            **answer,
        }
        assert await survey.hand_in(tx, answers={"a": "1"}, **given)
    await database.close()
    both = Database(database_url, Vault(f"{NEW},{KEY}"))
    async with both.write() as tx:
        assert not await survey.hand_in(tx, answers={"a": "1"}, **given)
    await both.close()
    await rotated(database_url)
    after = Database(database_url, Vault(NEW))
    async with after.write() as tx:
        assert not await survey.hand_in(tx, answers={"a": "1"}, **given)
    await after.close()


async def test_others_write_while_it_runs(database: Database, database_url: str) -> None:
    """A busy program with both keys never waits for more than one batch."""
    await database.prove_key()
    await fill(database, rows=60)
    await database.close()
    busy = Database(database_url, Vault(f"{NEW},{KEY}"))
    task = asyncio.create_task(rotated(database_url, batch=10))
    waits, loop = [], asyncio.get_running_loop()
    while not task.done():
        began = loop.time()
        async with busy.write() as tx:
            await tx.run(sa.text("UPDATE message SET attempts = attempts + 1 WHERE id = 3"))
        waits.append(loop.time() - began)
        await asyncio.sleep(0.001)
    done = await task
    await busy.close()
    assert waits
    assert done.longest < 2
    assert max(waits) < 5

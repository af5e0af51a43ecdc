"""Anonymous answers: nothing pairs them with a youth, nothing under five is shown."""

import sqlite3
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from records import survey
from records.database import Database
from tests.cast import Cast


async def hand_in(database: Database, cast: Cast, youths: range, value: str = "yes") -> None:
    for youth_id in youths:
        async with database.write() as tx:
            assert await survey.hand_in(
                tx,
                structure_id=cast.structure_id,
                youth_id=youth_id,
                instrument="satisfaction",
                version=1,
                wave="2026-T4",
                week="2026-W48",
                answers={"useful": value, "easy": f"v{youth_id % 2}"},
            )


async def test_one_answers_a_wave_once(database: Database, cast: Cast) -> None:
    await hand_in(database, cast, range(1, 2))
    async with database.write() as tx:
        assert not await survey.hand_in(
            tx,
            structure_id=cast.structure_id,
            youth_id=1,
            instrument="satisfaction",
            version=1,
            wave="2026-T4",
            week="2026-W48",
            answers={"useful": "no"},
        )


async def test_four_answers_stay_hidden_and_a_fifth_opens_them_all(
    database: Database, cast: Cast
) -> None:
    await hand_in(database, cast, range(1, 5))
    assert await survey.shuffle(database) == 0
    async with database.read() as tx:
        assert await survey.counts(tx, cast.structure_id) == []
    await hand_in(database, cast, range(5, 6))
    assert await survey.shuffle(database) == 5
    async with database.read() as tx:
        counted = {c.item: c.count for c in await survey.counts(tx, cast.structure_id)}
    assert counted["useful"] == 5


async def test_later_answers_wait_for_a_whole_batch_again(database: Database, cast: Cast) -> None:
    await hand_in(database, cast, range(1, 7))
    assert await survey.shuffle(database) == 6
    await hand_in(database, cast, range(7, 11))
    assert await survey.shuffle(database) == 0
    async with database.read() as tx:
        counted = {c.item: c.count for c in await survey.counts(tx, cast.structure_id)}
    assert counted["useful"] == 6


async def test_shuffling_changes_every_identifier_and_loses_nothing(
    database: Database, cast: Cast
) -> None:
    await hand_in(database, cast, range(1, 9))
    async with database.read() as tx:
        before = await tx.rows(select(survey.survey_answer.c.id, survey.survey_answer.c.item))
    await survey.shuffle(database)
    async with database.read() as tx:
        after = await tx.rows(select(survey.survey_answer.c.id, survey.survey_answer.c.item))
    assert not {row.id for row in before} & {row.id for row in after}
    assert Counter(r.item for r in before) == Counter(r.item for r in after)


async def test_an_answer_carries_no_time_and_no_person(database: Database) -> None:
    answers = {column.name for column in survey.survey_answer.columns}
    assert answers == {
        "id",
        "structure_id",
        "respondent",
        "instrument",
        "version",
        "wave",
        "week",
        "item",
        "value",
        "visible",
    }
    completions = {column.name for column in survey.survey_completion.columns}
    assert completions == {"id", "structure_id", "person", "instrument", "wave"}


async def test_on_one_postgresql_the_shuffle_leaves_one_transaction_for_all(
    database: Database, cast: Cast
) -> None:
    if database.is_sqlite:
        pytest.skip("transaction identifiers are PostgreSQL's")
    await hand_in(database, cast, range(1, 9))
    await survey.shuffle(database)
    async with database.engine.connect() as connection:
        for table in survey.TABLES:
            rows = await connection.exec_driver_sql(f"SELECT DISTINCT xmin::text FROM {table}")
            assert len(rows.all()) == 1


async def test_on_sqlite_old_pages_and_the_write_ahead_log_hold_nothing_after_the_shuffle(
    database: Database, cast: Cast, database_url: str
) -> None:
    if not database.is_sqlite:
        pytest.skip("pages and WAL are SQLite's")
    await hand_in(database, cast, range(1, 9))
    path = database_url.removeprefix("sqlite+aiosqlite:///")
    with sqlite3.connect(path) as raw:
        old = [bytes(row[0]) for row in raw.execute("SELECT value FROM survey_answer")]
    raw.close()
    await survey.shuffle(database)
    from pathlib import Path

    bytes_left = Path(path).read_bytes()
    wal = Path(f"{path}-wal")
    bytes_left += wal.read_bytes() if wal.exists() else b""
    assert not [value for value in old if value in bytes_left]


cells = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=1)


@given(cells)
def test_no_shown_cell_is_under_five(counts: dict[str, int]) -> None:
    assert all(count is None or count >= 5 for count in survey.suppressed(counts).values())


@given(cells)
def test_what_is_hidden_cannot_be_worked_out_from_the_total(counts: dict[str, int]) -> None:
    shown = survey.suppressed(counts)
    hidden = [counts[value] for value, count in shown.items() if count is None]
    everything = len(hidden) == len(counts)
    assert not hidden or everything or (len(hidden) >= 2 and sum(hidden) >= 5)

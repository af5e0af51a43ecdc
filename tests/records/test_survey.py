"""Anonymous answers: nothing pairs them with a youth, nothing under five is shown."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from records import survey
from records.database import Database
from tests.cast import Cast


def asked(_instrument: str, _version: int) -> dict[str, survey.Asked]:
    return {
        "useful": survey.Asked(("no", "yes")),
        "easy": survey.Asked(("v0", "v1", "v2")),
        "means": survey.Asked(("words", "calls"), several=True),
    }


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
        assert await survey.counts(tx, cast.structure_id, asked) == []
    await hand_in(database, cast, range(5, 6))
    assert await survey.shuffle(database) == 5
    async with database.read() as tx:
        counted = await survey.counts(tx, cast.structure_id, asked)
    assert {(c.item, c.value): c.count for c in counted} == {
        ("useful", "no"): None,
        ("useful", "yes"): None,
        ("easy", "v0"): None,
        ("easy", "v1"): None,
        ("easy", "v2"): None,
        ("means", ""): None,
    }


async def test_later_answers_wait_for_a_whole_batch_again(database: Database, cast: Cast) -> None:
    await hand_in(database, cast, range(1, 7))
    await hand_in(database, cast, range(101, 106), "no")
    assert await survey.shuffle(database) == 11
    await hand_in(database, cast, range(7, 11))
    assert await survey.shuffle(database) == 0
    async with database.read() as tx:
        counted = await survey.counts(tx, cast.structure_id, asked)
    assert {c.value: c.count for c in counted if c.item == "useful"} == {"no": 5, "yes": 6}


async def test_two_processes_that_shuffle_at_once_lose_nothing(
    database: Database, cast: Cast
) -> None:
    await hand_in(database, cast, range(1, 6))
    async with database.read() as tx:
        before = len(await tx.rows(select(survey.survey_answer)))
    await asyncio.gather(*(survey.shuffle(database) for _ in range(4)))
    async with database.read() as tx:
        assert len(await tx.rows(select(survey.survey_answer))) == before


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


ANSWERS = ("no", "rather_no", "rather_yes", "yes")
rows = st.lists(st.integers(0, 9), min_size=2, max_size=4).filter(lambda row: sum(row) >= 5)


def pattern(counts: Sequence[int], people: int | None = None) -> tuple[int | None, ...]:
    """What is shown of the counts of the first answers of `ANSWERS`."""
    return tuple(survey.suppressed(dict(zip(ANSWERS, counts, strict=False)), people).values())


def explained(shown: Sequence[int | None], guesses: Iterable[int]) -> tuple[int, ...]:
    """The counts that would be behind what is shown, were the hidden ones these."""
    left = iter(guesses)
    return tuple(next(left) if count is None else count for count in shown)


@given(rows)
def test_no_shown_count_is_under_five_and_no_zero_is_told_from_a_four(counts: list[int]) -> None:
    assert all(count is None or count >= 5 for count in pattern(counts))
    raised = [4 if count == 0 else count for count in counts]
    assert [c is None for c in pattern(raised)] == [c is None for c in pattern(counts)]


@settings(max_examples=60)
@given(rows)
def test_who_knows_the_total_and_the_rule_still_cannot_tell_a_small_count_from_a_large_one(
    counts: list[int],
) -> None:
    shown = pattern(counts)
    hidden = [at for at, count in enumerate(shown) if count is None]
    rest = sum(counts[at] for at in hidden)
    possible = [
        whole
        for guess in product(range(rest + 1), repeat=len(hidden))
        if sum(guess) == rest and pattern(whole := explained(shown, guess)) == shown
    ]
    for at in hidden:
        assert {whole[at] < 5 for whole in possible} == {True, False}


ticks = st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=5, max_size=16)


@settings(max_examples=60)
@given(ticks)
def test_where_several_may_be_ticked_neither_who_did_nor_who_did_not_can_be_counted(
    people: list[set[int]],
) -> None:
    counts, many = [sum(at in ticked for ticked in people) for at in range(3)], len(people)
    shown = pattern(counts, many)
    assert all(count is None or 5 <= count <= many - 5 for count in shown)
    hidden = [at for at, count in enumerate(shown) if count is None]
    possible = [
        whole
        for guess in product(range(many + 1), repeat=len(hidden))
        if pattern(whole := explained(shown, guess), many) == shown and sum(whole) >= many
    ]
    for at in hidden:
        assert len({whole[at] for whole in possible}) > 1
    if any(count is not None for count in shown):
        for at in hidden:
            assert {min(w[at], many - w[at]) < 5 for w in possible} == {True, False}

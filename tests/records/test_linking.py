"""With the whole database in hand, an answer is linked to a youth no better than by chance.

The strategies, and what the attacker sees, are in `tests.records.linking`. Each has to find the leak
that is planted for it: what fails to link here fails for want of a trace, not of trying.
"""

from math import isqrt
from pathlib import Path

import pytest
import sqlalchemy as sa

from records import survey
from records.database import Database
from tests.cast import Cast
from tests.records import linking
from tests.records.linking import Seen, World

SMALL = (4, 7)  # waves, youths
LARGE = pytest.param((40, 24), marks=pytest.mark.prove)
TABLES = ("survey_answer", "survey_completion", "conversation")


async def raw_of(database: Database, folder: Path) -> bytes:
    """The files as they lie on the disk: the database and its log; or these tables of a server."""
    if database.is_sqlite:
        return b"".join(file.read_bytes() for file in sorted(folder.glob("relais.db*")))
    async with database.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("CHECKPOINT"))
        found = []
        for table in TABLES:
            read = sa.text(f"SELECT pg_read_binary_file(pg_relation_filepath('{table}'))")
            found.append(bytes((await connection.execute(read)).scalar_one()))
        return b"".join(found)


def limit(world: World) -> int:
    """Pairs that are right by chance, one a wave give or take one; four deviations above that, and
    a few for as many strategies as there are."""
    waves = len(world.said)
    return waves + 5 * isqrt(waves) + 5


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_no_strategy_links_answers_better_than_chance(
    database: Database, cast: Cast, tmp_path: Path, size: tuple[int, int]
) -> None:
    world = await linking.live(database, cast, *size, survey.shuffle)
    raw = await raw_of(database, tmp_path)
    worlds = await linking.look(database, world, raw)
    scores = {
        (answer, of): linking.score(worlds, answer, of)
        for answer, of in linking.strategies(worlds[0])
    }
    best = max(scores, key=lambda one: scores[one])
    whole = sum(map(len, world.said.values()))
    print(f"linking: {len(scores)} strategies, best {best} {scores[best]} of {whole},")
    print(f"  by chance about {len(world.said)}")
    assert len(scores) > 40
    assert scores[best] <= limit(world)
    assert linking.residues(world, raw) == 0


LEAKS = [
    ("id", "id"),
    ("place", "place"),
    ("week", "proposed"),
    ("week", "seen"),
    ("respondent", "youth"),
]


@pytest.mark.parametrize(("answer", "of"), LEAKS)
async def test_a_planted_trace_is_found(
    database: Database, cast: Cast, tmp_path: Path, answer: str, of: str
) -> None:
    world = await linking.live(database, cast, 1, 7, survey.shuffle)
    before = await linking.look(database, world, b"")
    await linking.plant(database, before, answer, of)
    assert found(await linking.look(database, world, b""), answer, of) == 7


async def test_without_the_shuffle_transactions_and_files_pair_everything(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    world = await linking.live(database, cast, 1, 7, linking.no_shuffle)
    raw = await raw_of(database, tmp_path)
    worlds = await linking.look(database, world, raw)
    trace = "bytes" if database.is_sqlite else "transaction"
    assert found(worlds, trace, trace) == 7


async def test_without_wiping_the_half_answered_states_are_still_there(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    world = await linking.live(database, cast, 1, 7, linking.no_wiping)
    assert linking.residues(world, await raw_of(database, tmp_path)) > 0


def found(worlds: list[Seen], answer: str, of: str) -> int:
    return linking.score(worlds, answer, of)

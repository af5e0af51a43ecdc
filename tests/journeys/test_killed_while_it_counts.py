"""`kill -9` in the middle of a countdown: the screen stays with its « Continuer », and that is all."""

import asyncio
from pathlib import Path

import pytest

import content
from records import conversation
from records.database import Database
from records.message import message
from records.vault import Vault
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN
from tests.conftest import KEY
from tests.journeys.breathing import SCRIPTS, SECOND, opened, ready, written
from tests.journeys.lives import Lives, Scene, all_quiet, begun
from tests.journeys.test_killed_at_any_point import every_update_accepted_once
from tests.journeys.thumb import rows_of, said
from tests.town import Town


async def at_its_first_question(town: Town) -> None:
    await opened(town, await ready(town))


async def test_the_screen_stays_and_nothing_is_lost_or_doubled(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    folder = written(tmp_path / "content", **SCRIPTS)
    content.load(folder)
    try:
        async with begun(kind, request, tmp_path, at_its_first_question) as scene:
            await two_lives(scene, folder, lives)
    finally:
        content.load()


async def two_lives(scene: Scene, folder: Path, lives: Lives) -> None:
    url = scene.copied()
    telegram = Telegram(lambda: NOW, limits=False)
    telegram.load(scene.folder / "telegram.json")
    telegram.bot(TOKEN)
    database = Database(url, Vault(KEY))
    phone = telegram.person(scene.cast.sami.nickname)

    async def live(nth: int, api: str) -> None:
        await lives.begin(
            nth,
            database=url,
            api=api,
            bot_id=scene.cast.bot_id,
            now=NOW.isoformat(),
            contents=str(folder),
            second=SECOND,
        )

    async with serving(bot_api(telegram)) as api:
        await live(0, api)
        phone.tap("Bien")
        await phone.wait_for("Souffle", timeout=20)
        lives.kill()
        assert await lives.ended()
        stands = phone.last
        assert stands.labels == [said("script.go"), said("script.stop")]
        await live(1, api)
        await all_quiet(database, telegram)
        await asyncio.sleep(16 * SECOND)
        assert phone.last == stands, "nobody takes the count over"
        phone.tap(said("script.go"))
        await phone.wait_for("Pour toi seulement", timeout=20)
        await all_quiet(database, telegram)
        lives.tell_to_stop()
        assert not await lives.ended()
    rows = await rows_of(database, message, message.c.due_at <= NOW)
    assert {row.state for row in rows} == {"sent"}
    assert not await rows_of(database, message, message.c.repeated)
    [talk] = await rows_of(database, conversation.conversation)
    assert talk.status == "open"
    assert sum(one.text.startswith("Pour toi") for one in phone.received) == 1
    await every_update_accepted_once(database, telegram)
    await telegram.close()
    await database.close()

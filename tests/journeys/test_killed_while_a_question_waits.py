"""`kill -9` around the ten minutes: the rule applies once, and the youth is told of it."""

from pathlib import Path

import pytest

from records import alert
from records.database import Database
from records.message import message
from records.question import question
from simulator.telegram import Telegram
from tests.cast import Cast
from tests.journeys.crashing import COARSE
from tests.journeys.despairing import despairs, tells
from tests.journeys.lives import Lives, begun
from tests.journeys.test_killed_at_any_point import Story, at_every_point
from tests.journeys.thumb import rows_of
from tests.town import Town

TOLD = "le sait maintenant"


async def a_question_waits(town: Town) -> None:
    await tells(town)
    await despairs(town)


async def ten_minutes_go_by(telegram: Telegram, cast: Cast) -> None:
    await telegram.person(cast.sami.nickname).wait_for(TOLD, timeout=60)


async def it_was_raised_once_and_told(database: Database, telegram: Telegram, cast: Cast) -> None:
    [raised] = await rows_of(database, alert.alert)
    assert (raised.youth_id, raised.raised_by) == (cast.sami.id, "rule")
    assert await rows_of(database, question) == []
    times = sum(TOLD in one.text for one in telegram.person(cast.sami.nickname).received)
    [row] = await rows_of(database, message, message.c.unique_key.like("told:%"))
    assert times == 1 or (times == 2 and row.repeated)


SILENCE = Story(a_question_waits, ten_minutes_go_by, it_was_raised_once_and_told)


async def test_the_clock_survives_a_kill_at_any_commit_or_call(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    async with begun(kind, request, tmp_path, SILENCE.until_now) as scene:
        assert await at_every_point(SILENCE, scene, lives, COARSE) >= 5

"""Scripts walked through the real bot with double taps, old buttons, stops and days of silence: what
is on the phone and in the database is what the pure engine says, and no answer is lost."""

from random import Random

import pytest

import content
from records.message import message
from records.reception import set_aside
from records.youth import Youth
from tests.bot.walker import Walker
from tests.journeys.thumb import begin, rows_of
from tests.town import Town

SCRIPTS = [  # what anybody can begin: the others are about an objective
    one
    for kind in ("checkin", "exercise")
    for one in content.load().catalogue(kind)
    if one.about is None
]
FEW, MANY = 3, 200

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def walked(town: Town, who: Youth, seed: int) -> Walker:
    dice = Random(seed)
    script = dice.choice(SCRIPTS)
    phone = await town.linked(who)
    await town.agree(who, "exercises", "checkins")
    await begin(town, phone, script)
    walker = Walker(town, phone, who, script, dice)
    await walker.walk()
    assert await walker.kept() == walker.saved, (script.name, seed)
    assert await rows_of(town.database, set_aside) == []
    nudges = await rows_of(town.database, message, message.c.kind == "nudge")
    assert len(nudges) <= 1, "one nudge for one exercise"
    return walker


@pytest.mark.parametrize("seed", range(FEW))
async def test_a_few_walks_end_as_the_engine_says(town: Town, seed: int) -> None:
    await walked(town, town.cast.ines, seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(FEW, MANY))
async def test_many_walks_end_as_the_engine_says(town: Town, seed: int) -> None:
    await walked(town, town.cast.ines, seed)

"""Courses drawn at random, in any place, rhythm and week: what the calendar shows is what leaves.

Nothing changes between the two. `dev.py prove` draws many more; a failure names its seed.
"""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from records import appointment, ending, structure, youth
from records.course import Rhythm
from records.course_record import Offered
from records.errors import Refused
from tests.courses import begin, rehearsed, shown, step, wanted
from tests.town import Town

PLACES = (
    ("Europe/Paris", "A", "alsace-moselle"),
    ("Europe/Paris", "C", ""),
    ("America/Martinique", "martinique", "martinique"),
    ("Pacific/Noumea", "caledonie", "caledonie"),
)
SCRIPTS = ("ma-meteo", "dire-non", "si-alors", "mes-appuis", "pause-90-secondes", "dire-je")
SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 60))]


def drawn_steps(chance: random.Random) -> list[Offered]:
    names = chance.sample(SCRIPTS, chance.randint(1, len(SCRIPTS)))
    steps = [step(f"s{place}", name) for place, name in enumerate(names)]
    anchor = chance.choice(["after_meeting", "before_meeting", "before_end"])
    how: dict[str, Any] = {"purpose": "checkins", "anchor": anchor}
    return [*steps, step("beside", "humeur", anchor_days=chance.randint(1, 9), **how)]


async def settle(town: Town, chance: random.Random) -> youth.Youth:
    """A place with its windows and budget, a week of the year, a meeting and perhaps an end."""
    zone, school, holidays = chance.choice(PLACES)
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=chance.randrange(500 * 24 * 60))
    town.at = at
    who = town.cast.ines
    async with town.database.write() as tx:
        budget = chance.choice([1, 2, 5])
        windows = chance.choice([{}, {"saturday": None}, {"weekday": ["12:00", "18:30"]}])
        where: dict[str, Any] = {"zone": zone, "school_zone": school, "holidays": holidays}
        await structure.change(
            tx, town.cast.structure_id, weekly_budget=budget, windows=windows, **where
        )
        await youth.change(tx, who.id, school_aged=chance.random() < 0.5)
    await town.linked(who)
    await town.agree(who, "exercises", "checkins")
    local = at.astimezone(ZoneInfo(zone))
    async with town.database.write() as tx:
        who = await youth.get(tx, who.id)
        met = (local + timedelta(days=chance.randint(2, 20))).replace(hour=14, minute=0)
        await appointment.add(tx, at, who, met.replace(tzinfo=None, second=0, microsecond=0))
        if chance.random() < 0.5:
            ends = local.date() + timedelta(days=chance.randint(3, 40))
            await ending.move(tx, at, who, ends)
        return await youth.get(tx, who.id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way_in", ["polling"], indirect=True)
@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_shown_is_what_leaves(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    who = await settle(town, chance)
    days = tuple(sorted(chance.sample(range(1, 7), chance.randint(1, 3))))
    rhythm = Rhythm(days, time(chance.randint(12, 18), chance.choice([0, 30])))
    course = wanted(steps=drawn_steps(chance), rhythm=rhythm)
    try:
        promised = await rehearsed(town, who, course)
    except Refused as refusal:
        if refusal.code != "rhythm_never_open":
            raise
        return
    run = await begin(town, who, course)
    assert [(e.status, e.at, e.reason) for e in await shown(town, run)] == [
        (e.status, e.at, e.reason) for e in promised
    ]
    await town.pass_time(days=75)
    became = {e.element.step: e for e in await shown(town, run)}
    for entry in promised:
        left = became[entry.element.step]
        assert (left.status == "offered") == (entry.status == "coming"), (entry, left)
        if entry.status == "coming":
            assert left.at == entry.at

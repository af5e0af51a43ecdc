"""A full week planned at the desk: what the page and the command line say is what the phone gets."""

import re
from datetime import datetime, timedelta

import pytest

from admin.french import parse_moment
from records import outgoing, structure
from relais.commands import planned
from relais.settings import Settings
from simulator.persons import Person
from tests.admin.house import House, one, words
from tests.journeys.thumb import said, say, wall
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WEEK = (
    ("/rendez-vous/nouveau", {"day": "jeudi", "time": "14 h 30", "ladder": ["now", "1d", "3h"]}),
    ("/message", {"text": "Un", "when": "later", "day": "mardi", "time": "9 h"}),
    ("/message", {"text": "Deux", "when": "later", "day": "mardi", "time": "18 h"}),
    ("/message", {"text": "Trois", "when": "later", "day": "mercredi", "time": "20 h"}),
    ("/proposer", {"script": "ma-meteo", "when": "later", "day": "vendredi", "time": "12 h"}),
    ("/message", {"text": "Quatre", "when": "later", "day": "samedi", "time": "20 h"}),
)


def walls(phone: Person, since: int, town: Town) -> list[datetime]:
    """When the phone got what came since, on the wall clock of the structure."""
    return [m.date.astimezone(town.zone).replace(tzinfo=None) for m in phone.received[since:]]


async def test_the_page_the_command_line_and_the_phone_agree_to_the_minute(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, weekly_budget=2)
    house = House(town.database, town.cast)
    async with house.open(), await house.visitor("nadia") as nadia:
        for path, form in WEEK:
            assert (await nadia.fill(one(sami, path), minutes="45", **form)).status_code == 303
        await town.quiet()
        page = words(await nadia.get(one(sami)))
    shown = [parse_moment(when, town.now().date()) for when in re.findall("Part ([^<]+)<", page)]
    stopped = re.findall(r"Ne partira pas</strong> — ([^<]+)<", page)
    async with town.database.read() as tx:
        told = await planned.waiting(tx, town.now(), Settings({}), youth_id=sami.id)
    leaving = [one_.leaves_at.replace(tzinfo=None) for one_ in told if one_.leaves_at]
    assert len(shown) + len(stopped) == len(told) == 7
    assert shown == leaving
    already = len(phone.received)
    await town.pass_time(days=21)
    assert walls(phone, already, town) == leaving
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=sami.id, states=["dropped"])
    assert [m.reason for m in dropped] == ["weekly_budget"] * len(stopped)


@pytest.mark.parametrize("budget", [0, 1])
async def test_a_small_budget_never_holds_back_what_is_about_a_meeting(
    town: Town, budget: int
) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, weekly_budget=budget)
    house = House(town.database, town.cast)
    async with house.open(), await house.visitor("nadia") as nadia:
        for path, form in WEEK:
            await nadia.fill(one(town.cast.sami, path), minutes="45", **form)
    already = len(phone.received)
    await town.pass_time(days=21)
    firsts = [m.first_line for m in phone.received[already:]]
    assert sum(line.startswith("RDV") for line in firsts) == 2
    assert len(firsts) == 2 + budget  # one word more, a week later, when there is room for one


async def test_an_answer_leaves_at_once_at_three_in_the_morning_however_full_the_week(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, weekly_budget=0)
    await town.pass_time(hours=16)
    before = len(phone.received)
    await say(town, phone, "/aide", "/moi")
    assert walls(phone, before, town) == [wall("2026-11-24 03:00")] * 2
    assert said("help.title") in phone.received[before].text


@pytest.mark.parametrize(
    ("planned_at", "at", "arrives"),
    [
        # The hour that comes twice, on a Sunday: once, on the Monday that follows.
        ("2026-10-24 12:00", "2026-10-25 02:30", "2026-10-26 10:00"),
        # The hour after the one that does not exist, on Easter Sunday: once, on the Tuesday.
        ("2027-03-27 12:00", "2027-03-28 03:30", "2027-03-30 10:00"),
        ("2028-02-28 12:00", "2028-02-29 02:30", "2028-02-29 10:00"),
    ],
)
async def test_words_for_half_past_two_in_a_strange_night_come_once(
    town: Town, planned_at: str, at: str, arrives: str
) -> None:
    phone = await town.linked(town.cast.ines)
    town.at = wall(planned_at).replace(tzinfo=town.zone)
    already = len(phone.received)
    await town.write(town.cast.ines, "À demain", at)
    await town.pass_time(days=6)
    assert walls(phone, already, town) == [wall(arrives)]


async def test_what_is_said_every_week_keeps_its_hour_over_a_change_of_the_clock(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.ines)
    town.at = wall("2027-03-15 12:00").replace(tzinfo=town.zone)
    already = len(phone.received)
    await town.write(town.cast.ines, "Bonne semaine", "2027-03-18 18:00", weekly=True)
    await town.pass_time(days=25)
    assert walls(phone, already, town) == [
        wall("2027-03-18 18:00") + timedelta(weeks=n) for n in range(4)
    ]

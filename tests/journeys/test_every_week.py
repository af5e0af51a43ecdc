"""An educator's words, planned once or every week."""

import pytest

from records import outgoing
from simulator.persons import Person
from tests.journeys.thumb import said, say, tap
from tests.town import Town


async def every_week(town: Town, wall: str) -> Person:
    phone = await town.linked(town.cast.ines)
    await town.write(town.cast.ines, "Bon courage pour la semaine", wall, weekly=True)
    return phone


def days(phone: Person) -> list[str]:
    return [f"{m.date:%d/%m}" for m in phone.received if "Bon courage" in m.text]


async def waiting(town: Town) -> list[str]:
    async with town.database.read() as tx:
        return [f"{m.due_at:%d/%m %H:%M}" for m in await outgoing.waiting(tx, town.cast.ines.id)]


async def test_it_goes_each_week_once(town: Town) -> None:
    phone = await every_week(town, "2026-11-24 12:00")
    await town.pass_time(days=23)
    assert days(phone) == ["24/11", "01/12", "08/12", "15/12"]
    assert await waiting(town) == ["22/12 11:00"]


async def test_on_silent_sundays_it_waits_for_monday_week_after_week(town: Town) -> None:
    phone = await every_week(town, "2026-11-29 10:00")
    await town.pass_time(days=23)
    assert days(phone) == ["30/11", "07/12", "14/12"]
    assert await waiting(town) == ["20/12 09:00"]


async def test_a_pause_skips_a_week_without_ending_the_series(town: Town) -> None:
    phone = await every_week(town, "2026-11-24 12:00")
    await say(town, phone, "/pause")
    await town.pass_time(days=2)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.unpause"))
    await town.pass_time(days=7)
    assert days(phone) == ["01/12"]


@pytest.mark.parametrize("way", ["withdrawn", "cancelled"])
async def test_it_ends_when_it_is_no_longer_wanted(town: Town, way: str) -> None:
    phone = await every_week(town, "2026-11-24 12:00")
    await town.pass_time(days=2)
    if way == "withdrawn":
        await say(town, phone, "/moi")
        await tap(town, phone, f"✅ {said('consent.messages')}")
    else:
        async with town.database.write() as tx:
            [next_one] = await outgoing.waiting(tx, town.cast.ines.id)
            await outgoing.cancel(tx, next_one.id)
    await town.pass_time(days=14)
    assert days(phone) == ["24/11"]
    assert await waiting(town) == []

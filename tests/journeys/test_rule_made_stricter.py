"""A rule for minors that became stricter binds nobody who has not been told of it."""

import pytest

from records import told_rule, youth
from records.message import message
from simulator.persons import Person
from tests.journeys.despairing import DESPAIR, alerts, nothing_is_left, shown, stricter
from tests.journeys.thumb import rows_of, said, say, tap
from tests.town import Town

TOLD = said("rule.changed", rule=said("alert_rule.tell"))


async def told_by_night(town: Town) -> int:
    return await told_rule.tell_whoever_must(town.database, town.now())


async def warned_of(town: Town, phone: Person) -> bool:
    await say(town, phone, DESPAIR)
    return said("distress.rule") in phone.last.text


async def test_whoever_read_the_milder_rule_keeps_it_until_they_are_told(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await stricter(town)
    assert not await warned_of(town, phone)
    await tap(town, phone, said("distress.no"))
    await nothing_is_left(town)
    assert await told_by_night(town) == 1
    assert await told_by_night(town) == 0, "it is on its way"
    assert not await warned_of(town, phone), "what waits told nobody anything"
    await town.pass_time(minutes=11)
    await nothing_is_left(town)
    await town.pass_time(hours=7)
    assert shown(phone).count(TOLD) == 1
    assert await told_by_night(town) == 0
    assert await warned_of(town, phone)
    await tap(town, phone, said("distress.no"))
    assert [one.raised_by for one in await alerts(town)] == ["rule"]


async def test_whoever_enrols_has_read_the_rule_of_now(town: Town) -> None:
    await stricter(town)
    phone = await town.enrol(town.cast.sami)
    assert await told_by_night(town) == 0
    assert await warned_of(town, phone)


async def test_what_is_loosened_applies_at_once_and_is_not_told_of(town: Town) -> None:
    await stricter(town)
    phone = await town.linked(town.cast.sami)
    await stricter(town, "ask")
    assert await told_by_night(town) == 0
    assert not await warned_of(town, phone)


async def test_a_rule_that_changes_back_before_it_was_told_is_not_told(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await stricter(town)
    assert await told_by_night(town) == 1
    await stricter(town, "ask")
    await town.pass_time(hours=8)
    assert TOLD not in shown(phone)


@pytest.mark.parametrize("who", ["adult", "stopped", "paused", "no phone", "closed"])
async def test_it_is_told_to_minors_who_may_be_written_to_and_to_nobody_else(
    town: Town, who: str
) -> None:
    person = town.cast.ines if who == "adult" else town.cast.sami
    if who != "no phone":
        await town.linked(person, reminders=who != "stopped", messages=who != "stopped")
    async with town.database.write() as tx:
        if who in ("paused", "closed"):
            await youth.change(tx, person.id, **{f"{who}_at": town.now()})
    await stricter(town)
    assert await told_by_night(town) == 0
    assert await rows_of(town.database, message, message.c.kind == told_rule.KIND) == []

"""A phone that nothing reaches for a while: what it is told, once, when it can be reached again."""

import json
from datetime import timedelta

import pytest

from bot.channel import Incoming
from records import appointment, contact, outgoing
from simulator import faults
from simulator.persons import Person
from tests.journeys.thumb import say, wall
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WEDNESDAY = wall("2026-11-25 14:30")
BLOCKED = json.dumps(
    {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
)


async def meeting(town: Town) -> appointment.Appointment:
    async with town.database.write() as tx:
        return await appointment.add(tx, town.now(), town.cast.sami, WEDNESDAY)


async def blocked_since_yesterday(town: Town) -> tuple[Person, appointment.Appointment]:
    """Sami's phone, and the meeting of Wednesday whose reminder is due this evening."""
    phone = await town.linked(town.cast.sami)
    which = await meeting(town)
    phone.block()
    await town.pass_time(days=1)
    return phone, which


def told(phone: Person) -> list[str]:
    """The first lines about meetings."""
    return [m.text.splitlines()[0] for m in phone.received if m.text.startswith(("RDV", "Le RDV"))]


async def state(town: Town) -> tuple[str, str | None]:
    async with town.database.read() as tx:
        [phone] = await contact.of_youth(tx, town.cast.sami.id)
    return phone.state, phone.reason


@pytest.mark.parametrize("back", ["unblocks", "writes"])
async def test_a_reminder_that_met_a_closed_door_comes_once_it_opens(town: Town, back: str) -> None:
    phone = await town.linked(town.cast.sami)
    await meeting(town)
    town.telegram.faults.plan("sendMessage", faults.answer(403, BLOCKED))
    await town.pass_time(days=1, hours=7)
    assert (told(phone), await state(town)) == ([], ("unreachable", "blocked"))
    if back == "unblocks":
        phone.block()
        phone.unblock()
        await town.quiet()
    else:
        await say(town, phone, "C'est bon")
    await town.pass_time(days=3)
    assert len(told(phone)) == 1
    assert await state(town) == ("confirmed", None)


async def test_a_door_that_closed_and_opened_unseen_is_open(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await meeting(town)
    door = [Incoming(7_001, "blocked", str(phone.id)), Incoming(7_002, "unblocked", str(phone.id))]
    await town.receiver.take(door)  # both in one batch, after an outage
    assert await state(town) == ("confirmed", None)
    await town.pass_time(days=3)
    assert len(told(phone)) == 1


async def test_a_phone_that_opens_after_the_meeting_is_told_nothing_of_it(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await meeting(town)
    phone.block()
    await town.pass_time(days=2, hours=6)
    phone.unblock()
    await town.pass_time(days=3)
    assert told(phone) == []


async def test_a_meeting_moved_meanwhile_is_reminded_of_at_its_new_time(town: Town) -> None:
    phone, which = await blocked_since_yesterday(town)
    async with town.database.write() as tx:
        await appointment.move(tx, town.now(), which, WEDNESDAY + timedelta(hours=2))
    await town.pass_time(hours=8)
    assert told(phone) == []
    phone.unblock()
    await town.pass_time(days=3)
    [reminder] = told(phone)
    assert "16" in reminder
    assert "14" not in reminder.replace("\u00a0", " ")


async def test_a_meeting_called_off_meanwhile_is_told_to_be(town: Town) -> None:
    phone, which = await blocked_since_yesterday(town)
    async with town.database.write() as tx:
        await appointment.cancel(tx, town.now(), which)
    await town.pass_time(hours=8)
    phone.unblock()
    await town.pass_time(days=3)
    [news] = told(phone)
    assert "annulé" in news


async def test_what_was_heard_is_not_told_again(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await meeting(town)
    await town.pass_time(days=1, hours=7)
    assert len(told(phone)) == 1
    phone.block()
    phone.unblock()
    await town.pass_time(days=3)
    assert len(told(phone)) == 1


async def test_an_educators_own_words_are_not_sent_by_themselves(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    phone.block()
    await town.quiet()
    async with town.database.write() as tx:
        which = await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="On en reparle",
            created_by=town.cast.nadia.id,
        )
    await town.quiet()
    phone.unblock()
    await town.pass_time(days=1)
    async with town.database.read() as tx:
        kept = await outgoing.get(tx, which)
    assert (kept.state, kept.reason) == ("dropped", "unreachable")
    assert not [m for m in phone.received if "On en reparle" in m.text]


async def test_an_account_that_is_gone_stops_the_rest_and_is_told_to_the_educator(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    await meeting(town)
    phone.delete_account()
    await town.pass_time(days=2, hours=6)
    assert await state(town) == ("unreachable", "deactivated")
    async with town.database.read() as tx:
        [ended] = await outgoing.listed(
            tx, youth_id=town.cast.sami.id, states=["refused", "dropped", "sent"]
        )
    assert (ended.kind, ended.state, ended.reason) == ("reminder", "refused", "deactivated")

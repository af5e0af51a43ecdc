"""When Telegram fails in the middle: what waits, what is repeated once, what a person decides."""

import asyncio
import json
from datetime import timedelta

import pytest

from records import appointment, inbox, outgoing
from records.outgoing import Message
from simulator import faults
from simulator.persons import Person
from tests.journeys.thumb import begin, said, say, script, tap, wall
from tests.town import Town


async def reply(town: Town, text: str) -> int:
    async with town.database.write() as tx:
        return await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text=text,
            created_by=town.cast.nadia.id,
        )


async def kept(town: Town, which: int) -> Message:
    async with town.database.read() as tx:
        return await outgoing.get(tx, which)


def texts(phone: Person) -> list[str]:
    return [m.text.split("\n\n")[-1] for m in phone.received]


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_educators_own_words_wait_for_a_decision(town: Town, arrived: bool) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("sendMessage", faults.lose_reply() if arrived else faults.reset())
    which = await reply(town, "On se voit mardi")
    await town.pass_time(hours=1)
    assert (await kept(town, which)).state == "uncertain"
    assert texts(phone).count("On se voit mardi") == arrived
    other = await reply(town, "Autre chose")
    await town.quiet()
    assert (await kept(town, other)).state == "sent", "what comes after does not wait"
    async with town.database.write() as tx:
        await outgoing.decide_uncertain(tx, town.now(), which, send_again=True)
    await town.quiet()
    assert (await kept(town, which)).state == "sent"
    assert texts(phone).count("On se voit mardi") == 1 + arrived


async def test_words_that_a_front_end_disowned_after_they_arrived_wait_for_a_decision(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("sendMessage", faults.bad_gateway())
    which = await reply(town, "On se voit mardi")
    await town.quiet()
    assert (await kept(town, which)).state == "uncertain"
    assert texts(phone).count("On se voit mardi") == 1


async def test_a_reminder_that_a_front_end_disowned_is_repeated_and_says_so(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    town.telegram.faults.plan("sendMessage", faults.bad_gateway())
    await town.pass_time(days=2)
    reminders = [m.text for m in phone.received if m.text.startswith("RDV")]
    assert len(reminders) == 2
    assert said("meeting.repeated") in reminders[1]
    async with town.database.read() as tx:
        [left] = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["sent"])
    assert left.reason == "repeated"


async def test_an_educators_words_can_be_let_be(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("sendMessage", faults.lose_reply())
    which = await reply(town, "On se voit mardi")
    await town.quiet()
    async with town.database.write() as tx:
        await outgoing.decide_uncertain(tx, town.now(), which, send_again=False)
    await town.pass_time(days=3)
    assert (await kept(town, which)).state == "dropped"
    assert texts(phone).count("On se voit mardi") == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_reminder_is_repeated_once_and_says_so(town: Town, arrived: bool) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    town.telegram.faults.plan("sendMessage", faults.lose_reply() if arrived else faults.reset())
    await town.pass_time(days=2)
    reminders = [m.text for m in phone.received if m.text.startswith("RDV")]
    assert len(reminders) == 1 + arrived
    assert said("meeting.repeated") in reminders[-1]
    assert said("meeting.repeated") not in "".join(reminders[:-1])


async def test_a_reminder_whose_repeat_is_lost_too_is_left_there(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    town.telegram.faults.plan("sendMessage", *[faults.lose_reply()] * 2)
    await town.pass_time(days=2)
    assert len([m for m in phone.received if m.text.startswith("RDV")]) == 2
    async with town.database.read() as tx:
        [left] = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["uncertain"])
    assert left.kind == "reminder"


async def test_a_screen_whose_reply_was_lost_is_shown_again(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    shown = await begin(town, phone, script())
    town.telegram.faults.plan("editMessageText", faults.reset())
    await tap(town, phone, shown.labels[0])
    assert phone.last.text != shown.text


async def test_an_educators_weekly_words_go_on_after_an_uncertain_week(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    async with town.database.write() as tx:
        await outgoing.schedule_text(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.ines.id,
            text="Bon courage",
            wall=wall("2026-11-24 12:00"),
            zone="Europe/Paris",
            weekly=True,
            created_by=town.cast.nadia.id,
        )
    town.telegram.faults.plan("sendMessage", faults.reset())
    await town.pass_time(days=10)
    assert texts(phone).count("Bon courage") == 1


async def test_a_429_makes_the_whole_bot_wait_then_nothing_is_lost_nor_out_of_order(
    town: Town,
) -> None:
    phone, other = await town.linked(town.cast.sami), await town.linked(town.cast.ines)
    town.telegram.faults.plan("sendMessage", faults.flood(1))
    began = asyncio.get_running_loop().time()
    for number in range(3):
        await reply(town, f"mot {number}")
    await town.until(
        lambda: any(c.code == 429 or c.outcome == "unreached" for c in town.telegram.transcript)
    )
    before = len(other.received)
    other.say("Et moi ?")
    await asyncio.sleep(0.4)
    assert len(other.received) == before, "the others wait, too"
    await town.quiet()
    assert asyncio.get_running_loop().time() - began >= 1
    assert texts(phone)[-3:] == ["mot 0", "mot 1", "mot 2"]
    assert len(other.received) == before + 1


async def test_trouble_in_between_keeps_the_order_of_a_chat(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for number in range(3):
        await reply(town, f"mot {number}")
    town.telegram.faults.plan("sendMessage", faults.OK, faults.flood(1))
    await town.quiet()
    assert texts(phone)[-3:] == ["mot 0", "mot 1", "mot 2"]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("Forbidden: bot was blocked by the user", "blocked"),
        ("Forbidden: user is deactivated", "deactivated"),
        ("Bad Request: chat not found", "chat_not_found"),
    ],
)
async def test_a_permanent_refusal_marks_the_phone_and_stops_the_rest(
    town: Town, description: str, reason: str
) -> None:
    phone = await town.linked(town.cast.sami)
    body = {"ok": False, "error_code": 403, "description": description}
    town.telegram.faults.plan("sendMessage", faults.answer(403, json.dumps(body)))
    first, second = await reply(town, "un"), await reply(town, "deux")
    await town.quiet()
    assert ((await kept(town, first)).state, (await kept(town, first)).reason) == (
        "refused",
        reason,
    )
    assert ((await kept(town, second)).state, (await kept(town, second)).reason) == (
        "dropped",
        "unreachable",
    )
    assert texts(phone)[-1] not in ("un", "deux")


async def test_a_bad_request_refuses_one_message_and_no_other(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    body = {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}
    town.telegram.faults.plan("sendMessage", faults.answer(400, json.dumps(body)))
    first, second = await reply(town, "un"), await reply(town, "deux")
    await town.quiet()
    assert (await kept(town, first)).state == "refused"
    assert (await kept(town, second)).state == "sent"
    assert texts(phone)[-1] == "deux"


@pytest.mark.parametrize("way_in", ["polling"])  # the other: tests/bot/test_webhook.py
async def test_a_revoked_token_sends_nothing_and_loses_nothing(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    town.telegram.faults.always("*", faults.answer(401, json.dumps(body)))
    phone.say("Tu es là ?")
    await town.until(lambda: "revoked" in town.states)
    town.telegram.faults.clear()
    await town.until(lambda: any("Transmis" in text for text in texts(phone)[-1:]))
    async with town.database.read() as tx:
        assert [i.text for i in await inbox.of_youth(tx, town.cast.sami.id)] == ["Tu es là ?"]


async def test_after_an_outage_nothing_goes_out_that_has_lost_its_meaning(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    town.at += timedelta(days=3)
    await say(town, phone, "Bonjour")
    assert not [m for m in phone.received if m.text.startswith("RDV")]
    async with town.database.read() as tx:
        [dropped] = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["dropped"])
    assert (dropped.kind, dropped.reason) == ("reminder", "expired")

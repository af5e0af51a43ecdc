"""A bad line to Telegram: hanging, slow, unreadable, taken over, revoked; who is held back, and who
is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.telegram_chat import TelegramChat
from records import appointment, contact, inbox, outgoing
from records.database import Database
from simulator import faults
from simulator.errors import ApiError
from simulator.persons import Person
from tests.bot.test_uncertain import kept, reply, texts
from tests.cast import TOKEN, Cast
from tests.journeys.thumb import said, wall
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATIENCE = 0.6  # seconds: so that a call that hangs is given up soon
UPGRADED = ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to=-9)
REVOKED = json.dumps({"ok": False, "error_code": 401, "description": "Unauthorized"})


@pytest.fixture
async def town(database: Database, cast: Cast) -> AsyncIterator[Town]:
    async with Town(database, cast, patience=PATIENCE).open() as opened:
        yield opened


async def written(town: Town) -> list[str | None]:
    async with town.database.read() as tx:
        return [item.text for item in await inbox.of_youth(tx, town.cast.sami.id)]


def says(phone: Person, start: str) -> bool:
    return phone.last.text.startswith(start)


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_call_that_hangs_holds_only_its_chat_and_is_uncertain_in_the_end(
    town: Town, accepted: bool
) -> None:
    phone, other = await town.linked(town.cast.sami), await town.linked(town.cast.ines)
    town.telegram.faults.plan("sendMessage", faults.hang(accepted=accepted), chat_id=phone.id)
    hangs, behind = await reply(town, "un"), await reply(town, "deux")
    town.deliverer.wake()
    await town.until(lambda: town.telegram.transcript[-1].fault.startswith("hang"))
    other.say("Et moi ?")
    await town.until(lambda: says(other, said("sent.to_educator", reading="").strip()))
    assert (await kept(town, hangs)).state == "claimed", "it hangs still"
    assert (await kept(town, behind)).state == "waiting"
    await town.quiet()
    assert (await kept(town, hangs)).state == "uncertain"
    assert (await kept(town, behind)).state == "sent"
    assert texts(phone).count("un") == accepted


async def test_a_slow_answer_is_waited_for_and_holds_nobody_else(town: Town) -> None:
    phone, other = await town.linked(town.cast.sami), await town.linked(town.cast.ines)
    town.telegram.faults.plan("sendMessage", faults.delay(0.3), chat_id=phone.id)
    slow = await reply(town, "un")
    town.deliverer.wake()
    other.say("Et moi ?")
    await town.until(lambda: says(other, said("sent.to_educator", reading="").strip()))
    assert "un" not in texts(phone)
    await town.quiet()
    assert (await kept(town, slow)).state == "sent"
    assert texts(phone).count("un") == 1


@pytest.mark.parametrize("fault", [faults.malformed(), faults.server_error(502), faults.reset()])
async def test_a_fetch_that_fails_is_tried_again_and_each_word_is_taken_once(
    town: Town, fault: faults.Fault
) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("getUpdates", fault, fault)
    phone.say("un")  # ends the poll that was waiting
    await town.until(lambda: "unreachable" in town.states)
    phone.say("deux")
    await town.until(lambda: town.states[-1] == "ok" and not town.bot.updates.pending)
    await town.quiet()
    assert sorted(map(str, await written(town))) == ["deux", "un"]


async def test_a_fetch_that_is_told_to_wait_waits(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.faults.plan("getUpdates", faults.flood(1))
    phone.say("un")
    await town.until(lambda: "unreachable" in town.states)
    began = asyncio.get_running_loop().time()
    phone.say("deux")
    await town.until(lambda: town.states[-1] == "ok")
    assert asyncio.get_running_loop().time() - began > 0.9
    await town.quiet()
    assert len(await written(town)) == 2


async def test_what_has_no_number_can_never_be_confirmed_and_is_not_fetched_in_a_rush(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    nameless = faults.answer(200, '{"ok":true,"result":[{"message":{}}]}')
    town.telegram.faults.always("getUpdates", nameless)
    phone.say("un")  # ends the poll that was waiting
    before = len(town.telegram.transcript)
    await asyncio.sleep(0.4)
    assert len(town.telegram.transcript) - before < 5
    town.telegram.faults.clear()
    await town.until(lambda: not town.bot.updates.pending)
    await town.quiet()
    assert await written(town) == ["un"]


async def test_another_program_on_the_same_bot_is_told_of_and_nothing_is_lost(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    rival = TelegramChat(1, TOKEN, town.api)
    await rival.fetch(None, timedelta(0))
    await town.until(lambda: town.states[-1:] == ["conflict"])
    calls = len(town.states)
    await asyncio.sleep(0.3)
    assert len(town.states) == calls, "it stands back for a while"
    phone.say("Vous êtes là ?")
    await town.until(lambda: town.states[-1] == "ok")
    await town.quiet()
    await rival.close()
    assert await written(town) == ["Vous êtes là ?"]


async def test_a_chat_that_became_a_group_is_used_no_more_and_loses_nothing(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    body = json.dumps(UPGRADED.body)
    town.telegram.faults.plan("sendMessage", faults.answer(400, body))
    first, second = await reply(town, "un"), await reply(town, "deux")
    await town.quiet()
    ends = [(await kept(town, which)) for which in (first, second)]
    assert [(m.state, m.reason) for m in ends] == [
        ("refused", "chat_migrated"),
        ("dropped", "unreachable"),
    ]
    async with town.database.read() as tx:
        [linked] = await contact.of_youth(tx, town.cast.sami.id)
    assert (linked.state, linked.reason) == ("unreachable", "chat_migrated")
    assert not {"un", "deux"} & set(texts(phone))
    assert {call.chat_id for call in town.telegram.transcript if call.chat_id} == {phone.id}


async def test_while_the_token_is_refused_messages_wait_and_those_that_expire_are_dropped(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    words = await reply(town, "un")
    town.telegram.faults.always("*", faults.answer(401, REVOKED))
    town.deliverer.wake()
    await town.until(lambda: any(c.outcome == "unreached" for c in town.telegram.transcript))
    await town.deliverer.until_idle()
    held = await kept(town, words)
    assert (held.state, held.held_by) == ("waiting", "bot_revoked")
    town.at += timedelta(days=2, hours=6)  # after the meeting, and after the words' two days
    town.telegram.faults.clear()
    town.deliverer.permits[town.cast.bot_id].pace.stopped_until = 0  # or wait for a minute
    await town.quiet()
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["dropped"])
    assert {(m.kind, m.reason) for m in dropped} == {("text", "expired"), ("reminder", "expired")}
    assert "un" not in texts(phone)

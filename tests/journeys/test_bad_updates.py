"""Whatever Telegram hands over: what cannot be read is set aside and holds nobody back."""

import asyncio
from random import Random
from typing import Any

import pytest

from bot.channel import Incoming
from content.answers import in_own_words
from records import inbox, retention
from records.reception import accepted_update, set_aside
from simulator.persons import Person
from tests.bot.odd_updates import SIZE, made, recipes
from tests.journeys.test_the_way_in import phones
from tests.journeys.thumb import everything_kept, rows_of, said, say, script, talk_of
from tests.town import Town

MALFORMED: list[dict[str, Any]] = [
    {"message": None},
    {"message": {}},
    {"message": {"chat": {"id": "x", "type": "private"}}},
    {"message": {"message_id": 1, "chat": {"id": 1, "type": "private"}, "text": 7}},
    {"message": {"message_id": float("inf"), "chat": {"id": 1, "type": "private"}}},
    {"callback_query": {"from": {}}},
    {"edited_message": []},
    {"my_chat_member": {"chat": {"id": 1, "type": "private"}}},
    {"message": {"message_id": 1, "chat": {"id": 1 << 80, "type": "private"}, "text": "\ud800"}},
]


async def inbox_of(town: Town) -> list[str | None]:
    async with town.database.read() as tx:
        return [i.text for i in await inbox.of_youth(tx, town.cast.sami.id)][::-1]


def written(phone: Person, text: Any, **more: Any) -> dict[str, Any]:
    return {
        "message": {
            "message_id": 9000,
            "date": 0,
            "text": text,
            "from": {"id": phone.id, "is_bot": False, "first_name": "Sami"},
            "chat": {"id": phone.id, "type": "private"},
            **more,
        }
    }


async def test_malformed_updates_are_set_aside_and_never_block_those_behind(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    phone.say("avant")
    for update in MALFORMED:
        town.telegram.push(town.bot, dict(update))
    phone.say("après")
    await town.quiet()
    assert await inbox_of(town) == ["avant", "après"]
    assert len(await rows_of(town.database, set_aside)) == len(MALFORMED)
    assert town.states[-1] == "ok"


async def test_an_update_without_a_usable_number_is_passed_over(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    unusable: list[Any] = [
        {"update_id": True},
        {"update_id": -3},
        {"update_id": "7"},
        [],
        None,
        "text",
    ]
    for number, update in enumerate(unusable):
        town.telegram.push(town.bot, update)
        await say(town, phone, f"après {number}")
    assert await inbox_of(town) == [f"après {number}" for number in range(len(unusable))]


async def test_unknown_kinds_of_updates_are_accepted_and_forgotten(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for kind in ("poll", "message_reaction", "business_message", "something_of_tomorrow"):
        town.telegram.push(town.bot, {kind: {"anything": [1, {"at": "all"}]}})
    await say(town, phone, "après")
    assert await inbox_of(town) == ["après"]
    assert await rows_of(town.database, set_aside) == []
    assert len(await rows_of(town.database, accepted_update)) == 5


async def test_what_is_set_aside_is_sealed_and_goes_after_thirty_days(town: Town) -> None:
    await town.linked(town.cast.sami)
    town.telegram.push(town.bot, {"message": {"chat": 3, "text": "un secret"}})
    await town.quiet()
    assert "un secret" not in await everything_kept(town.database)
    await town.pass_time(days=31)
    await retention.carry_out(town.database, town.now(), in_own_words)
    assert await rows_of(town.database, set_aside) == []


async def test_what_is_too_deep_to_be_kept_is_set_aside_by_its_fields(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    came = Incoming(7, "malformed", str(phone.id), text="too deep", source={"message": deep})
    async with asyncio.timeout(5):
        await town.receiver.take([came])
    [aside] = await rows_of(town.database, set_aside)
    kept = town.database.vault.open("set_aside.payload", aside.id, aside.payload)
    assert (aside.reason, kept) == ("too deep", '["message"]')


async def test_somebody_who_acts_in_another_s_chat_is_set_aside(town: Town) -> None:
    """No client can send that, and neither can Telegram: it would speak in somebody's place."""
    await town.linked(town.cast.sami)
    phone = town.telegram.person("Inconnu")
    theirs = {"id": int((await phones(town))[0].address or ""), "type": "private"}
    message = {"message_id": 5, "chat": theirs, "from": {"id": phone.id}, "text": "C'est moi"}
    query = {"id": "7", "from": {"id": phone.id}, "message": message, "data": "stop:yes"}
    change = {"chat": theirs, "from": {"id": phone.id}, "new_chat_member": {"status": "kicked"}}
    for update in (
        {"message": message},
        {"edited_message": message},
        {"callback_query": query},
        {"my_chat_member": change},
    ):
        town.telegram.push(town.bot, update)
    await town.quiet()
    reasons = [row.reason for row in await rows_of(town.database, set_aside)]
    assert reasons == ["somebody else's chat"] * 4
    assert await inbox_of(town) == []
    assert [p.state for p in await phones(town)] == ["confirmed"]
    assert not phone.notices


async def test_text_that_no_database_keeps_is_mended_not_lost(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    town.telegram.push(town.bot, written(phone, "a\0b\ud83d fin"))
    await town.quiet()
    assert await inbox_of(town) == ["ab? fin"]


@pytest.mark.parametrize("together", [True, False])
async def test_an_update_handed_over_twice_is_handled_once(town: Town, together: bool) -> None:
    phone = await town.linked(town.cast.sami)
    update = {"update_id": town.bot.updates.next_id, **written(phone, "une fois")}
    town.telegram.push(town.bot, update)
    if not together:
        await town.quiet()
    town.telegram.push(town.bot, dict(update))
    await say(town, phone, "après")
    assert await inbox_of(town) == ["une fois", "après"]


async def test_a_button_of_no_known_grammar_gets_a_kind_word(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for data in (
        ":",
        "::::",
        "meeting",
        "step:1",
        "me:x:y:z",
        "~",
        "~~:~",
        "slot:1:2:3:4",
        "x" * 64,
    ):
        phone.press(phone.last, data)
    await town.quiet()
    assert {n.text for n in phone.notices} <= {said("old_button"), said("meeting.old")}
    assert len(phone.notices) == 9
    assert await rows_of(town.database, set_aside) == []


async def test_a_wave_that_we_never_wrote_is_begun_by_nobody(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    exercise, survey = script(), script("survey")
    forged = [
        f"begin:{exercise.name}:2026-T4:yes",
        f"begin:{exercise.name}:longer-than-it-can-be:yes",
        f"begin:{exercise.name}:~{'z' * 40}:",
        f"begin:{survey.name}::yes",
        f"begin:{survey.name}:2026-T5:yes",
        f"later:{survey.name}:~{'z' * 40}",
        f"later:{exercise.name}:2026-T4",
    ]
    for data in forged:
        phone.press(phone.last, data)
        await town.quiet()
    assert [n.text for n in phone.notices] == [said("old_button")] * len(forged)
    assert await rows_of(town.database, set_aside) == []
    assert await talk_of(town, town.cast.sami) is None


async def test_the_stream_goes_on_among_updates_that_no_client_would_send(town: Town) -> None:
    """The same as `tests/bot/test_fuzz.py` sends by the thousands, over the wire."""
    phone = await town.linked(town.cast.sami)
    chats = [town.telegram.person(f"Inconnu {number}").id for number in range(3)]
    own: dict[int, list[str]] = {chat: [] for chat in chats}
    for number, recipe in enumerate(recipes(Random(1).randbytes(SIZE * 150))):
        if number % 50 == 10:
            phone.say(f"mot {number}")
        update = made(recipe, 0, own, ["1"])
        update.pop("update_id", None)  # numbered by Telegram, whatever else is wrong
        town.telegram.push(town.bot, update)
    await say(town, phone, "le dernier")
    assert await inbox_of(town) == ["mot 10", "mot 60", "mot 110", "le dernier"]
    assert town.states[-1] == "ok"

"""What people do on their phones, and what the bot hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import PhoneError
from simulator.persons import Person
from simulator.telegram import Bot, Telegram

from .conftest import Client


async def heard(client: Client) -> list[dict[str, Any]]:
    """What waits for the bot, confirmed by reading."""
    updates: list[dict[str, Any]] = await client.ok("getUpdates")
    if updates:
        await client.ok("getUpdates", offset=updates[-1]["update_id"] + 1)
    return updates


async def test_a_link_opens_the_bot_with_its_payload(
    client: Client, telegram: Telegram, bot: Bot
) -> None:
    person = telegram.person("Sam")
    with pytest.raises(PhoneError, match="Démarrer"):
        person.say("Bonjour")
    person.open("https://t.me/relais_demo_bot?start=a_B-9")
    (update,) = await heard(client)
    assert update["message"]["text"] == "/start a_B-9"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert update["message"]["from"]["id"] > 2**32


def test_a_link_that_leads_nowhere_says_so(lea: Person) -> None:
    for link in ("https://exemple.fr/x", "https://t.me/", "https://t.me/un_autre_bot?start=x"):
        with pytest.raises(PhoneError):
            lea.open(link)
    with pytest.raises(PhoneError, match="abîmé"):
        lea.start(payload="pas de blancs")


async def test_each_kind_of_message_reaches_the_bot(client: Client, lea: Person) -> None:
    await heard(client)
    said = lea.say("Bonjour")
    lea.edit(said, "Bonsoir")
    lea.sticker("🙂")
    lea.photo("ma légende")
    lea.voice()
    lea.forward("vu ailleurs")
    updates = await heard(client)
    kinds = ["text", "text", "sticker", "photo", "voice", "forward_origin"]
    for update, kind in zip(updates, kinds, strict=True):
        assert kind in (update.get("message") or update["edited_message"])
    assert updates[1]["edited_message"]["text"] == "Bonsoir"
    assert updates[1]["edited_message"]["message_id"] == said.id
    numbers = [update["update_id"] for update in updates]
    assert numbers == list(range(numbers[0], numbers[0] + 6))


async def test_a_tap_is_a_query_about_its_message(client: Client, lea: Person) -> None:
    keys = [[{"text": "J'y serai", "callback_data": "rsvp:yes"}]]
    sent = await client.ok(
        "sendMessage", chat_id=lea.id, text="RDV ?", reply_markup={"inline_keyboard": keys}
    )
    await heard(client)
    lea.tap("J'y serai")
    (update,) = await heard(client)
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"]) == ("rsvp:yes", lea.id)
    assert query["message"]["message_id"] == sent["message_id"]
    assert query["message"]["reply_markup"] == {"inline_keyboard": keys}


async def test_an_old_button_and_a_forged_one_can_be_pressed(client: Client, lea: Person) -> None:
    sent = await client.ok("sendMessage", chat_id=lea.id, text="a")
    await client.ok("deleteMessage", chat_id=lea.id, message_id=sent["message_id"])
    await heard(client)
    lea.press(sent["message_id"], "anything")
    (update,) = await heard(client)
    assert update["callback_query"]["message"]["date"] == 0
    with pytest.raises(PhoneError, match="Pas de bouton"):
        lea.tap("J'y serai")


async def test_the_large_keyboard_stays_until_it_is_taken(client: Client, lea: Person) -> None:
    menu = {"keyboard": [["Mes RDV", "Aide"]], "resize_keyboard": True, "is_persistent": True}
    first = await client.ok("sendMessage", chat_id=lea.id, text="a", reply_markup=menu)
    await client.ok("sendMessage", chat_id=lea.id, text="b")
    assert lea.keyboard == [["Mes RDV", "Aide"]]
    lea.tap("Aide")
    assert lea.messages[-1].text == "Aide"
    await client.ok("deleteMessage", chat_id=lea.id, message_id=first["message_id"])
    assert lea.keyboard is None  # as on a real phone: it belongs to its message
    await client.ok("sendMessage", chat_id=lea.id, text="a", reply_markup=menu)
    await client.ok("sendMessage", chat_id=lea.id, text="c", reply_markup={"remove_keyboard": True})
    assert lea.keyboard is None


async def test_blocking_and_coming_back_are_told_to_the_bot(client: Client, lea: Person) -> None:
    await heard(client)
    lea.block()
    with pytest.raises(PhoneError, match="bloqué"):
        lea.say("Bonjour")
    lea.start()
    blocked, back, start = await heard(client)
    assert blocked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert back["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert start["message"]["text"] == "/start"


async def test_the_locked_screen_shows_one_line(client: Client, lea: Person) -> None:
    await client.ok("sendMessage", chat_id=lea.id, text="Un message\n\nRDV mardi")
    assert lea.last.first_line == "Un message"
    await client.ok("sendMessage", chat_id=lea.id, text="a" * 300)
    assert len(lea.last.first_line) == 120


async def test_typing_shows_until_the_message_comes(client: Client, lea: Person) -> None:
    await client.ok("sendChatAction", chat_id=lea.id, action="typing")
    assert lea.sees_typing
    await client.ok("sendMessage", chat_id=lea.id, text="a")
    assert not lea.sees_typing


async def test_a_group_reaches_a_bot_only_with_what_concerns_it(
    client: Client, lea: Person
) -> None:
    await heard(client)
    group = lea.add_bot_to_group("Les potes")
    lea.say("entre nous", group)
    lea.say("/aide", group)
    joined, service, command = await heard(client)
    assert joined["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert service["message"]["new_chat_members"][0]["username"] == "relais_demo_bot"
    assert command["message"]["chat"] == {"id": group.id, "type": "group", "title": "Les potes"}
    await client.ok("leaveChat", chat_id=group.id)
    refusal = await client.refused("sendMessage", chat_id=group.id, text="a")
    assert refusal == "Forbidden: bot is not a member of the group chat"
    group.membership, group.migrated_to = "member", -1009
    reply = await client.call("sendMessage", chat_id=group.id, text="a")
    assert reply["parameters"] == {"migrate_to_chat_id": -1009}


async def test_a_calendar_file_arrives_and_can_be_opened(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    import aiohttp

    form = aiohttp.FormData()
    form.add_field("chat_id", str(lea.id))
    form.add_field("document", "attach://piece")
    form.add_field("piece", b"BEGIN:VCALENDAR", filename="rdv.ics", content_type="text/calendar")
    url = f"{client.base}/bot{client.token}/sendDocument"
    async with client.http.post(url, data=form) as reply:
        assert (await reply.json())["ok"]
    assert lea.last.file is not None
    assert lea.last.file["file_name"] == "rdv.ics"
    assert telegram.files[lea.last.file["file_id"]].data == b"BEGIN:VCALENDAR"


async def test_waiting_ends_the_moment_the_message_comes(client: Client, lea: Person) -> None:
    import asyncio

    waiting = asyncio.create_task(lea.wait_for("RDV"))
    await asyncio.sleep(0)
    await client.ok("sendMessage", chat_id=lea.id, text="Un RDV mardi")
    assert (await waiting).text == "Un RDV mardi"
    with pytest.raises(TimeoutError, match="Un RDV mardi"):
        await lea.wait_for("autre chose", timeout=0.05)


async def test_two_people_do_not_see_each_other(
    client: Client, lea: Person, telegram: Telegram, bot: Bot
) -> None:
    sam = telegram.person("Sam")
    sam.start(bot)
    await client.ok("sendMessage", chat_id=lea.id, text="pour Léa")
    assert sam.received == []
    assert telegram.person("Léa").id == lea.id


async def test_a_button_that_leads_elsewhere_is_remembered(client: Client, lea: Person) -> None:
    keys = [[{"text": "La notice", "url": "https://exemple.fr/notice"}]]
    await client.ok("sendMessage", chat_id=lea.id, text="a", reply_markup={"inline_keyboard": keys})
    assert lea.tap("La notice") is None
    assert lea.opened == ["https://exemple.fr/notice"]

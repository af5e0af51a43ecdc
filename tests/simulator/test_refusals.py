"""Each refusal of the Bot API, with its own words."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.persons import Person
from simulator.telegram import Telegram

from .conftest import Client
from .demo import Calendar

HTML = {"parse_mode": "HTML"}


def inline(*rows: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": list(rows)}}


def key(text: str = "Oui", data: str = "y", **more: Any) -> dict[str, Any]:
    return {"text": text, "callback_data": data, **more}


REFUSED_MESSAGES = [
    ({}, "message text is empty"),
    ({"text": ""}, "message text is empty"),
    ({"text": "   "}, "text must be non-empty"),
    ({"text": "<b></b>", **HTML}, "text must be non-empty"),
    ({"text": "a" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "a", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
    ({"text": "a", "txet": "b"}, 'unknown field "txet"'),
    ({"text": ["a"]}, 'field "text" must be of type String'),
    ({"text": "a", "protect_content": "yes"}, 'field "protect_content" must be of type Boolean'),
    (
        {"text": "<b>a", **HTML},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    (
        {"text": "<div>a</div>", **HTML},
        'can\'t parse entities: Unsupported start tag "div" at byte offset 0',
    ),
    (
        {"text": "é<b><i>test</b></i>", **HTML},
        'can\'t parse entities: Unmatched end tag at byte offset 12, expected "</i>", found "</b>"',
    ),
    ({"text": "a</b>", **HTML}, "can't parse entities: Unexpected end tag at byte offset 1"),
    ({"text": "1 < 2", **HTML}, 'can\'t parse entities: Unsupported start tag "" at byte offset 2'),
    ({"text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ({"text": "a", "reply_markup": []}, "object expected as reply markup"),
    (
        {"text": "a", "reply_markup": {"inline_keyboard": "bad"}},
        'field "inline_keyboard" must be of type Array',
    ),
    (
        {"text": "a", **inline(key())},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    (
        {"text": "a", **inline([{"callback_data": "x"}])},
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    (
        {"text": "a", **inline([key(data="")])},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    ({"text": "a", **inline([key(text="")])}, "inline keyboard button text must be non-empty"),
    ({"text": "a", **inline([key(data="x" * 65)])}, "BUTTON_DATA_INVALID"),
    ({"text": "a", **inline([key(data="é" * 33)])}, "BUTTON_DATA_INVALID"),
    ({"text": "a", **inline([key(dat="x")])}, 'unknown field "dat"'),
    (
        {"text": "a", **inline([{"text": "b", "url": "not-a-url"}])},
        "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL",
    ),
    (
        {"text": "a", **inline(*[[key(data=str(n))] for n in range(101)])},
        "reply markup is too long",
    ),
    ({"text": "a", **inline([key(data=str(n)) for n in range(9)])}, "reply markup is too long"),
    (
        {"text": "a", **inline(*[[key("x" * 150, "y" * 60)] for _ in range(60)])},
        "reply markup is too long",
    ),
    (
        {"text": "a", "reply_markup": {"keyboard": ["x"]}},
        'field "keyboard" must be an Array of Arrays',
    ),
    (
        {"text": "a", "reply_markup": {"keyboard": [[3]]}},
        "can't parse keyboard button: KeyboardButton must be a String or an Object",
    ),
    (
        {"text": "a", "reply_markup": {"keyboard": [["x"]], "is_persistent": "yes"}},
        'field "is_persistent" must be of type Boolean',
    ),
    ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ({"text": "a", "reply_parameters": {"quote": "x"}}, 'can\'t find field "message_id"'),
    (
        {"text": "a", "entities": [{"type": "bold", "offset": 5, "length": 1}]},
        "entity begins after the end of the text at UTF-16 offset 5",
    ),
    (
        {"text": "a", "entities": [{"type": "no", "offset": 0, "length": 1}]},
        "can't parse MessageEntity: Unsupported type specified",
    ),
    (
        {"text": "a", "link_preview_options": {"is_disabled": "yes"}},
        'field "is_disabled" must be of type Boolean',
    ),
]


@pytest.mark.parametrize(("given", "reason"), REFUSED_MESSAGES)
async def test_a_message_is_refused_as_the_real_one_is(
    client: Client, lea: Person, given: dict[str, Any], reason: str
) -> None:
    assert await client.refused("sendMessage", chat_id=lea.id, **given) == f"Bad Request: {reason}"
    assert lea.received == []


async def test_the_longest_text_and_the_longest_data_are_taken(client: Client, lea: Person) -> None:
    await client.ok("sendMessage", chat_id=lea.id, text="é" * 4096, **inline([key(data="x" * 64)]))
    markup = f"<b>{'a' * 4096}</b>"  # what counts is the text after parsing
    await client.ok("sendMessage", chat_id=lea.id, text=markup, **HTML)


async def test_a_message_needs_a_chat_that_exists(client: Client) -> None:
    assert await client.refused("sendMessage", text="a") == "Bad Request: chat_id is empty"
    for nobody in (1, "@nobody", "x", 0):
        refusal = await client.refused("sendMessage", chat_id=nobody, text="a")
        assert refusal == "Bad Request: chat not found"


async def test_nobody_is_written_to_before_they_pressed_start(
    client: Client, telegram: Telegram
) -> None:
    stranger = telegram.person("Inconnu")
    reply = await client.call("sendMessage", chat_id=stranger.id, text="a")
    assert reply == {
        "ok": False,
        "error_code": 403,
        "description": "Forbidden: bot can't initiate conversation with a user",
    }


async def test_who_blocked_the_bot_or_left_is_not_written_to(client: Client, lea: Person) -> None:
    lea.block()
    refusal = await client.refused("sendMessage", chat_id=lea.id, text="a")
    assert refusal == "Forbidden: bot was blocked by the user"
    lea.unblock()
    await client.ok("sendMessage", chat_id=lea.id, text="a")
    lea.delete_account()
    refusal = await client.refused("sendMessage", chat_id=lea.id, text="a")
    assert refusal == "Forbidden: user is deactivated"


async def test_edits_are_checked(client: Client, lea: Person) -> None:
    markup = inline([key()])
    sent = await client.ok("sendMessage", chat_id=lea.id, text="un", **markup)
    mine = {"chat_id": lea.id, "message_id": sent["message_id"]}
    assert (await client.refused("editMessageText", **mine, text="un", **markup)).startswith(
        "Bad Request: message is not modified: specified new message content and reply markup are "
    )
    refusal = await client.refused("editMessageReplyMarkup", **mine, **markup)
    assert refusal.startswith("Bad Request: message is not modified")
    refusal = await client.refused(
        "editMessageText", **mine, text="b", reply_markup={"keyboard": [["x"]]}
    )
    assert refusal == "Bad Request: inline keyboard expected"
    gone = {"chat_id": lea.id, "message_id": 999, "text": "b"}
    assert await client.refused("editMessageText", **gone) == (
        "Bad Request: message to edit not found"
    )
    hers = {"chat_id": lea.id, "message_id": lea.messages[0].id, "text": "b"}
    assert await client.refused("editMessageText", **hers) == (
        "Bad Request: message can't be edited"
    )
    await client.ok("editMessageReplyMarkup", **mine)  # takes the buttons away
    assert lea.last.buttons == ()
    assert not lea.last.edited
    await client.ok("editMessageText", **mine, text="deux")
    assert (lea.last.text, lea.last.edited) == ("deux", True)


async def test_messages_can_be_deleted_for_two_days(
    client: Client, lea: Person, calendar: Calendar
) -> None:
    sent = [await client.ok("sendMessage", chat_id=lea.id, text=str(n)) for n in range(3)]
    ids = [message["message_id"] for message in sent]
    await client.ok("deleteMessage", chat_id=lea.id, message_id=ids[0])
    refusal = await client.refused("deleteMessage", chat_id=lea.id, message_id=ids[0])
    assert refusal == "Bad Request: message to delete not found"
    await client.ok("deleteMessages", chat_id=lea.id, message_ids=[ids[1], ids[0], 999])
    calendar.pass_(hours=48, seconds=1)
    for method, which in (
        ("deleteMessage", {"message_id": ids[2]}),
        ("deleteMessages", {"message_ids": ids}),
    ):
        refusal = await client.refused(method, chat_id=lea.id, **which)
        assert refusal == "Bad Request: message can't be deleted for everyone"
    assert [shown.text for shown in lea.received] == ["2"]
    too_many = await client.refused(
        "deleteMessages", chat_id=lea.id, message_ids=list(range(1, 102))
    )
    assert too_many == "Bad Request: too many message identifiers specified"


async def test_a_tap_is_answered_once_and_in_time(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    await client.ok("sendMessage", chat_id=lea.id, text="Ça va ?", **inline([key()]))
    lea.tap("Oui")
    query = (await client.ok("getUpdates"))[-1]["callback_query"]
    await client.ok("answerCallbackQuery", callback_query_id=query["id"], text="Noté")
    assert [notice.text for notice in lea.notices] == ["Noté"]
    assert await client.refused("answerCallbackQuery", callback_query_id=query["id"]) == too_old
    assert await client.refused("answerCallbackQuery", callback_query_id="12") == too_old
    telegram.query_seconds = 0.0
    late = lea.press(lea.last, "y")
    assert await client.refused("answerCallbackQuery", callback_query_id=late.id) == too_old
    long = await client.refused("answerCallbackQuery", callback_query_id="1", text="a" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"


async def test_an_unknown_bot_and_an_unknown_method_are_told_apart(client: Client) -> None:
    assert await client.refused("sendMesage") == "Not Found: method not found"
    client.token = "123456:another"
    assert (await client.call("getMe"))["error_code"] == 401
    assert await client.refused("getMe") == "Unauthorized"
    client.token = "nonsense"
    assert await client.refused("getMe") == "Not Found"
    async with client.http.get(f"{client.base}/elsewhere") as reply:
        assert (await reply.json())["error_code"] == 404


async def test_commands_are_checked(client: Client) -> None:
    good = [{"command": "aide", "description": "Les numéros"}]
    await client.ok("setMyCommands", commands=good)
    assert await client.ok("getMyCommands") == good
    bad = [{"command": "à l'aide", "description": "Les numéros"}]
    assert await client.refused("setMyCommands", commands=bad) == "Bad Request: BOT_COMMAND_INVALID"


async def test_form_bodies_and_numbers_as_words_are_understood(client: Client, lea: Person) -> None:
    url = f"{client.base}/bot{client.token}/sendMessage"
    form = {
        "chat_id": str(lea.id),
        "text": "Bonjour",
        "protect_content": "true",
        "reply_markup": '{"inline_keyboard":[[{"text":"Oui","callback_data":"y"}]]}',
    }
    async with client.http.post(url, data=form) as reply:
        assert (await reply.json())["ok"]
    assert lea.last.protected
    assert lea.last.labels == ["Oui"]
    async with client.http.post(
        url, data="{", headers={"content-type": "application/json"}
    ) as reply:
        assert (await reply.json())["description"] == "Bad Request: can't parse JSON object"


async def test_what_was_refused_is_in_the_transcript_too(
    client: Client, lea: Person, telegram: Telegram
) -> None:
    await client.call("sendMessage", chat_id=lea.id, text="")
    await client.ok("sendMessage", chat_id=lea.id, text="a")
    refused, accepted = telegram.transcript
    assert (refused.outcome, refused.code, refused.chat_id) == ("refused", 400, lea.id)
    assert (accepted.outcome, accepted.method, accepted.message_id) == (
        "accepted",
        "sendMessage",
        lea.last.id,
    )

"""The webhook's own promises: who is let in, when a post is answered, what the answer carries."""

import json
import logging
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.telegram_chat import WANTED
from bot.telegram_hook import Line, TelegramHook
from records import inbox, message
from records.vault import Vault, new_key
from relais import hook
from simulator import faults
from simulator.persons import Person
from tests.bot import conftest
from tests.cast import TOKEN
from tests.conftest import KEY
from tests.journeys.thumb import rows_of, said, say
from tests.town import Town

posted_to = pytest.mark.parametrize("way_in", ["webhook"])
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def channel(town: Town) -> TelegramHook:
    assert isinstance(town.channel, TelegramHook)
    return town.channel


async def post(
    town: Town, body: bytes, *, secret: str | None = None, url: str = "", method: str = "POST"
) -> tuple[int, bytes, str | None]:
    """Status, body and Retry-After, as whoever posts sees them."""
    shown = hook.secret(town.database.vault, TOKEN) if secret is None else secret
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, url or channel(town).url, data=body, headers={hook.SECRET: shown}
        ) as reply,
    ):
        return reply.status, await reply.read(), reply.headers.get("Retry-After")


def words(phone: Person, number: int, text: str) -> bytes:
    chat = {"id": phone.id, "type": "private"}
    message = {"message_id": number, "chat": chat, "from": chat, "date": 0, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


def tap(phone: Person, number: int, data: str) -> bytes:
    query = {"id": str(number), "from": {"id": phone.id}, "data": data}
    return json.dumps({"update_id": number, "callback_query": query}).encode()


async def inbox_of(town: Town) -> list[str | None]:
    async with town.database.read() as tx:
        return [i.text for i in await inbox.of_youth(tx, town.cast.sami.id)][::-1]


@posted_to
@on_sqlite
async def test_whoever_tries_doors_gets_a_bare_status(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await town.linked(town.cast.sami)
    good = words(phone, 1, "un secret à moi")
    nested = b"[" * 100_000
    with caplog.at_level(logging.DEBUG):
        assert [
            await post(town, good, url=f"{channel(town).url}0"),
            await post(town, good, url=channel(town).url.rpartition("/")[0] + "/x"),
            await post(town, b"", method="GET"),
            await post(town, good, method="PUT"),
            await post(town, good, secret=""),
            await post(town, good, secret="é" * 30),
            await post(town, good, secret=hook.secret(town.database.vault, "another token")),
            await post(town, b" " * (hook.LARGEST + 1)),
            await post(town, b""),
            await post(town, good[:-1]),
            await post(town, b"\xff"),
            await post(town, nested),
        ] == [
            (status, b"", None)
            for status in (404, 404, 405, 405, 403, 403, 403, 413, 400, 400, 400, 400)
        ]
    assert "un secret" not in caplog.text
    assert await inbox_of(town) == []
    assert await post(town, good) == (200, b"", None)
    assert await inbox_of(town) == ["un secret à moi"]


def test_a_secret_is_one_bot_s_own_and_survives_a_restart() -> None:
    vault = Vault(KEY)
    made = hook.secret(vault, TOKEN)
    assert made == hook.secret(Vault(KEY), TOKEN)
    assert made == hook.secret(Vault(f"{new_key()},{KEY}"), TOKEN), "a newer key changes nothing"
    assert len({made, hook.secret(vault, "other"), hook.secret(Vault(new_key()), TOKEN)}) == 3
    assert len(made) >= 22
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


@posted_to
@on_sqlite
async def test_a_post_is_answered_after_the_commit_or_not_at_all(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    town.lines[town.cast.bot_id] = Line(
        channel(town), town.receiver.take, town.states.append, hold=0.2
    )
    async with town.database.write():  # nobody else commits meanwhile
        assert await post(town, words(phone, 1, "une fois")) == (503, b"", "1")
        assert await post(town, words(phone, 1, "une fois")) == (503, b"", "1")
    assert await post(town, words(phone, 1, "une fois")) == (200, b"", None)
    assert await inbox_of(town) == ["une fois"]


@posted_to
async def test_a_post_whose_answer_was_lost_comes_again_and_is_handled_once(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    before = len(phone.received)
    assert town.bot.webhook is not None
    town.bot.webhook.answers_to_lose = 3
    await say(town, phone, "une fois", "puis une autre")
    assert await inbox_of(town) == ["une fois", "puis une autre"]
    assert len(phone.received) == before + 2
    assert town.bot.webhook.answers_to_lose == 0


@posted_to
async def test_the_answer_to_a_tap_rides_once_and_nothing_else_does(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    status, body, _ = await post(town, tap(phone, 1, "nonsense"))
    assert status == 200
    assert json.loads(body) == {
        "method": "answerCallbackQuery",
        "callback_query_id": "1",
        "text": said("old_button"),
    }
    assert await post(town, tap(phone, 1, "nonsense")) == (200, b"", None), "handed over again"
    assert await post(town, words(phone, 2, "bonjour")) == (200, b"", None)
    await town.quiet()
    assert not town.telegram.transcript.accepted("answerCallbackQuery")
    assert phone.last.text.startswith("Transmis"), "it left by delivery, after the commit"
    phone.press(phone.last, "nonsense")
    await town.quiet()
    assert [notice.text for notice in phone.notices] == [said("old_button")]
    assert len(town.telegram.transcript.accepted("answerCallbackQuery")) == 1


@posted_to
@on_sqlite
async def test_an_answer_that_comes_too_late_for_its_post_leaves_by_itself(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    town.lines[town.cast.bot_id] = Line(
        channel(town), town.receiver.take, town.states.append, hold=0.05
    )
    query = phone.press(phone.last, "nonsense")
    town.bot.updates.pending.clear()  # posted by hand here
    update = tap(phone, 7, "nonsense").replace(b'"id": "7"', f'"id": "{query.id}"'.encode())
    async with town.database.write():
        assert (await post(town, update))[0] == 503
    await town.quiet()
    await town.until(lambda: len(phone.notices) == 1)
    assert phone.notices[0].text == said("old_button")


@posted_to
@on_sqlite
async def test_chats_do_not_wait_for_each_other_and_share_commits(town: Town) -> None:
    phones = [town.telegram.person(f"Inconnu {number}") for number in range(40)]
    batches = 0

    async def counted(batch: Any) -> None:
        nonlocal batches
        batches += 1
        await town.receiver.take(batch)

    town.lines[town.cast.bot_id] = Line(channel(town), counted, town.states.append)
    for phone in phones:
        phone.start(town.bot)
    await town.quiet()
    assert all(len(phone.received) == 1 for phone in phones)
    assert batches < len(phones) / 2


@posted_to
@on_sqlite
async def test_an_address_that_fails_is_told_until_telegram_gets_through(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.until(lambda: town.states[-1:] == ["ok"])
    line = town.lines.pop(town.cast.bot_id)
    phone.say("il y a quelqu'un ?")
    await town.until(lambda: town.states[-1] == "unheard")
    town.lines[town.cast.bot_id] = line
    await town.quiet()
    await town.until(lambda: town.states[-1] == "ok")
    assert await inbox_of(town) == ["il y a quelqu'un ?"]


@posted_to
@on_sqlite
async def test_another_address_in_place_of_ours_is_told_and_left_alone(town: Town) -> None:
    await town.linked(town.cast.sami)
    await town.until(lambda: town.states[-1:] == ["ok"])
    other = TelegramHook(1, TOKEN, town.api, url="http://127.0.0.1:9/other", secret="other")
    await other.listen()
    await town.until(lambda: town.states[-1] == "conflict")
    seen = len(town.states)
    await town.until(lambda: len(town.states) > seen + 2)
    assert (await other.webhook())["url"] == other.url
    await other.close()


@posted_to
@on_sqlite
async def test_a_revoked_token_is_told_and_what_came_in_is_kept(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    town.telegram.faults.always("*", faults.answer(401, json.dumps(body)))
    phone.say("Tu es là ?")
    await town.until(lambda: "revoked" in town.states and not town.bot.updates.pending)
    assert await inbox_of(town) == ["Tu es là ?"]
    now = message.message.c.kind != "again"  # which waits for an age to come
    states = [row.state for row in await rows_of(town.database, message.message, now)]
    assert states == ["sent", "waiting"]
    town.telegram.faults.clear()
    await town.until(lambda: town.states[-1] == "ok")


async def test_from_one_way_in_to_the_other_nothing_is_lost(line: conftest.Line) -> None:
    line.phone.say("un")
    hooked = TelegramHook(1, TOKEN, line.api, url="http://127.0.0.1:9/nobody", secret="s")
    await hooked.listen()
    line.phone.say("deux")
    info = await hooked.webhook()
    assert (info["url"], info["max_connections"]) == (hooked.url, 100)
    assert info["allowed_updates"] == sorted(WANTED)
    await hooked.introduce({"aide": "Des numéros"})
    assert (await hooked.webhook())["url"] == hooked.url, "to be introduced changes nothing"
    await line.channel.introduce({"aide": "Des numéros"})
    assert [came.text for came in await line.channel.fetch(None, timedelta(0))] == ["un", "deux"]
    await hooked.close()

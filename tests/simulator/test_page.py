"""The demo page's data: the phones, the clock, and who may ask for them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from simulator.persons import Person
from simulator.telegram import Bot, Telegram

from .demo import Demo


async def post(demo: Demo, path: str, **given: Any) -> Any:
    async with demo.http.post(f"{demo.url}/{path}", json=given) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def test_the_page_says_who_can_sign_in_and_where_the_desk_is(demo: Demo) -> None:
    async with demo.http.get(f"{demo.url}/about") as reply:
        about = await reply.json()
    assert about["desk"] == "/bureau"
    assert about["clock"] == "mardi 24 novembre 2026, 14\u00a0h\u00a030"
    assert about["logins"][0] == {
        "name": "Nadia B.",
        "role": "éducatrice",
        "login": "nadia",
        "password": "demo-nadia",
    }


async def test_the_page_runs_under_a_strict_policy(demo: Demo) -> None:
    async with demo.http.get(demo.url) as reply:
        policy = reply.headers["Content-Security-Policy"]
        page = await reply.text()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page


async def test_a_phone_does_what_a_person_does(demo: Demo, lea: Person, bot: Bot) -> None:
    base = f"phones/{lea.id}"
    for deed, given in (
        ("say", {"text": "Bonjour"}),
        ("sticker", {}),
        ("photo", {}),
        ("voice", {}),
        ("forward", {}),
        ("edit", {"message": lea.messages[0].id, "text": "Salut"}),
        ("block", {}),
        ("unblock", {}),
        ("group", {}),
        ("open", {"link": "https://t.me/relais_demo_bot?start=abc"}),
        ("read", {}),
    ):
        assert await post(demo, f"{base}/{deed}", **given) == {}
    kinds = [next(key for key in update if key != "update_id") for update in bot.updates.pending]
    assert kinds == [
        *["message"] * 6,
        "edited_message",
        *["my_chat_member"] * 3,
        *["message"] * 2,
    ]


async def test_what_a_phone_would_not_do_is_said_in_french(demo: Demo, lea: Person) -> None:
    base = f"phones/{lea.id}"
    assert "rien à envoyer" in (await post(demo, f"{base}/say", text=" "))["error"]
    refused = await post(demo, f"{base}/open", link="https://exemple.fr")
    assert "n'est pas un lien Telegram" in refused["error"]
    assert "prénom" in (await post(demo, "phones", name=""))["error"]
    assert "déjà" in (await post(demo, "phones", name="Léa"))["error"]
    assert (await post(demo, "phones", name="Sam"))["id"] != lea.id


async def test_every_change_reaches_the_page_at_once(
    demo: Demo, lea: Person, telegram: Telegram, bot: Bot
) -> None:
    async with demo.http.get(f"{demo.url}/phones/{lea.id}/live") as stream:
        first = await snapshot(stream)
        assert first["phone"]["state"] == "open"
        telegram.post(bot, lea.chat, bot.id, {"text": "Un message\nRDV mardi"})
        second = await asyncio.wait_for(snapshot(stream), 2)
    shown = second["phone"]["messages"][-1]
    assert (shown["line"], shown["day"], shown["time"]) == ("Un message", "Aujourd'hui", "14:30")
    assert second["phones"][0]["unread"] == 1


async def snapshot(stream: aiohttp.ClientResponse) -> Any:
    line = (await stream.content.readline()).decode()
    await stream.content.readline()
    return json.loads(line.removeprefix("data: "))


async def test_the_clock_jumps_and_says_when_it_cannot(demo: Demo) -> None:
    moved = await post(demo, "clock", by="day")
    assert moved["clock"].startswith("mercredi 25 novembre 2026")
    assert await post(demo, "clock", by="next") == {"error": "Aucun message n'est prévu."}
    demo.clock.broken = True
    async with demo.http.post(f"{demo.url}/clock", json={"by": "hour"}) as reply:
        assert reply.status == 500
        assert "n'a pas pu avancer" in (await reply.json())["error"]
    async with demo.http.post(f"{demo.url}/clock", json={"by": "year"}) as reply:
        assert reply.status == 400


async def test_two_jumps_at_once_are_one(demo: Demo) -> None:
    demo.clock.pause = 0.3
    first = asyncio.create_task(post(demo, "clock", by="hour"))
    await asyncio.sleep(0.1)
    assert "avance déjà" in (await post(demo, "clock", by="hour"))["error"]
    assert "15\u00a0h\u00a030" in (await first)["clock"]


async def test_no_other_site_can_move_the_thumb(demo: Demo, lea: Person) -> None:
    url = f"{demo.url}/phones/{lea.id}/block"
    async with demo.http.post(
        url, json={}, headers={"Origin": "https://ailleurs.example"}
    ) as reply:
        assert reply.status == 403
    async with demo.http.post(url, data="{}", headers={"Content-Type": "text/plain"}) as reply:
        assert reply.status == 415
    assert not lea.chat.blocked


@pytest.mark.parametrize("path", ["phones/1", "phones/1/files/x", "phones/1/nothing"])
async def test_what_does_not_exist_is_not_found(demo: Demo, path: str) -> None:
    method = demo.http.post if path.endswith("nothing") else demo.http.get
    async with method(f"{demo.url}/{path}", json={} if path.endswith("nothing") else None) as reply:
        assert reply.status == 404

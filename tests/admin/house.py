"""The desk served for tests on real HTTP, a browser-like client, and a busy Monday to look at."""

import dataclasses
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Self

import httpx
from starlette.applications import Starlette

from admin.app import desk
from records import (
    appointment,
    consent,
    contact,
    due,
    inbox,
    invitation,
    message,
    outgoing,
    response,
    settling,
    sign_in,
    staff,
    survey,
    youth,
)
from records.database import Database
from records.reasons import Reason
from simulator.server import serving
from tests.cast import NOW, Cast
from tests.log_watch import BOOK

NBSP = "\u00a0"
WALL = datetime(2026, 11, 23, 11, 0)


class House:
    """The desk at an address, with a clock that tests set and a count of wakes."""

    def __init__(self, database: Database, cast: Cast, **options: Any) -> None:
        self.database, self.cast, self.at, self.real = database, cast, NOW, NOW
        self.wakes = 0
        self.options = {"secure_cookies": False} | options
        self.address = ""

    @property
    def app(self) -> Starlette:
        return desk(
            self.database,
            lambda: self.at,
            lambda: self.real,
            invite_link=lambda _bot, token: f"https://t.me/essai_bot?start={token}",
            wake=self.wake,
            **self.options,
        )

    def wake(self) -> None:
        self.wakes += 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator["House"]:
        async with serving(self.app) as self.address:
            yield self

    async def visitor(self, login: str = "") -> "Visitor":
        """Somebody at the desk; with a login, already signed in (argon2 is slow on purpose)."""
        found = Visitor(self.address)
        if login:
            async with self.database.write() as tx:
                person = await staff.by_login(tx, login)
                token = await sign_in.open_session(tx, self.real, person.id)
            found.http.cookies.set("relais", token)
        return found


class Visitor:
    """A browser without JavaScript: keeps cookies, sends Origin, fills the token in."""

    def __init__(self, address: str) -> None:
        self.http = httpx.AsyncClient(base_url=address, timeout=20)
        self.origin = address
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.http.get(path, headers=headers)
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer

    async def post(
        self, path: str, headers: dict[str, str] | None = None, /, **fields: Any
    ) -> httpx.Response:
        sent = {"Origin": self.origin} if headers is None else headers
        BOOK.written(*fields.values())
        return await self.http.post(path, data={"csrf": self.csrf} | fields, headers=sent)

    async def fill(self, path: str, **fields: Any) -> httpx.Response:
        """Open a form, look at the preview, then save what was previewed."""
        kept = hidden_of((await self.get(path)).text)
        seen = await self.post(path, step="preview", **fields | kept)
        return await self.post(path, step="save", **fields | kept | hidden_of(seen.text))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_why: object) -> None:
        await self.http.aclose()


def one(who: youth.Youth, rest: str = "") -> str:
    """The address of a youth's page."""
    return f"/jeunes/{who.id}{rest}"


def words(answer: httpx.Response) -> str:
    """A page as it reads, without its escapes."""
    return html.unescape(answer.text)


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields that a page would post again."""
    found = re.findall(r'<input type="hidden" name="(seen|revision|once)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


async def linked(
    database: Database,
    cast: Cast,
    who: youth.Youth,
    *given: str,
    confirmed: bool = True,
    at: datetime = NOW,
    refused: tuple[str, ...] = (),
) -> contact.Contact:
    """Give a youth a phone that has answered the consent questions."""
    async with database.write() as tx:
        made = await invitation.invite(tx, at, who)
        phone = await contact.accept(tx, at, made.token, cast.bot_id, "telegram", f"9{who.id}")
        for purpose in (*given, *refused):
            await consent.record(
                tx,
                at,
                who,
                purpose,
                purpose in given,
                text_version=1,
                contact_id=phone.id,
                in_effect=False,
            )
        if confirmed:
            phone = await contact.confirm(tx, at, who.id)
    return phone


async def ended(database: Database, message_id: int, outcome: str, reason: Reason | None) -> None:
    """Bring a waiting message to its end, as delivery does."""
    async with database.write() as tx:
        await tx.run(
            message.message.update().where(message.message.c.id == message_id),
            {"state": "claimed", "claim": 1},
        )
        [found] = await due.gathered(tx, NOW, message.message.c.id == message_id)
        await settling.settle(
            tx, NOW, [settling.Settled(dataclasses.replace(found, claim=1), outcome, reason)]
        )


async def busy_day(database: Database, cast: Cast) -> None:
    """Nadia's Monday: somebody comes, somebody asks, a phone waits, words are uncertain."""
    await linked(
        database,
        cast,
        cast.sami,
        "reminders",
        "messages",
        "exercises",
        "sharing",
        refused=("surveys",),
        at=NOW - timedelta(days=20),
    )
    await linked(database, cast, cast.ines, "reminders", "messages", at=NOW - timedelta(days=5))
    await linked(database, cast, cast.leo, "reminders", confirmed=False)
    sami, ines = cast.sami, cast.ines
    async with database.write() as tx:
        before = NOW - timedelta(days=3)
        today = await appointment.add(
            tx, before, sami, WALL + timedelta(hours=3), place="au local", created_by=cast.nadia.id
        )
        await appointment.answer(tx, NOW - timedelta(hours=2), today, "coming")
        await appointment.add(tx, before, ines, WALL + timedelta(hours=5))
        later = await appointment.add(
            tx, before, ines, WALL + timedelta(days=2), slots=(WALL + timedelta(days=3),)
        )
        await appointment.answer(
            tx,
            NOW - timedelta(minutes=20),
            later,
            "change",
            f"{WALL + timedelta(days=3):%Y-%m-%dT%H:%M}",
        )
        await inbox.add(
            tx,
            NOW - timedelta(minutes=5),
            structure_id=sami.structure_id,
            youth_id=sami.id,
            kind="words",
            text="Je peux venir avec un pote ?",
        )
        words: dict[str, Any] = {
            "structure_id": sami.structure_id,
            "bot_id": cast.bot_id,
            "zone": "Europe/Paris",
            "created_by": cast.nadia.id,
        }
        first = await outgoing.schedule_text(
            tx, NOW, youth_id=sami.id, wall=WALL, text="On se retrouve devant la mairie.", **words
        )
        second = await outgoing.schedule_text(
            tx, NOW, youth_id=ines.id, wall=WALL, text="Bon courage pour demain.", **words
        )
        await outgoing.schedule_text(
            tx,
            NOW,
            youth_id=sami.id,
            wall=WALL + timedelta(days=1),
            text="Tu as pensé à ton sac ?",
            weekly=True,
            **words,
        )
        await response.keep(
            tx,
            NOW,
            [
                response.Saved(sami.structure_id, sami.id, 5, "ma-meteo", 1, variable, value)
                for variable, value in (
                    ("feeling", "hope"),
                    ("sentence", "mieux <b>aujourd'hui</b>"),
                )
            ],
        )
        await response.share(tx, NOW, sami.id, 5)
    await ended(database, first, "uncertain", "interrupted")
    await ended(database, second, "refused", "blocked")


async def surveyed(database: Database, cast: Cast, people: int, *, easy: int = 0) -> None:
    """So many answer whether it is useful, and the first ones also whether it is easy."""
    async with database.write() as tx:
        for number in range(people):
            await survey.hand_in(
                tx,
                structure_id=cast.structure_id,
                youth_id=-number - 1,
                instrument="satisfaction",
                version=1,
                wave="2026-T4",
                week="2026-W48",
                answers={
                    "useful": ("no", "rather_yes", "yes", "yes")[number % 4]
                    if number < 20
                    else "rather_no"
                }
                | ({"easy": "yes"} if number < easy else {}),
            )
    await survey.shuffle(database)


async def crowd(database: Database, cast: Cast, people: int) -> list[youth.Youth]:
    """More youths for Nadia, each with a phone, a meeting, words and a failure."""
    made = []
    for number in range(people):
        async with database.write() as tx:
            who = await youth.add(
                tx,
                NOW,
                structure_id=cast.structure_id,
                educator_id=cast.nadia.id,
                nickname=f"Jeune {number}",
                birth_month="2008-01",
            )
        await linked(database, cast, who, "reminders", "messages")
        async with database.write() as tx:
            await appointment.add(tx, NOW, who, WALL + timedelta(hours=4))
            await inbox.add(
                tx,
                NOW,
                structure_id=who.structure_id,
                youth_id=who.id,
                kind="words",
                text="Bonjour",
            )
            sent = await outgoing.schedule_text(
                tx,
                NOW,
                structure_id=who.structure_id,
                bot_id=cast.bot_id,
                youth_id=who.id,
                text="Coucou",
                wall=WALL,
                zone="Europe/Paris",
                created_by=cast.nadia.id,
            )
        await ended(database, sent, "refused", "blocked")
        made.append(who)
    return made


__all__ = [
    "NBSP",
    "WALL",
    "House",
    "Visitor",
    "busy_day",
    "crowd",
    "ended",
    "linked",
    "one",
    "surveyed",
    "words",
]

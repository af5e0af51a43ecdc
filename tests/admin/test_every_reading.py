"""Whatever shows a youth's answer or words to staff writes it down: every page, every command.

Marked answers and words are planted; then every address of the desk is opened by every role, and
every command that shows people or messages is run. Where a mark is on the page, the log has gained
lines that name its row; where none is, no reading is in the log.
"""

import html
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.routing import Route

from admin.app import routes
from records import appointment, audit, consent, cover, inbox, outgoing, response, youth
from records.database import Database
from tests.admin.house import WALL, House, one
from tests.cast import NOW, Cast

NO_LINE = """
CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'no room'); END
"""
READINGS = (audit.READ, audit.WORDS_READ)


class Planted:
    """What is marked: the text to look for, and the row that the log must name."""

    def __init__(self) -> None:
        self.answers: dict[str, int] = {}
        self.words: dict[str, int] = {}
        self.private: set[str] = set()

    def seen_in(self, page: str) -> tuple[set[int], set[int]]:
        shown = html.unescape(page)
        assert not {mark for mark in self.private if mark in shown}, "kept to oneself, and shown"
        return (
            {row for mark, row in self.answers.items() if mark in shown},
            {row for mark, row in self.words.items() if mark in shown},
        )


async def plant(database: Database, cast: Cast) -> Planted:
    """Each youth shares one answer, keeps another, and has written."""
    planted = Planted()
    async with database.write() as tx:
        for number, who in enumerate((cast.sami, cast.ines, cast.maya)):
            marks = [f"marque-{kind}-{number}" for kind in ("partagée", "gardée", "mots")]
            for occasion, mark in enumerate(marks[:2]):
                answer = response.Saved(
                    who.structure_id, who.id, 2 * number + occasion, "exercice", 1, "mot", mark
                )
                await response.keep(tx, NOW, [answer])
            await response.share(tx, NOW, who.id, 2 * number)
            await consent.record(tx, NOW, who, "sharing", True, text_version=1)
            kept = {r.value: r.id for r in await response.of_youth(tx, who.id)}
            planted.answers[marks[0]] = kept[marks[0]]
            planted.private.add(marks[1])
            planted.words[marks[2]] = await inbox.add(
                tx,
                NOW,
                structure_id=who.structure_id,
                youth_id=who.id,
                kind="words",
                text=marks[2],
            )
            await _planned(tx, cast, who)
    return planted


async def _planned(tx: Any, cast: Cast, who: youth.Youth) -> None:
    await appointment.add(tx, NOW, who, WALL)
    await outgoing.schedule_text(
        tx,
        NOW,
        structure_id=who.structure_id,
        bot_id=cast.bot_id,
        youth_id=who.id,
        text="À demain",
        wall=WALL,
        zone="Europe/Paris",
        created_by=cast.nadia.id,
    )


async def addresses(house: House) -> list[str]:
    """Every address of the desk that shows something, for every row that it may be about."""
    async with house.database.read() as tx:
        meetings = {m.youth_id: m.id for m in await appointment.listed(tx)}
    found = []
    for route in (r for r in routes() if isinstance(r, Route) and "GET" in (r.methods or ())):
        for who in meetings if "youth_id" in route.path else [0]:
            values = {"youth_id": who, "meeting_id": meetings.get(who), "message_id": 1}
            values |= {"structure_id": house.cast.structure_id, "staff_id": house.cast.karim.id}
            link = {"token": "a-link-that-opens-nothing", "age": "12-14", "name": "ma-meteo"}
            found.append(re.sub(r":\w+\}", "}", route.path).format(**values | link))
    return found


async def readings(database: Database) -> list[Any]:
    async with database.read() as tx:
        return list(
            await tx.rows(
                select(audit.access)
                .where(audit.access.c.action.in_(READINGS))
                .order_by(audit.access.c.id)
            )
        )


def named(lines: Iterable[Any], action: str) -> set[int]:
    return {int(row) for line in lines if line.action == action for row in json.loads(line.about)}


async def covered(house: House) -> None:
    """Karim reads for Nadia since an hour ago."""
    cast, hour = house.cast, timedelta(hours=1)
    async with house.database.write() as tx:
        await cover.add(tx, NOW - 2 * hour, cast.nadia, cast.karim, WALL - hour, WALL + hour)


CASELOADS = {"nadia": 2, "karim": 1, "karim covering": 3, "claire": 0, "omar": 0}


@pytest.mark.parametrize("who", CASELOADS)
async def test_every_page_that_shows_an_answer_or_words_writes_it_down(
    house: House, who: str
) -> None:
    login, _, covering = who.partition(" ")
    if covering:
        await covered(house)
    planted = await plant(house.database, house.cast)
    shown: set[int] = set()
    async with await house.visitor(login) as visitor:
        for address in await addresses(house):
            before = len(await readings(house.database))
            page = await visitor.get(address)
            lines = (await readings(house.database))[before:]
            answers, words = planted.seen_in(page.text)
            assert named(lines, audit.READ) == answers, address
            assert named(lines, audit.WORDS_READ) == words, address
            assert {line.staff_id for line in lines} <= {getattr(house.cast, login).id}
            shown |= answers | words
    assert len(shown) == 2 * CASELOADS[who], "this walk must see what this person may see"


async def test_opening_the_same_page_again_is_another_reading(house: House) -> None:
    await plant(house.database, house.cast)
    async with await house.visitor("nadia") as nadia:
        for rest in ("/reponses", "/messages"):
            before = len(await readings(house.database))
            for _ in range(3):
                await nadia.get(one(house.cast.sami, rest))
            assert len(await readings(house.database)) == before + 3


async def test_words_that_come_back_with_a_refused_form_are_written_down(house: House) -> None:
    planted = await plant(house.database, house.cast)
    async with await house.visitor("nadia") as nadia:
        await nadia.get("/jeunes/nouveau")  # for the token, from a page without words
        before = len(await readings(house.database))
        page = await nadia.post(one(house.cast.sami, "/repondre"), text="ton juge arrive")
        lines = (await readings(house.database))[before:]
    _answers, words = planted.seen_in(page.text)
    assert words
    assert named(lines, audit.WORDS_READ) == words


async def test_a_page_opened_ahead_by_the_browser_reads_nothing(house: House) -> None:
    planted = await plant(house.database, house.cast)
    async with await house.visitor("nadia") as nadia:
        for rest in ("/reponses", "/messages"):
            page = await nadia.get(one(house.cast.sami, rest), **{"Sec-Purpose": "prefetch"})
            assert planted.seen_in(page.text) == (set(), set())
    assert await readings(house.database) == []


async def test_nothing_is_shown_when_its_reading_cannot_be_written_down(house: House) -> None:
    planted = await plant(house.database, house.cast)
    async with await house.visitor("nadia") as nadia:
        async with house.database.write() as tx:
            await tx.run(text(NO_LINE))
        for rest in ("/reponses", "/messages"):
            page = await nadia.get(one(house.cast.sami, rest))
            assert planted.seen_in(page.text) == (set(), set()), rest
            assert page.status_code >= 500

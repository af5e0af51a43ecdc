"""What is read: whose occasion an answer belongs to, what the log keeps, and what marks « vu »."""

import json
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from records import audit, consent, inbox, outgoing, response
from tests.admin.house import WALL, House, Visitor, linked, one, words
from tests.cast import NOW


async def said(house: House, occasion: int, count: int = 1, value: str = "hope") -> list[int]:
    """Sami answers `count` questions of one occasion, and shows them."""
    sami = house.cast.sami
    async with house.database.write() as tx:
        await response.keep(
            tx,
            house.at,
            [
                response.Saved(
                    sami.structure_id, sami.id, occasion, "ma-meteo", 1, "feeling", value
                )
                for _ in range(count)
            ],
        )
        await response.share(tx, NOW, sami.id, occasion)
        await consent.record(tx, house.at, sami, "sharing", True, text_version=1)
        return [r.id for r in await response.of_youth(tx, sami.id) if r.conversation_id == occasion]


async def test_the_same_exercise_done_twice_is_shown_as_two_occasions(
    house: House, nadia: Visitor
) -> None:
    await said(house, 5)
    await said(house, 6)
    page = words(await nadia.get(one(house.cast.sami, "/reponses")))
    assert page.count("<h2>Ma météo du moment") == 2


async def test_answers_of_two_occasions_that_alternate_stay_with_their_own(
    house: House, nadia: Visitor
) -> None:
    for occasion in (5, 6, 5, 6):
        await said(house, occasion)
    page = words(await nadia.get(one(house.cast.sami, "/reponses")))
    assert page.count("<h2>Ma météo du moment") == 2
    assert page.count("<dt>") == 4


async def test_every_answer_that_was_read_is_in_the_log_and_one_reading_is_told_once(
    house: House, nadia: Visitor
) -> None:
    sami = house.cast.sami
    read = await said(house, 5, count=40)
    await nadia.get(one(sami, "/reponses"))
    async with house.database.read() as tx:
        lines = await tx.rows(select(audit.access.c.about, audit.access.c.action))
        told = await audit.readings(tx, sami.id)
    noted = [
        int(row) for line in lines if line.action == audit.READ for row in json.loads(line.about)
    ]
    assert sorted(noted) == sorted(read)
    assert [line.staff_id for line in told] == [house.cast.nadia.id]
    house.at += timedelta(hours=1)
    await nadia.get(one(sami, "/reponses"))
    async with house.database.read() as tx:
        assert len(await audit.readings(tx, sami.id)) == 2


async def test_fifty_other_sends_hide_no_word_of_the_conversation(
    house: House, nadia: Visitor
) -> None:
    sami = house.cast.sami
    await linked(house.database, house.cast, sami, "messages", "exercises")
    common: dict[str, Any] = {
        "structure_id": sami.structure_id,
        "bot_id": house.cast.bot_id,
        "youth_id": sami.id,
    }
    async with house.database.write() as tx:
        await outgoing.reply(
            tx, house.at, text="Bravo pour hier.", created_by=house.cast.nadia.id, **common
        )
        for _ in range(55):
            await outgoing.schedule_offer(
                tx, house.at, script="ma-meteo", purpose="exercises", due_at=house.at, **common
            )
    assert "Bravo pour hier." in words(await nadia.get(one(sami, "/messages")))


async def test_words_planned_for_later_hide_none_that_were_sent(
    house: House, nadia: Visitor
) -> None:
    sami = house.cast.sami
    await linked(house.database, house.cast, sami, "messages")
    common: dict[str, Any] = {
        "structure_id": sami.structure_id,
        "bot_id": house.cast.bot_id,
        "youth_id": sami.id,
    }
    async with house.database.write() as tx:
        await outgoing.reply(
            tx, house.at, text="Bravo pour hier.", created_by=house.cast.nadia.id, **common
        )
        for ahead in range(55):
            await outgoing.schedule_text(
                tx,
                house.at,
                text="Plus tard",
                wall=WALL + timedelta(days=ahead + 1),
                zone="Europe/Paris",
                **common,
            )
    newest = words(await nadia.get(one(sami, "/messages")))
    older = re.search(r"\?avant=\d+", newest)
    assert older
    assert "Bravo pour hier." in words(await nadia.get(one(sami, f"/messages{older[0]}")))


async def test_asking_for_the_headers_of_a_conversation_reads_nothing(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    assert (await nadia.http.head(one(sami, "/messages"))).status_code == 200
    async with busy.database.read() as tx:
        assert len(await inbox.unseen(tx, [sami.id])) == 1

"""A youth's page once a message has ended, each way it can, and once its words are forgotten."""

from datetime import timedelta

import pytest

from content.answers import in_own_words
from records import outgoing, retention
from records.reasons import Reason
from tests.admin.house import WALL, House, Visitor, ended, linked, one, words


async def planned(house: House) -> int:
    sami = house.cast.sami
    await linked(house.database, house.cast, sami, "messages")
    async with house.database.write() as tx:
        return await outgoing.schedule_text(
            tx,
            house.at,
            structure_id=sami.structure_id,
            bot_id=house.cast.bot_id,
            youth_id=sami.id,
            text="On se retrouve devant la mairie.",
            wall=WALL + timedelta(days=1),
            zone="Europe/Paris",
            created_by=house.cast.nadia.id,
        )


async def opens(house: House, nadia: Visitor, said: str) -> None:
    for path in (one(house.cast.sami), one(house.cast.sami, "/messages"), "/"):
        answer = await nadia.get(path)
        assert answer.status_code == 200, path
        if path == one(house.cast.sami):
            assert said in words(answer)


async def test_a_youths_page_opens_after_a_message_was_cancelled(
    house: House, nadia: Visitor
) -> None:
    which = await planned(house)
    await nadia.get(one(house.cast.sami))
    await nadia.post(one(house.cast.sami, f"/envois/{which}/annuler"))
    await opens(house, nadia, "vous l'avez annulé.")


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("dropped", "weekly_budget", "le nombre de messages par semaine est atteint"),
        ("refused", "blocked", "a bloqué le bot"),
        ("uncertain", "no_reply", "Peut-être remis"),
        ("sent", None, "Envoyé."),
    ],
)
async def test_a_youths_page_opens_however_a_message_ended(
    house: House, nadia: Visitor, outcome: str, reason: Reason | None, said: str
) -> None:
    await ended(house.database, await planned(house), outcome, reason)
    await opens(house, nadia, said)


@pytest.mark.parametrize(("outcome", "said"), [("sent", "Envoyé."), ("refused", "Pas remis")])
async def test_a_youths_page_opens_a_month_later_without_the_words(
    house: House, nadia: Visitor, outcome: str, said: str
) -> None:
    await ended(
        house.database, await planned(house), outcome, None if outcome == "sent" else "blocked"
    )
    assert "devant la mairie" in words(await nadia.get(one(house.cast.sami)))
    house.at += timedelta(days=31)
    await retention.carry_out(house.database, house.at, in_own_words)
    await opens(house, nadia, said)
    assert "devant la mairie" not in words(await nadia.get(one(house.cast.sami)))
    assert "Ces mots ne sont plus gardés." in words(
        await nadia.get(one(house.cast.sami, "/messages"))
    )

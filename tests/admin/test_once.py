"""A form that is sent twice does its deed once, and says so twice."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from records import appointment, outgoing
from tests.admin.house import House, Visitor, hidden_of, linked, one, words

TEXT = {"text": "Bravo pour hier.", "when": "now"}
OFFER = {"script": "ma-meteo", "when": "now"}
SURVEY = {"script": "satisfaction", "when": "now"}
MEETING = {"day": "jeudi", "time": "14 h 30", "minutes": "45", "ladder": ["1d"]}
FORMS = [
    ("/message", TEXT),
    ("/proposer", OFFER),
    ("/proposer", SURVEY),
    ("/rendez-vous/nouveau", MEETING),
]


@pytest.fixture
async def sami(house: House) -> House:
    await linked(house.database, house.cast, house.cast.sami, "reminders", "messages", "surveys")
    return house


async def previewed(
    house: House, nadia: Visitor, path: str, typed: dict[str, Any]
) -> dict[str, Any]:
    await nadia.get(one(house.cast.sami, path))
    seen = await nadia.post(one(house.cast.sami, path), step="preview", **typed)
    return typed | hidden_of(seen.text) | {"step": "save"}


async def planned(house: House) -> tuple[int, int]:
    """How many messages of one's own, and how many meetings, Sami has."""
    async with house.database.read() as tx:
        waiting = await outgoing.waiting(tx, house.cast.sami.id)
        meetings = await appointment.listed(tx, youth_id=house.cast.sami.id)
    return len([m for m in waiting if m.kind in ("text", "offer", "reminder")]), len(meetings)


def is_done(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].endswith(
        ("message_planned", "offer_planned", "meeting_added")
    )


@pytest.mark.parametrize(("path", "typed"), FORMS)
async def test_a_double_click_saves_once_and_says_that_it_is_done(
    sami: House, nadia: Visitor, path: str, typed: dict[str, Any]
) -> None:
    form = await previewed(sami, nadia, path, typed)
    answers = await asyncio.gather(
        *(nadia.post(one(sami.cast.sami, path), **form) for _click in range(4))
    )
    assert [is_done(answer) for answer in answers] == [True] * 4
    assert await planned(sami) == (1, int(path.endswith("nouveau")))


@pytest.mark.parametrize(("path", "typed"), FORMS)
async def test_the_same_form_a_little_later_is_done_already_even_once_it_left(
    sami: House, nadia: Visitor, path: str, typed: dict[str, Any]
) -> None:
    form = await previewed(sami, nadia, path, typed)
    assert is_done(await nadia.post(one(sami.cast.sami, path), **form))
    sami.at += timedelta(minutes=2)
    assert is_done(await nadia.post(one(sami.cast.sami, path), **form))
    assert await planned(sami) == (1, int(path.endswith("nouveau")))


async def test_the_same_words_can_be_sent_again_from_a_new_form(
    sami: House, nadia: Visitor
) -> None:
    for _time in range(2):
        form = await previewed(sami, nadia, "/message", TEXT)
        assert is_done(await nadia.post(one(sami.cast.sami, "/message"), **form))
        sami.at += timedelta(minutes=2)
    assert await planned(sami) == (2, 0)


async def test_other_words_in_a_form_already_saved_are_previewed_never_swallowed(
    sami: House, nadia: Visitor
) -> None:
    form = await previewed(sami, nadia, "/message", TEXT)
    path = one(sami.cast.sami, "/message")
    await nadia.post(path, **form)
    changed = form | {"text": "Et à jeudi."}
    shown = await nadia.post(path, **changed)
    assert "Vous avez changé quelque chose depuis l'aperçu" in words(shown)
    assert is_done(await nadia.post(path, **changed | hidden_of(shown.text)))
    assert await planned(sami) == (2, 0)

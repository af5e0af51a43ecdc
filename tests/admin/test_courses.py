"""Courses at the desk: the calendar before the form is saved, then what became of it, and no more."""

import re
from typing import Any

import httpx
import pytest

from records import course_record
from records.course_record import Run
from tests.admin.house import House, one, words
from tests.courses import begin, leaving, shown, wanted
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORM = {"course": "dire-non", "weekday": ["2", "5"], "time": "18 h", "start": "now"}


def read(answer: httpx.Response) -> str:
    """A page as it is read aloud: no tags, plain spaces."""
    return " ".join(re.sub("<[^>]+>", " ", words(answer)).split())


async def runs(town: Town) -> list[Run]:
    async with town.database.read() as tx:
        return await course_record.of_youth(tx, town.cast.ines.id)


async def test_the_calendar_is_seen_first_and_what_it_shows_is_what_begins(town: Town) -> None:
    ines = town.cast.ines
    await town.linked(ines)
    await town.agree(ines, "exercises")
    house = House(town.database, town.cast)
    async with house.open(), await house.visitor("nadia") as nadia:
        await nadia.get(one(ines, "/parcours/nouveau"))
        seen = read(await nadia.post(one(ines, "/parcours/nouveau"), step="preview", **FORM))
        assert "mardi 24 novembre Dire non sans perdre la face 18 h" in seen
        assert "Seulement si « Dire non sans perdre la face » est fait" in seen.replace(
            "\u00a0", " "
        )
        assert await runs(town) == []
        saved = await nadia.fill(one(ines, "/parcours/nouveau"), **FORM)
        assert saved.headers["location"].startswith(one(ines, "/parcours?"))
        [run] = await runs(town)
        assert len(leaving(await shown(town, run))) == 5
        await nadia.post(one(ines, "/parcours/changer"), step="pause")
        assert "En pause" in read(await nadia.get(one(ines, "/parcours")))
        await nadia.post(one(ines, "/parcours/changer"), step="resume")
        await nadia.post(one(ines, "/parcours/changer"), step="stop")
        assert "Arrêté" in read(await nadia.get(one(ines, "/parcours")))


async def test_what_a_youth_began_alone_or_what_hangs_on_an_answer_is_not_told(town: Town) -> None:
    ines = town.cast.ines
    await town.linked(ines)
    await town.agree(ines, "exercises", "checkins")
    await begin(town, ines, wanted("projet-pro", own=True))
    house = House(town.database, town.cast)
    async with house.open(), await house.visitor("nadia") as nadia:
        for page in ("", "/parcours"):
            assert "Projet pro" not in read(await nadia.get(one(ines, page)))
        await begin(town, ines, wanted("premiers-pas"))
        page = read(await nadia.get(one(ines, "/parcours")))
        assert "Selon ses réponses" in page
        await town.pass_time(days=40)
        page = read(await nadia.get(one(ines, "/parcours")))
        assert "Faire baisser la pression 18 h Selon ses réponses" in page
        assert "Faire baisser la pression" not in read(await nadia.get(one(ines)))


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"course": ""}, "Choisissez un parcours"),
    ({"weekday": []}, "Cochez au moins un jour"),
    ({"time": "midi et quart"}, "heure"),
    ({"time": "21 h"}, "Rien ne part à cette heure-là"),
    ({"start": "meeting"}, "Aucun rendez-vous n'est prévu"),
    ({"start": "end"}, "Aucune fin n'est prévue"),
    ({"start": "day", "day": "hier"}, "passé"),
)


async def test_a_form_that_cannot_be_says_what_to_do(town: Town) -> None:
    house = House(town.database, town.cast)
    address = one(town.cast.ines, "/parcours/nouveau")
    async with house.open(), await house.visitor("nadia") as nadia:
        await nadia.get(address)
        for typed, told in WRONG:
            answer = await nadia.post(address, step="preview", **FORM | typed)
            assert answer.status_code == 422
            assert told in read(answer)

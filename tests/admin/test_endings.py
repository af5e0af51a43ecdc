"""The end that is foreseen, at the desk: prompted thirty and seven days before, moved on its page."""

from datetime import date, timedelta

import pytest

from records import ending, youth
from tests.admin.house import House, Visitor, one, words

ENDS = date(2027, 1, 31)


async def foreseen(house: House, on: date | None = ENDS) -> None:
    async with house.database.write() as tx:
        await ending.move(tx, house.at, house.cast.sami, on)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (31, None),
        (30, "moins d'un mois"),
        (24, "moins d'un mois"),
        (23, None),
        (8, None),
        (7, "dans la semaine"),
        (0, "dans la nuit du dimanche\u00a07\u00a0février"),
    ],
)
async def test_the_educator_is_prompted_thirty_and_seven_days_before(
    house: House, nadia: Visitor, before: int, said: str | None
) -> None:
    await foreseen(house)
    house.at += ENDS - timedelta(days=before) - house.at.date()
    page = words(await nadia.get("/"))
    assert ("Fins prévues" in page) is (said is not None)
    assert said is None or said in page


async def test_the_date_is_moved_and_taken_away(house: House, nadia: Visitor) -> None:
    sami = house.cast.sami
    assert "Pas de fin prévue" in words(await nadia.get(one(sami)))
    await nadia.get(one(sami, "/fin"))
    answer = await nadia.post(one(sami, "/fin"), day="31/01/2027")
    assert answer.headers["location"].endswith("dit=end_moved")
    assert "dimanche\u00a031\u00a0janvier" in words(await nadia.get(one(sami)))
    assert "31/01/2027" in words(await nadia.get(one(sami, "/fin")))
    await nadia.post(one(sami, "/fin"), day="")
    async with house.database.read() as tx:
        assert (await youth.get(tx, sami.id)).support_ends_on is None


@pytest.mark.parametrize(("typed", "said"), [("hier", "passé"), ("trente et un", "jour")])
async def test_a_day_that_cannot_be_says_so_and_keeps_what_was_typed(
    house: House, nadia: Visitor, typed: str, said: str
) -> None:
    await nadia.get(one(house.cast.sami, "/fin"))
    answer = await nadia.post(one(house.cast.sami, "/fin"), day=typed)
    assert answer.status_code == 422
    assert typed in words(answer)
    assert said in words(answer)


async def test_nobody_elses_end_is_moved(house: House) -> None:
    await foreseen(house)
    async with await house.visitor("karim") as karim:
        await karim.get("/")
        answer = await karim.post(one(house.cast.sami, "/fin"), day="")
    assert answer.status_code in (403, 404)
    async with house.database.read() as tx:
        assert (await youth.get(tx, house.cast.sami.id)).support_ends_on == ENDS

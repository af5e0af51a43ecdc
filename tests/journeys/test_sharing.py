"""Answers are the youth's own until shown, to their educator alone, and hidden again at once."""

from datetime import UTC, datetime, timedelta

import pytest

from records import audit, consent, inbox, parental, response, staff
from records.errors import NotFound
from records.response import Response
from records.staff import Staff
from simulator.persons import Person
from tests.journeys.thumb import begin, said, say, script, tap, walk
from tests.town import Town


async def finished(town: Town) -> Person:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    await walk(town, phone, town.cast.sami)
    assert phone.last.text == said("share.ask")
    return phone


async def read(town: Town, reader: Staff) -> list[Response]:
    async with town.database.write() as tx:
        return await response.read_by(tx, town.now(), reader, town.cast.sami)


async def test_nothing_is_shown_before_a_yes(town: Town) -> None:
    await finished(town)
    assert await read(town, town.cast.nadia) == []


async def test_a_no_keeps_them_private_and_withdraws_nothing_else(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.no"))
    assert phone.last.text == said("share.kept")
    assert await read(town, town.cast.nadia) == []
    async with town.database.read() as tx:
        assert "sharing" not in await consent.of(tx, town.cast.sami.id)


async def test_a_yes_shows_them_to_the_educator_and_to_nobody_else(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    assert phone.last.text.startswith(said("share.shared"))
    assert "Ici, on lit" in phone.last.text, "free words are shown with the hours of reading"
    assert len(await read(town, town.cast.nadia)) >= 2
    for other in (town.cast.karim, town.cast.claire, town.cast.omar):
        with pytest.raises(NotFound):
            await read(town, other)


async def test_withdrawing_in_moi_hides_them_at_once(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    await say(town, phone, "/moi")
    await tap(town, phone, f"✅ {said('consent.sharing')}")
    assert await read(town, town.cast.nadia) == []
    assert f"⬜ {said('consent.sharing')}" in phone.last.labels
    await begin(town, phone, script())
    await walk(town, phone, town.cast.sami)
    assert phone.last.text != said("share.ask"), "nor is the question asked again"


async def test_the_youth_can_see_who_read(town: Town) -> None:
    phone = await finished(town)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.readers"))
    assert phone.last.text == said("readers.none")
    await tap(town, phone, said("me.back"), said("me.readers"), said("me.back"))
    phone.tap(said("share.yes"))
    await town.quiet()
    await read(town, town.cast.nadia)
    async with town.database.write() as tx:  # whoever was refused has read nothing
        await audit.note(tx, town.now(), town.cast.karim.id, "page_refused", town.cast.sami.id)
    async with town.database.read() as tx:
        assert [x.staff_id for x in await audit.readings(tx, town.cast.sami.id)] == [
            town.cast.nadia.id
        ]
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.readers"))
    assert "Nadia" in phone.last.text
    assert "Karim" not in phone.last.text


async def noted(town: Town, reader: Staff, at: datetime) -> None:
    async with town.database.write() as tx:
        await audit.note(tx, at, reader.id, audit.READ, town.cast.sami.id, about=[1, 2])


async def test_whoever_read_is_named_with_day_and_hour_even_when_their_account_is_closed(
    town: Town,
) -> None:
    """Karim read under a cover, and has left since."""
    phone = await town.linked(town.cast.sami)
    await noted(town, town.cast.nadia, town.now())
    await noted(town, town.cast.karim, town.now() - timedelta(days=1, hours=2))
    async with town.database.write() as tx:
        await staff.disable(tx, town.now(), town.cast.karim.id)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.readers"))
    assert phone.last.text.replace("\u00a0", " ").splitlines()[2:] == [
        "Karim, dimanche 22 novembre à 9 h",
        "Nadia, lundi 23 novembre à 11 h",
    ]


async def test_every_reading_can_be_seen_however_many_there_were(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await noted(town, town.cast.karim, town.now() - timedelta(hours=30))
    for hour in range(12):
        await noted(town, town.cast.nadia, town.now() - timedelta(hours=12 - hour))
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.readers"))
    assert phone.last.text.count("Nadia") == 10
    await tap(town, phone, said("readers.older"))
    assert (phone.last.text.count("Nadia"), phone.last.text.count("Karim")) == (2, 1)
    assert phone.last.labels == [said("me.back")]


async def test_under_fifteen_a_yes_shows_nothing_before_a_parent_agreed(town: Town) -> None:
    leo = town.cast.leo
    phone = await town.linked(leo)
    async with town.database.write() as tx:
        await parental.record(
            tx,
            town.now(),
            leo.id,
            datetime(2026, 11, 20, tzinfo=UTC),
            "entretien",
            town.cast.nadia.id,
        )
    await town.agree(leo, "exercises")
    await begin(town, phone, script())
    await walk(town, phone, leo)
    await tap(town, phone, said("share.yes"))
    async with town.database.write() as tx:
        assert await response.read_by(tx, town.now(), town.cast.nadia, leo)
        await tx.run(parental.agreement.delete())
        assert await response.read_by(tx, town.now(), town.cast.nadia, leo) == []


async def test_a_double_tap_on_showing_counts_once_and_can_be_taken_back(town: Town) -> None:
    phone = await finished(town)
    asked = phone.last
    for _ in range(2):
        phone.press(asked, str(asked.buttons[0][0].data))
    await town.quiet()
    async with town.database.read() as tx:
        assert [item.kind for item in await inbox.unseen(tx, [town.cast.sami.id])] == ["shared"]
    await tap(town, phone, said("share.no"))
    assert await read(town, town.cast.nadia) == []
    await tap(town, phone, said("share.yes"))
    assert await read(town, town.cast.nadia)

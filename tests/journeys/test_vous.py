"""A structure, or one youth, is addressed with « vous »: everywhere, and at once."""

import asyncio

import content
from content.formal import says_tu
from records import structure, youth
from records.youth import Youth
from simulator.persons import Person
from tests.admin.house import House
from tests.journeys.thumb import begin, say, tap, walk
from tests.town import Town


async def of_the_structure(town: Town, form: str) -> None:
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, form=form)


def read(town: Town, phone: Person) -> list[str]:
    """All that was ever on this phone, edited since or not."""
    calls = [
        call
        for method in ("sendMessage", "editMessageText")
        for call in town.telegram.transcript.accepted(method, phone.id)
    ]
    return [*(str(c.parameters["text"]) for c in calls), *(n.text for n in phone.notices)]


async def ready(town: Town, who: Youth) -> Person:
    phone = await town.linked(who)
    await town.agree(who, "exercises", "checkins")
    return phone


async def test_the_whole_way_in_says_vous(town: Town) -> None:
    await of_the_structure(town, "vous")
    phone = await town.enrol(town.cast.sami)
    await say(town, phone, "/rdv", "/moi", "/aide", "/exercice")
    assert len(read(town, phone)) > 8
    assert [text for text in read(town, phone) if says_tu(text)] == []


async def test_exercises_reminders_and_an_educators_words_say_vous(town: Town) -> None:
    await of_the_structure(town, "vous")
    phone = await ready(town, town.cast.sami)
    for name in ("humeur", "ma-meteo"):
        await begin(town, phone, content.library().script(name))
        await walk(town, phone, town.cast.sami)
    await town.write(town.cast.sami, "À jeudi", "2026-11-23 17:30")
    await town.pass_time(hours=8)
    assert phone.last.first_line == "Nadia vous a écrit"
    assert [text for text in read(town, phone) if says_tu(text)] == []


async def test_one_youth_alone_is_told_vous_and_may_change(town: Town) -> None:
    phone = await ready(town, town.cast.sami)
    async with town.database.write() as tx:
        await youth.change(tx, town.cast.sami.id, form="vous")
    other = await town.linked(town.cast.ines)
    await asyncio.gather(say(town, phone, "/rdv"), say(town, other, "/rdv"))
    await say(town, phone, "bonjour")
    await say(town, phone, "/moi")
    assert phone.last.first_line == "Vos choix"
    await say(town, other, "/moi")
    assert other.last.first_line == "Tes choix"
    async with town.database.write() as tx:
        await youth.change(tx, town.cast.sami.id, form="tu")
    await of_the_structure(town, "vous")
    await say(town, phone, "/moi")
    await say(town, other, "/moi")
    assert (phone.last.first_line, other.last.first_line) == ("Tes choix", "Vos choix")


async def test_the_keyboard_and_english_are_understood_all_the_same(town: Town) -> None:
    await of_the_structure(town, "vous")
    phone = await ready(town, town.cast.sami)
    await say(town, phone, "/moi")
    await tap(town, phone, "English")
    await say(town, phone, "/moi")
    assert phone.last.first_line == content.library().phrase("me.title", "en")


async def test_the_desk_says_how_a_youth_is_spoken_to(town: Town) -> None:
    house = House(town.database, town.cast)
    async with house.open():
        nadia, claire = await house.visitor("nadia"), await house.visitor("claire")
        mine = f"/jeunes/{town.cast.sami.id}"
        assert "Le bot lui dit" not in (await nadia.get(mine)).text
        assert "Ici, le bot dit «\u00a0tu\u00a0»" in (await claire.get("/equipe")).text
        await of_the_structure(town, "vous")
        assert "Le bot lui dit «\u00a0vous\u00a0»." in (await nadia.get(mine)).text
        assert "Ici, le bot dit «\u00a0vous\u00a0»" in (await claire.get("/equipe")).text

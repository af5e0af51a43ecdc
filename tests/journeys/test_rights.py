"""Moi: seeing, correcting, taking away and erasing what is kept — on the phone, and at once at the desk."""

import json
import re
from datetime import UTC, date, datetime

from bot.taps import unpacked
from content.answers import in_own_words
from content.stored import shelves
from records import ending, erased, inbox, receipt, response, retention, rights
from records.database import remember
from records.response import Response
from simulator.persons import Person
from tests.admin.house import House, Visitor, one, words
from tests.journeys.test_sharing import finished, read
from tests.journeys.thumb import everything_kept, press, said, say, script, tap
from tests.records.every_table import held
from tests.town import Town


async def at_stored(town: Town, phone: Person) -> None:
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.stored"))


async def first_answer(town: Town, phone: Person) -> Response:
    """Open the carnet where the newest answer of Sami's stands."""
    await at_stored(town, phone)
    await tap(town, phone, said("carnet.open"))
    await tap(town, phone, phone.last.labels[0])
    async with town.database.read() as tx:
        return (await response.of_youth(tx, town.cast.sami.id))[0]


async def decide(town: Town, phone: Person, which: Response, wish: str) -> None:
    """By the button of this answer, which must be there."""
    [data] = [b.data for row in phone.last.buttons for b in row if _is_about(b.data, which, wish)]
    phone.press(phone.last, str(data))
    await town.quiet()


def _is_about(data: str | None, which: Response, wish: str) -> bool:
    return unpacked(data or "")[:3] == ("answer", str(which.id), wish)


async def test_everything_kept_is_there_to_read(town: Town) -> None:
    phone = await finished(town)
    await say(town, phone, "Bonjour, on se voit quand ?")
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.see"))
    async with town.database.read() as tx:
        whole = await rights.everything(tx, town.now(), town.cast.sami.id)
    sections = [(section.table, ()) for section in whole.sections]
    titles = [shelf.title for shelf in shelves(sections, (), "fr", whole.periods)]
    index = phone.last.labels
    assert index == [*titles, said("me.back")]
    for title in titles:
        await tap(town, phone, title)
        if title == said("stored.table.response"):  # answers have a room of their own
            assert phone.last.text.startswith(said("carnet.title"))
            await press(town, phone, "stored", "all", "0")
        else:
            assert phone.last.text.startswith(title)
            await tap(town, phone, said("stored.all"))
    await tap(town, phone, said("stored.table.inbox"))
    assert "Bonjour, on se voit quand" in phone.last.text


async def test_a_long_shelf_is_turned_page_by_page(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for number in range(6):
        await say(town, phone, f"Message {number}")
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.see"), said("stored.table.inbox"))
    assert "Message 5" in phone.last.text
    assert "Message 0" not in phone.last.text
    await tap(town, phone, said("stored.more"))
    assert "Message 0" in phone.last.text
    assert said("stored.more") not in phone.last.labels
    await tap(town, phone, said("stored.before"))
    assert "Message 5" in phone.last.text


async def test_one_answer_is_shown_and_hidden_by_itself_and_at_once(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.no"))
    chosen = await first_answer(town, phone)
    assert chosen.visibility == "me"
    await decide(town, phone, chosen, "show")
    assert phone.last.text == said("ask.sharing"), "showing needs a consent, asked in its words"
    await tap(town, phone, said("consent.yes"))
    assert [answer.id for answer in await read(town, town.cast.nadia)] == [chosen.id]
    async with town.database.read() as tx:
        assert [item.kind for item in await inbox.unseen(tx, [town.cast.sami.id])] == ["shared"]
    await decide(town, phone, chosen, "keep")
    assert await read(town, town.cast.nadia) == []
    async with town.database.read() as tx:
        assert await inbox.unseen(tx, [town.cast.sami.id]) == [], "nor is it announced"
    await decide(town, phone, chosen, "show")
    assert len(await read(town, town.cast.nadia)) == 1


async def test_hiding_one_leaves_the_others_shown(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    before = await read(town, town.cast.nadia)
    chosen = await first_answer(town, phone)
    await decide(town, phone, chosen, "keep")
    left = {answer.id for answer in await read(town, town.cast.nadia)}
    assert left == {answer.id for answer in before} - {chosen.id}
    async with town.database.read() as tx:
        assert await inbox.unseen(tx, [town.cast.sami.id]), "there is still something to read"


async def test_a_hidden_answer_is_gone_from_the_page_that_is_loaded_next(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    async with (
        House(town.database, town.cast).open() as house,
        await house.visitor("nadia") as seen,
    ):
        assert words(await seen.get(one(town.cast.sami, "/reponses"))).count("<dt") >= 1
        for answer in await read(town, town.cast.nadia):
            phone.press(phone.last, f"answer:{answer.id}:keep")
        await town.quiet()
        page = words(await seen.get(one(town.cast.sami, "/reponses")))
        assert script().title not in page


async def test_sharing_withdrawn_hides_all_of_it_and_its_notices(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    await say(town, phone, "/moi")
    await tap(town, phone, f"✅ {said('consent.sharing')}")
    assert await read(town, town.cast.nadia) == []
    async with town.database.read() as tx:
        assert await inbox.unseen(tx, [town.cast.sami.id]) == []


async def test_one_answer_is_erased_with_a_receipt(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    before = await read(town, town.cast.nadia)
    chosen = await first_answer(town, phone)
    await tap(town, phone, said("carnet.erase"))
    await tap(town, phone, phone.last.labels[-2])
    assert phone.last.text == said("erase.sure")
    await tap(town, phone, said("erase.no"), said("carnet.erase"))
    await tap(town, phone, phone.last.labels[-2])
    await tap(town, phone, said("erase.yes"))
    assert said("erase.answer_done") in phone.last.text
    assert len(await read(town, town.cast.nadia)) == len(before) - 1
    code = code_in(phone.last.text)
    async with town.database.read() as tx:
        assert (await receipt.find(tx, code)).act == "erased_answer"
        kept = [line.what for line in await erased.listed(tx) if line.kind == "row"]
    assert kept == [{"table": "response", "row": chosen.id}]
    phone.press(phone.last, f"erase:response:{chosen.id}:yes")
    await town.quiet()
    assert phone.notices[-1].text == said("erase.gone")
    assert code in phone.last.text, "a second tap leaves the receipt where it is"


def code_in(text: str) -> str:
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text)
    assert found, text
    return found[0]


async def test_words_are_taken_back_from_the_educators_list(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "Trop vite écrit")
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.see"), said("stored.table.inbox"), "Trop vite écrit")
    await tap(town, phone, said("words.erase"), said("erase.yes"))
    assert phone.last.text.startswith(said("erase.words_done"))
    async with town.database.read() as tx:
        assert await inbox.of_youth(tx, town.cast.sami.id) == []


async def test_nobody_elses_answer_opens_to_a_forged_button(town: Town) -> None:
    phone = await finished(town)
    async with town.database.read() as tx:
        theirs = (await response.of_youth(tx, town.cast.sami.id))[0]
    other = await town.linked(town.cast.ines)
    await say(town, other, "/moi")
    for forged in (
        f"one:response:{theirs.id}",
        f"answer:{theirs.id}:show",
        f"erase:response:{theirs.id}:yes",
        "erase:youth:1:yes",
        "stored:staff:0",
        "one:staff:1",
    ):
        other.press(other.last, forged)
        await town.quiet()
    async with town.database.read() as tx:
        assert await response.one_of(tx, town.cast.sami.id, theirs.id) == theirs
    assert theirs.value not in [bubble.text for bubble in other.received]
    assert phone.last.text == said("share.ask")


async def test_a_first_name_is_corrected_by_its_owner(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.correct"))
    assert phone.last.text == said("correct.how")
    await say(town, phone, "/prenom  Sam  le   Grand ")
    assert said("correct.done", nickname="Sam le Grand") in phone.last.text
    await say(town, phone, "/prenom")
    assert phone.last.text == said("correct.refused", limit=40)
    await say(town, phone, f"/prenom {'a' * 41}")
    assert phone.last.text == said("correct.refused", limit=40)
    await at_stored(town, phone)
    assert "Sam le Grand" in phone.last.text


async def test_everything_is_erased_in_two_taps_and_the_phone_is_a_strangers(town: Town) -> None:
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    await say(town, phone, "Bonjour")
    sami = town.cast.sami
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.erase"))
    assert phone.last.text == said("erase.all_ask")
    await tap(town, phone, said("erase.yes"))
    assert phone.last.text == said("erase.all_sure")
    await tap(town, phone, said("erase.all_yes"))
    await town.until(lambda: "Reçu" in phone.last.text)
    code = code_in(phone.last.text)
    async with town.database.read() as tx:
        assert set((await held(tx, sami.id)).values()) == {0}
        assert (await receipt.find(tx, code)).act == "erased_all"
        assert await erased.is_erased(tx, sami.id)
    assert str(sami.id) not in await everything_kept(town.database)
    await say(town, phone, "Il y a quelqu'un ?")
    await town.until(lambda: phone.last.text == said("stranger"))


async def test_what_was_tapped_in_the_same_breath_as_everything_erased_writes_nothing(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/moi")
    last = phone.last
    for data in ("erase_all:yes", "me:stored"):
        phone.press(last, data)
    phone.say("Encore un mot")
    await town.quiet()
    async with town.database.read() as tx:
        assert set((await held(tx, town.cast.sami.id)).values()) == {0}


async def test_the_link_opens_each_of_its_two_once_and_nothing_passes_through_the_chat(
    town: Town,
) -> None:
    phone = await finished(town)
    async with town.database.write() as tx:
        await remember(tx, "desk_url", "https://desk.example")
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.take"), said("take.yes"))
    path = link_in(phone.last.text)
    async with House(town.database, town.cast).open() as house, Visitor(house.address) as seen:
        first = await seen.get(path)
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-store"
        assert "Sami" not in first.text
        page = await seen.post(path, form="page")
        assert page.status_code == 200
        assert "Sami" in words(page)
        file = await seen.post(path, form="file")
        assert json.loads(file.text)["stored"]["youth"][0]["nickname"] == "Sami"
        assert (await seen.post(path, form="page")).status_code == 404
        assert (await seen.get(path)).status_code == 404


async def test_the_link_is_for_a_quarter_of_an_hour_and_for_its_own_site(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await remember(tx, "desk_url", "https://desk.example")
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.take"), said("take.yes"))
    path = link_in(phone.last.text)
    house = House(town.database, town.cast)
    async with house.open(), Visitor(house.address) as seen:
        posted = await seen.post(path, {"Origin": "https://elsewhere.example"}, form="page")
        assert posted.status_code == 403
        house.at = town.at.replace(minute=town.at.minute + 15)
        assert (await seen.post(path, form="page")).status_code == 404
        assert (await seen.get("/a-moi/" + "A" * 32)).status_code == 404


def link_in(text: str) -> str:
    found = re.search(r"https://desk\.example(/a-moi/[\w-]{32})(?![\w-])", text)
    assert found, text
    return found[1]


async def test_without_a_public_address_it_is_handed_over(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await at_stored(town, phone)
    await tap(town, phone, said("me.rights.take"))
    assert phone.last.text == said("take.by_hand")


async def test_the_eve_of_the_end_is_said_in_daytime_and_then_the_phone_is_let_go(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.ines)
    async with town.database.write() as tx:
        await ending.move(tx, town.now(), town.cast.ines, town.now().date())
    town.at = datetime(2026, 11, 29, 2, tzinfo=UTC)  # a Sunday, at three in Paris: the eve
    said_before = len(phone.received)
    await retention.carry_out(town.database, town.now(), in_own_words)
    await town.quiet()
    assert len(phone.received) == said_before, "nobody is woken"
    await town.pass_time(days=1)
    assert len(phone.received) == said_before, "nor on a Sunday"
    await retention.carry_out(town.database, town.now(), in_own_words)
    await say(town, phone, "Bonjour")
    await town.until(lambda: phone.last.text == said("stranger"))


async def test_the_eve_of_an_end_is_told_to_whoever_agreed_to_messages(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    async with town.database.write() as tx:
        await ending.move(tx, town.now(), town.cast.ines, date(2026, 11, 24))
    town.at = datetime(2026, 11, 30, 2, tzinfo=UTC)  # a Monday, at three in Paris: the eve
    await retention.carry_out(town.database, town.now(), in_own_words)
    await town.pass_time(hours=12)
    assert phone.last.text == said("ending.closing")
    assert phone.last.text.partition("\n")[0] == "Demain, on s'arrête ici."

"""Mon carnet: what I said and my plans, in my chat, only for me; the desk sees what I open, at once."""

from datetime import timedelta

import pytest

import content
from records import carnet, receipt, response, rights
from records.message import message
from records.receipt import Receipt
from records.response import Response, Saved
from simulator.bubbles import Bubble
from simulator.persons import Person
from tests.admin.house import House, one, words
from tests.journeys.breathing import PLAN, SECRET, breathing, opened, ready
from tests.journeys.test_rights import code_in, decide
from tests.journeys.thumb import act_of, press, rows_of, said, say, tap
from tests.town import Town

TOMORROW = said("script.tomorrow")
BACK = "Et depuis"


async def finished(town: Town, *, remind: str = said("script.no_reminder")) -> Person:
    """An exercise with a mood, words for oneself, and a plan."""
    phone = await ready(town)
    await breathing(town, phone)
    await tap(town, phone, said("script.go"))
    await say(town, phone, SECRET)
    await tap(town, phone, remind)
    return phone


async def in_the_entry(town: Town, phone: Person) -> Bubble:
    await say(town, phone, said("menu.carnet"))
    return await tap(town, phone, phone.last.labels[0])


async def kept(town: Town) -> dict[str, Response]:
    async with town.database.read() as tx:
        return {a.variable: a for a in await response.of_youth(tx, town.cast.sami.id)}


async def waiting(town: Town) -> list[object]:
    """The plans that come back."""
    of_plans = (message.c.kind == "plan", message.c.state == "waiting")
    return await rows_of(town.database, message, *of_plans)


async def old(town: Town, *, count: int, days: int) -> None:
    """So many check-ins of before, one every so many days."""
    async with town.database.write() as tx:
        for number in range(count, 0, -1):
            saved = Saved(
                town.cast.structure_id, town.cast.sami.id, number, "humeur", 1, "mood", "v4"
            )
            await response.keep(tx, town.now() - timedelta(days=days * number), [saved])


async def test_it_is_one_tap_away_and_empty_before_anything_is_said(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for way_in in (said("menu.carnet"), "/carnet"):
        await say(town, phone, way_in)
        assert phone.last.text == f"{said('carnet.title')}\n\n{said('carnet.empty')}"
    await say(town, phone, "/moi")
    await tap(town, phone, said("carnet.open"))
    assert phone.last.first_line == said("carnet.title")
    assert phone.last.protected


async def test_each_exercise_has_its_day_in_words_and_its_card(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town)
    await say(town, phone, "/carnet")
    assert (
        "Novembre\u00a02026\nlundi\u00a023\u00a0novembre · Souffler\n🔒 pour toi" in phone.last.text
    )
    await tap(town, phone, phone.last.labels[0])
    assert f"{PLAN}\nÇa allait\u00a0: plutôt bien" in phone.last.text
    assert f"Pour toi seulement\u00a0?\n→ {SECRET}" in phone.last.text
    assert phone.last.protected
    assert phone.last.labels[0] == "🔒 Ça va\u00a0? · Bien"


async def test_it_edits_one_message_and_old_buttons_find_their_page(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town)
    await in_the_entry(town, phone)
    before = len(phone.messages)
    await tap(town, phone, said("carnet.erase"), said("me.back"), said("carnet.back"))
    await tap(town, phone, said("carnet.who"), said("carnet.back"), said("me.back"))
    assert len(phone.messages) == before
    for forged in ("entry:7", "entry:7:read", "choose:7", "choose:7:on:7", "answer:7:show"):
        phone.press(phone.last, forged)
        await town.quiet()
    assert len(phone.messages) == before


async def test_the_card_is_in_the_words_of_the_version_that_was_answered(
    breathing_town: Town,
) -> None:
    town = breathing_town
    phone = await finished(town)
    folder = content.library().folder / "scripts"
    first = (folder / "souffler.yaml").read_text("utf-8")
    (folder / "souffler@1.yaml").write_text(first, "utf-8")
    newer = first.replace("version: 1", "version: 2").replace("plutôt bien", "au top")
    (folder / "souffler.yaml").write_text(newer.replace("title: Souffler", "title: Autre"), "utf-8")
    content.load(content.library().folder)
    await in_the_entry(town, phone)
    assert "plutôt bien" in phone.last.text
    assert "Souffler" in phone.last.text
    for path in folder.glob("souffler*"):
        path.unlink()
    (folder / "et-depuis.yaml").unlink()
    content.load(content.library().folder)
    await in_the_entry(town, phone)
    assert SECRET in phone.last.text, "even where nobody knows the script any more"


async def test_months_of_answers_stay_readable(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await old(town, count=40, days=4)
    await say(town, phone, "/carnet")
    newest = phone.last.text
    assert newest.count("Comment ça va") == 5
    assert len(newest) < 700
    await tap(town, phone, said("stored.more"), said("stored.before"))
    assert phone.last.text == newest
    await tap(town, phone, said("carnet.months"))
    assert phone.last.labels[0] == "novembre\u00a02026 (5)"
    assert phone.last.labels[-2] == "juin\u00a02026 (4)"
    await tap(town, phone, "juillet\u00a02026 (8)")
    assert phone.last.text.count("juillet · ") == 5
    assert "Juillet\u00a02026" in phone.last.text
    await press(town, phone, "carnet", "9999")
    assert "Juin\u00a02026" in phone.last.text, "a page that is gone shows the last one"
    assert said("stored.more") not in phone.last.labels


async def test_one_tap_opens_an_answer_to_the_desk_and_one_closes_it(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town)
    await town.agree(town.cast.sami, "sharing")
    mood = (await kept(town))["mood"]
    async with (
        House(town.database, town.cast).open() as house,
        await house.visitor("nadia") as desk,
    ):
        page = one(town.cast.sami, "/reponses")
        assert "Souffler" not in words(await desk.get(page))
        await in_the_entry(town, phone)
        await decide(town, phone, mood, "show")
        assert phone.notices[-1].text == said("answer.shown")
        shown = words(await desk.get(page))
        assert "Bien" in shown
        assert SECRET not in shown
        await tap(town, phone, said("me.readers"))
        assert "Nadia, lundi" in phone.last.text, "who read it, one tap from the page"
        await tap(town, phone, said("me.back"))
        await decide(town, phone, mood, "keep")
        assert "Souffler" not in words(await desk.get(page))
        await in_the_entry(town, phone)
        assert said("me.readers") not in phone.last.labels


async def test_who_read_names_readers_of_this_page_alone(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town)
    await town.agree(town.cast.sami, "sharing")
    await old(town, count=1, days=1)
    async with town.database.write() as tx:
        await response.share(tx, town.now(), town.cast.sami.id, 1)
        assert await response.read_by(tx, town.now(), town.cast.nadia, town.cast.sami)
    await in_the_entry(town, phone)
    await press(town, phone, "entry", str((await kept(town))["secret"].conversation_id), "read")
    assert said("readers.none") in phone.last.text


async def test_a_plan_says_when_it_comes_back_is_turned_off_and_on(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town, remind=TOMORROW)
    await say(town, phone, "/carnet")
    comes_back = said("carnet.comes_back", day="mardi\u00a024\u00a0novembre")
    assert comes_back in phone.last.text
    await tap(town, phone, phone.last.labels[0])
    assert comes_back in phone.last.text
    shown = phone.last
    for _ in range(2):
        phone.tap(said("carnet.remind_no_more"), shown)
    await town.quiet()
    assert comes_back not in phone.last.text
    [row] = await rows_of(town.database, message, message.c.kind == "plan")
    assert (row.state, row.reason, row.params) == ("dropped", "called_off", None)
    shown = phone.last
    for _ in range(2):
        phone.tap(said("carnet.remind_in", days=3), shown)
    await town.quiet()
    assert len(await waiting(town)) == 1, "a double tap counts once"
    await town.pass_time(days=3, hours=8)
    assert PLAN in phone.last.text


async def test_erasing_a_page_takes_it_from_everywhere(breathing_town: Town) -> None:
    """From the desk, what is taken away, its reminder, and what another exercise recalled of it."""
    town, sami = breathing_town, breathing_town.cast.sami
    phone = await finished(town, remind=TOMORROW)
    await tap(town, phone, said("share.yes"))
    await in_the_entry(town, phone)
    await tap(town, phone, said("carnet.erase"), said("carnet.erase_page"))
    assert phone.last.text == said("erase.sure")
    last = phone.last
    for _ in range(2):
        phone.tap(said("erase.yes"), last)
    await town.quiet()
    assert phone.notices[-1].text == said("erase.gone"), "the second tap erases nothing more"
    assert said("carnet.erased_page") in phone.last.text
    assert await proved(town, phone.last.text) == "erased_answer"
    assert await kept(town) == {}
    async with town.database.write() as tx:
        assert await response.read_by(tx, town.now(), town.cast.nadia, sami) == []
        stored = str((await rights.everything(tx, town.now(), sami.id)).facts())
    assert SECRET not in stored
    assert PLAN not in stored
    await town.pass_time(days=2)
    assert not [b for b in phone.messages if b.first_line == said("plan.title")]
    await opened(town, phone, BACK)
    assert "Avant" not in phone.last.text


async def proved(town: Town, text: str) -> str:
    async with town.database.read() as tx:
        found: Receipt = await receipt.find(tx, code_in(text))
    return found.act


async def test_erasing_the_answer_a_plan_says_takes_the_plan_too(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town, remind=TOMORROW)
    await in_the_entry(town, phone)
    await tap(town, phone, said("carnet.erase"))
    await tap(town, phone, "Ça va\u00a0? · Bien")
    await tap(town, phone, said("erase.yes"))
    assert said("erase.answer_done") in phone.last.text
    assert await proved(town, phone.last.text) == "erased_answer"
    await town.pass_time(days=2)
    assert "plutôt bien" not in "\n".join(b.text for b in phone.messages if b.id > phone.last.id)
    assert await waiting(town) == []


async def test_two_taps_erase_all_of_it_and_nothing_else(breathing_town: Town) -> None:
    town, sami = breathing_town, breathing_town.cast.sami
    phone = await finished(town, remind=TOMORROW)
    await tap(town, phone, said("share.yes"))
    await opened(town, phone, BACK)
    await tap(town, phone, said("script.stop"))
    rows = await kept(town)
    await say(town, phone, "/carnet")
    await tap(town, phone, said("carnet.erase_all"))
    assert said("carnet.erase_all_ask") in phone.last.text
    await tap(town, phone, said("erase.no"), said("carnet.erase_all"), said("erase.all_yes"))
    assert said("carnet.erased_all") in phone.last.text
    assert await proved(town, phone.last.text) == "erased_carnet"
    assert await kept(town) == {}
    async with town.database.write() as tx:
        assert await response.read_by(tx, town.now(), town.cast.nadia, sami) == []
        stored = str((await rights.everything(tx, town.now(), sami.id)).facts())
    for gone in (SECRET, PLAN, "plutôt bien", *(str(said_then.id) for said_then in rows.values())):
        assert gone not in stored
    await press(town, phone, "carnet", "all", "yes")
    assert phone.notices[-1].text == said("erase.gone")
    assert said("carnet.erased_all") in phone.last.text, "the receipt is still there"
    await tap(town, phone, said("carnet.back"))
    assert said("carnet.empty") in phone.last.text
    await say(town, phone, "/rdv")
    assert phone.last.text == said("meeting.none"), "they are still known here"


async def test_half_an_exercise_is_there_and_can_be_taken_up(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await breathing(town, phone)
    await tap(town, phone, said("script.stop"))
    await in_the_entry(town, phone)
    assert "Ça va\u00a0?\n→ Bien" in phone.last.text
    await tap(town, phone, said("script.resume"))
    assert phone.last.text.startswith("On souffle.")


async def test_whoever_had_said_no_shows_what_they_choose_now_and_nothing_of_before(
    breathing_town: Town,
) -> None:
    town, sami = breathing_town, breathing_town.cast.sami
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    await old(town, count=1, days=0)
    await say(town, phone, "/moi")
    await tap(town, phone, f"✅ {said('consent.sharing')}")
    await say(town, phone, "/carnet")
    assert "👁" not in phone.last.text
    recent = next(one for one in await _occasions(town) if one.script == "humeur")
    await press(town, phone, "entry", str(recent.conversation_id))
    assert said("answer.hidden_by_choice") in phone.last.text
    await tap(town, phone, phone.last.labels[0])
    assert phone.last.text == said("ask.sharing")
    await tap(town, phone, said("consent.yes"))
    async with town.database.write() as tx:
        read = await response.read_by(tx, town.now(), town.cast.nadia, sami)
    assert [one.script for one in read] == ["humeur"]


async def _occasions(town: Town) -> list[carnet.Occasion]:
    async with town.database.read() as tx:
        return await carnet.occasions(tx, town.cast.sami.id)


async def test_nobody_elses_page_opens_to_a_forged_button(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town)
    await tap(town, phone, said("share.yes"))
    which = str((await kept(town))["mood"].conversation_id)
    other = await town.linked(town.cast.ines)
    await say(town, other, "/moi")
    before = await kept(town)
    for wish in ("", "read", "erase", "off", "in1"):
        await press(town, other, "entry", which, wish)
    await press(town, other, "erase", "entry", which, "yes")
    for ticks in ("on", "off", "done"):
        await press(town, other, "choose", which, ticks, str(before["mood"].id))
    assert await kept(town) == before
    assert SECRET not in "\n".join(bubble.text for bubble in other.messages)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_screen_is_in_the_youths_language(town: Town, language: str) -> None:
    phone = await town.linked(town.cast.sami)
    if language == "en":
        await say(town, phone, "/moi")
        await tap(town, phone, said("me.language"))
    await old(town, count=8, days=9)
    await say(town, phone, said("menu.carnet", language))
    assert phone.last.first_line == said("carnet.title", language)
    for label in ("carnet.months", "carnet.back", "carnet.who", "carnet.back", "carnet.erase_all"):
        await tap(town, phone, said(label, language))
        assert phone.last.first_line == said("carnet.title", language)
    assert act_of(phone.last, said("erase.all_yes", language)) == ("carnet", "all", "yes")
    await tap(town, phone, said("erase.no", language))
    await tap(town, phone, phone.last.labels[0])
    asked = {"fr": "Comment ça va", "en": "How are you"}[language]
    assert asked in phone.last.text

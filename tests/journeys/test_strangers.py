"""Whoever finds the bot without a link: one neutral sentence, the help numbers, no trace."""

from sqlalchemy import select

import content
from records import closure, structure
from tests.journeys.thumb import everything_kept, said, say
from tests.town import Town


async def test_a_stranger_gets_one_neutral_sentence_whatever_they_try(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot)
    await town.quiet()
    await say(town, phone, "Bonjour ?", "/rdv", "/moi", said("menu.meetings"))
    phone.sticker()
    await town.quiet()
    phone.forward("Regarde")
    await town.quiet()
    assert {shown.text for shown in phone.received} == {said("stranger")}
    assert len(phone.received) == 7
    assert phone.keyboard is None


async def test_a_stranger_who_writes_much_at_once_gets_few_answers(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot)
    await town.quiet()
    town.deliverer.lift_limits(lifted=False)
    before = len(phone.received)
    for number in range(40):
        phone.say(f"Allô {number}")
    await town.quiet()
    assert 1 <= len(phone.received) - before <= 5  # a chat's own pace, one on its way at a time


async def test_help_answers_however_it_is_written_and_after_closure_too(town: Town) -> None:
    card = content.help_card(content.About()).text
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot)
    await town.quiet()
    for asked in ("/AIDE", "/aide@relais_demo_bot", "/help", said("menu.help")):
        assert (await say(town, phone, asked)).text == card, asked
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await closure.close(tx, town.now(), town.cast.sami)
    assert (await say(town, phone, said("menu.help"))).text == card
    assert phone.keyboard is None, "the menu of before is taken away"


async def test_a_stranger_gets_the_help_numbers(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot)
    await say(town, phone, "/aide")
    assert phone.last.text == content.help_card(content.About()).text
    assert "3114" in phone.last.text
    assert not phone.last.protected, "a number must be copied"


async def test_a_strangers_tap_and_edit_are_closed_without_a_word_on_anyone(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    greeting = phone.start(town.bot)
    await town.quiet()
    phone.press(phone.last, "want")
    phone.edit(greeting, "Autre chose")
    phone.block()
    phone.unblock()
    await town.quiet()
    assert [notice.text for notice in phone.notices] == [said("old_button")]
    assert len(phone.received) == 1


async def test_a_stranger_leaves_no_trace(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot, "un-lien-inconnu")
    await say(town, phone, "Je m'appelle Inconnu", "/aide")
    phone.press(phone.last, "want")
    phone.block()
    await town.quiet()
    kept = await everything_kept(town.database)
    assert str(phone.id) not in kept
    assert "Inconnu" not in kept
    async with town.database.read() as tx:
        index = tx.vault.index("contact.address", str(phone.id))
        assert await tx.rows(select(structure.structure.c.id))
    assert repr(index) not in kept, "not even its keyed hash"

"""« /efface » and « Cacher »: what leaves the phone, what stays there, and what is said of it."""

from records import contact, message, settling, youth
from records.consent_text import PURPOSES
from simulator import faults
from simulator.persons import Person
from tests.journeys.thumb import begin, rows_of, say, script
from tests.town import Town

HIDE = "Cacher"
GONE = '{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}'


def shown(phone: Person) -> list[str]:
    return [one.text for one in phone.messages]


async def chat(town: Town) -> Person:
    """Ines's phone, after the way in and a few words both ways."""
    phone = await town.enrol(town.cast.ines)
    await say(town, phone, "Salut", "/rdv")
    return phone


async def test_efface_removes_both_sides_and_says_what_remains(town: Town) -> None:
    phone = await chat(town)
    before = len(phone.messages)
    await say(town, phone, "/efface")
    (last,) = phone.messages
    assert last.text.splitlines()[0] == "C'est fait."
    assert f"Messages retirés d'ici\u00a0: {before + 1}." in last.text
    assert "plus de deux jours" in last.text
    assert "«\u00a0Supprimer\u00a0»" in last.text
    assert "Moi" in last.text


async def test_what_is_older_than_two_days_stays_and_does_not_stop_the_rest(town: Town) -> None:
    phone = await chat(town)
    old = len(phone.messages)
    await town.pass_time(hours=49)
    await say(town, phone, "Encore moi")
    await say(town, phone, "/efface")
    assert len(phone.messages) == old + 1
    assert "Messages retirés d'ici\u00a0: 3." in phone.last.text


async def test_what_telegram_refuses_is_counted_and_the_others_go(town: Town) -> None:
    """Its own clock decides: an update that waited a day is older there than it is here."""
    phone = await chat(town)
    next(iter(phone.chat.messages.values())).date -= 49 * 3600
    before = len(phone.messages)
    await say(town, phone, "/efface")
    assert len(phone.messages) == 2
    assert f"Messages retirés d'ici\u00a0: {before}." in phone.last.text
    assert "retirer les autres\u00a0: 1." in phone.last.text


async def test_more_than_a_hundred_messages_go(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    for number in range(60):
        phone.say(f"Mot {number}")
    await town.quiet()
    assert len(phone.messages) > 110
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1


async def test_a_second_efface_counts_what_was_there_and_nothing_else(town: Town) -> None:
    phone = await chat(town)
    await say(town, phone, "/efface")
    await say(town, phone, "/efface")
    assert "Messages retirés d'ici\u00a0: 2." in phone.last.text


async def test_cacher_leaves_a_chat_that_says_nothing(town: Town) -> None:
    phone = await chat(town)
    assert HIDE in labels(phone)
    await say(town, phone, HIDE)
    assert shown(phone) == ["À plus\u00a0!"]
    assert labels(phone) == []


async def test_what_comes_meanwhile_brings_no_keyboard_and_writing_brings_it_back(
    town: Town,
) -> None:
    phone = await chat(town)
    await say(town, phone, "/cache")
    await town.write(town.cast.ines, "On se voit jeudi", "2026-11-23 12:00")
    await town.pass_time(hours=2)
    assert shown(phone)[1].splitlines()[0] == "Nadia t'a écrit"
    assert labels(phone) == []
    await say(town, phone, "D'accord")
    assert HIDE in labels(phone)


async def test_an_exercise_waits_at_its_place_and_later_words_are_not_for_it(town: Town) -> None:
    phone = await town.enrol(town.cast.ines)
    await town.agree(town.cast.ines, "exercises")
    await begin(town, phone, script())
    await say(town, phone, HIDE)
    assert len(phone.messages) == 1
    await say(town, phone, "Je peux venir mardi ?")
    assert phone.last.text.startswith("Transmis à Nadia")
    await say(town, phone, "/exercice")
    assert any(b.text.startswith("▶") for row in phone.last.buttons for b in row)


async def test_it_works_in_every_state_of_a_linked_phone(town: Town) -> None:
    ines = town.cast.ines
    phone = await town.enrol(ines, confirmed=False)
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), ines.id)
    await town.quiet()
    async with town.database.write() as tx:
        await youth.change(tx, ines.id, paused_at=town.now())
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1
    await town.agree(ines, *PURPOSES, given=False)
    await say(town, phone, "/cache")
    assert shown(phone) == ["À plus\u00a0!"]
    async with town.database.write() as tx:
        await youth.change(tx, ines.id, closed_at=town.now())
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1
    assert labels(phone) == []


async def test_quiet_that_telegram_asks_for_is_kept_and_then_the_chat_is_emptied(
    town: Town,
) -> None:
    phone = await chat(town)
    town.telegram.faults.plan("deleteMessages", faults.flood(1))
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1
    assert len(town.telegram.transcript.accepted("deleteMessages")) == 1


async def test_a_reply_that_is_lost_on_the_way_empties_the_chat_all_the_same(town: Town) -> None:
    phone = await chat(town)
    before = len(phone.messages)
    town.telegram.faults.plan("deleteMessages", faults.lose_reply())
    phone.say("/efface")
    await town.quiet()
    await town.until(lambda: bool(phone.received))  # the bot asks who it is before it goes on
    assert len(phone.messages) == 1
    assert f"Messages retirés d'ici\u00a0: {before + 1}." in phone.last.text


async def test_what_a_process_that_died_had_begun_is_done_by_the_next(town: Town) -> None:
    phone = await chat(town)
    [linked] = await rows_of(town.database, contact.contact)
    async with town.database.write() as tx:
        begun = message.Draft(
            town.cast.structure_id,
            town.cast.bot_id,
            town.cast.ines.id,
            "wipe",
            town.now(),
            town.now() + message.REPLY_LIFE,
            {"hide": True, "menu": True},
            contact_id=linked.id,
            **message.claimed(town.now()),
        )
        await message.queue(tx, town.now(), [begun])
        await settling.recover(tx, town.now(), everything=True)
    await town.quiet()
    assert [one.text for one in phone.messages] == ["À plus\u00a0!"]


async def test_nothing_of_it_stays_in_the_database(town: Town) -> None:
    phone = await chat(town)
    await say(town, phone, "/efface")
    assert "wipe" not in [row.kind for row in await rows_of(town.database, message.message)]
    kept = await rows_of(town.database, contact.channel_message)
    assert [row.channel_id for row in kept] == [phone.last.id]


async def test_a_stranger_is_told_nothing_new(town: Town) -> None:
    phone = town.telegram.person("Zoé")
    phone.start(town.bot)
    await say(town, phone, "/efface")
    assert phone.last.text.startswith("Bonjour.")


async def test_a_screen_that_had_to_be_sent_anew_is_removed_too(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    shown = await say(town, phone, "/moi")
    town.telegram.faults.plan("editMessageText", faults.answer(400, GONE))
    phone.press(shown, next(b.data for row in shown.buttons for b in row if b.data))
    await town.quiet()
    assert len(phone.messages) == 3 + 1
    await say(town, phone, "/efface")
    assert len(phone.messages) == 1


def labels(phone: Person) -> list[str]:
    return [label for row in phone.keyboard or () for label in row]

"""Writing freely: it reaches the educator, an answer comes back; the menu and the commands."""

from collections.abc import Callable

import pytest

import content
from records import consent, inbox, message, outgoing
from records.youth import Youth
from simulator.bubbles import Bubble
from tests.journeys.thumb import opening, rows_of, said, say, tap
from tests.town import Town


async def inbox_of(town: Town, who: Youth | None = None) -> list[str | None]:
    async with town.database.read() as tx:
        return [i.text for i in await inbox.of_youth(tx, (who or town.cast.sami).id)][::-1]


async def answered(town: Town, text: str) -> None:
    async with town.database.write() as tx:
        await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text=text,
            created_by=town.cast.nadia.id,
        )
    await town.quiet()


async def test_words_reach_the_educator_and_an_answer_comes_back(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "J'ai eu la place !")
    assert await inbox_of(town) == ["J'ai eu la place !"]
    assert phone.last.text.startswith(said("sent.to_educator", reading="").strip())
    assert "de\u00a09" in phone.last.text.replace(" ", "\u00a0"), "it says when somebody reads"
    await answered(town, "Bravo <Sami> & à mardi")
    assert phone.last.text == f"{said('text.from')}\n\nBravo <Sami> & à mardi"
    assert phone.last.first_line == said("text.from"), "the lock screen shows no content"


async def test_without_consent_to_messages_words_still_reach_the_inbox(town: Town) -> None:
    phone = await town.linked(town.cast.sami, messages=False)
    await say(town, phone, "Tu es là ?")
    assert await inbox_of(town) == ["Tu es là ?"]
    assert phone.last.labels == [said("consent.yes")]
    await answered(town, "Oui")
    assert "Oui" not in [m.text.split("\n")[-1] for m in phone.received]
    await tap(town, phone, said("consent.yes"))
    async with town.database.read() as tx:
        assert (await consent.of(tx, town.cast.sami.id))["messages"].given
    await answered(town, "Je suis là")
    assert phone.last.text.endswith("Je suis là")


LOOKALIKES = [
    "Écrire à Nadia c'est dur",
    "Écrire à ma mère",
    "Moi aussi",
    "Aide moi",
    "moi je viens pas",
    "Mes RDV\nc'est nul",
    "Écrire à",
    "1 / 2",
    "Bonjour /stop",
]


async def test_words_that_look_like_the_menu_are_not_swallowed(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, *LOOKALIKES)
    assert await inbox_of(town) == LOOKALIKES


async def test_each_label_of_the_menu_opens_its_room(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    card = content.help_card(content.About(reading={"1": ["09:00", "18:00"]})).first_line
    for label, shows in (
        (said("menu.meetings"), said("meeting.none")),
        (said("menu.exercise"), opening("ask.exercises")),
        (said("menu.write"), opening("write.invite")),
        (said("menu.help"), card),
        (said("menu.me"), said("me.title")),
    ):
        phone.tap(label)
        await town.quiet()
        assert phone.last.text.startswith(shows), label
    assert await inbox_of(town) == []


async def test_the_label_of_an_earlier_educator_still_opens_the_room(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, said("menu.write", educator="Karim"))
    assert phone.last.text.startswith(opening("write.invite"))


COMMANDS = {
    "/rdv": "meeting.none",
    "/exercice": "ask.exercises",
    "/moi": "me.title",
    "/pause": "pause.on",
    "/stop": "stop.ask",
    "/start": "write.invite",
    "/RDV": "meeting.none",
    "/moi@relais_demo_bot": "me.title",
    "/inconnue": "unknown_command",
    "/": "unknown_command",
    "/aide": "help.title",
    "/help": "help.title",
}


async def test_each_command_opens_its_room(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for command, shows in COMMANDS.items():
        await say(town, phone, command)
        assert phone.last.text.startswith(opening(shows)), command
    assert await inbox_of(town) == []


async def test_a_help_card_leaves_no_row_behind(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/aide")
    assert "3114" in phone.last.text
    assert not phone.last.protected
    assert "card" not in [r.kind for r in await rows_of(town.database, message.message)]


async def test_the_longest_text_that_telegram_takes_arrives_whole(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "é" * 4096)
    assert phone.last.text.startswith("Transmis")
    assert await inbox_of(town) == ["é" * 4096]


async def test_a_text_that_no_client_can_send_is_kindly_declined(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    update = {
        "update_id": town.bot.updates.next_id,
        "message": {
            "message_id": 9,
            "chat": {"id": phone.id, "type": "private"},
            "from": {"id": phone.id},
            "date": 1,
            "text": "é" * 65_000,
        },
    }
    town.telegram.push(town.bot, update)
    await town.quiet()
    assert phone.last.text == said("sent.too_long")
    assert await inbox_of(town) == []


async def test_words_after_the_help_command_may_be_meant_for_the_educator(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/aide moi stp")
    assert "3114" in phone.received[-2].text
    assert phone.last.text == said("sent.held")
    await tap(town, phone, said("sent.held_yes"))
    assert await inbox_of(town) == ["moi stp"]


async def test_who_writes_while_paused_is_told_that_the_answer_waits(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/pause", "Tu as reçu mon papier ?")
    assert "Tu es en pause" in phone.last.text
    assert await inbox_of(town) == ["Tu as reçu mon papier ?"]
    await tap(town, phone, said("me.unpause"))
    assert phone.last.text == said("pause.off")


async def test_two_messages_in_a_row_arrive_in_order(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    for number in range(5):
        phone.say(f"message {number}")
    await town.quiet()
    assert await inbox_of(town) == [f"message {number}" for number in range(5)]


async def test_whatever_else_comes_in_gets_a_kind_sentence_and_is_not_kept(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    written = phone.say("Un premier texte")
    deeds: list[tuple[Callable[[], Bubble], str]] = [
        (phone.sticker, "media"),
        (lambda: phone.photo("Une légende"), "media"),
        (phone.voice, "media"),
        (lambda: phone.forward("Regarde ce qu'il dit"), "forwarded"),
        (lambda: phone.edit(written, "Un texte corrigé"), "edited"),
    ]
    for number, (deed, sentence) in enumerate(deeds):
        deed()
        await town.quiet()
        assert phone.last.text == said(sentence)
        assert len(phone.received) == number + 3, "the welcome, « transmis », then one for each"
    assert await inbox_of(town) == ["Un premier texte"]


@pytest.mark.parametrize("together", [True, False])
async def test_photos_of_one_album_are_answered_once_however_they_arrive(
    town: Town, together: bool
) -> None:
    phone = await town.linked(town.cast.sami)
    before = len(phone.received)
    chat = {"id": phone.id, "type": "private"}
    for number in range(3):
        photo = {"message_id": 9000 + number, "chat": chat, "from": chat, "photo": []}
        town.telegram.push(town.bot, {"message": photo | {"media_group_id": "137"}})
        if not together:
            await town.quiet()
    await town.quiet()
    assert [shown.text for shown in phone.received[before:]] == [said("media")]


async def test_added_to_a_group_the_bot_leaves_without_a_word(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    before = len(phone.received)
    group = phone.add_bot_to_group("Les potes")
    phone.say("@relais_demo_bot tu dis quoi ?", group)
    await town.quiet()
    assert town.telegram.transcript.accepted("leaveChat", group.id)
    assert group.membership == "left"
    assert not town.telegram.transcript.accepted("sendMessage", group.id)
    assert len(phone.received) == before
    assert await inbox_of(town) == []

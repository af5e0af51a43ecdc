"""Opening a link: three screens, two questions, two words, and nothing personal before them."""

from datetime import timedelta

import pytest

import content
from records import appointment, consent, contact, outgoing
from records.consent import consent as ledger
from records.errors import Refused
from records.youth import youth as youths
from simulator.persons import Person
from tests.journeys.thumb import (
    begin,
    opening,
    rows_of,
    said,
    say,
    script,
    step_of,
    talk_of,
    tap,
    texts_sent,
    walk,
    wall,
)
from tests.town import Town

PERSONAL = ("Sami", "Nadia", "Maison bleue", "RDV", "Structure d'essai", "14\u00a0h")


async def planned(town: Town) -> appointment.Appointment:
    async with town.database.write() as tx:
        return await appointment.add(
            tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"), place="Maison bleue"
        )


async def standing(town: Town) -> dict[str, bool]:
    async with town.database.read() as tx:
        return (await consent.given_by(tx, [town.cast.sami.id]))[town.cast.sami.id]


async def phones(town: Town) -> list[contact.Contact]:
    async with town.database.read() as tx:
        return await contact.of_youth(tx, town.cast.sami.id)


async def unlink(town: Town, which: contact.Contact) -> None:
    async with town.database.write() as tx:
        await contact.unlink(tx, town.now(), which)


async def opened_link(town: Town, name: str = "Sami") -> Person:
    phone = town.telegram.person(name)
    phone.open(f"https://t.me/{town.bot.username}?start={await town.invite(town.cast.sami)}")
    await town.quiet()
    return phone


async def test_three_screens_come_before_the_two_questions(town: Town) -> None:
    phone = await opened_link(town)
    read = [phone.last.text]
    while len(phone.last.labels) == 1:
        await tap(town, phone, phone.last.labels[0])
        read.append(phone.last.text)
    assert len(read) == 4, "three screens, then the first question"
    assert "de\u00a09\u00a0h" in "".join(read).replace(" ", "\u00a0"), "it says when somebody reads"
    assert "{" not in "".join(read)
    first = phone.last
    await tap(town, phone, first.labels[0])
    assert len(phone.last.labels) == 2
    assert phone.last.text != first.text


@pytest.mark.parametrize(
    ("reminders", "messages"), [(True, True), (True, False), (False, True), (False, False)]
)
async def test_each_of_the_two_consents_can_be_refused(
    town: Town, reminders: bool, messages: bool
) -> None:
    await town.enrol(town.cast.sami, reminders=reminders, messages=messages)
    assert await standing(town) == {"reminders": reminders, "messages": messages}


async def test_phone_and_desk_show_the_same_two_words(town: Town) -> None:
    phone = await town.enrol(town.cast.sami, confirmed=False)
    [linked] = await phones(town)
    assert len(linked.words.split()) == 2
    assert linked.words in phone.last.text
    await say(town, phone, "C'est bon ?")
    assert phone.last.text == said("words.waiting", words=linked.words)


async def test_the_welcome_brings_the_menu_and_the_names(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    assert "Sami" in phone.last.text
    assert [label for row in phone.keyboard or [] for label in row] == [
        said(f"menu.{key}")
        for key in ("meetings", "exercise", "carnet", "write", "help", "me", "hide")
    ]


async def test_consents_stand_only_once_the_words_are_confirmed(town: Town) -> None:
    await town.enrol(town.cast.sami, confirmed=False)
    assert await standing(town) == {}
    assert len(await rows_of(town.database, ledger)) == 2
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), town.cast.sami.id)
    assert await standing(town) == {"reminders": True, "messages": True}


async def test_words_that_differ_confirm_nothing(town: Town) -> None:
    phone = await town.enrol(town.cast.sami, confirmed=False)
    with pytest.raises(Refused, match="words_differ"):
        async with town.database.write() as tx:
            await contact.confirm(tx, town.now(), town.cast.sami.id, "autre chose")
    await town.quiet()
    assert "Sami" not in str(texts_sent(town, phone))


async def test_an_early_confirmation_still_lets_the_questions_be_answered(town: Town) -> None:
    phone = await opened_link(town)
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), town.cast.sami.id)
    await town.quiet()
    while True:
        asked = next((m for m in reversed(phone.received) if m.buttons), None)
        if asked is None:
            break
        phone.tap(asked.labels[-1], asked)
        await town.quiet()
    assert await standing(town) == {"reminders": False, "messages": False}


async def prod(town: Town, phone: Person) -> None:
    """All that a curious thumb can do: taps, menu words, commands, free text, forged buttons."""
    for text in (
        "Bonjour",
        "/rdv",
        "/exercice",
        "/moi",
        "/pause",
        "/stop",
        "/aide",
        "/start",
        "/inconnue",
        *(said(f"menu.{key}") for key in ("meetings", "exercise", "carnet", "write", "help", "me")),
    ):
        phone.say(text)
    phone.sticker()
    phone.photo()
    phone.forward("Tu as vu ?")
    phone.edit(phone.say("Une faute"), "Une fautte")
    meeting = (await planned(town)).id
    for data in (
        "want",
        "me:stored",
        "me:readers",
        "stop:yes",
        "pause:on",
        "language:en",
        f"meeting:{meeting}:1:show",
        f"meeting:{meeting}:1:coming",
        "consent:messages:yes:me",
        f"begin:{script().name}:",
        "step:1:1:go",
    ):
        phone.press(phone.last, data)
    await town.quiet()


async def test_nothing_personal_reaches_a_phone_before_the_words_are_confirmed(town: Town) -> None:
    await planned(town)
    stranger = await opened_link(town, "Inconnu")
    await prod(town, stranger)
    while asked := next((m for m in reversed(stranger.received) if m.buttons), None):
        stranger.tap(asked.labels[0], asked)
        await town.quiet()
    await prod(town, stranger)
    async with town.database.write() as tx:
        await outgoing.schedule_text(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="Bravo Sami",
            wall=wall("2026-11-24 18:00"),
            zone="Europe/Paris",
            created_by=town.cast.nadia.id,
        )
        await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="Salut Sami",
            created_by=town.cast.nadia.id,
        )
    await town.pass_time(days=4)
    for text in texts_sent(town, stranger):
        assert not [word for word in PERSONAL if word in text.replace("Mes RDV", "")], text
    assert await standing(town) == {}
    [seen] = await rows_of(
        town.database, youths.c.last_seen_at.table, youths.c.id == town.cast.sami.id
    )
    assert seen.last_seen_at is None, "a stranger's phone is no sign of life"
    assert seen.paused_at is None
    async with town.database.read() as tx:
        [meeting, *_] = await appointment.listed(tx, youth_id=town.cast.sami.id)
    assert meeting.answer is None


async def test_a_strangers_phone_does_not_disturb_the_exercise_of_the_real_one(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.enrol(sami)
    await town.agree(sami, "exercises")
    shown = await begin(town, phone, script())
    talk = await talk_of(town, sami)
    stranger = await opened_link(town, "Inconnu")
    assert await talk_of(town, sami) == talk, "the exercise stands where it stood"
    answer = next(b for row in shown.buttons for b in row)
    stranger.press(stranger.last, str(answer.data))
    await town.quiet()
    assert await talk_of(town, sami) == talk, "its buttons are not the stranger's"
    before = await step_of(town, sami)
    await tap(town, phone, answer.text)
    assert await step_of(town, sami) != before
    stranger.tap(stranger.last.labels[0])
    await town.quiet()
    assert len(stranger.last.labels) == 1, "and the stranger reads on"
    await walk(town, phone, sami)
    assert shown.text not in str(texts_sent(town, stranger))


async def test_refusing_the_words_leaves_consents_untouched(town: Town) -> None:
    await town.enrol(town.cast.sami, messages=False)
    stranger = await opened_link(town, "Inconnu")
    while stranger.last.buttons:
        await tap(town, stranger, stranger.last.labels[0])
    await unlink(town, (await phones(town))[-1])
    assert await standing(town) == {"reminders": True, "messages": False}
    [left] = await phones(town)
    assert left.state == "confirmed"


async def test_the_first_line_of_the_way_in_betrays_nobody(town: Town) -> None:
    phone = await town.enrol(town.cast.sami, confirmed=False)
    for shown in phone.received:
        assert not [w for w in ("drogue", "justice", "CSAPA", "Sami") if w in shown.first_line]
    assert opening("words.show") in [m.first_line for m in phone.received]
    assert all(
        content.library().script("enrolment").version == row.text_version
        for row in await rows_of(town.database, ledger)
    )
    assert town.now() - timedelta(hours=1) < (await phones(town))[0].linked_at

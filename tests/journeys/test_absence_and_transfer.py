"""Nadia is away and Karim reads; then Karim accompanies: what the youth is told, and who signs."""

from collections.abc import AsyncIterator

import pytest

import content
from records import (
    appointment,
    cover,
    notification,
    outgoing,
    parental,
    response,
    sight,
    staff,
    transfer,
    youth,
)
from records.cover import Cover
from records.staff import Staff
from simulator.persons import Person
from tests.admin.house import House, hidden_of, one, words
from tests.journeys.despairing import DESPAIR
from tests.journeys.thumb import said, say, tap, wall
from tests.records.test_notification import reached
from tests.town import Town

BACK = wall("2026-11-27 18:00")
AWAY = said("notice.cover", absent="Nadia", covering="Karim", until=content.day_and_time(BACK))
GONE = said("notice.transfer", educator="Karim", before="Nadia")


@pytest.fixture
async def house(town: Town) -> AsyncIterator[House]:
    """The desk beside the bot."""
    async with House(town.database, town.cast).open() as opened:
        yield opened


async def is_away(town: Town) -> Cover:
    local = town.now().astimezone(town.zone).replace(tzinfo=None)
    async with town.database.write() as tx:
        return await cover.add(tx, town.now(), town.cast.nadia, town.cast.karim, local, BACK)


async def hand_over(town: Town, to: Staff) -> None:
    async with town.database.write() as tx:
        await transfer.one(tx, town.now(), await youth.get(tx, town.cast.sami.id), to)
    await town.pass_time(hours=7)  # Sami goes to school: until half past five nothing leaves


def received(phone: Person) -> list[str]:
    """What came after the welcome."""
    return [bubble.text for bubble in phone.messages if not bubble.mine][1:]


async def test_a_youth_is_told_once_who_reads_and_until_when(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    silent = await town.linked(town.cast.ines, messages=False)
    await is_away(town)
    await town.pass_time(days=7)
    assert received(phone) == [AWAY]
    assert received(silent) == [], "who wants no messages gets none"


async def test_who_comes_or_agrees_during_the_absence_is_told_then(town: Town) -> None:
    await is_away(town)
    phone = await town.linked(town.cast.sami)
    late = await town.linked(town.cast.leo, messages=False)
    await town.pass_time(days=1)
    assert received(phone) == [AWAY]
    for _ in range(2):
        await town.agree(town.cast.leo, "messages")
        await town.pass_time(days=1)
    assert AWAY not in received(late), "nothing is said before a parent agreed"
    async with town.database.write() as tx:
        await parental.record(
            tx, town.now(), town.cast.leo.id, town.now(), "entretien", town.cast.karim.id
        )
    await town.pass_time(days=1)
    assert [received(of).count(AWAY) for of in (phone, late)] == [1, 1]


async def test_the_bot_names_whoever_really_reads_for_as_long_as_they_do(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    away = await is_away(town)
    await say(town, phone, "Bonjour")
    assert phone.last.text.startswith("Transmis à Karim.")
    await say(town, phone, DESPAIR)
    assert phone.last.text.startswith("Transmis à Karim.")
    assert said("distress.ask_too", educator="Karim") in phone.last.text
    await tap(town, phone, said("distress.yes"))
    assert phone.last.text.startswith(said("distress.sent", educator="Karim"))
    await town.write(town.cast.sami, "À vendredi", "2026-11-23 17:30")
    await town.pass_time(hours=8)
    assert f"{said('text.from', educator='Nadia')}\n\nÀ vendredi" in received(phone)
    async with town.database.write() as tx:
        await cover.end(tx, town.now(), away)
    await say(town, phone, "Bonsoir")
    assert any(text.startswith("Transmis à Nadia.") for text in received(phone))


async def test_whoever_can_no_longer_sign_in_reads_for_nobody(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await is_away(town)
    await reached(town.database, town.cast.nadia.id)
    async with town.database.write() as tx:
        await staff.disable(tx, town.now(), town.cast.karim.id)
        karim = await staff.get(tx, town.cast.karim.id)
        assert (await sight.state_of(tx, town.now(), karim, town.cast.sami))[0] == "colleague"
        await notification.tell_who_follows(tx, town.now(), town.cast.sami.id, "refusal")
        told = await tx.rows(notification.notification.select())
    assert [row.staff_id for row in told] == [town.cast.nadia.id], "nobody reads instead"
    await say(town, phone, "Bonjour")
    assert phone.last.text.startswith("Transmis à Nadia.")


async def test_what_the_colleague_writes_is_signed_and_the_youth_sees_who_read(
    town: Town, house: House
) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await town.agree(sami, "sharing")
    await is_away(town)
    async with town.database.write() as tx:
        answer = response.Saved(sami.structure_id, sami.id, 7, "ma-meteo", 1, "feeling", "hope")
        await response.keep(tx, town.now(), [answer])
        await response.share(tx, town.now(), sami.id, 7)
    await say(town, phone, "Je peux passer demain ?")
    house.at = town.now()
    async with await house.visitor("karim") as karim:
        assert "En l'absence de Nadia" in words(await karim.get("/jeunes"))
        assert "Sami" in words(await karim.get("/"))
        assert "en l'absence de Nadia" in words(await karim.get(one(sami)))
        assert "Je peux passer demain" in words(await karim.get(one(sami, "/messages")))
        assert (await karim.get(one(sami, "/reponses"))).status_code == 200
        await karim.post(one(sami, "/repondre"), text="Oui, à 10 h")
    town.deliverer.wake()
    await town.quiet()
    assert phone.last.text == f"{said('text.from', educator='Karim')}\n\nOui, à 10 h"
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.readers"))
    assert "Karim" in phone.last.text


async def test_when_the_absence_is_over_the_colleague_finds_nothing(
    town: Town, house: House
) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    made = await is_away(town)
    await town.pass_time(hours=7)
    house.at = town.now()
    async with await house.visitor("karim") as karim:
        assert (await karim.get(one(sami))).status_code == 200
        async with town.database.write() as tx:
            await cover.end(tx, town.now(), made)
        assert (await karim.post(one(sami, "/repondre"), text="Encore moi")).status_code == 404
        assert (await karim.get(one(sami))).status_code == 404
        assert "Sami" not in words(await karim.get("/jeunes"))
    await town.pass_time(days=1)
    assert received(phone) == [AWAY, said("notice.ended", absent="Nadia", covering="Karim")]


async def test_a_transfer_is_announced_and_the_keyboard_names_who_accompanies(
    town: Town, house: House
) -> None:
    phone = await town.linked(town.cast.sami)
    await hand_over(town, town.cast.karim)
    assert received(phone) == [GONE]
    await tap(town, phone, said("menu.write", educator="Karim"))
    await say(town, phone, "Bonjour Karim", said("menu.write", educator="Nadia"))
    assert phone.last.text.startswith(said("write.invite", educator="Karim", reading="")[:40])
    house.at = town.now()
    async with await house.visitor("karim") as karim:
        assert "Bonjour Karim" in words(await karim.get(one(town.cast.sami, "/messages")))


async def test_who_wants_no_messages_is_not_told_by_the_bot(town: Town) -> None:
    phone = await town.linked(town.cast.sami, messages=False)
    await hand_over(town, town.cast.karim)
    await town.pass_time(days=15)
    assert received(phone) == []


async def test_what_was_planned_leaves_under_the_new_name(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await town.write(sami, "Bon courage pour demain.", "2026-11-24 17:30")
    async with town.database.write() as tx:
        made = await appointment.add(tx, town.now(), sami, wall("2026-11-27 14:30"), ladder=["1d"])
    await hand_over(town, town.cast.karim)
    await town.pass_time(days=3)
    assert f"{said('text.from', educator='Karim')}\n\nBon courage pour demain." in received(phone)
    assert said("meeting.coming") in phone.last.labels, "the reminder left"
    async with town.database.write() as tx:
        await appointment.cancel(tx, town.now(), await appointment.get(tx, made.id))
    town.deliverer.wake()
    await town.quiet()
    assert said("meeting.cancelled_more", educator="Karim") in phone.last.text


async def test_a_page_left_open_by_the_former_educator_saves_nothing(
    town: Town, house: House
) -> None:
    """Seen and ready to be saved; then Sami is Karim's."""
    sami = town.cast.sami
    async with await house.visitor("nadia") as nadia:
        typed = {"text": "Bonne semaine", "when": "now"}
        await nadia.get(one(sami, "/message"))
        seen = await nadia.post(one(sami, "/message"), step="preview", **typed)
        assert seen.status_code == 200
        await hand_over(town, town.cast.karim)
        kept = typed | hidden_of(seen.text)
        assert (await nadia.post(one(sami, "/message"), step="save", **kept)).status_code == 404
        assert (await nadia.post(one(sami, "/repondre"), text="Au revoir")).status_code == 404
    async with town.database.read() as tx:
        assert not await outgoing.listed(tx, youth_id=sami.id, kinds=("text",), states=("waiting",))

"""« Aujourd'hui »: who comes, what waits, what failed; and it refreshes by itself."""

import re
from datetime import timedelta

import pytest

from records import appointment, contact, inbox, outgoing, structure
from tests.admin.house import NBSP, WALL, House, Visitor, one, words


async def test_today_says_who_comes_what_waits_and_what_failed(busy: House, nadia: Visitor) -> None:
    page = words(await nadia.get("/"))
    for said in (
        "Sera là",
        "N'a pas encore répondu",
        "Demande à changer",
        "A écrit un message",
        f"Propose jeudi{NBSP}26{NBSP}novembre à{NBSP}11{NBSP}h.",
        "A ouvert son lien",
        f"Pas remis{NBSP}: ce jeune a bloqué le bot.",
        "Envoyer à nouveau",
        "<title>(4) Aujourd'hui",
    ):
        assert said in page, said


async def test_the_days_that_follow_say_who_will_be_there(busy: House, nadia: Visitor) -> None:
    async with busy.database.write() as tx:
        tomorrow = await appointment.add(
            tx, busy.at, busy.cast.sami, WALL + timedelta(days=1, hours=3)
        )
        await appointment.answer(tx, busy.at, tomorrow, "coming")
        await appointment.add(tx, busy.at, busy.cast.sami, WALL + timedelta(days=8))
        gone = await appointment.add(tx, busy.at, busy.cast.ines, WALL + timedelta(days=3))
        await appointment.cancel(tx, busy.at, gone)
    page = words(await nadia.get("/"))
    following = page[page.index("Les jours suivants") :].split("</section>")[0]
    assert following.count("<li>") == 2
    assert f"Demain à{NBSP}14{NBSP}h" in following
    assert following.index("Sera là") < following.index("Demande à changer")


async def test_a_full_week_shows_the_next_eight_meetings_and_how_many_more(
    house: House, nadia: Visitor
) -> None:
    async with house.database.write() as tx:
        for number in range(11):
            await appointment.add(
                tx, house.at, house.cast.ines, WALL + timedelta(days=1 + number // 3, hours=number)
            )
    page = words(await nadia.get("/"))
    assert page.count("N'a pas encore répondu") == 8
    assert "Et 3 autres rendez-vous dans les sept jours." in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("revoked", "Telegram ne reconnaît plus le bot"),
        ("conflict", "Un autre programme utilise le même bot"),
        ("unheard", "Telegram n'arrive pas à nous livrer"),
        ("unreachable", "Telegram ne répond pas pour l'instant"),
    ],
)
async def test_a_bot_that_is_not_well_is_told_once_with_what_to_do(
    busy: House, nadia: Visitor, state: str, said: str
) -> None:
    assert said not in words(await nadia.get("/"))
    async with busy.database.write() as tx:
        await structure.set_bot_state(tx, busy.real, busy.cast.bot_id, state)
    busy.real += timedelta(minutes=6)
    page = words(await nadia.get("/"))
    assert page.count(said) == 1
    assert "la personne qui a installé Relais" in page
    async with busy.database.write() as tx:
        await structure.set_bot_state(tx, busy.real, busy.cast.bot_id, "ok")
    assert said not in words(await nadia.get("/"))


async def test_a_short_silence_of_telegram_worries_nobody(busy: House, nadia: Visitor) -> None:
    async with busy.database.write() as tx:
        await structure.set_bot_state(tx, busy.real, busy.cast.bot_id, "unreachable")
    assert "Telegram ne répond pas" not in words(await nadia.get("/"))


async def test_today_never_shows_a_youths_words_before_they_are_opened(
    busy: House, nadia: Visitor
) -> None:
    assert "avec un pote" not in words(await nadia.get("/"))
    assert "avec un pote" not in words(await nadia.get(one(busy.cast.sami)))


async def test_a_quiet_day_is_calm(nadia: Visitor) -> None:
    page = words(await nadia.get("/"))
    assert "Aucun rendez-vous aujourd'hui." in page
    assert "Rien ne vous attend. Tout a été lu." in page
    assert "Ce qui n'est pas parti" not in page
    assert "Les jours suivants" not in page
    assert 'class="notice' not in page


async def test_the_living_part_is_sent_again_only_when_something_changed(
    busy: House, nadia: Visitor
) -> None:
    page = (await nadia.get("/")).text
    print_ = re.search(r"\?vu=(\w+)", page)
    assert print_
    live = {"HX-Request": "true", "HX-Trigger": "live"}
    assert (await nadia.get(f"/?vu={print_[1]}", **live)).status_code == 204
    async with busy.database.write() as tx:
        await inbox.add(
            tx,
            busy.at,
            structure_id=busy.cast.structure_id,
            youth_id=busy.cast.ines.id,
            kind="meeting_wanted",
        )
    again = await nadia.get(f"/?vu={print_[1]}", **live)
    assert again.status_code == 200
    assert "Demande un rendez-vous" in again.text
    assert "<html" not in again.text


@pytest.mark.parametrize(("decision", "state"), [("again", "waiting"), ("leave", "dropped")])
async def test_an_uncertain_message_waits_for_the_educators_decision(
    busy: House, nadia: Visitor, decision: str, state: str
) -> None:
    async with busy.database.read() as tx:
        unsure = (await outgoing.listed(tx, youth_id=busy.cast.sami.id, states=("uncertain",)))[0]
    await nadia.get("/")
    path = one(busy.cast.sami, f"/envois/{unsure.id}/incertain")
    answer = await nadia.post(path, decision=decision, back="today")
    assert answer.headers["location"].startswith("/?dit=")
    async with busy.database.read() as tx:
        assert (await outgoing.get(tx, unsure.id)).state == state
    twice = await nadia.post(path, decision=decision)
    assert twice.headers["location"].endswith("dit=nothing_uncertain")


async def test_a_phone_that_receives_nothing_any_more_stays_on_the_page(
    busy: House, nadia: Visitor
) -> None:
    async with busy.database.write() as tx:
        [phone] = await contact.of_youth(tx, busy.cast.ines.id)
        await contact.set_reachable(tx, phone.id, "blocked")
    page = words(await nadia.get("/"))
    assert "Téléphones qui ne reçoivent plus rien" in page
    assert page.count("a bloqué le bot") == 2  # the message that failed, and the phone itself
    async with busy.database.write() as tx:
        await contact.set_reachable(tx, phone.id, None)
    assert "Téléphones qui ne reçoivent" not in words(await nadia.get("/"))

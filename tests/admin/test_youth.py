"""One youth's page: phone, words, consents, agreement, time line."""

import re
from datetime import UTC, datetime, timedelta

from records import appointment, contact, inbox, invitation, parental
from records.consent_text import PURPOSES
from tests.admin.house import NBSP, WALL, House, Visitor, linked, one, words


async def test_the_two_words_confirm_a_phone_and_the_bot_is_woken(
    busy: House, nadia: Visitor
) -> None:
    leo = busy.cast.leo
    page = words(await nadia.get(one(leo)))
    async with busy.database.read() as tx:
        phone = (await contact.of_youth(tx, leo.id))[0]
    assert phone.words in page
    assert (
        (await nadia.post(one(leo, "/confirmer"), words="avion bleu"))
        .headers["location"]
        .endswith("dit=words_differ")
    )
    answer = await nadia.post(one(leo, "/confirmer"), words=phone.words)
    assert answer.headers["location"].endswith("dit=phone_confirmed")
    assert busy.wakes == 1
    async with busy.database.read() as tx:
        assert (await contact.of_youth(tx, leo.id))[0].state == "confirmed"


async def test_a_phone_that_is_not_theirs_is_unlinked_and_the_other_stays(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    async with busy.database.write() as tx:
        made = await invitation.invite(tx, busy.at, sami)
        stranger = await contact.accept(tx, busy.at, made.token, busy.cast.bot_id, "telegram", "7")
    await nadia.get(one(sami))
    await nadia.post(one(sami, "/delier"), phone=str(stranger.id))
    async with busy.database.read() as tx:
        assert [p.state for p in await contact.of_youth(tx, sami.id)] == ["confirmed"]
    await nadia.post(one(sami, "/delier"))
    async with busy.database.read() as tx:
        assert await contact.of_youth(tx, sami.id) == []


async def test_an_invitation_shows_a_link_once_and_its_code(house: House, nadia: Visitor) -> None:
    await nadia.get(one(house.cast.sami))
    answer = await nadia.post(one(house.cast.sami, "/invitation"))
    page = words(answer)
    token = re.search(r"start=([\w-]{32})", page)
    assert token
    assert 'src="data:image/svg+xml' in page
    assert f"Valable jusqu'au lundi{NBSP}30{NBSP}novembre" in page
    async with house.database.write() as tx:
        await contact.accept(tx, house.at, token[1], house.cast.bot_id, "telegram", "42")


async def test_an_invitation_refused_by_the_rules_says_what_to_do(
    house: House, nadia: Visitor
) -> None:
    from records import structure

    async with house.database.write() as tx:
        await structure.change(tx, house.cast.structure_id, telegram_minimum_age=18)
    await nadia.get(one(house.cast.leo))
    answer = await nadia.post(one(house.cast.leo, "/invitation"))
    page = words(await nadia.get(answer.headers["location"]))
    assert "suivez-le au bureau" in page


async def test_a_parents_agreement_is_asked_under_the_age_and_recorded_once(
    house: House, nadia: Visitor
) -> None:
    leo = house.cast.leo
    assert "Il manque l'accord d'un parent" in words(await nadia.get(one(leo)))
    assert "Il manque l'accord" not in words(await nadia.get(one(house.cast.sami)))
    wrong = await nadia.post(one(leo, "/accord"), day="demain", means="")
    assert wrong.status_code == 422
    assert "Ce jour n'est pas encore venu" in words(wrong)
    unborn = await nadia.post(
        one(leo, "/accord"), day="12/01/2012", means="signé au local", purpose="messages"
    )
    assert unborn.status_code == 422
    assert 'id="day-wrong">Ce jour est d\'avant sa naissance' in words(unborn)
    right = await nadia.post(
        one(leo, "/accord"), day="12/11", means="signé au local", purpose=PURPOSES
    )
    assert right.status_code == 303
    async with house.database.read() as tx:
        assert await parental.agreed(tx, [leo.id]) == {leo.id}


async def test_consents_are_visible_with_since_when(busy: House, nadia: Visitor) -> None:
    page = words(await nadia.get(one(busy.cast.sami)))
    assert f"oui, depuis le mardi{NBSP}3{NBSP}novembre" in page
    assert f"non, depuis le mardi{NBSP}3{NBSP}novembre" in page
    assert "pas encore demandé" in page


async def test_the_time_line_pages_without_losing_or_repeating_a_line(
    house: House, nadia: Visitor
) -> None:
    sami = house.cast.sami
    async with house.database.write() as tx:
        for number in range(45):
            at = house.at - timedelta(hours=90 - number)
            await inbox.add(
                tx, at, structure_id=sami.structure_id, youth_id=sami.id, kind="words", text="x"
            )
        await appointment.add(tx, house.at - timedelta(days=5), sami, WALL - timedelta(days=3))
    seen, path = 0, one(sami)
    for _page in range(3):
        page = words(await nadia.get(path))
        seen += page.count("A écrit un message") + page.count("<p>Rendez-vous")
        older = re.search(r'href="([^"]*)#line"', page)
        if older is None:
            break
        path = older[1]
    assert seen == 46


async def test_a_consent_to_be_asked_again_is_shown_with_since_when(house: House) -> None:
    """Sami turns eighteen on 1 April 2028."""
    sami = house.cast.sami
    await linked(house.database, house.cast, sami, "messages")
    house.at = datetime(2028, 4, 3, 9, 0, tzinfo=UTC)
    async with await house.visitor("nadia") as nadia:
        page = words(await nadia.get(one(sami)))
    assert f"à redemander depuis le samedi{NBSP}1er{NBSP}avril" in page
    assert "rien ne part pour cet usage" in page

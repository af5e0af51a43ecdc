"""What was asked for the youth alone is never offered to be shown, and cannot be."""

import pytest

from records import closure, response
from records.response import ONLY_ME, Response
from simulator.persons import Person
from tests.journeys.breathing import SECRET, breathing, ready
from tests.journeys.thumb import press, said, say, tap
from tests.town import Town


async def finished(town: Town, *, mood: str, words: str = SECRET) -> Person:
    phone = await ready(town)
    await breathing(town, phone, mood)
    await tap(town, phone, said("script.go"))
    await say(town, phone, words)
    await tap(town, phone, said("script.no_reminder"))
    return phone


async def answers(town: Town) -> dict[str, Response]:
    async with town.database.read() as tx:
        found = await response.of_youth(tx, town.cast.sami.id)
    return {one.variable: one for one in found}


async def read(town: Town) -> list[str]:
    async with town.database.write() as tx:
        found = await response.read_by(tx, town.now(), town.cast.nadia, town.cast.sami)
    return [one.variable for one in found]


async def test_where_nothing_else_was_said_the_question_is_not_asked(breathing_town: Town) -> None:
    phone = await finished(breathing_town, mood=said("script.skip"))
    assert list(await answers(breathing_town)) == ["secret"]
    assert phone.last.text == "À bientôt."


async def test_showing_an_exercise_leaves_it_out(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town, mood="Bien")
    assert phone.last.text == said("share.ask")
    await tap(town, phone, said("share.yes"))
    assert phone.last.text == said("share.shared")
    assert await read(town) == ["mood"]
    await tap(town, phone, said("share.no"), said("share.yes"))
    assert await read(town) == ["mood"]
    assert (await answers(town))["secret"].visibility == ONLY_ME


async def test_moi_offers_no_button_and_says_why(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town, mood="Bien")
    secret = (await answers(town))["secret"]
    await say(town, phone, "/moi")
    await tap(town, phone, said("carnet.open"))
    await press(town, phone, "one", "response", str(secret.id))
    assert SECRET in phone.last.text
    assert f"{said('carnet.only_me')}\nPour toi seulement\u00a0?" in phone.last.text
    assert not [one for one in phone.last.labels if SECRET in one], "no button shows it"
    await tap(town, phone, said("carnet.erase"))
    assert [one for one in phone.last.labels if SECRET in one], "one erases it"


@pytest.mark.parametrize("said_first", ["show", "keep"])
async def test_a_button_that_was_never_offered_shows_nothing(
    breathing_town: Town, said_first: str
) -> None:
    town = breathing_town
    phone = await finished(town, mood="Bien")
    secret = (await answers(town))["secret"]
    for wish in (said_first, "show"):
        phone.press(phone.last, f"answer:{secret.id}:{wish}")
        await town.quiet()
    assert phone.last.text == said("answer.only_me")
    assert await read(town) == []
    async with town.database.write() as tx:
        assert not await response.show_one(
            tx, town.now(), town.cast.sami.id, secret.id, to_educator=True
        )


async def test_a_forged_yes_to_show_what_is_only_theirs_is_an_old_button(
    breathing_town: Town,
) -> None:
    town = breathing_town
    phone = await finished(town, mood=said("script.skip"))
    await say(town, phone, "/exercice")
    secret = (await answers(town))["secret"]
    phone.press(phone.last, f"share:{secret.conversation_id}:yes:")
    await town.quiet()
    assert phone.notices[-1].text == said("old_button")
    assert await read(town) == []


async def test_at_closure_it_goes_with_the_carnet(breathing_town: Town) -> None:
    town = breathing_town
    phone = await finished(town, mood="Bien")
    await tap(town, phone, said("share.yes"))
    async with town.database.write() as tx:
        await closure.close(tx, town.now(), town.cast.sami)
    assert list(await answers(town)) == ["mood"]

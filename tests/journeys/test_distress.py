"""Words of distress, from the card to « je m'en occupe », in every state of the conversation."""

from datetime import timedelta

import pytest

import content
from dialogs.script import Words
from records import alert, closure, inbox, structure
from records.alert import Alert
from records.message import message
from records.question import question
from records.structure import CATEGORIES, MINOR_AGES
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.test_exercises import answers, ready
from tests.journeys.thumb import begin, rows_of, said, say, script, talk_of, tap, walk
from tests.town import Town

DESPAIR = "jveu mouriiir"
ELSEWHERE = "je dors dehors ce soir"


def card(heard: str = "suicide") -> str:
    return content.help_card(content.About(educator="Nadia", reading=READING), heard).text


READING = structure.DEFAULT_READING


async def tells(town: Town, choice: str = "tell") -> None:
    """The structure's rule for minors, from now on."""
    rule = {f"{one}:{age}": choice for one in CATEGORIES for age in MINOR_AGES}
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, alert_rule=rule)


async def alerts(town: Town, who: Youth | None = None) -> list[Alert]:
    who = who or town.cast.sami
    async with town.database.read() as tx:
        return await alert.waiting_for(tx, town.now(), who.educator_id, [who.id])


async def nothing_is_left(town: Town) -> None:
    """No question, no card, and the category nowhere, not even sealed."""
    assert await rows_of(town.database, question) == []
    assert await rows_of(town.database, alert.alert) == []
    assert await rows_of(town.database, message, message.c.kind.in_(("card", "passing"))) == []


async def despairs(town: Town, who: Youth | None = None, words: str = DESPAIR) -> Person:
    """In an exercise, at the step that asks for words."""
    who = who or town.cast.sami
    phone = await ready(town, who)
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, who, until=Words)
    await say(town, phone, words)
    return phone


def shown(phone: Person) -> list[str]:
    return [bubble.text for bubble in phone.received]


async def test_the_card_comes_at_once_then_the_question_and_the_exercise_pauses(
    town: Town,
) -> None:
    phone = await despairs(town)
    assert shown(phone)[-2] == card()
    assert "3114" in card()
    assert "Ici, on lit du lundi au vendredi, de 9\u00a0h à 18\u00a0h." in card()
    asked = phone.last
    assert asked.text.startswith(said("distress.ask"))
    assert "Ici, on lit du lundi au vendredi" in asked.text
    assert said("distress.set_aside") in asked.text
    assert asked.labels == [said("distress.yes"), said("distress.no"), said("script.resume")]
    assert DESPAIR in [a.value for a in await answers(town)], "what was written is kept"
    assert await talk_of(town, town.cast.sami) is None
    await tap(town, phone, said("script.resume"))
    assert await talk_of(town, town.cast.sami) is not None

"""What the journeys of distress stand on: words, the card that answers them, and what is kept."""

import content
from dialogs.script import Words
from records import alert, inbox, structure, youth
from records.alert import Alert
from records.message import TRACELESS, message
from records.question import question
from records.structure import CATEGORIES, MINOR_AGES
from records.youth import Youth
from simulator.persons import Person
from tests.cast import has_read_the_rule
from tests.journeys.test_exercises import ready
from tests.journeys.thumb import begin, rows_of, say, script, walk
from tests.town import Town

DESPAIR = "jveu mouriiir"
ELSEWHERE = "je dors dehors ce soir"
ABOUT = content.About(educator="Nadia", reading=structure.DEFAULT_READING)


THREATENED = "ils menacent de me tuer si je paye pas"


def card(*heard: str) -> str:
    return content.help_card(ABOUT, heard or ("suicide",)).text


def everything() -> str:
    """The card of « /aide »."""
    return content.help_card(ABOUT).text


async def stricter(town: Town, choice: str = "tell") -> None:
    """The structure's rule for minors changes; nobody has been told yet."""
    rule = {f"{one}:{age}": choice for one in CATEGORIES for age in MINOR_AGES}
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, alert_rule=rule)


async def tells(town: Town, choice: str = "tell", **others: str) -> None:
    """The structure's rule for minors, which everybody has read; `others` by category."""
    rule = {f"{one}:{age}": others.get(one, choice) for one in CATEGORIES for age in MINOR_AGES}
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, alert_rule=rule)
        for who in await youth.listed(tx, structure_id=town.cast.structure_id):
            await has_read_the_rule(tx, who)


async def alerts(town: Town, who: Youth | None = None) -> list[Alert]:
    who = who or town.cast.sami
    async with town.database.read() as tx:
        return await alert.waiting_for(tx, town.now(), who.educator_id, [who.id])


async def nothing_is_left(town: Town) -> None:
    """No question, no card, and the category nowhere, not even sealed."""
    assert await rows_of(town.database, question) == []
    assert await rows_of(town.database, alert.alert) == []
    assert await rows_of(town.database, message, message.c.kind.in_(TRACELESS)) == []


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


async def words_of(town: Town, who: Youth | None = None) -> list[str | None]:
    async with town.database.read() as tx:
        return [item.text for item in await inbox.of_youth(tx, (who or town.cast.sami).id)]

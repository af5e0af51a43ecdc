"""What a thumb does in these journeys, and what a test looks at: labels come from the library."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

import content
from bot.taps import packed, unpacked
from dialogs.engine import State
from dialogs.screen import Button
from dialogs.script import Script, Several, Step, Words
from records import conversation
from records.conversation import Conversation
from records.database import Database, metadata
from records.youth import Youth
from simulator.bubbles import Bubble
from simulator.persons import Person
from tests.town import Town


def wall(told: str) -> datetime:
    """A local wall time, as a person types it: « 2026-11-25 14:30 »."""
    return datetime.fromisoformat(told)


def said(key: str, language: str = "fr", **facts: Any) -> str:
    """A sentence or a label of the interface, as Nadia's youths read it."""
    return content.library().phrase(key, language, **{"educator": "Nadia"} | facts)


def opening(key: str, **facts: Any) -> str:
    """The first line of a sentence, for those that go on with facts of the moment."""
    known = {"educator": "Nadia", "nickname": "", "reading": "", "words": ""} | facts
    return content.library().phrase(key, "fr", **known).partition("\n")[0].strip()


def script(kind: str = "exercise", holding: type[Any] | None = None) -> Script:
    """The first script of this kind that can be begun at will, or the first that has a step of this
    type; the survey of every quarter."""
    if kind == "survey":
        return content.library().script("satisfaction")
    return next(
        one
        for one in content.library().catalogue(kind)
        if one.at_will
        if holding is None or any(isinstance(s, holding) for s in one.steps.values())
    )


async def tap(town: Town, phone: Person, *labels: str) -> Bubble:
    for label in labels:
        phone.tap(label)
        await town.quiet()
    return phone.last


def data_of(bubble: Bubble, label: str) -> str:
    """What a button sends, to be pressed again long after its screen has changed."""
    [data] = [b.data for row in bubble.buttons for b in row if b.text == label]
    assert data is not None
    return data


async def press(town: Town, phone: Person, *act: str) -> Bubble:
    """The button of the last message that means this, whatever it is called."""
    phone.press(phone.last, packed(Button("", act)))
    await town.quiet()
    return phone.last


def act_of(bubble: Bubble, label: str) -> tuple[str, ...]:
    return unpacked(data_of(bubble, label))


async def say(town: Town, phone: Person, *texts: str) -> Bubble:
    for text in texts:
        phone.say(text)
        await town.quiet()
    return phone.last


async def begin(town: Town, phone: Person, which: Script) -> Bubble:
    """« Un exercice », then its title: whoever agreed to this kind of script is inside it."""
    await say(town, phone, "/exercice")
    while which.title not in phone.last.labels:
        await tap(town, phone, said("exercise.more"))
    return await tap(town, phone, which.title)


async def talk_of(town: Town, who: Youth) -> Conversation | None:
    async with town.database.read() as tx:
        return (await conversation.open_of(tx, [who.id])).get(who.id)


async def step_of(town: Town, who: Youth) -> Step | None:
    """The step at which the open script stands; None when none is open."""
    talk = await talk_of(town, who)
    if talk is None:
        return None
    state = State.from_json(talk.state)
    return content.library().script(talk.script, talk.version).steps[state.step]


async def walk(
    town: Town,
    phone: Person,
    who: Youth,
    *,
    until: type[Any] | None = None,
    skipping: bool = False,
    words: str = "Ça va mieux le soir.",
) -> list[Bubble]:
    """Answer the open script up to a step of this type, or to its end; each screen on the way."""
    seen: list[Bubble] = []
    for _ in range(20):
        at = await step_of(town, who)
        if at is None or (until is not None and isinstance(at, until)):
            return seen
        seen.append(phone.last)
        await _answer(town, phone, at, words, skipping=skipping)
    raise AssertionError(f"no end in sight\n{phone}")


async def _answer(town: Town, phone: Person, at: Step, words: str, *, skipping: bool) -> None:
    if skipping and said("script.skip") in phone.last.labels:
        await tap(town, phone, said("script.skip"))
    elif isinstance(at, Words):
        await say(town, phone, words)
    elif isinstance(at, Several):
        await tap(town, phone, phone.last.labels[0])
        await tap(town, phone, phone.last.labels[1])
        await tap(town, phone, said("script.done"))
    else:
        await tap(town, phone, phone.last.labels[0])


def texts_sent(town: Town, phone: Person) -> list[str]:
    """Every text that the bot sent to this phone or put on it by an edit, and every notice."""
    calls = [
        call
        for method in ("sendMessage", "editMessageText")
        for call in town.telegram.transcript.accepted(method, phone.id)
    ]
    return [
        *(
            str(call.parameters["text"]) + str(call.parameters.get("reply_markup", ""))
            for call in calls
        ),
        *(notice.text for notice in phone.notices),
    ]


async def everything_kept(database: Database) -> str:
    """The whole database as text, sealed fields as their bytes."""
    async with database.read() as tx:
        return "\n".join(
            [
                f"{table.name} {tuple(row)!r}"
                for table in metadata.sorted_tables
                for row in await tx.rows(select(table))
            ]
        )


async def rows_of(database: Database, table: Any, *which: Any) -> list[Any]:
    async with database.read() as tx:
        return list(await tx.rows(select(table).where(*which).order_by(*table.primary_key.columns)))

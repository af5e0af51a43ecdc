"""Withdrawal, in every state of the conversation and on everything scheduled, in the same commit; and
undone by an explicit act only."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dialogs.script import Choice, Scale, Several, Words
from records import appointment, consent, contact, conversation, cover, outbox, outgoing, response
from records.consent_text import PURPOSES
from records.database import Database
from records.due import Due
from simulator.persons import Person
from tests.bot.scripted import Scripted, delivering, words
from tests.cast import NOW, Cast, link
from tests.journeys.thumb import (
    begin,
    data_of,
    said,
    say,
    script,
    talk_of,
    tap,
    texts_sent,
    walk,
    wall,
)
from tests.town import Town

WAVE = "2026-T4"


async def stop(town: Town, phone: Person) -> None:
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))


async def in_moi(town: Town, phone: Person) -> None:
    """Each purpose by itself."""
    await say(town, phone, "/moi")
    for purpose in PURPOSES:
        line = f"✅ {said(f'consent.{purpose}')}"
        if any(line in shown.labels for shown in phone.messages):
            await tap(town, phone, line)


def texts(phone: Person) -> list[str]:
    return [shown.text for shown in phone.received]


async def plan_everything(town: Town) -> None:
    """A meeting, one that changes, one called off; words once and each week; three offers."""
    sami, to_sami = town.cast.sami, _to(town)
    await town.write(sami, "Bravo", "2026-11-24 18:00")
    await town.write(sami, "Chaque semaine", "2026-11-24 18:10", weekly=True)
    async with town.database.write() as tx:
        for day in ("2026-11-25 14:30", "2026-11-26 14:30", "2026-11-27 14:30"):
            await appointment.add(tx, town.now(), sami, wall(day), ladder=["1d", "3h"])
        *_, moved, off = await appointment.listed(tx, youth_id=sami.id, since=town.now())
        await appointment.move(tx, town.now(), moved, wall("2026-12-03 14:30"))
        await appointment.cancel(tx, town.now(), off)
        for kind, purpose in (
            ("exercise", "exercises"),
            ("checkin", "checkins"),
            ("survey", "surveys"),
        ):
            await outgoing.schedule_offer(
                tx,
                town.now(),
                **to_sami,
                script=script(kind).name,
                purpose=purpose,
                due_at=town.now(),
                wave=WAVE if kind == "survey" else None,
            )
        starts, ends = wall("2026-11-24 09:00"), wall("2026-11-28 18:00")
        await cover.add(tx, town.now(), town.cast.nadia, town.cast.karim, starts, ends)


def _to(town: Town) -> dict[str, Any]:
    return {
        "structure_id": town.cast.structure_id,
        "bot_id": town.cast.bot_id,
        "youth_id": town.cast.sami.id,
    }


async def still_waiting(town: Town) -> list[str]:
    async with town.database.read() as tx:
        return [
            due.kind for due in await outbox.awaited(tx, town.now(), youth_id=town.cast.sami.id)
        ]


async def at_a(town: Town, phone: Person, kind: str, step: type) -> None:
    await begin(town, phone, script(kind, holding=step))
    await walk(town, phone, town.cast.sami, until=step)


async def in_a_survey(town: Town, phone: Person) -> None:
    async with town.database.write() as tx:
        await outgoing.schedule_offer(
            tx,
            town.now(),
            **_to(town),
            script=script("survey").name,
            purpose="surveys",
            due_at=town.now(),
            wave=WAVE,
        )
    await town.pass_time(hours=7)
    await tap(town, phone, said("offer.begin"), phone.last.labels[0])


async def with_held_words(town: Town, phone: Person) -> None:
    await at_a(town, phone, "exercise", Choice)
    await say(town, phone, "C'est pour qui ?")
    assert said("sent.held") in phone.last.text


async def before_slots(town: Town, phone: Person) -> None:
    async with town.database.write() as tx:
        slots = (wall("2026-11-27 10:00"), wall("2026-11-27 15:00"))
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-26 14:30"), slots=slots)
    await say(town, phone, "/rdv")
    await tap(town, phone, phone.last.labels[0], said("meeting.change"))
    assert said("meeting.no_slot") in phone.last.labels


async def before_sharing(town: Town, phone: Person) -> None:
    await begin(town, phone, script())
    await walk(town, phone, town.cast.sami)
    assert said("share.yes") in phone.last.labels


async def nowhere(town: Town, phone: Person) -> None:
    await say(town, phone, "/rdv")


async def with_something_away(town: Town, phone: Person) -> None:
    await at_a(town, phone, "exercise", Choice)
    await tap(town, phone, said("script.stop"))


STATES: dict[str, Callable[[Town, Person], Awaitable[None]]] = {
    "nowhere": nowhere,
    "at a choice": lambda town, phone: at_a(town, phone, "exercise", Choice),
    "at a tick list": lambda town, phone: at_a(town, phone, "exercise", Several),
    "at free words": lambda town, phone: at_a(town, phone, "exercise", Words),
    "in a check-in": lambda town, phone: at_a(town, phone, "checkin", Scale),
    "in a survey": in_a_survey,
    "with words held": with_held_words,
    "before offered moments": before_slots,
    "asked to share": before_sharing,
    "something put away": with_something_away,
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", [stop, in_moi])
@pytest.mark.parametrize("state", STATES)
async def test_wherever_they_are_everything_planned_goes_in_the_same_commit(
    town: Town, state: str, way: Callable[[Town, Person], Awaitable[None]]
) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises", "checkins", "surveys", "sharing")
    await STATES[state](town, phone)
    await plan_everything(town)
    before = phone.last
    await way(town, phone)
    assert await still_waiting(town) == []
    assert await talk_of(town, town.cast.sami) is None
    async with town.database.read() as tx:
        stands = await consent.of(tx, town.cast.sami.id)
        kept = await response.of_youth(tx, town.cast.sami.id)
        away = await conversation.away(tx, town.cast.sami.id)
    assert not any(standing.given for standing in stands.values())
    assert not any(talk.anonymous for talk in away), "a half-answered survey is wiped"
    count = len(texts_sent(town, phone))
    await town.pass_time(days=15)
    assert len(texts_sent(town, phone)) == count, "not a word more"
    for button in [b for row in before.buttons for b in row]:
        phone.press(before, button.data or "")
        await town.quiet()
    await say(town, phone, "Je voulais juste dire bonjour")
    async with town.database.read() as tx:
        stands = await consent.of(tx, town.cast.sami.id)
        assert await response.of_youth(tx, town.cast.sami.id) == kept, "no answer is taken in"
    assert not any(standing.given for standing in stands.values()), "nothing is given back by it"


# What does not undo it ------------------------------------------------------------------------------


async def write(town: Town, phone: Person) -> None:
    await say(town, phone, "Salut", "/start", "/rdv", "/aide", "/exercice", "/moi", "/pause")


async def open_the_link_again(town: Town, phone: Person) -> None:
    phone.start(town.bot, await town.invite(town.cast.sami))
    await town.quiet()


async def come_back(town: Town, phone: Person) -> None:
    phone.block()
    await town.quiet()
    phone.unblock()
    await town.quiet()


async def educators_act(town: Town, phone: Person) -> None:
    await plan_everything(town)
    async with town.database.write() as tx:
        await outgoing.reply(
            tx, town.now(), **_to(town), text="Tu es là ?", created_by=town.cast.nadia.id
        )
    await town.pass_time(days=3)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", [write, open_the_link_again, come_back, educators_act])
async def test_none_of_this_gives_anything_back(
    town: Town, act: Callable[[Town, Person], Awaitable[None]]
) -> None:
    phone = await town.linked(town.cast.sami)
    await stop(town, phone)
    await act(town, phone)
    async with town.database.read() as tx:
        stands = await consent.of(tx, town.cast.sami.id)
    assert {p: s.given for p, s in stands.items()} == dict.fromkeys(PURPOSES, False)


@pytest.mark.parametrize("purpose", ["exercises", "surveys"])
async def test_an_old_yes_gives_nothing_and_the_question_is_put_anew(
    town: Town, purpose: str
) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/moi")
    await tap(town, phone, f"⬜ {said(f'consent.{purpose}')}")
    old = phone.last
    yes = data_of(old, said("consent.yes"))
    await stop(town, phone)
    phone.press(old, yes)
    await town.quiet()
    assert f"{said('consent.old')}\n\n{said(f'ask.{purpose}')}" in texts(phone)
    async with town.database.read() as tx:
        assert not (await consent.of(tx, town.cast.sami.id))[purpose].given
    await tap(town, phone, said("consent.yes"))
    async with town.database.read() as tx:
        assert (await consent.of(tx, town.cast.sami.id))[purpose].given, (
            "this one was read just now"
        )


async def test_an_old_line_of_moi_gives_nothing_back(town: Town) -> None:
    phone = await town.linked(town.cast.sami, messages=False)
    await say(town, phone, "/moi")
    old = phone.last
    line = data_of(old, f"⬜ {said('consent.messages')}")
    await stop(town, phone)
    phone.press(old, line)
    await town.quiet()
    async with town.database.read() as tx:
        assert not (await consent.of(tx, town.cast.sami.id))["messages"].given


async def test_an_old_commencer_and_an_old_montrer_ask_first(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    await walk(town, phone, town.cast.sami)
    asked = phone.last
    show = data_of(asked, said("share.yes", educator="Nadia"))
    await stop(town, phone)
    phone.press(asked, show)
    await town.quiet()
    assert f"{said('consent.old')}\n\n{said('ask.sharing')}" in texts(phone)
    phone.press(asked, f"begin:{script().name}:")
    await town.quiet()
    assert said("ask.exercises") in texts(phone)
    async with town.database.read() as tx:
        assert not any(s.given for s in (await consent.of(tx, town.cast.sami.id)).values())
        answers = await response.of_youth(tx, town.cast.sami.id)
    assert {one.visibility for one in answers} == {"me"}


async def test_a_no_to_an_offer_leaves_the_exercise_that_was_open(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    phone.press(phone.last, f"decline:{script().name}")
    await town.quiet()
    assert await talk_of(town, town.cast.sami) is None


async def test_the_yes_of_an_enrolment_that_began_before_is_none(town: Town) -> None:
    """Another phone has the questions on its screen when the first one stops everything."""
    sami = town.cast.sami
    first = await town.linked(sami)
    second = town.telegram.person("Sami, autre téléphone")
    second.start(town.bot, await town.invite(sami))
    await town.quiet()
    while len(second.last.labels) == 1:
        await tap(town, second, second.last.labels[0])
    await stop(town, first)
    for _ in ("reminders", "messages"):
        await tap(town, second, "Oui, d'accord")
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), sami.id)
        stands = await consent.of(tx, sami.id)
    assert not any(standing.given for standing in stands.values())


# On its way -----------------------------------------------------------------------------------------


async def test_what_was_claimed_and_has_not_left_is_given_back_when_it_is_withdrawn(
    database: Database, cast: Cast
) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = delivering(database, channel)
    async with database.write() as tx:
        await link(tx, NOW, cast.sami, cast.bot_id, "5001")
    await deliverer.until_idle()
    channel.calls.clear()
    [which] = await words(database, cast, cast.sami, cast.bot_id, "Trop tard")
    claimed = await _claimed(database, cast)
    async with database.write() as tx:
        await consent.record(tx, NOW, cast.sami, "messages", given=False, text_version=1)
    deliverer.let_go(claimed)  # it has its turn, and has not taken it
    deliverer.take_back({(cast.sami.id, "messages")})
    await deliverer.until_idle()
    assert channel.said == []
    async with database.read() as tx:
        row = await outgoing.get(tx, which)
    assert (row.state, row.reason) == ("dropped", "refused")


async def test_a_withdrawal_gives_back_nothing_but_its_own(database: Database, cast: Cast) -> None:
    channel = Scripted(cast.bot_id)
    deliverer = delivering(database, channel)
    async with database.write() as tx:
        await link(tx, NOW, cast.sami, cast.bot_id, "5001")
    await deliverer.until_idle()
    channel.calls.clear()
    await words(database, cast, cast.sami, cast.bot_id, "À temps")
    deliverer.let_go(await _claimed(database, cast))
    deliverer.take_back({(cast.sami.id, "reminders"), (cast.ines.id, "messages")})
    await deliverer.until_idle()
    assert channel.said == ["À temps"]


async def _claimed(database: Database, cast: Cast) -> list[Due]:
    async with database.write() as tx:
        return await outbox.claim_due(tx, NOW, NOW, cast.bot_id, 10)

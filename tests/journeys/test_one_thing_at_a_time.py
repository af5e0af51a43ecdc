"""In the middle of an exercise: what is proposed meanwhile waits its turn, a reminder passes beside,
and nothing of either is lost."""

import pytest

from records import appointment, outgoing
from records.message import message
from simulator.persons import Person
from tests.journeys.thumb import begin, rows_of, said, script, talk_of, tap, walk, wall
from tests.town import Town

OFFERS = {
    "exercises": ("si-alors", None),
    "checkins": ("humeur", None),
    "surveys": ("satisfaction", "2026-T4"),
}


async def in_the_middle(town: Town) -> Person:
    """Inès, at 14 h, two screens into an exercise."""
    await town.pass_time(hours=3)
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, *OFFERS)
    await begin(town, phone, script())
    await tap(town, phone, phone.last.labels[0])
    return phone


async def propose(town: Town, purpose: str) -> None:
    name, wave = OFFERS[purpose]
    async with town.database.write() as tx:
        await outgoing.schedule_offer(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.ines.id,
            script=name,
            purpose=purpose,
            due_at=town.now(),
            wave=wave,
            created_by=town.cast.nadia.id,
        )
    town.deliverer.wake()
    await town.quiet()


async def offers(town: Town) -> list[tuple[str, str | None]]:
    rows = await rows_of(town.database, message, message.c.kind == "offer")
    return [(row.state, row.held_by) for row in rows]


@pytest.mark.parametrize("purpose", OFFERS)
async def test_what_is_proposed_meanwhile_waits_and_is_not_lost(town: Town, purpose: str) -> None:
    phone = await in_the_middle(town)
    shown = phone.last
    await propose(town, purpose)
    await town.pass_time(minutes=20)
    assert phone.last.id == shown.id
    assert await offers(town) == [("waiting", "one_thing_at_a_time")]
    await walk(town, phone, town.cast.ines)
    await tap(town, phone, said("share.no"))
    await town.pass_time(minutes=31)
    assert await offers(town) == [("sent", None)]
    await tap(town, phone, said("offer.begin"))
    talk = await talk_of(town, town.cast.ines)
    assert talk is not None
    assert talk.script == OFFERS[purpose][0]


async def test_all_of_them_wait_and_each_comes(town: Town) -> None:
    phone = await in_the_middle(town)
    for purpose in OFFERS:
        await propose(town, purpose)
    assert {held for _, held in await offers(town)} == {"one_thing_at_a_time"}
    await tap(town, phone, said("script.stop"))
    await town.pass_time(hours=1)
    assert [state for state, _ in await offers(town)] == ["sent"] * 3
    for first in ("offer.exercise", "offer.checkin", "offer.survey"):
        assert said(first) in [shown.first_line for shown in phone.messages]


async def test_a_reminder_passes_beside_and_the_exercise_goes_on(town: Town) -> None:
    phone = await in_the_middle(town)
    shown, state = phone.last, (await talk_of(town, town.cast.ines))
    async with town.database.write() as tx:
        await appointment.add(
            tx, town.now(), town.cast.ines, wall("2026-11-23 18:00"), ladder=["3h"]
        )
    await town.pass_time(hours=1, minutes=1)
    assert phone.last.first_line.startswith("RDV aujourd'hui")
    await tap(town, phone, said("meeting.coming"))
    assert await talk_of(town, town.cast.ines) == state, "untouched"
    while await talk_of(town, town.cast.ines) is not None:
        phone.tap(said("script.skip"), shown)  # further up, where the exercise stands
        await town.quiet()
    assert said("share.ask") in [one.text for one in phone.messages]
    async with town.database.read() as tx:
        [meeting] = await appointment.listed(tx, youth_id=town.cast.ines.id)
    assert meeting.answer == "coming"


async def test_a_script_left_for_another_is_taken_up_where_it_stood(town: Town) -> None:
    phone = await in_the_middle(town)
    shown = (phone.last.text, phone.last.labels)
    await town.pass_time(minutes=31)
    await propose(town, "checkins")
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, town.cast.ines)
    phone.say(said("menu.exercise"))
    await town.quiet()
    await tap(town, phone, said("exercise.resume", title=script().title))
    assert (phone.last.text, phone.last.labels) == shown

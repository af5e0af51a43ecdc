"""A countdown: one message that changes at its seconds, and stops for good once it has no meaning."""

import asyncio
import time

import pytest

from records import contact, message
from simulator import faults
from simulator.bubbles import Bubble
from simulator.persons import Person
from tests.journeys.breathing import IN_ALL, SECOND, breathing, ready
from tests.journeys.thumb import rows_of, said, say, tap
from tests.town import Town

FRAMES = [
    "On souffle.\n\n●●\nInspire",
    "On souffle.\n\n●●\nSouffle",
    "On souffle.\n\n●○\nInspire",
    "On souffle.\n\n●○\nSouffle",
    "On souffle.\n\nVoilà.",
]


def edits(town: Town, phone: Person, shown: Bubble) -> list[str]:
    """All that was put in the place of this message, in order."""
    calls = town.telegram.transcript.accepted("editMessageText", phone.id)
    return [str(c.parameters["text"]) for c in calls if c.parameters["message_id"] == shown.id]


def as_it_is(phone: Person, shown: Bubble) -> Bubble:
    return next(one for one in phone.messages if one.id == shown.id)


async def a_while() -> None:
    """As long as a whole countdown, and a little more."""
    await asyncio.sleep(IN_ALL + 4 * SECOND)


async def test_each_frame_takes_the_place_of_the_one_before(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    shown = await breathing(town, phone)
    began = time.monotonic()
    await town.until(lambda: as_it_is(phone, shown).text == FRAMES[-1])
    assert time.monotonic() - began >= IN_ALL - 4 * SECOND, "at its seconds, not at once"
    assert edits(town, phone, shown) == FRAMES
    assert as_it_is(phone, shown).labels == shown.labels == [said("script.go"), said("script.stop")]
    assert phone.last.id == shown.id, "and nothing else was sent"


async def test_no_frame_is_ever_stored(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    before = [row.id for row in await rows_of(town.database, message.message)]
    await town.until(lambda: as_it_is(phone, shown).text == FRAMES[-1])
    await town.quiet()
    rows = await rows_of(town.database, message.message)
    assert [row.id for row in rows] == before
    assert (rows[-1].kind, rows[-1].state, rows[-1].params) == ("screen", "sent", None)


async def test_going_on_ends_it_and_comes_as_a_new_message(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    await tap(town, phone, said("script.go"))
    assert phone.last.text.startswith("Pour toi seulement")
    assert phone.last.id != shown.id
    seen = edits(town, phone, shown)
    await a_while()
    assert edits(town, phone, shown) == seen
    phone.tap(said("script.go"), shown)
    await town.quiet()
    assert phone.notices[-1].text == said("old_button")


async def test_a_frame_on_its_way_hides_nothing_of_what_follows(breathing_town: Town) -> None:
    """It arrives after the next screen: that one stands, in a message of its own."""
    town = breathing_town
    phone = await ready(town)
    shown = await breathing(town, phone)
    town.telegram.faults.plan("editMessageText", faults.delay(8 * SECOND), chat_id=phone.id)
    seen = edits(town, phone, shown)
    await asyncio.sleep(4 * SECOND)  # the next frame has left, and does not arrive
    assert edits(town, phone, shown) == seen
    await tap(town, phone, said("script.go"))
    after = phone.last
    await a_while()
    assert edits(town, phone, shown) == FRAMES[: len(seen) + 1], "the late one, and no other"
    assert as_it_is(phone, after) == after
    assert phone.last.id == after.id


async def test_stopped_and_taken_up_it_counts_anew_in_another_message(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    await tap(town, phone, said("script.stop"))
    assert phone.last.text == said("script.stopped")
    assert phone.last.id != shown.id
    await tap(town, phone, said("script.resume"))
    again = phone.last
    seen = edits(town, phone, shown)
    await town.until(lambda: as_it_is(phone, again).text == FRAMES[-1])
    assert edits(town, phone, shown) == seen, "the same turn, but another time"
    assert edits(town, phone, again) == FRAMES[1:]


async def withdrawn(town: Town, phone: Person) -> None:
    await say(town, phone, "/moi")
    await tap(town, phone, f"✅ {said('consent.exercises')}")


async def unlinked(town: Town, _phone: Person) -> None:
    async with town.database.write() as tx:
        await contact.unlink_all(tx, town.now(), town.cast.sami.id)


async def erased(town: Town, phone: Person) -> None:
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.stored"), said("me.rights.erase"))
    await tap(town, phone, said("erase.yes"), said("erase.all_yes"))


@pytest.mark.parametrize("what", [withdrawn, unlinked, erased])
async def test_it_stops_for_good_with_what_allowed_it(breathing_town: Town, what: object) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    await what(town, phone)  # type: ignore[operator]
    seen = edits(town, phone, shown)
    assert len(seen) < len(FRAMES)
    await a_while()
    assert edits(town, phone, shown) == seen


async def test_a_flood_ends_it_and_its_bot_keeps_quiet(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    town.telegram.faults.plan("editMessageText", faults.flood(1), chat_id=phone.id)
    seen = edits(town, phone, shown)
    await town.until(lambda: town.deliverer.permits[town.cast.bot_id].pace.stopped_until > 0)
    await a_while()
    assert edits(town, phone, shown) == seen
    assert as_it_is(phone, shown).labels == shown.labels
    await tap(town, phone, said("script.go"))
    await town.until(lambda: phone.last.text.startswith("Pour toi seulement"))


async def test_a_lost_answer_costs_no_other_frame(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    town.telegram.faults.plan("editMessageText", faults.lose_reply(), chat_id=phone.id)
    await town.until(lambda: as_it_is(phone, shown).text == FRAMES[-1])
    assert edits(town, phone, shown) == FRAMES, "and none is sent twice"


async def test_a_frame_without_a_permit_is_left_out(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    town.deliverer.permits[town.cast.bot_id].stop(1)
    seen = edits(town, phone, shown)
    await a_while()
    assert edits(town, phone, shown) == seen
    await asyncio.sleep(1 - IN_ALL)
    await tap(town, phone, said("script.go"))
    await town.until(lambda: phone.last.text.startswith("Pour toi seulement"))
    assert edits(town, phone, shown) == seen, "what was left out is not made up for"


async def test_frames_that_are_late_are_left_out(breathing_town: Town) -> None:
    """The process could not work for a while: what is past is not shown."""
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    time.sleep(10 * SECOND)  # noqa: ASYNC251  (the whole process stands still)
    await town.until(lambda: as_it_is(phone, shown).text == FRAMES[-1])
    seen = edits(town, phone, shown)
    assert len(seen) < len(FRAMES)
    assert seen == [frame for frame in FRAMES if frame in seen], "those that came, once, in order"


async def test_two_phones_count_each_for_themselves(breathing_town: Town) -> None:
    town = breathing_town
    first = await ready(town)
    second = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises")
    mine, theirs = await breathing(town, first), await breathing(town, second)
    await tap(town, first, said("script.go"))
    seen = edits(town, first, mine)
    await town.until(lambda: as_it_is(second, theirs).text == FRAMES[-1])
    assert edits(town, first, mine) == seen


async def test_told_to_stop_nobody_waits_for_it(breathing_town: Town) -> None:
    town = breathing_town
    shown = await breathing(town, phone := await ready(town))
    await town.deliverer.stop()
    seen = edits(town, phone, shown)
    assert len(seen) < len(FRAMES)
    await a_while()
    assert edits(town, phone, shown) == seen
    assert as_it_is(phone, shown).labels == shown.labels, "it can still be gone on from"

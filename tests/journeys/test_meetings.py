"""A meeting's reminder and its four answers; what the youth asks for under « Mes RDV »."""

from datetime import timedelta
from typing import Any

import pytest

import content
from records import appointment, inbox
from records.appointment import ANSWERS, Appointment
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.thumb import said, say, tap, wall
from tests.town import Town

WALL = wall("2026-11-25 14:30")
SLOTS = (wall("2026-11-26 10:00"), wall("2026-11-27 16:30"))


async def plan(town: Town, who: Youth | None = None, **options: Any) -> Appointment:
    async with town.database.write() as tx:
        return await appointment.add(tx, town.now(), who or town.cast.sami, WALL, **options)


async def reminded(
    town: Town, who: Youth | None = None, **options: Any
) -> tuple[Person, Appointment]:
    phone = await town.linked(who or town.cast.sami)
    planned = await plan(town, who, **options)
    await town.pass_time(days=1, hours=7)
    assert phone.last.labels == [said(f"meeting.{answer}") for answer in ANSWERS]
    return phone, planned


async def kept(town: Town, which: Appointment) -> Appointment:
    async with town.database.read() as tx:
        return await appointment.get(tx, which.id)


async def desk_sees(town: Town, who: Youth | None = None) -> list[str]:
    async with town.database.read() as tx:
        return [item.kind for item in await inbox.unseen(tx, [(who or town.cast.sami).id])]


async def test_a_reminder_says_when_and_where_and_nothing_on_why(town: Town) -> None:
    phone, _ = await reminded(town, place="Devant la mairie")
    assert phone.last.first_line == said("meeting.tomorrow", when=content.day_and_time(WALL))
    assert said("meeting.place", place="Devant la mairie") in phone.last.text
    assert not phone.last.protected


@pytest.mark.parametrize(
    ("answer", "reaches"),
    [
        ("coming", []),
        ("late", ["meeting_late"]),
        ("change", ["meeting_change"]),
        ("no", ["meeting_no"]),
    ],
)
async def test_each_of_the_four_answers_reaches_the_desk(
    town: Town, answer: str, reaches: list[str]
) -> None:
    phone, planned = await reminded(town)
    await tap(town, phone, said(f"meeting.{answer}"))
    assert (await kept(town, planned)).answer == answer
    assert await desk_sees(town) == reaches
    assert said("meeting.said", answer=said(f"meeting.{answer}")) in phone.last.text
    assert said(f"meeting.thanks_{answer}") in phone.last.text


async def test_change_offers_the_slots_given_with_the_meeting(town: Town) -> None:
    phone, planned = await reminded(town, slots=SLOTS)
    await tap(town, phone, said("meeting.change"))
    offered = [content.day_and_time(slot) for slot in SLOTS]
    assert phone.last.labels == [*offered, said("meeting.no_slot")]
    assert (await kept(town, planned)).answer is None, "nothing is said before a slot is chosen"
    await tap(town, phone, offered[1])
    chosen = await kept(town, planned)
    assert (chosen.answer, chosen.wish) == ("change", "2026-11-27T16:30")
    assert await desk_sees(town) == ["meeting_change"]
    assert said("meeting.thanks_slot", slot=offered[1]) in phone.last.text


async def test_none_of_the_slots_is_an_answer_too(town: Town) -> None:
    phone, planned = await reminded(town, slots=SLOTS)
    await tap(town, phone, said("meeting.change"), said("meeting.no_slot"))
    assert ((await kept(town, planned)).answer, (await kept(town, planned)).wish) == (
        "change",
        None,
    )
    assert said("meeting.thanks_change") in phone.last.text


async def test_slots_that_are_past_are_not_offered(town: Town) -> None:
    phone, _ = await reminded(town, slots=(wall("2026-11-24 09:00"), SLOTS[0]))
    await tap(town, phone, said("meeting.change"))
    assert phone.last.labels == [content.day_and_time(SLOTS[0]), said("meeting.no_slot")]


async def test_change_without_slots_asks_for_a_word_that_reaches_the_educator(town: Town) -> None:
    phone, _ = await reminded(town)
    await tap(town, phone, said("meeting.change"))
    await say(town, phone, "Plutôt jeudi matin")
    assert await desk_sees(town) == ["meeting_change", "words"]


async def test_an_answer_can_be_changed_afterwards(town: Town) -> None:
    phone, planned = await reminded(town)
    await tap(town, phone, said("meeting.coming"), said("meeting.again"), said("meeting.no"))
    assert (await kept(town, planned)).answer == "no"
    assert await desk_sees(town) == ["meeting_no"]
    await tap(town, phone, said("meeting.again"))
    assert said("meeting.said", answer=said("meeting.no")) in phone.last.text


async def test_a_double_tap_counts_once(town: Town) -> None:
    phone, _ = await reminded(town)
    shown = phone.last
    for _ in range(3):
        phone.tap(said("meeting.late"), shown)
    await town.quiet()
    assert await desk_sees(town) == ["meeting_late"]
    assert len(town.telegram.transcript.accepted("editMessageText", phone.id)) <= 1


async def test_an_old_button_of_a_moved_meeting_gets_a_kind_word(town: Town) -> None:
    phone, planned = await reminded(town)
    old = phone.last
    async with town.database.write() as tx:
        await appointment.move(tx, town.now(), planned, wall("2026-11-27 16:00"))
    await town.quiet()
    assert phone.last.text.startswith(
        said("meeting.changed", when=content.day_and_time(wall("2026-11-27 16:00")))
    )
    phone.tap(said("meeting.no"), old)
    await town.quiet()
    assert phone.notices[-1].text == said("meeting.old")
    assert (await kept(town, planned)).answer is None
    phone.tap(said("meeting.coming"))
    await town.quiet()
    assert (await kept(town, planned)).answer == "coming"


async def test_a_button_of_a_meeting_that_is_over_gets_a_kind_word(town: Town) -> None:
    phone, planned = await reminded(town)
    town.at = planned.starts_at + timedelta(minutes=30)
    await tap(town, phone, said("meeting.late"))
    assert (await kept(town, planned)).answer == "late", "late is said after the start, too"
    town.at = planned.starts_at + timedelta(hours=2)
    phone.press(phone.last, f"meeting:{planned.id}:1:no")
    await town.quiet()
    assert phone.notices[-1].text == said("meeting.old")
    assert (await kept(town, planned)).answer == "late"


async def test_a_forged_button_of_another_youths_meeting_changes_nothing(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    planned = await plan(town, slots=SLOTS)
    await say(town, phone, "/rdv")
    before = len(phone.received)
    for data in (
        f"meeting:{planned.id}:1:no",
        f"meeting:{planned.id}:1:show",
        f"slot:{planned.id}:1:0",
        f"meeting:{planned.id}:1:nonsense",
        f"meeting:{'9' * 30}:1:no",
        "meeting:x:y:z",
        "slot:::",
    ):
        phone.press(phone.last, data)
    await town.quiet()
    assert {n.text for n in phone.notices} == {said("meeting.old")}
    assert len(phone.received) == before
    assert (await kept(town, planned)).answer is None
    assert await desk_sees(town) == []


async def test_mes_rdv_lists_the_next_meetings_and_shows_one(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, said("menu.meetings"))
    assert phone.last.text == said("meeting.none")
    planned = await plan(town)
    await say(town, phone, "/rdv")
    entry = said("meeting.reminder", when=content.day_and_time(WALL))
    assert phone.last.labels == [entry, said("meeting.want")]
    await tap(town, phone, entry, said("meeting.coming"))
    assert (await kept(town, planned)).answer == "coming"


async def test_a_meeting_can_be_asked_for_and_a_double_tap_asks_once(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    shown = await say(town, phone, "/rdv")
    phone.tap(said("meeting.want"), shown)
    phone.press(shown, "want")
    await town.quiet()
    assert await desk_sees(town) == ["meeting_wanted"]
    assert phone.last.text.startswith(said("meeting.wanted", reading="").partition("\n")[0].strip())
    async with town.database.write() as tx:
        [asked] = await inbox.unseen(tx, [town.cast.sami.id])
        await inbox.see(tx, town.now(), [asked.id], town.cast.nadia.id)
    await say(town, phone, "/rdv")
    await tap(town, phone, said("meeting.want"))
    assert await desk_sees(town) == ["meeting_wanted"], "once seen, it can be asked for again"


async def test_the_ladder_that_the_educator_chose_is_climbed(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    await plan(town, town.cast.ines, ladder=["now", "1d", "3h"])
    await town.pass_time(days=3)
    assert [f"{m.date:%d %H:%M}" for m in phone.received if m.first_line.startswith("RDV")] == [
        "23 10:00",
        "24 16:30",
        "25 10:30",
    ]


async def test_two_rungs_that_fall_on_one_evening_are_one_reminder(town: Town) -> None:
    """School until 17 h: what should come three hours before comes with what comes the day before."""
    phone = await town.linked(town.cast.sami)
    await plan(town, ladder=["1d", "3h"])
    await town.pass_time(days=3)
    [reminder] = [m for m in phone.received if m.first_line.startswith("RDV")]
    assert f"{reminder.date:%d %H:%M}" == "24 16:30"


async def test_who_said_they_cannot_come_is_not_asked_again_unless_they_change_their_mind(
    town: Town,
) -> None:
    phone, _ = await reminded(town, town.cast.ines, ladder=["1d", "3h"])
    await tap(town, phone, said("meeting.no"))
    before = len(phone.received)
    await town.pass_time(hours=17, minutes=30)  # past the rung of three hours
    assert len(phone.received) == before
    await tap(town, phone, said("meeting.again"), said("meeting.coming"))
    await town.pass_time(hours=3)
    assert phone.last.first_line == said("meeting.today", time="14 h 30".replace(" ", "\u00a0"))


async def test_a_meeting_moved_back_before_the_news_left_is_no_news(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    planned = await plan(town)
    await town.pass_time(hours=11)  # at night: a notice would wait for the morning
    before = len(phone.received)
    async with town.database.write() as tx:
        moved = await appointment.move(tx, town.now(), planned, wall("2026-11-25 16:00"))
        await appointment.move(tx, town.now(), moved, WALL)
    await town.pass_time(days=1)
    assert [shown.first_line for shown in phone.received[before:]] == [
        said("meeting.tomorrow", when=content.day_and_time(WALL))
    ]


async def test_a_later_rung_recalls_what_was_answered_instead_of_asking(town: Town) -> None:
    phone, _ = await reminded(town, ladder=["1d", "3h"])
    await tap(town, phone, said("meeting.coming"))
    await town.pass_time(hours=18)
    assert said("meeting.said", answer=said("meeting.coming")) in phone.last.text
    assert said("meeting.question") not in phone.last.text

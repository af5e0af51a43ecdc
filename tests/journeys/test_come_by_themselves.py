"""Check-ins and surveys that come by themselves, and the one reminder: on a phone, over HTTP."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import content
from records import (
    appointment,
    checkins,
    message,
    objective,
    outgoing,
    structure,
    survey,
    youth,
)
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.thumb import rows_of, said, say, tap, walk, wall
from tests.town import Town


async def choose(town: Town, **settings: Any) -> None:
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, **settings)


async def nights(town: Town, days: int) -> None:
    """Day after day, each with its night."""
    for _ in range(days):
        await checkins.plan(town.database, town.now())
        await town.pass_time(days=1)


async def ines(town: Town, *purposes: str) -> Person:
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, *purposes)
    return phone


def proposed(phone: Person, name: str) -> list[str]:
    known = content.library().script(name).invitations
    return [m.text for m in phone.received if m.text in known]


async def meet(town: Town, who: Youth, at: str) -> appointment.Appointment:
    async with town.database.write() as tx:
        return await appointment.add(tx, town.now(), who, wall(at))


async def dropped(town: Town, who: Youth) -> list[str | None]:
    async with town.database.read() as tx:
        return [m.reason for m in await outgoing.listed(tx, youth_id=who.id, states=["dropped"])]


async def test_nothing_comes_by_itself_unless_it_was_chosen(town: Town) -> None:
    phone = await ines(town, "checkins", "surveys")
    await meet(town, town.cast.ines, "2026-11-25 14:30")
    await nights(town, 8)
    assert not [m for m in phone.received if said("offer.begin") in m.labels]


async def test_the_week_comes_on_its_day_and_never_twice_in_the_same_words(town: Town) -> None:
    await choose(town, checkins={"week": 5})
    phone = await ines(town, "checkins")
    begun = []
    for _ in range(5):
        await nights(town, 7)
        await tap(town, phone, said("offer.begin"))
        begun.append(phone.last.text)
        await walk(town, phone, town.cast.ines)
    assert all(a != b for a, b in itertools.pairwise(begun))
    sent = await rows_of(town.database, message.message, message.message.c.purpose == "checkins")
    local = [row.sent_at.astimezone(town.zone) for row in sent]
    assert {at.hour for at in local} == {10}
    assert [at.isoweekday() for at in local] == [5, 5, 5, 5, 6], "Christmas is a Friday"


async def test_invitations_in_a_row_differ_though_nobody_answers(town: Town) -> None:
    await choose(town, checkins={"week": 5, "mood": 2})
    phone = await ines(town, "checkins")
    await nights(town, 28)
    for name in ("semaine", "humeur"):
        told = proposed(phone, name)
        assert len(told) == 4
        assert all(a != b for a, b in itertools.pairwise(told))


async def test_who_never_agreed_to_check_ins_is_not_even_asked(town: Town) -> None:
    await choose(town, checkins={"week": 5, "before": True, "after": True})
    phone = await ines(town, "exercises")
    await meet(town, town.cast.ines, "2026-11-25 14:30")
    await nights(town, 8)
    assert not [m for m in phone.received if m.labels == [said("offer.begin"), said("offer.later")]]
    assert await dropped(town, town.cast.ines) == []


async def test_a_meeting_has_its_check_in_on_the_eve_and_another_afterwards(town: Town) -> None:
    await choose(town, checkins={"before": True, "after": True})
    phone = await ines(town, "checkins")
    await meet(town, town.cast.ines, "2026-11-25 10:30")
    await town.pass_time(days=1, hours=9)
    [before] = proposed(phone, "avant-rdv")
    texts = [m.text for m in phone.received]
    assert texts.index(before) == len(texts) - 1, "after the reminder, not instead of it"
    await tap(town, phone, said("offer.begin"))
    assert phone.last.text in content.library().script("avant-rdv").wordings
    await walk(town, phone, town.cast.ines)
    await town.pass_time(days=1)
    assert len(proposed(phone, "apres-rdv")) == 1


async def test_after_a_meeting_that_was_called_off_or_declined_nothing_is_asked(town: Town) -> None:
    await choose(town, checkins={"before": True, "after": True})
    phone = await ines(town, "checkins")
    one = await meet(town, town.cast.ines, "2026-11-24 14:30")
    other = await meet(town, town.cast.ines, "2026-11-25 09:30")
    async with town.database.write() as tx:
        await appointment.cancel(tx, town.now(), one)
        await appointment.answer(tx, town.now(), other, "no")
    await town.pass_time(days=4)
    assert not proposed(phone, "apres-rdv")
    assert not proposed(phone, "avant-rdv")
    assert set(await dropped(town, town.cast.ines)) == {"meeting_cancelled", "said_no"}


async def test_a_button_of_before_a_meeting_says_kindly_that_it_is_over(town: Town) -> None:
    await choose(town, checkins={"before": True})
    phone = await ines(town, "checkins")
    await meet(town, town.cast.ines, "2026-11-25 10:30")
    await town.pass_time(days=3)
    phone.press(phone.last, "begin:avant-rdv:")
    await town.quiet()
    assert phone.last.text == said("checkin.too_late")


async def test_what_is_chosen_no_more_does_not_leave(town: Town) -> None:
    await choose(town, checkins={"mood": 2})
    phone = await ines(town, "checkins")
    await checkins.plan(town.database, town.now())
    await choose(town, checkins={})
    await town.pass_time(days=2)
    assert not proposed(phone, "humeur")


async def test_the_follow_up_names_one_objective_after_the_other(town: Town) -> None:
    await choose(town, checkins={"objective": 4})
    phone = await ines(town, "checkins", "exercises")
    await nights(town, 14)
    assert not proposed(phone, "objectif"), "none was set"
    async with town.database.write() as tx:
        for name in ("ask_help", "sleep"):
            await objective.add(tx, town.cast.ines, name, date(2026, 12, 1), None)
    seen = []
    for _ in range(2):
        await nights(town, 14)
        await tap(town, phone, said("offer.begin"))
        seen.append(phone.last.text)
        await walk(town, phone, town.cast.ines)
        await tap(town, phone, said("share.no"))
    assert said("objective.ask_help") in seen[0]
    assert said("objective.sleep") in seen[1]
    await say(town, phone, "/moi")


async def test_one_reminder_to_who_has_not_answered_and_no_more(town: Town) -> None:
    await choose(town, surveys={"satisfaction": True})
    phone, other = await ines(town, "surveys"), await town.linked(town.cast.maya)
    await town.agree(town.cast.maya, "surveys")
    town.at = datetime(2026, 12, 14, 10, tzinfo=town.at.tzinfo)
    await nights(town, 3)
    await tap(town, other, said("offer.begin"))
    await walk(town, other, town.cast.maya)
    await nights(town, 24)
    again = said("offer.survey_again")
    assert [m.first_line for m in phone.received].count(again) == 1
    assert again not in [m.first_line for m in other.received]
    assert [m.first_line for m in phone.received].count(said("offer.survey")) == 1


async def test_who_answers_meanwhile_is_not_reminded(town: Town) -> None:
    await choose(town, surveys={"satisfaction": True})
    phone = await ines(town, "surveys")
    town.at = datetime(2026, 12, 14, 10, tzinfo=town.at.tzinfo)
    await nights(town, 3)
    town.at += timedelta(days=7, hours=12)  # by night: the reminder waits for the window
    await checkins.plan(town.database, town.now())
    offer = next(m for m in phone.received if said("offer.begin") in m.labels)
    phone.tap(said("offer.begin"), offer)
    await town.quiet()
    await walk(town, phone, town.cast.ines)
    await town.pass_time(days=2)
    assert said("offer.survey_again") not in [m.first_line for m in phone.received]
    assert await dropped(town, town.cast.ines) == ["already_answered"]


async def test_the_survey_about_meetings_carries_no_meeting_and_comes_once_a_quarter(
    town: Town,
) -> None:
    await choose(town, surveys={"meeting": True})
    phone = await ines(town, "surveys")
    for at in ("2026-11-24 14:30", "2026-11-25 10:30"):
        await meet(town, town.cast.ines, at)
    await nights(town, 6)
    offers = [m for m in phone.received if said("offer.begin") in m.labels]
    assert len(offers) == 1
    await tap(town, phone, said("offer.begin"))
    assert "ne peuvent plus être reprises" in phone.last.text
    await walk(town, phone, town.cast.ines, skipping=True)
    answers = await rows_of(town.database, survey.survey_answer)
    assert {(a.instrument, a.wave, a.item) for a in answers} == {
        ("avis-rdv", "2026-T4", "mine"),
        ("avis-rdv", "2026-T4", "clear"),
    }
    async with town.database.read() as tx:
        kept = {tx.vault.open("survey_answer.value", a.id, a.value) for a in answers}
    assert kept == {survey.SKIPPED}


async def test_the_end_of_support_is_asked_about_two_weeks_before(town: Town) -> None:
    await choose(town, surveys={"end": True})
    phone = await ines(town, "surveys")
    async with town.database.write() as tx:
        await youth.change(tx, town.cast.ines.id, support_ends_on=date(2026, 12, 10))
    await nights(town, 2)
    assert not [m for m in phone.received if said("offer.begin") in m.labels]
    await nights(town, 3)
    assert len([m for m in phone.received if said("offer.begin") in m.labels]) == 1

"""The check-in, and the satisfaction survey that nobody can be found in."""

from collections.abc import Sequence
from typing import Any

import pytest

from admin.evaluation import questions
from dialogs.script import Words
from records import message, outgoing, response, survey
from records.conversation import conversation
from records.survey import survey_answer, survey_completion
from records.youth import Youth
from simulator import faults
from simulator.persons import Person
from tests.journeys.thumb import begin, rows_of, said, say, script, step_of, tap, walk
from tests.town import Town

WAVE = "2026-T4"


async def offered(town: Town, kind: str, who: Youth | None = None, wave: str | None = None) -> Any:
    who = who or town.cast.sami
    purpose = {"survey": "surveys", "checkin": "checkins", "exercise": "exercises"}[kind]
    async with town.database.write() as tx:
        return await outgoing.schedule_offer(
            tx,
            town.now(),
            structure_id=who.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=who.id,
            script=script(kind).name,
            purpose=purpose,
            due_at=town.now(),
            wave=wave,
            created_by=town.cast.nadia.id,
        )


async def asked(town: Town, who: Youth | None = None) -> Person:
    """A linked phone on which the survey's first screen is open. Ines may get messages at noon."""
    who = who or town.cast.ines
    phone = await town.linked(who)
    await town.agree(who, "surveys")
    await offered(town, "survey", who, WAVE)
    await town.pass_time(hours=1)
    assert phone.last.labels == [said("offer.begin"), said("offer.later")]
    await tap(town, phone, said("offer.begin"))
    return phone


async def kept_about(town: Town, who: Youth) -> Sequence[Any]:
    return await rows_of(
        town.database,
        message.message,
        message.message.c.youth_id == who.id,
        message.message.c.params.is_not(None),
    )


async def test_a_check_in_is_answered_and_kept_for_the_youth(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises", "checkins")
    await begin(town, phone, script("checkin"))
    await walk(town, phone, town.cast.sami)
    async with town.database.read() as tx:
        kept = await response.of_youth(tx, town.cast.sami.id)
    assert {a.script for a in kept} == {script("checkin").name}
    assert len(kept) >= 2
    assert {a.visibility for a in kept} == {"me"}
    assert phone.last.text == said("share.ask")


async def test_a_check_in_chosen_alone_asks_its_own_consent_first(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script("checkin"))
    assert phone.last.text == said("ask.checkins")
    await tap(town, phone, said("consent.yes"))
    assert await step_of(town, town.cast.sami) is not None


async def test_the_survey_is_handed_in_without_a_name_and_leaves_nothing_behind(town: Town) -> None:
    ines = town.cast.ines
    phone = await asked(town)
    await walk(town, phone, ines, words="Plus de sorties")
    answers = await rows_of(town.database, survey_answer)
    items = {getattr(at, "save", None) for at in script("survey").steps.values()} - {None}
    assert {a.item for a in answers} == items
    assert len(items) == 7, "six items and a comment"
    assert {(a.wave, a.week, a.version, a.visible) for a in answers} == {
        (WAVE, "2026-W48", script("survey").version, False)
    }
    assert set(survey_answer.c.keys()).isdisjoint({"youth_id", "at", "created_at"})
    assert await rows_of(town.database, conversation) == []
    assert await rows_of(town.database, response.response) == []
    left = [row.kind for row in await kept_about(town, ines)]
    assert set(left) <= {"offer"}, "no screen of the survey is kept"
    [completed] = await rows_of(town.database, survey_completion)
    assert set(completed._mapping) == {"id", "structure_id", "person", "instrument", "wave"}
    assert phone.last.text != said("share.ask")


async def test_answering_twice_is_kindly_declined(town: Town) -> None:
    phone = await asked(town)
    offer = next(m for m in phone.received if said("offer.begin") in m.labels)
    await walk(town, phone, town.cast.ines, skipping=True)
    phone.tap(said("offer.begin"), offer)
    await town.quiet()
    assert said("survey.already") in [m.text for m in phone.received]
    assert len(await rows_of(town.database, survey_completion)) == 1


async def test_a_double_tap_at_the_end_hands_in_once(town: Town) -> None:
    phone = await asked(town)
    await walk(town, phone, town.cast.ines, until=Words)
    shown = phone.last
    for _ in range(3):
        phone.tap(said("script.skip"), shown)
    await town.quiet()
    assert len(await rows_of(town.database, survey_completion)) == 1
    assert len({a.respondent for a in await rows_of(town.database, survey_answer)}) == 1


async def test_a_survey_can_be_stopped_and_taken_up_again(town: Town) -> None:
    phone = await asked(town)
    await tap(town, phone, phone.last.labels[0])
    await tap(town, phone, phone.last.labels[0])
    shown = phone.last
    await tap(town, phone, said("script.stop"))
    assert await rows_of(town.database, survey_answer) == []
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == shown.text
    await walk(town, phone, town.cast.ines)
    assert len(await rows_of(town.database, survey_completion)) == 1


async def test_what_cannot_be_delivered_of_a_survey_is_not_kept_either(town: Town) -> None:
    ines = town.cast.ines
    phone = await asked(town)
    await walk(town, phone, ines, until=Words)
    blocked = '{"ok":false,"error_code":400,"description":"Bad Request: PEER_ID_INVALID"}'
    for method in ("sendMessage", "editMessageText"):
        town.telegram.faults.always(method, faults.answer(400, blocked))
    await tap(town, phone, said("script.skip"))
    town.telegram.faults.clear()
    assert {row.kind for row in await kept_about(town, ines)} <= {"offer"}


async def test_a_declined_survey_keeps_its_button(town: Town) -> None:
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "surveys")
    await offered(town, "survey", town.cast.ines, WAVE)
    await town.pass_time(hours=1)
    await tap(town, phone, said("offer.later"))
    assert phone.last.text == said("offer.later_survey")
    await tap(town, phone, said("offer.begin"))
    assert await step_of(town, town.cast.ines) is not None


@pytest.mark.parametrize("kind", ["exercise", "checkin", "survey"])
async def test_an_offer_asks_for_the_consent_that_was_never_asked(town: Town, kind: str) -> None:
    ines = town.cast.ines
    phone = await town.linked(ines)
    await offered(town, kind, ines, WAVE if kind == "survey" else None)
    await town.pass_time(hours=1)
    assert phone.last.first_line == said(f"offer.{kind}")
    assert phone.last.labels == [said("consent.yes"), said("consent.no")]
    await tap(town, phone, said("consent.yes"))
    assert await step_of(town, ines) is not None, "one « oui » is enough"


async def test_a_no_to_an_offers_consent_drops_the_others_of_its_kind(town: Town) -> None:
    ines = town.cast.ines
    phone = await town.linked(ines)
    await offered(town, "exercise", ines)
    await town.pass_time(hours=1)
    await offered(town, "checkin", ines)
    await tap(town, phone, said("consent.no"))
    assert phone.last.text != said("consent.refused"), "the check-in was offered meanwhile"
    assert said("consent.refused") in [m.text for m in phone.received]
    await offered(town, "exercise", ines)
    count = len(phone.received)
    await town.pass_time(days=2)
    assert len(phone.received) == count
    async with town.database.read() as tx:
        [dropped] = await outgoing.listed(tx, youth_id=ines.id, states=["dropped"])
    assert dropped.reason == "refused"


async def test_an_offer_is_declined_for_now(town: Town) -> None:
    ines = town.cast.ines
    phone = await town.linked(ines)
    await town.agree(ines, "exercises")
    await offered(town, "exercise", ines)
    await town.pass_time(hours=1)
    await tap(town, phone, said("offer.later"))
    assert phone.last.text == said("offer.later_said")
    await say(town, phone, "/exercice")
    assert script().title in phone.last.labels


async def test_an_offer_waits_for_the_end_of_the_exercise_under_way(town: Town) -> None:
    ines = town.cast.ines
    phone = await town.linked(ines)
    await town.agree(ines, "exercises", "checkins")
    await begin(town, phone, script())
    await offered(town, "checkin", ines)
    await town.quiet()
    assert said("offer.checkin") not in [m.first_line for m in phone.received]
    await walk(town, phone, ines)
    await town.pass_time(hours=1)
    assert said("offer.checkin") in [m.first_line for m in phone.received]


async def test_a_whole_wave_becomes_visible_only_as_a_batch(town: Town) -> None:
    phone = await asked(town)
    await walk(town, phone, town.cast.ines)
    assert await survey.shuffle(town.database) == 0
    async with town.database.read() as tx:
        assert await survey.counts(tx, town.cast.structure_id, questions) == []

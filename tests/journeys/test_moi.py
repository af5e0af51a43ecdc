"""Moi: choices, language, what is kept; and whoever is under fifteen."""

from datetime import UTC, datetime

from records import appointment, consent, outgoing, parental
from records.consent_text import PURPOSES
from simulator.persons import Person
from tests.journeys.test_check_in_and_survey import offered
from tests.journeys.thumb import begin, said, say, script, step_of, talk_of, tap, texts_sent, wall
from tests.town import Town


async def agreement(town: Town) -> None:
    async with town.database.write() as tx:
        await parental.record(
            tx,
            town.now(),
            town.cast.leo.id,
            datetime(2026, 11, 20, tzinfo=UTC),
            "appel",
            town.cast.nadia.id,
        )


async def test_moi_shows_every_choice_as_it_stands(town: Town) -> None:
    phone = await town.linked(town.cast.sami, messages=False)
    await say(town, phone, "/moi")
    given = {"reminders"}
    assert phone.last.labels[:6] == [
        f"{'✅' if purpose in given else '⬜'} {said(f'consent.{purpose}')}" for purpose in PURPOSES
    ]


async def test_each_choice_is_its_own(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/moi")
    await tap(town, phone, f"⬜ {said('consent.surveys')}")
    assert phone.last.text == said("ask.surveys"), "a line leads to its question the first time"
    await tap(town, phone, said("consent.yes"), f"✅ {said('consent.reminders')}")
    async with town.database.read() as tx:
        stands = await consent.given_by(tx, [town.cast.sami.id])
    assert stands[town.cast.sami.id] == {"reminders": False, "messages": True, "surveys": True}


async def test_a_refused_exercise_consent_is_not_asked_again_by_itself(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/exercice")
    await tap(town, phone, said("consent.no"))
    assert phone.last.text == said("consent.refused")
    await say(town, phone, "/exercice")
    await tap(town, phone, said("consent.yes"))
    assert script().title in phone.last.labels, "whoever asks for one is asked again"


async def test_the_language_is_switched_with_the_menu_and_back(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.language"))
    assert phone.last.text == said("language.set", "en")
    assert (phone.keyboard or [[]])[0][0] == said("menu.meetings", "en")
    await say(town, phone, said("menu.me", "en"))
    assert phone.last.text.startswith(said("me.title", "en"))
    await tap(town, phone, said("me.language", "en"))
    assert phone.last.text == said("language.set")


async def test_what_is_kept_is_counted(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await say(town, phone, "Bonjour", "/moi")
    await tap(town, phone, said("me.stored"))
    assert phone.last.text == "\n\n".join(
        [
            said("stored.title"),
            said(
                "stored.list",
                nickname="Sami",
                birth="mars\u00a02010",
                meetings=1,
                words=1,
                answers=0,
                shared=0,
                kept="30\u00a0jours",
            ),
        ]
    )
    await tap(town, phone, said("me.back"))
    assert phone.last.text.startswith(said("me.title"))


async def leo(town: Town) -> Person:
    """Fourteen, linked, having said yes to what enrolment asks."""
    return await town.enrol(town.cast.leo)


async def plan_for_leo(town: Town) -> None:
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.leo, wall("2026-11-25 14:30"))
        await outgoing.schedule_text(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.leo.id,
            text="Bravo",
            wall=wall("2026-11-24 18:00"),
            zone="Europe/Paris",
            created_by=town.cast.nadia.id,
        )
    await offered(town, "exercise", town.cast.leo)


async def test_under_fifteen_nothing_is_sent_for_a_purpose_before_a_parent_agreed(
    town: Town,
) -> None:
    phone = await leo(town)
    before = len(texts_sent(town, phone))
    await plan_for_leo(town)
    await town.pass_time(days=4)
    assert len(texts_sent(town, phone)) == before
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=town.cast.leo.id, states=["dropped"])
    assert {m.reason for m in dropped} == {"parental_agreement_missing"}
    assert len(dropped) == 3


async def test_under_fifteen_all_of_it_leaves_once_the_agreement_is_recorded(town: Town) -> None:
    phone = await leo(town)
    await agreement(town)
    await plan_for_leo(town)
    await town.pass_time(days=4)
    texts = " ".join(m.text for m in phone.received)
    assert "RDV demain" in texts
    assert "Bravo" in texts
    assert said("offer.exercise") in texts


async def test_under_fifteen_a_yes_to_exercises_opens_none_before_a_parent_agreed(
    town: Town,
) -> None:
    phone = await leo(town)
    await say(town, phone, "/exercice")
    await tap(town, phone, said("consent.yes"))
    assert phone.last.text == said("consent.needs_parent")
    phone.press(phone.last, f"begin:{script().name}:")
    await say(town, phone, "/exercice")
    assert phone.last.text == said("consent.needs_parent")
    assert await talk_of(town, town.cast.leo) is None
    await agreement(town)
    await begin(town, phone, script())
    assert await step_of(town, town.cast.leo) is not None


async def test_under_fifteen_what_they_do_is_answered(town: Town) -> None:
    phone = await leo(town)
    await say(town, phone, "Je veux parler à quelqu'un")
    assert phone.last.text.startswith(said("sent.to_educator", reading="").strip())
    await say(town, phone, "/aide")
    assert "3114" in phone.last.text

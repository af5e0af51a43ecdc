"""A yes after a no, a no after a yes: what was planned, what is under way, what comes back."""

from datetime import UTC, datetime, timedelta

from records import (
    appointment,
    consent,
    contact,
    conversation,
    invitation,
    outgoing,
    parental,
    survey,
)
from tests.journeys.test_exercises import answers, ready
from tests.journeys.thumb import begin, said, say, script, tap, wall
from tests.town import Town

WALL = wall("2026-11-26 14:30")


async def planned(town: Town) -> None:
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, WALL)


async def reminded(town: Town) -> bool:
    phone = town.telegram.person("Sami")
    await town.pass_time(days=3)
    return any(shown.first_line.startswith("RDV") for shown in phone.received)


async def toggle(town: Town, purpose: str) -> None:
    phone = town.telegram.person("Sami")
    await say(town, phone, "/moi")
    label = said(f"consent.{purpose}")
    await tap(town, phone, next(shown for shown in phone.last.labels if shown.endswith(label)))


async def test_reminders_given_back_are_planned_again(town: Town) -> None:
    await town.linked(town.cast.sami)
    await planned(town)
    await toggle(town, "reminders")
    await toggle(town, "reminders")
    assert await reminded(town)


async def test_reminders_first_refused_then_accepted_leave_for_a_meeting_planned_before(
    town: Town,
) -> None:
    await planned(town)
    await town.linked(town.cast.sami, reminders=False)
    await toggle(town, "reminders")
    assert await reminded(town)


async def test_after_stop_reminders_taken_up_again_leave(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await planned(town)
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    await toggle(town, "reminders")
    assert await reminded(town)


async def test_a_parent_s_agreement_brings_back_the_reminder_that_it_lacked(town: Town) -> None:
    leo = town.cast.leo
    phone = await town.linked(leo)
    assert phone.last.text == said("welcome.needs_parent")
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), leo, WALL)
    await town.pass_time(days=2, hours=8)  # past the day before at half past five
    async with town.database.write() as tx:
        await parental.record(
            tx,
            town.now(),
            leo.id,
            datetime(2026, 11, 20, tzinfo=UTC),
            "entretien",
            town.cast.nadia.id,
        )
    await town.pass_time(hours=20)
    assert phone.last.first_line.startswith("RDV")


async def test_what_is_withdrawn_stops_at_the_screen_where_it_is(town: Town) -> None:
    phone = await ready(town)
    shown = await begin(town, phone, script())
    await toggle(town, "exercises")
    phone.tap(shown.labels[0], shown)
    await town.quiet()
    assert await answers(town) == []
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == said("ask.exercises"), "the consent is asked for again"
    await tap(town, phone, said("consent.yes"))
    await tap(town, phone, phone.last.labels[0])
    assert len(await answers(town)) == 1, "and the place was kept"


async def test_a_half_answered_survey_is_wiped_when_surveys_are_refused(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "surveys")
    await offered(town, "2026-T4")
    phone.press(phone.last, "begin:satisfaction:2026-T4")
    await town.quiet()
    await tap(town, phone, "Commencer")
    await tap(town, phone, phone.last.labels[0])
    await toggle(town, "surveys")
    async with town.database.read() as tx:
        assert await tx.rows(conversation.conversation.select()) == []


async def offered(town: Town, wave: str) -> None:
    async with town.database.write() as tx:
        await outgoing.schedule_offer(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            script="satisfaction",
            purpose="surveys",
            due_at=town.now(),
            wave=wave,
        )
    await town.quiet()


async def test_a_survey_opens_only_in_a_wave_that_was_proposed_and_is_not_long_over(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "surveys")
    for forged in ("2031-T1", "nimporte", ""):
        phone.press(phone.last, f"begin:satisfaction:{forged}:yes")
        await town.quiet()
        assert phone.notices[-1].text == said("old_button"), forged
    await offered(town, "2026-T3")
    town.at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    phone.press(phone.last, "begin:satisfaction:2026-T3")
    await town.quiet()
    assert phone.last.text == said("survey.closed")
    assert survey.is_over("2026-T4", datetime(2027, 1, 30, tzinfo=UTC).date()) is False
    assert survey.is_over("2026-T4", datetime(2027, 1, 31, tzinfo=UTC).date()) is True


async def test_an_older_phone_s_later_no_outlives_the_confirmation_of_a_new_phone(
    town: Town,
) -> None:
    await town.linked(town.cast.sami)
    newer = town.telegram.person("Sami, un autre téléphone")
    async with town.database.write() as tx:
        made = await invitation.invite(tx, town.now(), town.cast.sami)
    newer.start(town.bot, made.token)
    await town.quiet()
    while newer.last.labels:
        await tap(town, newer, newer.last.labels[0])
    town.at += timedelta(hours=1)
    await toggle(town, "reminders")
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), town.cast.sami.id)
        stands = await consent.of(tx, town.cast.sami.id)
    assert not stands["reminders"].given
    assert stands["messages"].given


async def test_a_second_link_on_the_same_phone_works(town: Town) -> None:
    phone = town.telegram.person("Sami")
    phone.start(town.bot, await town.invite(town.cast.sami))
    await town.quiet()
    phone.start(town.bot, await town.invite(town.cast.sami))
    await town.quiet()
    assert phone.last.labels, "the first screen of the enrolment"
    async with town.database.read() as tx:
        [one] = await contact.of_youth(tx, town.cast.sami.id)
    assert one.state == "unconfirmed"

"""A course from its calendar to its end: what was shown is what the phone gets, week after week."""

from dataclasses import replace
from datetime import datetime

import pytest

import content
from records import (
    after_restore,
    appointment,
    closure,
    course_record,
    course_run,
    ending,
    message,
    outgoing,
    structure,
    youth,
)
from records.course import Rhythm
from records.errors import Refused
from simulator.persons import Person
from tests.courses import begin, day, leaving, rehearsed, shown, step, wanted
from tests.journeys.thumb import begin as open_script
from tests.journeys.thumb import said, say, tap, walk, wall
from tests.town import Town


def walls(phone: Person, since: int, town: Town) -> list[datetime]:
    return [m.date.astimezone(town.zone).replace(tzinfo=None) for m in phone.received[since:]]


async def ready(town: Town) -> tuple[youth.Youth, Person]:
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises", "checkins")
    return town.cast.ines, phone


async def test_what_the_calendar_shows_is_what_leaves_to_its_end(town: Town) -> None:
    ines, phone = await ready(town)
    promised = await rehearsed(town, ines, wanted("dire-non"))
    run = await begin(town, ines, wanted("dire-non"))
    assert leaving(await shown(town, run)) == leaving(promised)
    assert [f"{at:%d/%m %H:%M}" for at in leaving(promised)] == [
        "24/11 18:00", "27/11 18:00", "01/12 18:00", "04/12 18:00", "08/12 18:00",
    ]  # fmt: skip  # and the sixth once « Dire non » is done
    assert [e.reason for e in promised if e.status == "held"] == ["condition_unmet"]
    since = len(phone.received)
    await town.pass_time(days=30)
    assert walls(phone, since, town) == leaving(promised)
    first = phone.received[since].text
    course = content.library().courses["dire-non"]
    assert first.startswith(said("course.first"))
    assert course.invitation in first
    assert phone.received[since + 1].first_line == said("course.next")
    assert [e.status for e in await shown(town, run)] == ["offered"] * 5 + ["passed"]


async def test_what_was_done_opens_what_waits_for_it_and_is_told_as_done(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted("dire-non"))
    await town.pass_time(days=2)
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, ines)
    await town.pass_time(days=30)
    statuses = [e.status for e in await shown(town, run)]
    assert statuses == ["done", "offered", "offered", "offered", "offered", "offered"]


async def test_what_was_done_alone_before_its_turn_is_passed_by_without_a_word(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted("dire-non"))
    async with town.database.write() as tx:
        await tx.run(course_record.course_element.update(), {"script": "ma-meteo"})
    await open_script(town, phone, content.library().script("ma-meteo"))
    await walk(town, phone, ines)
    await town.pass_time(days=30)
    assert {e.status for e in await shown(town, run)} == {"passed"}


async def test_a_pause_holds_everything_and_ends_without_a_burst(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted("dire-non"))
    await town.pass_time(days=2)
    async with town.database.write() as tx:
        await course_run.pause(tx, town.now(), await course_record.get(tx, run.id), "staff")
    since = len(phone.received)
    await town.pass_time(days=21)
    assert phone.received[since:] == []
    async with town.database.write() as tx:
        await course_run.resume(tx, town.now(), await course_record.get(tx, run.id), "staff")
    promised = leaving(await shown(town, run))
    await town.pass_time(days=30)
    assert walls(phone, since, town) == promised
    assert len(promised) == 4
    assert len({at.date() for at in promised}) == 4


async def test_the_youth_s_own_pause_is_theirs_to_end(town: Town) -> None:
    ines, _phone = await ready(town)
    run = await begin(town, ines, wanted())
    async with town.database.write() as tx:
        await course_run.pause(tx, town.now(), run, "youth")
        run = await course_record.get(tx, run.id)
        with pytest.raises(Refused, match="course_paused_by_youth"):
            await course_run.resume(tx, town.now(), run, "staff")
        await course_run.resume(tx, town.now(), run, "youth")


async def test_a_step_follows_its_meeting_when_it_moves_and_goes_when_it_is_called_off(
    town: Town,
) -> None:
    ines, _phone = await ready(town)
    steps = [step("after", "humeur", purpose="checkins", anchor="after_meeting", anchor_days=2)]
    run = await begin(town, ines, wanted(steps=steps))
    assert [(e.status, e.reason) for e in await shown(town, run)] == [("held", "no_meeting")]
    async with town.database.write() as tx:
        met = await appointment.add(tx, town.now(), ines, wall("2026-11-25 14:30"))
    assert leaving(await shown(town, run)) == [wall("2026-11-27 18:00")]
    async with town.database.write() as tx:
        met = await appointment.move(tx, town.now(), met, wall("2026-12-01 14:30"))
    assert leaving(await shown(town, run)) == [wall("2026-12-03 18:00")]
    async with town.database.write() as tx:
        await appointment.cancel(tx, town.now(), met)
    assert [(e.status, e.reason) for e in await shown(town, run)] == [("held", "no_meeting")]


async def test_nothing_comes_after_the_end_and_a_new_end_changes_the_calendar(town: Town) -> None:
    ines, _phone = await ready(town)
    async with town.database.write() as tx:
        await ending.move(tx, town.now(), ines, day("2026-12-02"))
        ines = await youth.get(tx, ines.id)
    run = await begin(town, ines, wanted("courte-duree"))
    entries = await shown(town, run)
    assert leaving(entries) == [
        wall(f"2026-{at} 18:00") for at in ("11-24", "11-27", "11-30", "12-01")
    ]
    assert [e.reason for e in entries if e.status == "held"] == ["after_end"] * 2
    async with town.database.write() as tx:
        await ending.move(tx, town.now(), ines, None)
    entries = await shown(town, run)
    assert len(leaving(entries)) == 5
    assert [e.reason for e in entries if e.status == "held"] == ["no_end"]


async def test_a_course_begins_so_long_before_the_end(town: Town) -> None:
    ines, _phone = await ready(town)
    async with town.database.write() as tx:
        await ending.move(tx, town.now(), ines, day("2027-01-15"))
        ines = await youth.get(tx, ines.id)
    promised = await rehearsed(
        town, ines, wanted("courte-duree", anchor="before_end", anchor_days=21)
    )
    assert min(leaving(promised)).date() == day("2026-12-26")  # Friday the 25th is a holiday


async def test_consent_budget_and_end_are_said_before_it_begins(town: Town) -> None:
    ines, _phone = await ready(town)
    await town.agree(ines, "exercises", given=False)
    told = await rehearsed(town, ines, wanted())
    assert leaving(told) == []
    assert "refused" in {e.reason for e in told}
    await town.agree(ines, "exercises")
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, weekly_budget=0)
    assert {e.reason for e in await rehearsed(town, ines, wanted()) if e.status == "held"} == {
        "weekly_budget", "condition_unmet",
    }  # fmt: skip


async def test_a_consent_given_back_goes_on_where_it_was(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted())
    await town.pass_time(days=2)
    await town.agree(ines, "exercises", given=False)
    since = len(phone.received)
    await town.pass_time(days=14)
    assert phone.received[since:] == []
    await town.agree(ines, "exercises")
    assert len(leaving(await shown(town, run))) == 4


async def test_closure_takes_it_all_away(town: Town) -> None:
    ines, _phone = await ready(town)
    await begin(town, ines, wanted())
    async with town.database.write() as tx:
        await closure.close(tx, town.now(), await youth.get(tx, ines.id))
        assert await course_record.of_youth(tx, ines.id) == []
        waiting = await outgoing.listed(tx, youth_id=ines.id, kinds=["offer", "course"])
        assert waiting == []
        assert (
            await tx.rows(message.message.select().where(message.message.c.state == "waiting"))
            == []
        )


async def test_one_of_the_youth_s_own_is_seen_by_no_staff(town: Town) -> None:
    ines, _phone = await ready(town)
    await begin(town, ines, wanted())
    mine = await begin(town, ines, wanted("premiers-pas", own=True))
    async with town.database.read() as tx:
        listed = await outgoing.listed(tx, youth_id=ines.id)
        runs = await course_record.of_youth(tx, ines.id, own=False)
    assert {m.params["course"] for m in listed} == {"dire-non"}
    assert mine.id not in {run.id for run in runs}
    with pytest.raises(Refused, match="course_under_way"):
        await begin(town, ines, wanted("projet-pro"))


async def test_a_day_that_never_opens_is_refused(town: Town) -> None:
    ines, _phone = await ready(town)
    sunday = replace(wanted(), rhythm=Rhythm((7,), datetime(2026, 1, 1, 18).time()))
    with pytest.raises(Refused, match="rhythm_never_open"):
        await begin(town, ines, sunday)


async def test_from_a_step_two_taps_pause_it_and_two_stop_it(town: Town) -> None:
    ines, phone = await ready(town)
    await begin(town, ines, wanted("dire-non"))
    await town.pass_time(days=2)
    await tap(town, phone, said("course.mine"), said("course.pause"))
    assert phone.last.first_line == said("course.paused_now")
    since = len(phone.received)
    await town.pass_time(days=10)
    assert phone.received[since:] == []
    await tap(town, phone, said("course.resume"))
    assert phone.last.first_line.startswith("C'est reparti. La suite arrive mardi")
    await say(town, phone, "/exercice")
    await tap(town, phone, said("course.show", course="Dire non"), said("course.stop"))
    assert phone.last.first_line == said("course.stopped")
    since = len(phone.received)
    await town.pass_time(days=30)
    assert phone.received[since:] == []


async def test_a_youth_begins_one_alone_with_its_calendar_before_their_eyes(town: Town) -> None:
    ines, phone = await ready(town)
    await say(town, phone, "/exercice")
    await tap(town, phone, said("course.list"), "Dire non")
    assert said("course.comes") in phone.last.text
    assert "mardi\u00a024\u00a0novembre à\u00a018\u00a0h" in phone.last.text
    await tap(town, phone, said("course.begin"))
    async with town.database.read() as tx:
        [run] = await course_record.of_youth(tx, ines.id)
    assert run.own
    promised = leaving(await shown(town, run))
    since = len(phone.received)
    await town.pass_time(days=30)
    assert walls(phone, since, town) == promised
    assert phone.received[since].first_line == said("course.first_own")


async def test_a_step_that_is_skipped_does_not_come(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted("dire-non"))
    await say(town, phone, "/exercice")
    await tap(town, phone, said("course.show", course="Dire non"), said("course.skip"))
    since = len(phone.received)
    await town.pass_time(days=2)
    assert phone.received[since:] == []
    assert (await shown(town, run))[0].status == "passed"


async def test_the_youth_s_general_pause_ends_without_a_burst_and_nothing_is_lost(
    town: Town,
) -> None:
    ines, phone = await ready(town)
    await begin(town, ines, wanted("dire-non"))
    await say(town, phone, "/pause")
    await town.pass_time(days=9)
    since = len(phone.received)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.unpause"))
    await town.pass_time(days=30)
    came = [at for at in walls(phone, since, town) if at.hour == 18]
    assert len(came) == 5
    assert len({at.date() for at in came}) == 5


async def test_everything_stopped_stops_the_course_for_good(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted("dire-non"))
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    await town.agree(ines, "exercises", "messages")
    async with town.database.read() as tx:
        assert (await course_record.get(tx, run.id)).state == "stopped"


async def statuses(
    town: Town, phone: Person, ines: youth.Youth, *steps: course_record.Offered
) -> list[str]:
    run = await begin(town, ines, wanted(steps=steps))
    await town.pass_time(days=40)
    return [e.status for e in sorted(await shown(town, run), key=lambda e: e.element.position)]


@pytest.mark.parametrize(("sky", "second"), [("⛈ Orage", "offered"), ("☀️ Grand soleil", "passed")])
async def test_a_step_that_hangs_on_an_answer_comes_to_who_gave_it_and_staff_see_none(
    town: Town, sky: str, second: str
) -> None:
    ines, phone = await ready(town)
    needs = {"answered": ["ma-meteo", "sky", ["storm", "rain"]]}
    await open_script(town, phone, content.library().script("ma-meteo"))
    await tap(town, phone, sky)
    assert await statuses(town, phone, ines, step("private", "dire-je", needs=needs)) == [second]
    async with town.database.read() as tx:
        assert await outgoing.listed(tx, youth_id=ines.id, states=["sent", "dropped"]) == []


async def test_steps_for_another_age_or_another_consent_are_left_out(town: Town) -> None:
    ines, phone = await ready(town)
    became = await statuses(
        town,
        phone,
        ines,
        step("young", "dire-je", ages=(12, 14)),
        step("shown", "si-alors", needs={"agreed": "sharing"}),
        step("agreed", "mes-appuis", needs={"agreed": "checkins"}),
    )
    assert became == ["held", "passed", "offered"]


async def test_a_survey_in_a_course_is_answered_like_any_other_and_never_told_as_done(
    town: Town,
) -> None:
    ines, phone = await ready(town)
    await town.agree(ines, "surveys")
    run = await begin(town, ines, wanted(steps=[step("end", "satisfaction", purpose="surveys")]))
    await town.pass_time(days=2)
    await tap(town, phone, said("offer.begin"))
    assert await walk(town, phone, ines)
    assert [e.status for e in await shown(town, run)] == ["offered"]


async def test_what_a_youth_stopped_does_not_come_back_with_a_backup(town: Town) -> None:
    ines, phone = await ready(town)
    run = await begin(town, ines, wanted())
    async with town.database.write() as tx:
        await course_run.stop(tx, town.now(), run, "youth")
        rows = course_record.course_run.update().where(course_record.course_run.c.id == run.id)
        await tx.run(rows, {"state": "active"})  # as the backup has it
        await tx.run(
            message.message.update().where(message.message.c.kind == "offer"), {"state": "waiting"}
        )
        await after_restore.take_back_again(tx, town.now())
    since = len(phone.received)
    await town.pass_time(days=30)
    assert phone.received[since:] == []

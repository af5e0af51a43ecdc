"""Pause, stop, block, closure: what still leaves, what is dropped, and how it begins again."""

import pytest

from records import appointment, contact, inbox, outgoing
from records.youth import youth as youths
from simulator.persons import Person
from tests.journeys.thumb import begin, said, say, script, talk_of, tap, texts_sent, wall
from tests.town import Town


async def planned(town: Town) -> Person:
    """Sami's phone, a meeting on Wednesday, and Nadia's words for Tuesday."""
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
        await outgoing.schedule_text(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="Bravo",
            wall=wall("2026-11-24 18:00"),
            zone="Europe/Paris",
            created_by=town.cast.nadia.id,
        )
    return phone


async def reasons(town: Town) -> list[tuple[str, str | None]]:
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["dropped"])
    return sorted((m.kind, m.reason) for m in dropped)


def heard(phone: Person) -> tuple[bool, bool]:
    """Whether the reminder, and the educator's words, arrived."""
    texts = [m.text for m in phone.received]
    return any(t.startswith("RDV") for t in texts), any("Bravo" in t for t in texts)


async def test_unpaused_both_arrive(town: Town) -> None:
    phone = await planned(town)
    await town.pass_time(days=2)
    assert heard(phone) == (True, True)


async def test_a_pause_stops_all_but_meeting_reminders(town: Town) -> None:
    phone = await planned(town)
    await say(town, phone, "/pause")
    await town.pass_time(days=2)
    assert heard(phone) == (True, False)
    assert await reasons(town) == [("text", "paused")]


async def test_a_pause_is_ended_in_moi(town: Town) -> None:
    phone = await planned(town)
    await say(town, phone, "/pause", "/moi")
    assert said("me.paused") in phone.last.text
    await tap(town, phone, said("me.unpause"))
    assert phone.last.text == said("pause.off")
    await town.pass_time(days=2)
    assert heard(phone) == (True, True)


async def test_stop_takes_two_taps_and_drops_what_was_planned_in_the_same_commit(
    town: Town,
) -> None:
    phone = await planned(town)
    await say(town, phone, "/stop")
    assert await reasons(town) == [], "one tap changes nothing"
    await tap(town, phone, said("stop.yes"))
    assert await reasons(town) == [("reminder", "withdrawn"), ("text", "withdrawn")]
    count = len(texts_sent(town, phone))
    await town.pass_time(days=7)
    assert len(texts_sent(town, phone)) == count


async def test_stop_can_be_thought_better_of(town: Town) -> None:
    phone = await planned(town)
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.no"))
    assert phone.last.text == said("stop.kept")
    await town.pass_time(days=2)
    assert heard(phone) == (True, True)


async def test_after_stop_writing_does_not_undo_it_but_moi_does(town: Town) -> None:
    phone = await planned(town)
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    await say(town, phone, "En fait j'ai une question")
    async with town.database.write() as tx:
        assert [i.text for i in await inbox.of_youth(tx, town.cast.sami.id)] == [
            "En fait j'ai une question"
        ]
        await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="Réponse",
            created_by=town.cast.nadia.id,
        )
    await town.pass_time(hours=1)
    assert not any("Réponse" in m.text for m in phone.received)
    await say(town, phone, "/moi")
    await tap(town, phone, f"⬜ {said('consent.reminders')}")
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-26 15:00"))
    await town.pass_time(days=4)
    assert heard(phone) == (True, False)


async def test_stop_in_the_middle_of_an_exercise_leaves_it(town: Town) -> None:
    phone = await planned(town)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    assert await talk_of(town, town.cast.sami) is None


@pytest.mark.parametrize(("purpose", "kind"), [("reminders", "reminder"), ("messages", "text")])
async def test_withdrawing_in_moi_takes_two_taps_and_drops_what_was_scheduled(
    town: Town, purpose: str, kind: str
) -> None:
    phone = await planned(town)
    await say(town, phone, said("menu.me"))
    await tap(town, phone, f"✅ {said(f'consent.{purpose}')}")
    assert await reasons(town) == [(kind, "withdrawn")], "at once, in the same commit"
    assert f"⬜ {said(f'consent.{purpose}')}" in phone.last.labels
    assert said("consent.refused") in [n.text for n in phone.notices]
    await town.pass_time(days=3)
    assert heard(phone) == (purpose != "reminders", purpose != "messages")


async def test_a_blocked_phone_is_unreachable_at_once_and_back_when_unblocked(town: Town) -> None:
    phone = await planned(town)
    phone.block()
    await town.quiet()
    async with town.database.read() as tx:
        [linked] = await contact.of_youth(tx, town.cast.sami.id)
    assert (linked.state, linked.reason) == ("unreachable", "blocked")
    await town.pass_time(days=1, hours=6, minutes=50)
    assert await reasons(town) == [("reminder", "unreachable")]
    phone.unblock()
    await town.quiet()
    async with town.database.read() as tx:
        [linked] = await contact.of_youth(tx, town.cast.sami.id)
    assert (linked.state, linked.reason) == ("confirmed", None)
    await town.pass_time(hours=1)
    assert heard(phone) == (True, True), "the meeting is still to come, and so are the words"


async def test_a_phone_thought_lost_that_writes_is_answered(town: Town) -> None:
    phone = await planned(town)
    async with town.database.write() as tx:
        [linked] = await contact.of_youth(tx, town.cast.sami.id)
        await contact.set_reachable(tx, linked.id, "chat_not_found")
    await say(town, phone, "Je suis toujours là")
    assert phone.last.text.startswith(said("sent.to_educator", reading="").strip())
    await town.pass_time(days=2)
    assert heard(phone) == (True, True)


async def closed(town: Town) -> Person:
    phone = await planned(town)
    async with town.database.write() as tx:
        await tx.run(
            youths.update().where(youths.c.id == town.cast.sami.id), {"closed_at": town.now()}
        )
    return phone


async def test_after_closure_nothing_leaves_and_words_get_a_kind_sentence(town: Town) -> None:
    phone = await closed(town)
    old = phone.last
    await town.pass_time(days=3)
    assert heard(phone) == (False, False)
    assert await reasons(town) == [("reminder", "closed"), ("text", "closed")]
    await say(town, phone, "Salut")
    assert phone.last.text == said("closed")
    phone.press(old, "want")
    phone.press(old, "stop:yes")
    await town.quiet()
    assert phone.notices[-1].text == said("old_button")
    async with town.database.read() as tx:
        assert await inbox.of_youth(tx, town.cast.sami.id) == []


@pytest.mark.parametrize("how", ["paused", "stopped", "closed"])
async def test_help_answers_anyone_at_any_hour(town: Town, how: str) -> None:
    phone = await (closed(town) if how == "closed" else planned(town))
    if how == "paused":
        await say(town, phone, "/pause")
    if how == "stopped":
        await say(town, phone, "/stop")
        await tap(town, phone, said("stop.yes"))
    await town.pass_time(hours=14)  # one in the morning
    await say(town, phone, "/aide")
    assert "3114" in phone.last.text

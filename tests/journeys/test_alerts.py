"""After the question: a yes, a no, ten minutes of silence, and who then looks after it."""

from datetime import timedelta

import pytest

from records import alert, closure, structure
from records.message import message
from records.question import question
from simulator.persons import Person
from tests.journeys.despairing import (
    DESPAIR,
    ELSEWHERE,
    THREATENED,
    alerts,
    card,
    despairs,
    everything,
    nothing_is_left,
    shown,
    tells,
    words_of,
)
from tests.journeys.thumb import rows_of, said, say, tap
from tests.town import Town


async def test_a_yes_raises_the_alert_once_and_each_step_is_told_honestly(town: Town) -> None:
    phone = await despairs(town)
    asked = phone.last
    await tap(town, phone, said("distress.yes"))
    assert phone.last.text.startswith(said("distress.sent")), "in the question's place"
    assert said("distress.meanwhile") not in phone.last.text, "it is Monday at eleven"
    [raised] = await alerts(town)
    assert (raised.categories, raised.raised_by, raised.seen_at) == (("suicide",), "yes", None)
    for button in asked.buttons[0]:
        phone.press(asked, str(button.data))
    await town.quiet()
    assert len(await alerts(town)) == 1
    assert phone.notices[-1].text == said("distress.sent")
    assert await rows_of(town.database, question) == []
    for done, words in ((alert.see, "alert.seen"), (alert.take_up, "alert.taken")):
        for _ in range(2):
            async with town.database.write() as tx:
                await done(tx, town.now(), raised, town.cast.nadia.id)
        await town.quiet()
        assert phone.last.text == said(words, who="Nadia")
    assert shown(phone).count(said("alert.taken", who="Nadia")) == 1


@pytest.mark.parametrize("silent", [False, True], ids=["no", "silence"])
@pytest.mark.parametrize("choice", ["ask", "tell"])
async def test_what_follows_a_no_or_a_silence_is_the_rule_for_minors(
    town: Town, choice: str, silent: bool
) -> None:
    await tells(town, choice)
    phone = await despairs(town)
    told_before = said("distress.rule") in phone.last.text
    assert told_before == (choice == "tell")
    if silent:
        before = len(phone.received)
        await town.pass_time(minutes=9, seconds=59)
        assert await alerts(town) == []
        await town.pass_time(seconds=1)
        assert len(phone.received) == before + (choice == "tell")
    else:
        await tap(town, phone, said("distress.no"))
    if choice == "tell":
        [raised] = await alerts(town)
        assert (raised.categories, raised.raised_by) == (("suicide",), "rule")
        assert phone.last.text.startswith(said("distress.told", reading="").partition("\n")[0])
        assert await rows_of(town.database, question) == []
    else:
        await nothing_is_left(town)
        if not silent:
            assert phone.last.text == said("distress.refused")


async def no_network(town: Town, phone: Person, minutes: int) -> None:
    """What was just said is taken in; nothing can be sent for so long."""
    town.deliverer.permits[town.cast.bot_id].stop(2)
    phone.say(DESPAIR)
    await town.until(lambda: not town.bot.updates.pending)
    await town.receiver.drain()
    town.at += timedelta(minutes=minutes)
    await town.deliverer.clocks.run_now()


async def test_what_could_not_be_told_does_not_apply_and_a_late_yes_counts(town: Town) -> None:
    await tells(town)
    phone = await town.linked(town.cast.sami)
    await no_network(town, phone, 11)
    assert await rows_of(town.database, question) == []
    await town.quiet()
    assert said("distress.choose") in phone.last.text
    assert said("distress.rule") not in "".join(shown(phone))
    await town.pass_time(minutes=11)
    await nothing_is_left(town)
    assert await words_of(town) == [DESPAIR], "what is addressed to the educator is there anyway"
    phone.tap(said("distress.yes"))
    await town.quiet()
    assert len(await alerts(town)) == 1


async def test_the_ten_minutes_begin_when_the_question_has_left(town: Town) -> None:
    await tells(town)
    phone = await town.linked(town.cast.sami)
    await no_network(town, phone, 9)
    await town.quiet()
    assert said("distress.rule") in phone.last.text
    await town.pass_time(minutes=9, seconds=59)
    assert await alerts(town) == []
    await town.pass_time(seconds=1)
    assert [one.raised_by for one in await alerts(town)] == ["rule"]


async def test_whoever_cannot_be_reached_was_told_nothing(town: Town) -> None:
    await tells(town)
    phone = await town.linked(town.cast.sami)
    before = len(phone.received)
    await no_network(town, phone, 1)
    phone.block()
    await town.quiet()
    await town.pass_time(minutes=11)
    assert len(phone.received) == before
    await nothing_is_left(town)


async def test_stopping_everything_ends_the_question_and_nothing_comes_later(town: Town) -> None:
    await tells(town)
    phone = await town.linked(town.cast.sami)
    await say(town, phone, DESPAIR)
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    told = said("distress.told", reading="").partition("\n")[0]
    assert any(text.startswith(told) for text in shown(phone))
    before = len(phone.received)
    assert len(await alerts(town)) == 1
    await town.pass_time(minutes=11)
    assert len(phone.received) == before


async def test_an_adult_is_never_told_of_without_a_yes(town: Town) -> None:
    await tells(town)
    phone = await despairs(town, town.cast.ines)
    assert said("distress.choose") in phone.last.text
    await town.pass_time(minutes=11)
    await nothing_is_left(town)
    phone.tap(said("distress.yes"))
    await town.quiet()
    [raised] = await alerts(town, town.cast.ines)
    assert raised.categories == (), "a late yes counts; what it was about is forgotten"


async def test_the_rule_is_judged_again_at_its_time(town: Town) -> None:
    """Only what the youth was told of before, and what still holds: not closed, not grown up."""
    await tells(town)
    await despairs(town)
    maya = await despairs(town, town.cast.maya)
    async with town.database.write() as tx:
        await closure.close(tx, town.now(), town.cast.sami)
    await tells(town, "ask")
    await town.pass_time(minutes=11)
    await nothing_is_left(town)
    await say(town, maya, DESPAIR)
    assert said("distress.rule", educator="Karim") not in maya.last.text
    await tells(town)
    await town.pass_time(minutes=11)
    await nothing_is_left(town)  # she was not told before


async def test_a_rule_that_the_second_words_bring_is_told_first(town: Town) -> None:
    async with town.database.write() as tx:
        of = await structure.get(tx, town.cast.structure_id)
        rule = of.alert_rule | {"suicide:15_17": "tell"}
        await structure.change(tx, of.id, alert_rule=rule)
    phone = await town.linked(town.cast.sami)
    await say(town, phone, ELSEWHERE)
    assert said("distress.rule") not in phone.last.text
    await town.pass_time(minutes=9)
    await say(town, phone, DESPAIR)
    assert said("distress.rule") in phone.last.text
    await town.pass_time(minutes=9)
    assert await alerts(town) == [], "ten minutes from when it was told"
    await town.pass_time(minutes=1)
    assert len(await alerts(town)) == 1


@pytest.mark.parametrize(
    "texts", [[THREATENED, DESPAIR], [DESPAIR, THREATENED], [f"{THREATENED}, {DESPAIR}"]]
)
async def test_once_told_nothing_graver_unsays_the_rule(town: Town, texts: list[str]) -> None:
    await tells(town, "ask", threats="tell")
    phone = await town.linked(town.cast.sami)
    for text in texts:
        await say(town, phone, text)
    asked = [one for one in phone.received if said("distress.rule") in one.text][-1]
    phone.tap(said("distress.no"), asked)
    await town.quiet()
    told = said("distress.told", reading="").partition("\n")[0]
    assert any(text.startswith(told) for text in shown(phone))
    [raised] = await alerts(town)
    assert raised.raised_by == "rule"
    assert {"suicide", "threats"} <= set(raised.categories)


async def test_a_text_of_two_kinds_shows_the_numbers_for_both(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, f"{DESPAIR}, {ELSEWHERE}")
    assert card("suicide", "street") in shown(phone)
    assert {"3114", "115"} <= set(card("suicide", "street").split())


async def test_nobody_answers_a_question_that_was_put_to_somebody_else(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, DESPAIR)
    asked = phone.last
    ines = await town.linked(town.cast.ines)
    _, key, seal, _ = str(asked.buttons[0][0].data).split(":")
    last = "0" if seal[-1] != "0" else "1"
    for forged in (f"alert:{key}:{seal}:yes", f"alert:1:{seal}:yes", f"alert:{key}:yes"):
        ines.press(ines.last, forged)
        await town.quiet()
        assert ines.notices[-1].text == said("old_button")
    phone.press(asked, f"alert:{key}:{seal[:-1]}{last}:yes")
    await town.quiet()
    assert await rows_of(town.database, alert.alert) == []
    phone.tap(said("distress.yes"), asked)
    await town.quiet()
    assert len(await alerts(town)) == 1


async def test_a_card_that_could_not_leave_says_no_more_of_it_after_ten_minutes(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    town.deliverer.permits[town.cast.bot_id].stop(1.5)
    phone.say(DESPAIR)
    await town.until(lambda: not town.bot.updates.pending)
    town.at += timedelta(minutes=11)
    await town.deliverer.clocks.run_now()
    [waits] = await rows_of(town.database, message, message.c.kind == "card")
    assert waits.params is None
    assert await rows_of(town.database, question) == []
    await town.quiet()
    assert everything() in shown(phone)

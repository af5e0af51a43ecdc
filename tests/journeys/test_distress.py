"""Words of distress in every state of the conversation: the card at once, then the question, and
nothing that was written is lost."""

import asyncio
import statistics
import time
from datetime import datetime, timedelta

import pytest

import content
from dialogs.script import Words
from records import closure, structure, survey
from records.conversation import conversation
from records.question import question
from tests.journeys.despairing import (
    DESPAIR,
    ELSEWHERE,
    alerts,
    card,
    despairs,
    everything,
    nothing_is_left,
    shown,
    tells,
    words_of,
)
from tests.journeys.test_check_in_and_survey import WAVE, offered
from tests.journeys.test_exercises import answers, ready
from tests.journeys.thumb import (
    begin,
    everything_kept,
    rows_of,
    said,
    say,
    script,
    talk_of,
    tap,
    walk,
)
from tests.town import Town


async def test_the_card_comes_at_once_then_the_question_and_the_exercise_pauses(
    town: Town,
) -> None:
    phone = await despairs(town)
    assert shown(phone)[-2] == card()
    assert "3114" in card()
    assert "Ici, on lit du lundi au vendredi, de 9\u00a0h à 18\u00a0h." in card()
    asked = phone.last
    assert asked.text.startswith(said("distress.ask"))
    assert "Ici, on lit du lundi au vendredi" in asked.text
    assert said("distress.set_aside") in asked.text
    assert asked.labels == [said("distress.yes"), said("distress.no"), said("script.resume")]
    assert DESPAIR in [a.value for a in await answers(town)], "what was written is kept"
    assert await talk_of(town, town.cast.sami) is None
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == said("share.ask"), "its last answer is given: it ends as it would"


async def test_an_exercise_that_is_not_over_goes_on_where_it_stood(town: Town) -> None:
    phone = await ready(town)
    which = script(holding=Words)
    await begin(town, phone, which)
    here = phone.last.text
    await say(town, phone, DESPAIR)  # where no words were asked for
    assert await talk_of(town, town.cast.sami) is None
    assert [card(), said("sent.held")] == [shown(phone)[-3], shown(phone)[-1]]
    asked = phone.received[-2]
    phone.tap(said("script.resume"), asked)
    await town.quiet()
    assert phone.last.text == here
    phone.tap(said("sent.held_yes"), phone.received[-2])
    await town.quiet()
    assert await words_of(town) == [DESPAIR]


async def test_at_night_a_yes_says_from_when_on_somebody_reads_and_the_numbers_again(
    town: Town,
) -> None:
    town.at += timedelta(hours=11)
    phone = await despairs(town)
    await tap(town, phone, said("distress.yes"))
    opens = datetime(2026, 11, 24, 9, tzinfo=town.zone)
    assert f"On lira à partir de {content.day_and_time(opens)}." in phone.last.text
    assert content.help_lines(content.About(), ["suicide"]) in phone.last.text


async def test_more_words_while_the_question_waits_ask_once_and_all_of_them_count(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, ELSEWHERE)
    assert shown(phone)[-2] == card("street")
    assert phone.last.text.startswith("Transmis à Nadia.")
    assert said("distress.ask_too") in phone.last.text
    await say(town, phone, ELSEWHERE)
    assert shown(phone).count(card("street")) == 1, "the card is not shown again so soon"
    assert phone.last.text.startswith("Transmis à Nadia.")
    await say(town, phone, DESPAIR)
    assert shown(phone)[-2] == card("suicide")
    town.at += timedelta(minutes=2)
    await say(town, phone, DESPAIR)
    assert shown(phone).count(card("suicide")) == 2
    questions = [one for one in phone.received if said("distress.yes") in one.labels]
    assert len(questions) == 1
    assert await words_of(town) == [DESPAIR, DESPAIR, ELSEWHERE, ELSEWHERE]
    phone.tap(said("distress.yes"), questions[0])
    await town.quiet()
    [raised] = await alerts(town)
    assert raised.categories == ("suicide", "street")
    await say(town, phone, DESPAIR)
    assert said("distress.already") in shown(phone)[-3:]


async def test_words_in_an_anonymous_survey_are_handed_in_and_pair_with_nothing(
    town: Town,
) -> None:
    await tells(town)
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "surveys")
    await offered(town, "survey", wave=WAVE)
    await town.pass_time(hours=7)
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, town.cast.sami, until=Words)
    await say(town, phone, DESPAIR)
    assert card() in shown(phone)
    assert said("distress.rule") not in phone.last.text, "no name was promised"
    assert said("distress.handed_in") in phone.last.text
    [asked] = await rows_of(town.database, question)
    assert asked.category is None
    assert len(await rows_of(town.database, survey.survey_answer)) == 7
    assert await rows_of(town.database, conversation) == []
    await town.pass_time(minutes=11)
    await nothing_is_left(town)
    phone.tap(said("distress.yes"))
    await town.quiet()
    [raised] = await alerts(town)
    assert raised.categories == ()


async def test_whoever_they_are_the_card_answers(town: Town) -> None:
    """A stranger, an unconfirmed phone, somebody paused, stopped, or closed; at night."""
    town.at += timedelta(hours=14)
    stranger = town.telegram.person("Inconnu")
    stranger.start(town.bot)
    await town.quiet()
    plain = content.help_card(content.About(), ["suicide"]).text
    assert (await say(town, stranger, DESPAIR)).text == plain
    unknown = town.telegram.person("Léo")
    unknown.start(town.bot, await town.invite(town.cast.leo))
    await town.quiet()
    await say(town, unknown, DESPAIR)
    assert card() in shown(unknown)
    assert not any(said("distress.yes") in one.labels for one in unknown.received)
    phone = await town.linked(town.cast.sami)
    for order in ("/pause", "/stop"):
        await say(town, phone, order)
        if order == "/stop":
            await tap(town, phone, said("stop.yes"))
        town.at += timedelta(minutes=2)
        await say(town, phone, DESPAIR)
        assert card() in shown(phone)[-3:], order
    assert len(await words_of(town)) == 2
    async with town.database.write() as tx:
        await closure.close(tx, town.now(), town.cast.sami)
    assert (await say(town, phone, DESPAIR)).text == plain
    kept = await everything_kept(town.database)
    assert str(stranger.id) not in kept


async def test_what_is_edited_or_written_below_a_photo_is_heard_too(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    first = phone.say("ça va")
    await town.quiet()
    phone.edit(first, DESPAIR)
    await town.quiet()
    assert card() in shown(phone)
    await say(town, phone, "/aide je dors dehors ce soir")
    assert card("street") in shown(phone)
    assert await words_of(town) == ["ça va"], "and it is asked whom it is for"


async def test_help_leaves_before_everything_else_that_waits(town: Town) -> None:
    """While Telegram asks for quiet, answers pile up: the card goes first, then the question."""
    phone = await town.linked(town.cast.ines)
    before = len(phone.received)
    pace = town.deliverer.permits[town.cast.bot_id].pace
    town.deliverer.permits[town.cast.bot_id].stop(60)
    for words in ("slt", "/rdv", "/moi", DESPAIR, "/aide"):
        phone.say(words)
    await town.until(lambda: not town.bot.updates.pending)
    await town.receiver.drain()
    pace.stopped_until = 0
    town.deliverer.wake()
    await town.until(lambda: len(phone.received) == before + 6)
    first, second, third = shown(phone)[before:][:3]
    assert (first, third) == (card(), everything())
    assert said("distress.ask_too") in second


async def test_at_enrolment_the_youth_reads_the_rule_for_their_age(town: Town) -> None:
    async with town.database.write() as tx:
        of = await structure.get(tx, town.cast.structure_id)
        rule = of.alert_rule | {"suicide:under_15": "tell"}
        await structure.change(tx, of.id, alert_rule=rule)
    for who, expected in (
        (town.cast.leo, "alert_rule.tell"),
        (town.cast.sami, "alert_rule.ask"),
        (town.cast.ines, "alert_rule.ask"),
    ):
        phone = town.telegram.person(who.nickname)
        phone.start(town.bot, await town.invite(who))
        await town.quiet()
        await tap(town, phone, phone.last.labels[0])
        await tap(town, phone, phone.last.labels[0])
        assert said(expected) in phone.last.text, who.nickname


async def test_the_card_is_there_a_moment_after_the_words(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the phone's send to the phone's screen, through the receiver and the deliverer."""
    phone = await town.linked(town.cast.ines)
    waits = []
    for number in range(40):
        words, shows = ((DESPAIR, card()), (ELSEWHERE, card("street")))[number % 2]
        town.at += timedelta(minutes=2)
        before = shown(phone).count(shows)
        began = time.perf_counter()
        phone.say(words)
        while shown(phone).count(shows) == before:  # noqa: ASYNC110  the bot works meanwhile
            await asyncio.sleep(0.001)
        waits.append((time.perf_counter() - began) * 1000)
        await town.quiet()
    median, late = statistics.median(waits), sorted(waits)[int(len(waits) * 0.95)]
    with capsys.disabled():
        print(f"\nfrom the words to the card: {median:.0f} ms, p95 {late:.0f} ms")
    assert late < 2000


async def test_a_check_in_pauses_too_and_its_words_stay_the_youths_own(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises", "checkins")
    await begin(town, phone, script("checkin", holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    await say(town, phone, DESPAIR)
    assert card() in shown(phone)
    await tap(town, phone, said("distress.no"))
    assert said("script.resume") in phone.last.labels
    assert await words_of(town) == [], "nothing of it reached the educator"
    assert [a.visibility for a in await answers(town) if a.value == DESPAIR] == ["me"]
    await nothing_is_left(town)

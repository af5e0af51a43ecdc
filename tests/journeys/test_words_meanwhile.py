"""Words written while an exercise is open: for it, for the educator, or asked about."""

from datetime import timedelta

from content.answers import in_own_words
from dialogs.script import Words
from records import appointment, inbox, outgoing, retention
from tests.journeys.test_exercises import answers, ready
from tests.journeys.thumb import begin, said, say, script, tap, walk, wall
from tests.town import Town


async def inbox_of(town: Town) -> list[str | None]:
    async with town.database.read() as tx:
        return [item.text for item in await inbox.of_youth(tx, town.cast.sami.id)]


async def test_words_in_the_middle_are_held_and_sent_on_a_yes_only(town: Town) -> None:
    phone = await ready(town)
    shown = await begin(town, phone, script())
    await say(town, phone, "Je peux pas venir demain")
    assert phone.last.text == said("sent.held")
    assert await inbox_of(town) == []
    asked = phone.last
    await tap(town, phone, said("sent.held_yes"))
    phone.press(asked, str(asked.buttons[0][0].data))
    await town.quiet()
    assert await inbox_of(town) == ["Je peux pas venir demain"]
    phone.tap(shown.labels[0], shown)
    await town.quiet()
    assert len(await answers(town)) == 1, "and the exercise goes on"


async def test_held_words_are_forgotten_on_a_no(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    await say(town, phone, "C'était pour l'exercice")
    await tap(town, phone, said("sent.held_no"))
    assert phone.last.text == said("sent.forgotten")
    assert await inbox_of(town) == []
    async with town.database.read() as tx:
        assert await tx.rows(inbox.inbox.select()) == []


async def test_held_words_of_one_youth_are_not_released_by_another(town: Town) -> None:
    phone, other = await ready(town), await town.linked(town.cast.ines)
    await begin(town, phone, script())
    asked = await say(town, phone, "Entre nous")
    other.press(other.last, str(asked.buttons[0][0].data))
    await town.quiet()
    assert await inbox_of(town) == []
    assert other.last.text == said("sent.held_gone")
    await tap(town, phone, said("sent.held_yes"))
    assert await inbox_of(town) == ["Entre nous"]
    phone.press(phone.last, str(asked.buttons[0][0].data))
    await town.quiet()
    assert await inbox_of(town) == ["Entre nous"], "a double tap counts once"


async def test_words_held_for_too_long_are_told_to_be_gone(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    await say(town, phone, "J'ai besoin de te voir")
    town.at += timedelta(hours=25)
    await retention.carry_out(town.database, town.now(), in_own_words)
    await tap(town, phone, said("sent.held_yes"))
    assert phone.last.text == said("sent.held_gone")


async def test_words_after_the_educator_s_own_are_asked_about_not_swallowed(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    town.at += timedelta(minutes=1)
    async with town.database.write() as tx:
        await outgoing.reply(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.sami.id,
            text="Tu es où ?",
            created_by=town.cast.nadia.id,
        )
    await town.quiet()
    await say(town, phone, "Viens me chercher")
    assert phone.last.text == said("sent.held")


async def test_the_word_that_changer_asks_for_reaches_the_desk(town: Town) -> None:
    phone = await ready(town)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    await say(town, phone, "/rdv")
    await tap(town, phone, phone.last.labels[0], said("meeting.change"))
    await say(town, phone, "Plutôt jeudi à 10 h")
    assert "Plutôt jeudi à 10 h" in await inbox_of(town)
    await say(town, phone, "/rdv")
    await tap(town, phone, said("meeting.want"))
    await say(town, phone, "Le matin, si possible")
    assert "Le matin, si possible" in await inbox_of(town)


async def test_writing_to_the_educator_sets_the_exercise_aside(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    await say(town, phone, said("menu.write"), "J'ai besoin de te parler")
    assert await inbox_of(town) == ["J'ai besoin de te parler"]
    await say(town, phone, "/exercice")
    assert phone.last.labels[0] == said("exercise.resume", title=script(holding=Words).title)


async def test_an_exercise_left_alone_does_not_hold_back_what_is_written_later(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    await town.pass_time(hours=2)
    await say(town, phone, "Je peux pas venir demain")
    assert await inbox_of(town) == ["Je peux pas venir demain"]


async def test_words_long_after_the_question_are_asked_about_not_swallowed(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    before = len(await answers(town))
    await town.pass_time(days=1)
    await say(town, phone, "Ça ne va pas du tout")
    assert phone.last.text == said("sent.held")
    assert len(await answers(town)) == before
    await tap(town, phone, said("sent.held_yes"))
    assert await inbox_of(town) == ["Ça ne va pas du tout"]

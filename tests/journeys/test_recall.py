"""What a script recalls of an earlier one: the latest answer, in its own words, to this youth alone."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import content
from records import conversation, response
from records.response import Response
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.breathing import (
    BACK,
    BREATHE,
    SCRIPTS,
    SECRET,
    breathing,
    opened,
    ready,
    written,
)
from tests.journeys.thumb import said, say, tap
from tests.town import Town


async def answered(town: Town, phone: Person, mood: str, words: str = "") -> None:
    """To the end of the exercise that is recalled."""
    await breathing(town, phone, mood)
    await tap(town, phone, said("script.go"))
    await (say(town, phone, words) if words else tap(town, phone, said("script.skip")))
    await tap(town, phone, said("script.no_reminder"))


async def answers(town: Town, who: Youth) -> list[Response]:
    async with town.database.read() as tx:
        return await response.of_youth(tx, who.id)


async def erase(town: Town, phone: Person, which: Response) -> None:
    await say(town, phone, "/moi")
    phone.press(phone.last, f"erase:response:{which.id}:yes")
    await town.quiet()


async def test_what_was_said_is_named_and_decides_the_way(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal", SECRET)
    assert (await opened(town, phone, BACK)).text == "C'était dur."
    await tap(town, phone, said("script.go"))
    assert phone.last.text == f"On reprend.\nAvant\u00a0: Mal\nTes mots\u00a0: {SECRET}"


async def test_the_latest_answer_counts(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal")
    await answered(town, phone, "Bien")
    assert (await opened(town, phone, BACK)).text == "On reprend.\nAvant\u00a0: plutôt bien"


async def test_where_nothing_was_said_nothing_is_named(breathing_town: Town) -> None:
    town = breathing_town
    assert (await opened(town, await ready(town), BACK)).text == "On reprend."


async def test_nobody_elses_answer_is_ever_recalled(breathing_town: Town) -> None:
    town = breathing_town
    await answered(town, await ready(town), "Mal", SECRET)
    other = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises")
    assert (await opened(town, other, BACK)).text == "On reprend."


async def test_an_erased_answer_is_recalled_no_more(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal", SECRET)
    for one in await answers(town, town.cast.sami):
        await erase(town, phone, one)
    assert (await opened(town, phone, BACK)).text == "On reprend."


@pytest.mark.parametrize("away", [True, False], ids=["put away", "under way"])
async def test_erased_meanwhile_it_is_gone_from_where_it_was_recalled(
    breathing_town: Town, away: bool
) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal", SECRET)
    shown = await opened(town, phone, BACK)
    if away:
        await tap(town, phone, said("script.stop"))
    for one in await answers(town, town.cast.sami):
        await erase(town, phone, one)
    if away:
        shown = await tap(town, phone, said("script.resume"))
    phone.tap(said("script.go"), shown)
    await town.quiet()
    assert [one.text for one in phone.messages if one.id == shown.id] == ["On reprend."]


async def test_an_answer_of_the_script_under_way_is_erased_from_it_too(
    breathing_town: Town,
) -> None:
    town = breathing_town
    phone = await ready(town)
    shown = await breathing(town, phone, "Mal")
    [one] = await answers(town, town.cast.sami)
    await erase(town, phone, one)
    phone.tap(said("script.go"), shown)
    await town.quiet()
    await tap(town, phone, said("script.skip"))
    assert phone.last.text == "Si on insiste, alors je pars"


async def test_what_comes_back_with_a_backup_is_erased_from_scripts_under_way(
    breathing_town: Town,
) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal", SECRET)
    await opened(town, phone, BACK)
    [secret] = [a for a in await answers(town, town.cast.sami) if a.value == SECRET]
    async with town.database.write() as tx:
        assert await response.erase_again(tx, secret.id)
        assert not await response.erase_again(tx, secret.id)
        talk = (await conversation.open_of(tx, [town.cast.sami.id]))[town.cast.sami.id]
    assert SECRET not in str(talk.state)
    assert talk.state["answers"]["before"] == "Mal", "and nothing else is"


async def test_the_words_are_those_of_the_version_that_was_answered(
    breathing_town: Town, tmp_path: Path
) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Bien")
    newer = SCRIPTS[BREATHE.lower()].replace("version: 1", "version: 2")
    newer = newer.replace("recalled: plutôt bien", "recalled: au top")
    contents = {"souffler@1": SCRIPTS["souffler"], "souffler": newer}
    content.load(written(tmp_path / "content", **contents))
    assert "plutôt bien" in (await opened(town, phone, BACK)).text
    await tap(town, phone, said("script.go"))
    (tmp_path / "content/scripts/souffler@1.yaml").unlink()
    content.load(tmp_path / "content")
    assert "au top" in (await opened(town, phone, BACK)).text


async def test_only_scripts_that_recall_ask_the_database_and_once(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Mal")
    asked: list[str] = []

    def caught(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if text.startswith("SELECT") and "FROM response" in text:
            asked.append(text)

    event.listen(town.database.engine.sync_engine, "before_cursor_execute", caught)
    await answered(town, phone, "Bien")
    assert asked == []
    await opened(town, phone, BACK)
    await tap(town, phone, said("script.go"))
    assert len(asked) == 1
    event.remove(town.database.engine.sync_engine, "before_cursor_execute", caught)


async def test_what_is_recalled_is_not_kept_nor_shown_a_second_time(breathing_town: Town) -> None:
    town = breathing_town
    phone = await ready(town)
    await answered(town, phone, "Bien", SECRET)
    before = await answers(town, town.cast.sami)
    shown = await opened(town, phone, BACK)
    await say(town, phone, "/moi")
    await tap(
        town, phone, said("me.stored"), said("me.rights.see"), said("stored.table.conversation")
    )
    assert "On reprend" not in phone.last.text
    assert SECRET not in phone.last.text
    before_the_end = len(phone.received)
    phone.tap(said("script.go"), shown)
    await town.quiet()
    assert len(phone.received) == before_the_end, "nothing was said here: there is nothing to show"
    assert await answers(town, town.cast.sami) == before

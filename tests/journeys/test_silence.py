"""Silence in the middle of an exercise: one nudge, then its place is kept, however long."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import content
from records import conversation, outgoing
from records.message import message
from simulator.persons import Person
from tests.admin.house import House
from tests.journeys.thumb import begin, rows_of, said, script, talk_of, tap
from tests.town import Town

NUDGED = said("nudge.title")
HOUR = timedelta(hours=1)


async def ready(town: Town) -> Person:
    """Inès, who is nineteen and writes from ten to half past seven, in an exercise at 15 h."""
    town.at += 4 * HOUR
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises", "surveys")
    return phone


async def nudges(town: Town) -> list[tuple[str, str | None]]:
    rows = await rows_of(town.database, message, message.c.kind == "nudge")
    return [(row.state, row.reason) for row in rows]


def nudged(phone: Person) -> int:
    return [m.first_line for m in phone.received].count(NUDGED)


async def test_silence_is_nudged_once_then_put_away_with_its_place_kept(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    await tap(town, phone, phone.last.labels[0])
    shown = (phone.last.text, phone.last.labels)
    await town.pass_time(hours=1, minutes=59)
    assert nudged(phone) == 0
    await town.pass_time(minutes=1)
    assert phone.last.first_line == NUDGED
    assert script().title in phone.last.text
    assert phone.last.protected
    await town.pass_time(days=2)
    assert await talk_of(town, town.cast.ines) is None
    await town.pass_time(days=5)
    assert nudged(phone) == 1
    assert await nudges(town) == [("sent", None)]
    await tap(town, phone, said("script.resume"))
    assert (phone.last.text, phone.last.labels) == shown
    await town.pass_time(days=3)
    assert nudged(phone) == 1, "once for one exercise, taken up again or not"
    assert await talk_of(town, town.cast.ines) is None


async def test_who_goes_on_is_not_nudged(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    for _ in range(3):
        await town.pass_time(hours=1, minutes=30)
        await tap(town, phone, phone.last.labels[0])
    assert nudged(phone) == 0


async def at_night(town: Town) -> Person:
    """An exercise begun at 18 h: two hours later, nothing unasked leaves."""
    phone = await ready(town)
    await town.pass_time(hours=3)
    await begin(town, phone, script())
    await town.pass_time(hours=4)
    [(state, _)] = await nudges(town)
    assert (state, nudged(phone)) == ("waiting", 0)
    return phone


async def test_a_nudge_waits_for_the_window_of_its_youth(town: Town) -> None:
    phone = await at_night(town)
    await town.pass_time(hours=11, minutes=59)
    assert nudged(phone) == 0
    await town.pass_time(hours=1)
    assert phone.last.first_line == NUDGED


async def test_a_nudge_that_waits_is_dropped_by_whatever_takes_its_meaning(town: Town) -> None:
    phone = await at_night(town)
    await tap(town, phone, said("script.stop"))
    await town.pass_time(days=1)
    assert (nudged(phone), await nudges(town)) == (0, [("dropped", "taken_up")])


async def test_a_nudge_that_waits_is_dropped_with_its_consent(town: Town) -> None:
    phone = await at_night(town)
    await town.agree(town.cast.ines, "exercises", given=False)
    await town.pass_time(days=2)
    assert (nudged(phone), [state for state, _ in await nudges(town)]) == (0, ["dropped"])


async def test_not_now_puts_it_away_at_once(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    shown = phone.last.text
    await town.pass_time(hours=2)
    await tap(town, phone, said("nudge.leave"))
    assert phone.last.text == said("script.stopped")
    assert await talk_of(town, town.cast.ines) is None
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == shown


async def test_a_survey_in_silence_is_put_away_without_a_word(town: Town) -> None:
    phone = await ready(town)
    async with town.database.write() as tx:
        await outgoing.schedule_offer(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=town.cast.ines.id,
            script="satisfaction",
            purpose="surveys",
            due_at=town.now(),
            wave="2026-T4",
        )
    await town.pass_time(minutes=1)
    await tap(town, phone, said("offer.begin"))
    assert await talk_of(town, town.cast.ines) is not None
    await town.pass_time(days=2)
    assert await talk_of(town, town.cast.ines) is None
    assert await nudges(town) == []
    async with town.database.read() as tx:
        assert len(await conversation.away(tx, town.cast.ines.id)) == 1


async def test_staff_see_that_a_nudge_leaves_and_not_about_what(town: Town) -> None:
    await at_night(town)
    house = House(town.database, town.cast)
    house.at = town.at
    async with house.open():
        shown = (await (await house.visitor("nadia")).get(f"/jeunes/{town.cast.ines.id}")).text
    assert "Sa place est gardée" in shown
    assert script().title not in shown


@pytest.fixture
def rewritten(tmp_path: Path) -> Iterator[Path]:
    """The contents, in a folder that a test may change while the bot is at work."""
    folder = tmp_path / "content"
    shutil.copytree(content.load().folder, folder, ignore=shutil.ignore_patterns("*.py"))
    content.load(folder)
    yield folder / "scripts"
    content.load()


@pytest.mark.parametrize("gone", ["version", "script", "step"])
async def test_what_can_be_read_no_more_is_told_kindly(
    town: Town, rewritten: Path, gone: str
) -> None:
    phone = await ready(town)
    name = script().name
    await begin(town, phone, script())
    await tap(town, phone, phone.last.labels[0])
    await tap(town, phone, said("script.stop"))
    path = rewritten / f"{name}.yaml"
    text = path.read_text("utf-8")
    if gone == "script":
        path.unlink()
    elif gone == "version":
        path.write_text(text.replace("version: 1", "version: 2"), "utf-8")
    else:
        path.write_text(renamed(text), "utf-8")
    content.load(rewritten.parent)
    await town.pass_time(days=9)
    await tap(town, phone, said("script.resume"))
    if gone == "script":
        assert phone.last.text == said("script.gone")
        return
    assert phone.last.text == said("script.changed")
    await tap(town, phone, said("script.again"))
    talk = await talk_of(town, town.cast.ines)
    assert talk is not None
    assert (talk.script, talk.version, talk.state["turn"]) == (
        name,
        2 if gone == "version" else 1,
        1,
    )


def renamed(text: str) -> str:
    """The same script, each of its steps under another name."""
    names = re.findall(r"^  ([a-z_]+):$", text, re.MULTILINE)
    for name in names:
        text = re.sub(rf"^  {name}:$", f"  other_{name}:", text, flags=re.MULTILINE)
        text = re.sub(rf"((?:next|skip|first): ){name}\b", rf"\1other_{name}", text)
    return text

"""An exercise at every step: answered, passed, stopped, taken up again, pinned to its version."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import content
from dialogs.script import NAMED, End, Several, Words
from records import conversation, response
from records.response import Response
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.thumb import begin, said, say, script, step_of, talk_of, tap, walk
from tests.town import Town


async def ready(town: Town, who: Youth | None = None) -> Person:
    who = who or town.cast.sami
    phone = await town.linked(who)
    await town.agree(who, "exercises")
    return phone


async def answers(town: Town, who: Youth | None = None) -> list[Response]:
    async with town.database.read() as tx:
        return await response.of_youth(tx, (who or town.cast.sami).id)


@pytest.mark.parametrize("which", content.load().catalogue("exercise"), ids=lambda s: s.name)
async def test_each_exercise_is_answered_to_its_end(town: Town, which: object) -> None:
    found = content.library().script(which.name)  # type: ignore[attr-defined]
    phone = await ready(town)
    await begin(town, phone, found)
    screens = await walk(town, phone, town.cast.sami)
    kept = await answers(town)
    assert {(a.script, a.version) for a in kept} == {(found.name, found.version)}
    assert len({a.variable for a in kept}) == len(kept) >= 2
    assert len(screens) <= 10
    assert all(shown.protected for shown in screens), "exercises cannot be copied on"
    assert all(said("script.stop") in shown.labels for shown in screens)
    ending = next(m for m in reversed(phone.received) if not m.buttons)
    first = ending.text.partition("\n")[0]
    ends = [s.text.partition("\n")[0] for s in found.steps.values() if isinstance(s, End)]
    shapes = [".+".join(map(re.escape, NAMED.split(end)[::2])) for end in ends]
    assert any(re.fullmatch(shape, first) for shape in shapes), first
    assert phone.last.text == said("share.ask")


async def test_every_question_can_be_passed(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    await walk(town, phone, town.cast.sami, skipping=True)
    assert await answers(town) == []
    assert phone.last.text != said("share.ask"), "there is nothing to share"


async def test_it_can_be_stopped_and_taken_up_at_every_step(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script())
    seen = 0
    while await step_of(town, town.cast.sami) is not None:
        seen += 1
        before = phone.last
        await tap(town, phone, said("script.stop"))
        assert phone.last.text == said("script.stopped")
        assert await step_of(town, town.cast.sami) is None
        await tap(town, phone, said("script.resume"))
        assert (phone.last.text, phone.last.labels) == (before.text, before.labels)
        await tap(town, phone, said("script.skip"))
    assert seen >= 3


async def test_what_was_put_away_is_first_in_the_list(town: Town) -> None:
    phone = await ready(town)
    which = script(holding=Several)
    await begin(town, phone, which)
    await walk(town, phone, town.cast.sami, until=Several)
    shown = phone.last
    await tap(town, phone, said("script.stop"))
    await say(town, phone, said("menu.exercise"))
    assert phone.last.labels[0] == said("exercise.resume", title=which.title)
    await tap(town, phone, phone.last.labels[0])
    assert phone.last.text == shown.text


async def test_beginning_another_puts_the_first_away_with_its_place(town: Town) -> None:
    phone = await ready(town)
    first, second = content.library().catalogue("exercise")[:2]
    shown = await begin(town, phone, first)
    await begin(town, phone, second)
    phone.tap(shown.labels[0], shown)
    await town.quiet()
    assert phone.last.text == said("script.stopped")
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == shown.text


async def test_a_double_tap_on_an_answer_counts_once(town: Town) -> None:
    phone = await ready(town)
    shown = await begin(town, phone, script())
    for _ in range(3):
        phone.tap(shown.labels[0], shown)
    await town.quiet()
    assert len(await answers(town)) == 1
    talk = await talk_of(town, town.cast.sami)
    assert talk is not None
    assert talk.state["turn"] == 2
    assert said("old_button") in [n.text for n in phone.notices]


async def test_a_double_tap_on_a_title_begins_once(town: Town) -> None:
    phone = await ready(town)
    shown = await say(town, phone, "/exercice")
    for _ in range(2):
        phone.tap(script().title, shown)
    await town.quiet()
    async with town.database.read() as tx:
        assert await conversation.away(tx, town.cast.sami.id) == []
    assert len([m for m in phone.received if said("script.stop") in m.labels]) == 1


async def test_several_answers_tick_and_untick(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script(holding=Several))
    await walk(town, phone, town.cast.sami, until=Several)
    at = await step_of(town, town.cast.sami)
    assert isinstance(at, Several)
    label = [option.label for option in at.options]
    await tap(town, phone, f"☐ {label[0]}", f"☐ {label[2]}", f"☑ {label[0]}", f"☐ {label[1]}")
    assert phone.last.labels[:3] == [f"☐ {label[0]}", f"☑ {label[1]}", f"☑ {label[2]}"]
    await tap(town, phone, said("script.done"))
    chosen = next(a.value for a in await answers(town) if a.variable == at.save)
    assert chosen == f"{at.options[1].value}|{at.options[2].value}"


async def test_words_are_asked_with_the_notice_and_too_many_get_a_kind_sentence(town: Town) -> None:
    phone = await ready(town)
    await begin(town, phone, script(holding=Words))
    await walk(town, phone, town.cast.sami, until=Words)
    at = await step_of(town, town.cast.sami)
    assert isinstance(at, Words)
    assert said("script.notice") in phone.last.text
    assert said("script.skip") in phone.last.labels
    await say(town, phone, "a" * (at.at_most + 1))
    assert phone.last.text == said("script.too_long", limit=at.at_most)
    await say(town, phone, "Je tiens bon.")
    assert next(a.value for a in await answers(town) if a.variable == at.save) == "Je tiens bon."


async def test_a_forged_step_of_another_youths_exercise_changes_nothing(town: Town) -> None:
    phone, other = await ready(town), await ready(town, town.cast.ines)
    shown = await begin(town, phone, script())
    stands = await talk_of(town, town.cast.sami)
    assert stands is not None
    for data in (
        str(shown.buttons[0][0].data),
        f"resume:{stands.id}",
        f"share:{stands.id}:yes",
        f"resume:{'9' * 40}",
        "resume:~zzzzzzzzzzzzzzzzzz",
        "share:0:yes",
        "held:-1:yes",
        f"step:{'9' * 30}:1:go",
        "begin:enrolment:",
        "begin:inconnu:",
        "later:x:",
        "decline:enrolment",
        "language:xx",
        "consent:everything:yes:me",
        "🙂",
        "",
    ):
        if data:
            other.press(other.last, data)
    await town.quiet()
    assert await talk_of(town, town.cast.sami) == stands
    assert len(other.received) == 1, "only the welcome"
    assert {n.text for n in other.notices} == {said("old_button")}


@pytest.fixture
def contents(tmp_path: Path) -> Iterator[Path]:
    """A copy of the contents that a test may change, as an author would."""
    folder = tmp_path / "content"
    shutil.copytree(
        Path(content.__file__).parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    content.load(folder)
    yield folder
    content.load()


async def test_a_new_version_leaves_the_one_under_way_alone(town: Town, contents: Path) -> None:
    which = script()
    phone = await ready(town)
    await begin(town, phone, which)
    await tap(town, phone, phone.last.labels[0])
    shown = phone.last
    await tap(town, phone, said("script.stop"))
    path = contents / "scripts" / f"{which.name}.yaml"
    path.with_stem(f"{which.name}@{which.version}").write_text(path.read_text("utf-8"), "utf-8")
    newer = re.sub(r"(?m)^version: .*$", f"version: {which.version + 1}", path.read_text("utf-8"))
    newer = re.sub(r"(?m)^title: .*$", "title: Tout autre chose", newer)
    path.write_text(newer, "utf-8")
    content.load(contents)
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == shown.text
    await walk(town, phone, town.cast.sami)
    assert {a.version for a in await answers(town)} == {which.version}
    await say(town, phone, "/exercice")
    assert "Tout autre chose" in phone.last.labels
    assert which.title not in phone.last.labels


async def test_a_script_that_is_gone_gets_a_kind_sentence(town: Town, contents: Path) -> None:
    which = script()
    phone = await ready(town)
    await begin(town, phone, which)
    (contents / "scripts" / f"{which.name}.yaml").unlink()
    content.load(contents)
    await tap(town, phone, phone.last.labels[0])
    assert phone.last.text == said("script.gone")
    assert await talk_of(town, town.cast.sami) is None

"""Asked again: when an age is reached and when a text changes; what stands meanwhile is nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import yaml

import content
from content.library import PACKAGED, Library
from records import appointment, asking, consent, outgoing, parental, response
from records.youth import Youth
from simulator.persons import Person
from tests.journeys.thumb import data_of, said, say, script, step_of, talk_of, tap, wall
from tests.town import Town

FIRST_OF_MARCH = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)  # midnight in Paris: Léo is fifteen
FIRST_OF_APRIL = datetime(2028, 3, 31, 22, 0, tzinfo=UTC)  # Sami is eighteen


@pytest.fixture
def rewritten(tmp_path: Path) -> Iterator[Library]:
    """The packaged texts, with another question on messages and on exercises."""
    kept = yaml.safe_load((PACKAGED / "consents.yaml").read_text("utf-8"))
    for purpose in ("messages", "exercises"):
        kept[purpose][2] = kept[purpose][1] | {f"ask.{purpose}": f"{purpose}, en d'autres mots"}
    copytree(PACKAGED / "scripts", tmp_path / "scripts")
    (tmp_path / "consents.yaml").write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
    before = content.library()
    yield Library(tmp_path)
    Library.current = before


async def put_in_force(town: Town, of: Library) -> None:
    """As the program does when it starts."""
    Library.current = of
    async with town.database.write() as tx:
        await asking.put_in_force(tx, town.now(), of.consents.newest)
    await asking.ask_whoever_must(town.database, town.now())
    await town.quiet()


async def of_a_parent(town: Town, who: Youth) -> None:
    async with town.database.write() as tx:
        await parental.record(tx, town.now(), who.id, town.now(), "appel", town.cast.nadia.id)


async def go_to(town: Town, at: datetime) -> None:
    await town.pass_time(seconds=(at - town.now()).total_seconds())


async def meeting(town: Town, who: Youth, when: str) -> None:
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), who, wall(when))


async def dropped(town: Town, who: Youth) -> list[tuple[str, str | None]]:
    async with town.database.read() as tx:
        ended = await outgoing.listed(tx, youth_id=who.id, states=["dropped"])
    return sorted((m.kind, m.reason) for m in ended)


def asked(phone: Person) -> list[datetime]:
    first = said("again.age").partition("\n")[0]
    return [m.date for m in phone.received if m.text.startswith(first)]


async def test_at_fifteen_the_youth_alone_is_asked_again_in_their_hours(town: Town) -> None:
    leo = town.cast.leo
    phone = await town.linked(leo)
    await of_a_parent(town, leo)
    await meeting(town, leo, "2027-02-26 14:30")
    await go_to(town, FIRST_OF_MARCH - timedelta(hours=1))
    assert [m.text for m in phone.received if m.text.startswith("RDV")], "as long as it counts"
    assert asked(phone) == []
    await meeting(town, leo, "2027-03-10 14:30")
    await town.pass_time(days=9)
    assert asked(phone)[0].astimezone(town.zone).strftime("%d %H:%M") == "01 17:00"
    assert len(asked(phone)) == 2, "the question, and one nudge"
    assert await dropped(town, leo) == [("reminder", "to_ask_again")]


async def test_a_yes_at_fifteen_plans_again_what_waited_for_it(town: Town) -> None:
    leo = town.cast.leo
    phone = await town.linked(leo)
    await of_a_parent(town, leo)
    await go_to(town, FIRST_OF_MARCH + timedelta(hours=18))
    await meeting(town, leo, "2027-03-04 14:30")
    await tap(town, phone, said("again.go"))
    assert phone.last.text == said("ask.reminders")
    await tap(town, phone, said("consent.yes"))
    assert phone.last.text == said("ask.messages"), "one question after another"
    await tap(town, phone, said("consent.no"))
    assert phone.last.text == said("consent.refused")
    await town.pass_time(days=9)
    assert [m.text for m in phone.received if m.text.startswith("RDV demain")]
    assert asked(phone) == [], "the answer took its place, and whoever has answered is not nudged"
    async with town.database.read() as tx:
        stands = await consent.of(tx, leo.id)
        lines = await consent.history(tx, leo.id)
    assert {p: s.regime for p, s in stands.items()} == {"reminders": "minor", "messages": "minor"}
    assert [line[4] for line in lines] == ["parental", "parental", "minor", "minor"]


async def test_at_eighteen_it_is_asked_again_in_moi_too(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await go_to(town, FIRST_OF_APRIL + timedelta(hours=1))
    await say(town, phone, "/moi")
    both = f"{said('consent.reminders')}, {said('consent.messages')}"
    assert said("me.again", purposes=both) in phone.last.text
    await tap(town, phone, f"⬜ {said('consent.messages')}")
    assert phone.last.text == said("ask.messages"), "the question itself, and not a line of a list"
    await tap(town, phone, said("consent.yes"))
    assert f"✅ {said('consent.messages')}" in phone.last.labels


async def test_what_was_withdrawn_before_the_birthday_stays_withdrawn(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await say(town, phone, "/stop")
    await tap(town, phone, said("stop.yes"))
    count = len(phone.received)
    await go_to(town, FIRST_OF_APRIL + timedelta(days=30))
    await asking.ask_whoever_must(town.database, town.now())
    await town.pass_time(days=10)
    assert len(phone.received) == count


async def test_a_text_that_changed_is_asked_again_and_holds_back_its_purpose_only(
    town: Town, rewritten: Library
) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    async with town.database.write() as tx:
        await asking.put_in_force(tx, town.now(), content.library().consents.newest)
    await meeting(town, sami, "2026-11-25 14:30")
    await town.write(sami, "Bravo", "2026-11-24 18:00")
    await put_in_force(town, rewritten)
    await town.pass_time(days=2)
    assert await dropped(town, sami) == [("text", "to_ask_again")]
    assert [m.text for m in phone.received if m.text.startswith("RDV")]
    await tap(town, phone, said("again.go"))
    assert "messages, en d'autres mots" in [m.text for m in phone.received]
    await tap(town, phone, said("consent.yes"))
    assert said("again.done") in [m.text for m in phone.received]
    async with town.database.read() as tx:
        assert (await consent.of(tx, sami.id))["messages"].text_version == 2
        assert {line[3] for line in await consent.history(tx, sami.id)} == {1, 2}
    kept = rewritten.consents.wordings["messages"]
    assert kept[1]["ask.messages"] != kept[2]["ask.messages"], "what was read is found again"


async def test_asking_twice_or_after_a_kill_asks_once(town: Town, rewritten: Library) -> None:
    phones = [await town.linked(who) for who in (town.cast.sami, town.cast.maya)]
    async with town.database.write() as tx:
        await asking.put_in_force(tx, town.now(), content.library().consents.newest)
    await put_in_force(town, rewritten)
    for _ in range(3):
        await asking.ask_whoever_must(town.database, town.now())
    await town.pass_time(days=1)
    for _ in range(3):
        await asking.ask_whoever_must(town.database, town.now())
    await town.pass_time(days=1)
    assert [len(asked(phone)) for phone in phones] == [1, 1]
    await town.pass_time(days=30)
    assert [len(asked(phone)) for phone in phones] == [2, 2]


async def test_an_older_program_started_beside_a_newer_one_changes_nothing(
    town: Town, rewritten: Library
) -> None:
    before = content.library()
    async with town.database.write() as tx:
        await asking.put_in_force(tx, town.now(), rewritten.consents.newest)
        assert await asking.put_in_force(tx, town.now(), before.consents.newest) == []
    await town.linked(town.cast.sami)  # who says yes to the old text
    async with town.database.read() as tx:
        stands = await consent.of(tx, town.cast.sami.id)
    assert consent.holding(stands, "minor") == {"reminders": True}


async def test_a_button_of_the_old_text_gives_nothing_and_asks_in_the_new_words(
    town: Town, rewritten: Library
) -> None:
    phone = await town.linked(town.cast.sami)
    await say(town, phone, "/exercice")
    old = phone.last
    await put_in_force(town, rewritten)
    phone.press(old, data_of(old, said("consent.yes")))
    await town.quiet()
    assert phone.last.text == f"{said('consent.old')}\n\nexercises, en d'autres mots"
    async with town.database.read() as tx:
        assert "exercises" not in await consent.of(tx, town.cast.sami.id)


async def test_an_exercise_stops_where_it_stands_when_the_birthday_comes(town: Town) -> None:
    sami = town.cast.sami
    phone = await town.linked(sami)
    await town.agree(sami, "exercises")
    await go_to(town, FIRST_OF_APRIL - timedelta(minutes=5))
    await say(town, phone, "/exercice")
    await tap(town, phone, script().title)
    assert await step_of(town, sami) is not None
    await town.pass_time(minutes=10)
    await tap(town, phone, phone.last.labels[0])
    assert await talk_of(town, sami) is None
    async with town.database.read() as tx:
        assert await response.of_youth(tx, sami.id) == []
    await tap(town, phone, said("script.resume"))
    assert phone.last.text == said("ask.exercises")
    await tap(town, phone, said("consent.yes"))
    assert await step_of(town, sami) is not None, "at its place"


async def test_a_parents_agreement_to_the_text_of_before_is_asked_again_too(
    town: Town, rewritten: Library
) -> None:
    leo = town.cast.leo
    phone = await town.linked(leo)
    await of_a_parent(town, leo)
    async with town.database.write() as tx:
        await asking.put_in_force(tx, town.now(), content.library().consents.newest)
    await town.pass_time(days=2)
    await put_in_force(town, rewritten)
    await town.pass_time(days=1)
    await tap(town, phone, said("again.go"))
    await tap(town, phone, said("consent.yes"))
    assert phone.last.text == said("consent.needs_parent")
    await town.write(leo, "Bravo", "2026-11-27 18:00")
    await town.pass_time(days=2)
    assert ("text", "parental_agreement_missing") in await dropped(town, leo)
    await of_a_parent(town, leo)
    await town.write(leo, "Bravo encore", "2026-11-30 18:00")
    await town.pass_time(days=3)
    assert any("Bravo encore" in m.text for m in phone.received)

"""A plan that a youth wants to read again: once, on its day, in their hours, and for them alone."""

import json
from argparse import Namespace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import content
from records import outgoing, structure, youth
from records import plan as plans
from records.due import gathered
from records.errors import NotFound
from records.hours import Hours
from records.message import message
from relais.command import Call
from relais.commands import outcome, queue
from relais.settings import Settings
from simulator.persons import Person
from tests.admin.house import House, words
from tests.journeys.breathing import PLAN, breathing, ready
from tests.journeys.thumb import begin, everything_kept, rows_of, said, say, tap
from tests.town import Town

CARD = f"{said('plan.title')}\n\n{PLAN}\nÇa allait\u00a0: plutôt bien"
TOMORROW = said("script.tomorrow")


async def planning(town: Town) -> Person:
    """At the card, with its reminders to choose from."""
    phone = await ready(town)
    await breathing(town, phone)
    await tap(town, phone, said("script.go"), said("script.skip"))
    assert phone.last.labels[:3] == [
        TOMORROW,
        said("script.in_days", days=3),
        said("script.in_days", days=6),
    ]
    return phone


async def planned(town: Town) -> list[object]:
    return await rows_of(town.database, message, message.c.kind == "plan")


def local(town: Town, row: object) -> str:
    return f"{row.due_at.astimezone(town.zone):%Y-%m-%d %H:%M}"  # type: ignore[attr-defined]


async def test_it_comes_back_as_the_window_of_its_day_opens(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    assert phone.notices[-1].text == said("plan.noted", day=content.day(date(2026, 11, 24)))
    [row] = await planned(town)
    assert local(town, row) == "2026-11-24 17:00"  # Sami goes to school
    assert (row.purpose, row.unasked) == ("exercises", True)  # type: ignore[attr-defined]
    before = len(phone.received)
    await town.pass_time(days=1, hours=5)
    assert len(phone.received) == before
    await town.pass_time(hours=1, minutes=1)
    assert phone.last.text == CARD
    assert phone.last.first_line == said("plan.title")
    assert phone.last.protected
    assert not phone.last.buttons
    await town.pass_time(days=3)
    assert phone.last.text == CARD, "once, and no more"


async def test_of_a_silent_day_it_waits_for_the_next_window(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, said("script.in_days", days=6))
    [row] = await planned(town)
    assert local(town, row) == "2026-11-30 17:00", "not on a Sunday"
    assert phone.notices[-1].text == said("plan.noted", day=content.day(date(2026, 11, 30)))


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    school_aged=st.booleans(),
    zone=st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne"]),
)
def test_it_is_the_first_open_moment_from_that_day_on(
    day: date, school_aged: bool, zone: str
) -> None:
    hours = Hours(zone, "C", "", school_aged)
    due = plans.opening(hours, day)
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    assert hours.is_open(due)
    assert due == hours.next_open(midnight)


async def test_a_double_tap_counts_once(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    shown = phone.last
    for label in (TOMORROW, TOMORROW, said("script.in_days", days=3)):
        phone.tap(label, shown)
    await town.quiet()
    assert [local(town, row) for row in await planned(town)] == ["2026-11-24 17:00"]


async def test_without_a_reminder_nothing_is_planned(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, said("script.no_reminder"))
    assert await planned(town) == []
    assert "À bientôt." in [one.text for one in phone.received]


async def test_a_withdrawal_drops_it(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    await say(town, phone, "/moi")
    await tap(town, phone, f"✅ {said('consent.exercises')}")
    [row] = await planned(town)
    assert (row.state, row.reason, row.params) == ("dropped", "withdrawn", None)  # type: ignore[attr-defined]
    before = len(phone.received)
    await town.pass_time(days=3)
    assert len(phone.received) == before


async def test_held_back_by_the_budget_it_ends_with_its_days(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, weekly_budget=0)
    before = len(phone.received)
    await town.pass_time(days=8)
    [row] = await planned(town)
    assert (row.state, row.reason) == ("dropped", "weekly_budget")  # type: ignore[attr-defined]
    assert len(phone.received) == before


async def test_it_counts_in_the_weeks_budget(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    await town.pass_time(days=1, hours=7)
    await town.write(town.cast.sami, "On en parle", "2026-11-25 17:30")
    async with town.database.read() as tx:
        [due] = await gathered(tx, town.now(), message.c.kind == "text")
    assert due.facts.sent_this_week == 1


async def test_it_waits_for_the_end_of_an_exercise(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    await town.pass_time(days=1, hours=5, minutes=59)
    shown = await breathing(town, phone)
    await town.pass_time(minutes=10)
    assert phone.last.id == shown.id
    [row] = await planned(town)
    assert (row.state, row.held_by) == ("waiting", "one_thing_at_a_time")  # type: ignore[attr-defined]
    await town.pass_time(minutes=25)
    assert phone.last.text == CARD


async def test_staff_see_that_there_is_one_and_never_its_words(breathing_town: Town) -> None:
    town = breathing_town
    sami = town.cast.sami
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    [row] = await planned(town)
    for expected in ("waiting", "sent"):
        page = await on_the_desk(town)
        assert "Son plan" in page
        assert PLAN not in page
        told = await in_the_queue(town)
        assert PLAN not in told
        assert ("Son plan" in told) is (expected == "waiting")
        with pytest.raises(NotFound):
            await outcome.show(call(town, id=str(row.id)))  # type: ignore[attr-defined]
        async with town.database.read() as tx:
            [one] = await outgoing.listed(
                tx, youth_id=sami.id, kinds=["plan"], states=["waiting", "sent"]
            )
        assert (one.state, one.params) == (expected, {})
        await town.pass_time(days=1, hours=7)


def call(town: Town, **typed: object) -> Call:
    asked = Namespace(structure=None, youth=None, **typed)
    return Call(asked, Settings({}), town.database, town.now())


async def in_the_queue(town: Town) -> str:
    found = await queue.queue(call(town))
    return json.dumps(found.facts, default=str, ensure_ascii=False) + found.text


async def on_the_desk(town: Town) -> str:
    async with House(town.database, town.cast).open() as house:
        house.at = town.now()
        async with await house.visitor("nadia") as nadia:
            return words(await nadia.get(f"/jeunes/{town.cast.sami.id}"))


async def test_its_words_are_sealed_and_theirs_to_read_in_moi(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    assert PLAN not in await everything_kept(town.database)
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.stored"), said("me.rights.see"), said("stored.table.message"))
    assert said("stored.is.plan") in phone.last.text
    assert PLAN in phone.last.text


async def test_closed_or_unlinked_nothing_comes_back(breathing_town: Town) -> None:
    town = breathing_town
    phone = await planning(town)
    await tap(town, phone, TOMORROW)
    async with town.database.write() as tx:
        await youth.change(tx, town.cast.sami.id, closed_at=town.now())
    before = len(phone.received)
    await town.pass_time(days=2)
    [row] = await planned(town)
    assert (row.state, row.reason) == ("dropped", "closed")  # type: ignore[attr-defined]
    assert len(phone.received) == before


async def test_the_help_sheet_gives_its_plan_back_as_a_card_and_as_a_reminder(town: Town) -> None:
    """« Mon plan « si… alors… » »: a « si » and an « alors » are chosen from lists."""
    sheet = content.library().script("si-alors")
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, sheet)
    await tap(town, phone, "Ma liberté", "Mes potes insistent", "Je pars marcher", "💪 Carrément")
    await tap(town, phone, said("script.skip"))
    card = "Si mes potes insistent,\nalors je pars marcher dix minutes."
    assert card in phone.last.text
    await tap(town, phone, TOMORROW)
    assert any(card in shown.text and not shown.buttons for shown in phone.messages)
    await town.pass_time(days=1, hours=7)
    assert phone.last.first_line == said("plan.title")
    assert card in phone.last.text

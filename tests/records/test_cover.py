"""Covers: active exactly inside their span, everywhere and over clock changes; what is refused; and
under one, what is needed and nothing from before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.preview import rehearsal
from records import (
    audit,
    consent,
    contact,
    cover,
    inbox,
    outgoing,
    response,
    sight,
    staff,
    structure,
    transfer,
    youth,
)
from records.cover import Cover
from records.database import Database, Tx
from records.errors import NotFound, Refused
from tests.cast import NOW, Cast, hashed, link_phone

ZONES = (
    "Europe/Paris",
    "America/Martinique",
    "America/Miquelon",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Marquesas",
    "Pacific/Wallis",
)
CLOCK_CHANGES = (  # in Paris and in Miquelon, back and forth
    datetime(2026, 10, 25, 2, 30),
    datetime(2027, 3, 28, 2, 30),
    datetime(2026, 11, 1, 1, 30),
    datetime(2027, 3, 14, 2, 30),
)
TICK, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
walls = st.one_of(
    st.datetimes(datetime(2026, 9, 1), datetime(2027, 9, 1)),
    st.builds(
        lambda at, off: at + timedelta(minutes=off),
        st.sampled_from(CLOCK_CHANGES),
        st.integers(-180, 180),
    ),
).map(lambda wall: wall.replace(second=0, microsecond=0))
lengths = st.one_of(
    st.integers(1, 180).map(lambda m: timedelta(minutes=m)),
    st.integers(1, 90).map(lambda d: timedelta(days=d)),
)


async def covered(
    tx: Tx, cast: Cast, starts: datetime, ends: datetime, now: datetime = NOW
) -> Cover:
    """Karim is away and Nadia reads for him."""
    return await cover.add(tx, now, cast.karim, cast.nadia, starts, ends)


def local(at: datetime) -> datetime:
    """A wall time of the cast's structure."""
    return at.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)


async def state(tx: Tx, cast: Cast, at: datetime) -> str:
    return (await sight.state_of(tx, at, cast.nadia, cast.maya))[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), starts=walls, length=lengths, off=st.integers(0, 10**6))
async def test_a_cover_is_active_exactly_inside_its_span(
    database: Database, cast: Cast, zone: str, starts: datetime, length: timedelta, off: int
) -> None:
    now = datetime(2026, 8, 31, tzinfo=UTC)
    async with rehearsal(database) as tx:
        await structure.change(tx, cast.structure_id, zone=zone)
        try:
            made = await covered(tx, cast, starts, starts + length, now)
        except Refused as refusal:
            # A wall time that spring skips; or an end that autumn puts before its start.
            assert refusal.code in ("wall_time_skipped", "cover_reversed")  # noqa: PT017
            return
        there = ZoneInfo(zone)
        assert made.starts_at == starts.replace(tzinfo=there).astimezone(UTC)
        assert made.ends_at == (starts + length).replace(tzinfo=there).astimezone(UTC)
        inside = made.starts_at + (made.ends_at - made.starts_at) * off / 10**6
        for at, expected in (
            (made.starts_at - TICK, "cover_to_come"),
            (made.starts_at, "covered"),
            (min(inside, made.ends_at - TICK), "covered"),
            (made.ends_at - TICK, "covered"),
            (made.ends_at, "cover_ended"),
            (made.ends_at + timedelta(days=off % 400), "cover_ended"),
        ):
            assert await state(tx, cast, at) == expected
            listed = {one.who.id for one in await sight.caseload(tx, at, cast.nadia)}
            assert (cast.maya.id in listed) is (expected == "covered")


async def test_a_cover_that_is_called_off_shows_nothing_from_that_instant_on(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        made = await covered(tx, cast, local(NOW), local(NOW + 3 * DAY))
        assert await state(tx, cast, NOW + DAY) == "covered"
        await cover.end(tx, NOW + HOUR, made)
        assert await state(tx, cast, NOW + HOUR - TICK) == "covered"
        assert await state(tx, cast, NOW + HOUR) == "cover_ended"
        with pytest.raises(Refused, match="cover_over"):
            await cover.end(tx, NOW + 2 * HOUR, made)
        later = await covered(tx, cast, local(NOW + DAY), local(NOW + 2 * DAY))
        assert await state(tx, cast, NOW + 2 * HOUR) == "cover_to_come"
        await cover.end(tx, NOW + 2 * HOUR, later)
        assert await state(tx, cast, NOW + DAY + HOUR) == "cover_ended"


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (NOW - HOUR, NOW + DAY, "in_the_past"),
        (NOW + DAY, NOW + HOUR, "cover_reversed"),
        (NOW + DAY, NOW + DAY, "cover_reversed"),
        (NOW, NOW + 93 * DAY, "cover_too_long"),
        (NOW + 800 * DAY, NOW + 801 * DAY, "too_far_ahead"),
    ],
)
async def test_moments_that_make_no_cover_are_refused(
    database: Database, cast: Cast, starts: datetime, ends: datetime, code: str
) -> None:
    async with database.write() as tx:
        with pytest.raises(Refused, match=code):
            await covered(tx, cast, local(starts), local(ends))


async def test_an_hour_that_spring_skips_is_refused(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        with pytest.raises(Refused, match="wall_time_skipped"):
            await covered(tx, cast, datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 29, 8, 0))


async def test_people_who_cannot_cover_are_refused(database: Database, cast: Cast) -> None:
    when = (local(NOW + HOUR), local(NOW + DAY))
    async with database.write() as tx:
        away = await structure.add(tx, NOW, "Ailleurs", "cjc")
        ana, zoe = await colleague(tx, "ana", away), await colleague(tx, "zoe", cast.structure_id)
        await staff.disable(tx, NOW, zoe.id)
        closed = await staff.get(tx, zoe.id)
        for absent, by, code in (
            (cast.nadia, cast.nadia, "cover_same_person"),
            (cast.nadia, ana, "colleague_elsewhere"),
            (cast.nadia, cast.claire, "not_an_educator"),
            (cast.omar, cast.nadia, "not_an_educator"),
            (cast.nadia, closed, "staff_disabled"),
        ):
            with pytest.raises(Refused, match=code):
                await cover.add(tx, NOW, absent, by, *when)


async def colleague(tx: Tx, login: str, place: int) -> staff.Staff:
    return await staff.add(
        tx, NOW, structure_id=place, login=login, name=login, role="educator", password=hashed()
    )


async def test_one_colleague_at_a_time_reads_and_nobody_through_a_second_one(
    database: Database, cast: Cast
) -> None:
    first, second, third = (local(NOW + n * DAY) for n in (1, 3, 5))
    async with database.write() as tx:
        lea = await colleague(tx, "lea", cast.structure_id)
        made = await covered(tx, cast, first, third)
        for absent, by, code in (
            (cast.karim, lea, "cover_overlaps"),
            (cast.nadia, lea, "cover_covers_then"),
            (lea, cast.karim, "cover_by_absent"),
        ):
            with pytest.raises(Refused, match=code):
                await cover.add(tx, NOW, absent, by, second, second + DAY)
        await cover.add(tx, NOW, cast.karim, lea, third, third + DAY)  # one after the other
        await cover.add(tx, NOW, lea, cast.nadia, first, second)  # one colleague for two
        await cover.end(tx, NOW, made)
        await cover.add(tx, NOW, cast.karim, lea, second, third)  # whose place is free


async def test_under_a_cover_one_reads_what_is_needed_and_nothing_from_before(
    database: Database, cast: Cast
) -> None:
    """What was shared, said and read before stays out, and « qui a lu » names the colleague."""
    maya, starts = cast.maya, NOW + HOUR
    to_maya = {"structure_id": maya.structure_id, "youth_id": maya.id}
    async with database.write() as tx:
        await agreed(tx, cast)
        read = await inbox.add(tx, NOW, **to_maya, kind="words", text="lu avant")
        await inbox.see(tx, NOW, [read], cast.karim.id)
        await inbox.add(tx, NOW, **to_maya, kind="words", text="pas lu")
        await shared(tx, cast, NOW, 1)
        await covered(tx, cast, local(starts), local(starts + DAY))
        now = starts + HOUR
        await shared(tx, cast, now, 2)
        seen = await sight.of(tx, now, cast.nadia, "conversation.show", maya)
        items = await inbox.of_youth(tx, maya.id, since=seen.since)
        assert [item.text for item in items] == ["pas lu"]
        found = await response.read_by(tx, now, cast.nadia, maya)
        assert [answer.conversation_id for answer in found] == [2]
        assert [line.staff_id for line in await audit.readings(tx, maya.id)] == [cast.nadia.id]
        with pytest.raises(NotFound):
            await response.read_by(tx, starts + DAY, cast.nadia, maya)
        assert len(await response.read_by(tx, now, cast.karim, maya)) == 2, "still his own"


async def agreed(tx: Tx, cast: Cast) -> None:
    for purpose in ("messages", "sharing"):
        await consent.record(tx, NOW, cast.maya, purpose, True, text_version=1)


async def shared(tx: Tx, cast: Cast, at: datetime, occasion: int) -> None:
    who = cast.maya
    answer = response.Saved(
        who.structure_id, who.id, occasion, "ma-meteo", 1, "mood", f"{occasion}"
    )
    await response.keep(tx, at, [answer])
    await response.share(tx, at, who.id, occasion)


async def said_to(tx: Tx, who: youth.Youth) -> list[str]:
    """The notices that wait for them."""
    return [m.params["say"] for m in await outgoing.waiting(tx, who.id) if m.kind == "notice"]


async def test_who_has_no_phone_gets_no_notice_and_is_told_once_one_is_linked(
    database: Database, cast: Cast
) -> None:
    """A row for nobody could only end on the desk as a message that did not leave."""
    async with database.write() as tx:
        made = await covered(tx, cast, local(NOW + DAY), local(NOW + 3 * DAY))
        assert await said_to(tx, cast.maya) == []
        await link_phone(tx, NOW, cast, cast.maya, "5001")
        assert await said_to(tx, cast.maya) == ["notice.cover"]
        [phone] = await contact.of_youth(tx, cast.maya.id)
        await contact.unlink(tx, NOW, phone)
        await cover.end(tx, NOW, made)
        await transfer.one(tx, NOW, cast.maya, cast.nadia)
        assert await said_to(tx, cast.maya) == []


async def test_who_joins_the_caseload_of_somebody_away_is_told_too(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        for who, address in ((cast.maya, "5001"), (cast.sami, "5002")):
            await link_phone(tx, NOW, cast, who, address)
        await covered(tx, cast, local(NOW + DAY), local(NOW + 2 * DAY))
        lists = [await said_to(tx, who) for who in (cast.maya, cast.sami)]
        assert lists == [["notice.cover"], []]
        await transfer.one(tx, NOW, cast.sami, cast.karim)
        assert await said_to(tx, cast.sami) == ["notice.transfer", "notice.cover"]
        await transfer.one(tx, NOW, await youth.get(tx, cast.sami.id), cast.nadia)
        assert await said_to(tx, cast.sami) == ["notice.transfer"], "Karim is nobody to them"


def test_the_instant_of_an_end_belongs_to_no_cover() -> None:
    made = Cover(1, 1, 1, 2, "", "", "UTC", NOW, NOW + DAY, None, NOW, None)
    assert [made.is_active(at) for at in (NOW - TICK, NOW, NOW + DAY)] == [False, True, False]
    ended = replace(made, ended_at=NOW + HOUR)
    assert [ended.is_active(at) for at in (NOW, NOW + HOUR)] == [True, False]
    assert not replace(made, ended_at=NOW - HOUR).is_to_come(NOW - TICK)

"""The clock is set forward and back under delivery: nothing twice, nothing early, nothing asleep."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.deliver import Deliverer
from records import appointment, outgoing, structure
from records.database import Database
from records.message import message
from tests.admin.house import linked
from tests.bot.scripted import Scripted
from tests.cast import NOW, Cast
from tests.journeys.thumb import rows_of, wall
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOURS = st.integers(-48, 48)


async def test_a_clock_set_forward_is_noticed_within_seconds_though_nobody_says_so(
    town: Town,
) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.quiet()
    town.at += timedelta(days=1, hours=7)
    await town.until(lambda: phone.last.text.startswith("RDV"))


async def test_a_clock_set_back_after_a_sending_sends_nothing_again(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.pass_time(days=1, hours=7)
    town.at -= timedelta(days=1)
    await town.pass_time(days=3)
    assert [m.text.startswith("RDV") for m in phone.received].count(True) == 1


class Jumpy:
    """Delivery on a clock that jumps; leases run on the machine's own."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast, self.at = database, cast, NOW
        self.channel = Scripted(cast.bot_id)
        self.sent: list[tuple[str, datetime]] = []
        self.deliverer = Deliverer(
            database,
            {cast.bot_id: self.channel},
            now=lambda: self.at,
            real_now=lambda: datetime.now(UTC),
            unlimited=True,
        )

    async def plan(self, name: str, hours: int) -> None:
        async with self.database.write() as tx:
            await outgoing.schedule_text(
                tx,
                NOW,
                structure_id=self.cast.structure_id,
                bot_id=self.cast.bot_id,
                youth_id=self.cast.ines.id,
                text=name,
                wall=datetime(2026, 11, 23, 11, 0) + timedelta(hours=hours),
                zone="Europe/Paris",
                created_by=self.cast.nadia.id,
            )

    async def jump(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        count = len(self.channel.calls)
        await self.deliverer.until_idle()
        self.sent += [(text, self.at) for text in self.channel.said[count:]]


@pytest.fixture
async def jumpy(database: Database, cast: Cast) -> Jumpy:
    """Inès can be written to, as often as one likes."""
    await linked(database, cast, cast.ines, "messages")
    async with database.write() as tx:
        await structure.change(tx, cast.structure_id, weekly_budget=50)
    made = Jumpy(database, cast)
    await made.jump(0)
    return made


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(jumps=[33, 24, 24, 24, 23], dues=[1])  # put off to Monday, then the clock is set back
@given(jumps=st.lists(HOURS, max_size=8), dues=st.lists(st.integers(1, 72), min_size=1, max_size=4))
async def test_however_the_clock_jumps_each_word_leaves_once_and_in_its_hours(
    jumpy: Jumpy, jumps: list[int], dues: list[int]
) -> None:
    jumpy.at, jumpy.sent = NOW, []
    async with jumpy.database.write() as tx:
        await tx.run(message.delete())
    due = {f"mot {number}": hours for number, hours in enumerate(dues)}
    for name, hours in due.items():
        await jumpy.plan(name, hours)
    # In the end it runs well, until what was put off to the next Monday has had its turn.
    for hours in [*jumps, 72 - sum(jumps), 7, 7, 7, 7, 7, 7, 7, 47]:
        await jumpy.jump(hours)
    times = Counter(name for name, _ in jumpy.sent)
    kept = await rows_of(jumpy.database, message)
    assert {row.state for row in kept} <= {"sent", "dropped", "waiting"}
    for name, at in jumpy.sent:
        assert at >= NOW + timedelta(hours=due[name]), "never before its hour"
        assert 9 <= at.hour < 19, "never at night"
    assert all(times[name] <= 1 for name in due)
    assert times.total() == [row.state for row in kept].count("sent")
    if max(accumulate(jumps), default=0) < 168:  # nothing had the time to expire
        assert times.total() == len(due)

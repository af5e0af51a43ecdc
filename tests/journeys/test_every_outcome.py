"""Every outcome, brought about for real, then read on the desk and on the command line."""

from argparse import Namespace

import pytest
from sqlalchemy import select

from admin.sentences import next_step, reason_words
from records import reasons
from records.database import Database
from records.message import message
from records.outgoing import STAFF_KINDS
from relais.command import Call
from relais.commands import outcome, queue
from relais.settings import Settings
from tests.admin.house import House, words
from tests.cast import Cast
from tests.journeys.outcomes import SCENARIOS, World


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("state", "reason"), SCENARIOS)
async def test_each_way_to_wait_or_to_end_is_said_with_what_to_do(
    database: Database, cast: Cast, state: str, reason: str
) -> None:
    world = World(database, cast)
    which = await SCENARIOS[state, reason](world)
    await world.deliverer.stop()
    async with database.read() as tx:
        row = await tx.row(select(message).where(message.c.id == which))
    assert row is not None
    assert row.state == state
    if state != "waiting" or reason != "no_bot":
        assert (row.held_by if state == "waiting" else row.reason) == reason
    if row.kind in STAFF_KINDS:
        if reason != "closed":  # whose page nobody opens any more
            assert reason_words(reason) in await on_the_desk(world, row.youth_id)
        assert (await in_json(world, which, state))["next"] == next_step(reason)


async def on_the_desk(world: World, youth_id: int) -> str:
    """The youth's own page."""
    async with House(world.database, world.cast).open() as house:
        house.at = world.at
        async with await house.visitor("nadia") as nadia:
            return words(await nadia.get(f"/jeunes/{youth_id}"))


async def in_json(world: World, which: int, state: str) -> dict[str, object]:
    """As `relais queue` shows what waits or is to be decided, `relais message show` the rest."""
    typed = Namespace(id=str(which), structure=None, youth=None)
    call = Call(typed, Settings({}), world.database, world.at)
    if state not in ("waiting", "uncertain"):
        return dict((await outcome.show(call)).facts)
    [place] = (await queue.queue(call)).facts
    [shown] = [m for m in place["messages"] if m["id"] == str(which)]
    return dict(shown)


def test_no_reason_of_the_vocabulary_is_without_its_scenario() -> None:
    assert set(SCENARIOS) == {
        (state, code) for state, codes in reasons.BY_STATE.items() for code in codes
    }

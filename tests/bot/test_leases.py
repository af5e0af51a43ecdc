"""A claim belongs to its worker for a while: not longer, and not shorter than it needs."""

from datetime import timedelta

from bot.deliver import Deliverer
from records import outgoing
from records.database import Database
from records.outgoing import Message
from simulator.persons import Person
from tests.cast import write
from tests.town import Town

LEASE = timedelta(seconds=60)


class Worker:
    """One more process that delivers for the town, on a machine with a clock of its own."""

    def __init__(self, town: Town) -> None:
        self.clock = town.now()
        self.deliverer = Deliverer(
            town.database,
            {town.cast.bot_id: town.channel},
            now=town.now,
            real_now=lambda: self.clock,
            unlimited=True,
            lease=LEASE,
        )


async def words(town: Town) -> int:
    """An educator's words, queued while the town's own bot is away."""
    await town.deliverer.stop()
    async with town.database.write() as tx:
        return await write(tx, town.now(), town.cast, town.cast.sami, "À mardi")


async def kept(database: Database, which: int) -> Message:
    async with database.read() as tx:
        return await outgoing.get(tx, which)


def received(phone: Person) -> int:
    return sum("À mardi" in message.text for message in phone.received)


async def test_a_machine_that_slept_does_not_send_what_may_be_anothers_by_now(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    which, worker = await words(town), Worker(town)
    await worker.deliverer.round()
    worker.clock += LEASE / 2 + timedelta(seconds=1)  # between the claim and the sending
    await worker.deliverer.until_idle()
    assert received(phone) == 1, "it was claimed again, then sent"
    assert (await kept(town.database, which)).state == "sent"


async def test_a_slow_worker_loses_nothing_to_another_within_its_lease(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    which, slow, other = await words(town), Worker(town), Worker(town)
    await slow.deliverer.round()
    other.clock += LEASE - timedelta(seconds=1)
    await other.deliverer.recover(alone=False)
    await other.deliverer.until_idle()
    await slow.deliverer.until_idle()
    assert received(phone) == 1
    assert (await kept(town.database, which)).state == "sent"


async def test_after_an_outage_a_worker_first_settles_what_it_knows(town: Town) -> None:
    """Longer than a lease: what came back meanwhile is not uncertain."""
    phone = await town.linked(town.cast.sami)
    which, worker = await words(town), Worker(town)
    await worker.deliverer.round()
    await town.until(lambda: received(phone) == 1)
    worker.clock += 2 * LEASE
    await worker.deliverer.round()
    await worker.deliverer.recover(alone=False)
    assert (await kept(town.database, which)).state == "sent"


async def test_a_worker_that_lost_its_claim_says_nothing_about_it(town: Town) -> None:
    await town.linked(town.cast.sami)
    which, slow, other = await words(town), Worker(town), Worker(town)
    await slow.deliverer.round()
    other.clock += LEASE + timedelta(seconds=1)
    await other.deliverer.recover(alone=False)
    await slow.deliverer.until_idle()
    assert (await kept(town.database, which)).state == "uncertain"

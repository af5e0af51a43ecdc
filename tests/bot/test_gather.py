"""Updates that come in one a request: gathered, in order, each told when it is committed."""

import asyncio
from collections.abc import Sequence

import pytest

from bot import gather
from bot.channel import Incoming
from bot.gather import Gatherer, NotTaken


class Desk:
    """Handles batches when told to; `broken` for one that fails."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.broken = False

    async def handle(self, batch: Sequence[Incoming]) -> None:
        self.batches.append([came.update_id for came in batch])
        await self.open.wait()
        if self.broken:
            raise RuntimeError("by design")


def text(number: int) -> Incoming:
    return Incoming(number, "text", "77")


async def begun(gatherer: Gatherer, *numbers: int) -> list["asyncio.Task[None]"]:
    tasks = [asyncio.create_task(gatherer.take(text(number))) for number in numbers]
    await asyncio.sleep(0.01)
    return tasks


async def test_what_arrives_during_a_commit_shares_the_next_in_order() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.handle)
    first = await begun(gatherer, 1)
    others = await begun(gatherer, 9, 4, 7, 3)
    assert not first[0].done()
    desk.open.set()
    await asyncio.gather(*first, *others)
    assert desk.batches == [[1], [3, 4, 7, 9]]


async def test_handed_over_again_meanwhile_it_waits_with_the_first() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.handle)
    tasks = await begun(gatherer, 1, 1)
    tasks += await begun(gatherer, 1, 2, 2)
    desk.open.set()
    await asyncio.gather(*tasks)
    assert desk.batches == [[1], [2]]


async def test_what_takes_too_long_is_not_taken_and_is_handled_once_all_the_same() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.handle, hold=0.02)
    with pytest.raises(NotTaken):
        await gatherer.take(text(1))
    with pytest.raises(NotTaken):
        await gatherer.take(text(1))
    desk.open.set()
    await gatherer.take(text(1))
    assert desk.batches == [[1]]


async def test_only_so_many_may_wait() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.handle)
    tasks = await begun(gatherer, *range(gather.ROOM))
    with pytest.raises(NotTaken):
        await gatherer.take(text(gather.ROOM))
    desk.open.set()
    await asyncio.gather(*tasks)
    await gatherer.take(text(gather.ROOM))
    assert max(len(batch) for batch in desk.batches) == gather.BATCH


async def test_a_batch_that_fails_is_not_taken_and_the_next_is() -> None:
    desk = Desk()
    desk.open.set()
    gatherer = Gatherer(desk.handle)
    desk.broken = True
    with pytest.raises(NotTaken):
        await gatherer.take(text(1))
    desk.broken = False
    await gatherer.take(text(1))


async def test_draining_waits_for_the_commit_and_no_longer_than_told() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.handle)
    (task,) = await begun(gatherer, 1)
    await gatherer.drain(0.01)
    with pytest.raises(NotTaken):
        await task
    (task,) = await begun(gatherer, 2)
    desk.open.set()
    await gatherer.drain(5)
    await task

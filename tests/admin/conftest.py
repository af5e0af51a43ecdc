"""The desk, open on loopback, with the cast settled in."""

from collections.abc import AsyncIterator

import pytest

from records.database import Database
from tests.admin.house import House, Visitor, busy_day
from tests.cast import Cast


@pytest.fixture
async def house(database: Database, cast: Cast) -> AsyncIterator[House]:
    async with House(database, cast).open() as opened:
        yield opened


@pytest.fixture
async def nadia(house: House) -> AsyncIterator[Visitor]:
    async with await house.visitor("nadia") as visitor:
        yield visitor


@pytest.fixture
async def busy(house: House) -> House:
    await busy_day(house.database, house.cast)
    return house

"""What the stories of killed processes stand on: both databases by their files, and the forks."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.lives import Lives, forking


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("sqlite_template" if request.param == "sqlite" else "postgres")
    return str(request.param)


@pytest.fixture
async def lives() -> AsyncIterator[Lives]:
    async with forking() as opened:
        yield opened

"""What the stories of killed processes stand on: both databases by their files, and the forks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from records.database import Database
from tests.cast import Cast
from tests.journeys.breathing import town_of
from tests.journeys.lives import Lives, forking
from tests.town import Town


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("sqlite_template" if request.param == "sqlite" else "postgres")
    return str(request.param)


@pytest.fixture
async def lives() -> AsyncIterator[Lives]:
    async with forking() as opened:
        yield opened


@pytest.fixture
async def breathing_town(database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Town]:
    """A town with the contents of `tests.journeys.breathing`."""
    async with town_of(database, cast, tmp_path) as opened:
        yield opened

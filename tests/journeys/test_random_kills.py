"""Random kills under load: 20 deaths in the suite, 200 in the long proofs, on both databases.

The load and the deaths are in `storm`; then the database is compared with what reached the phones
and with what thumbs did (`reckoning`). All that is drawn hangs on one seed, which is printed:
`KILL_SEED=…` in the environment draws the same again.
"""

import asyncio
import os
import random
import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.cast import NOW
from tests.journeys.lives import Lives, begun
from tests.journeys.reckoning import Kept, complaints, copies_of, kept_in
from tests.journeys.storm import Storm, settle


async def weather(
    kills: int, kind: str, request: pytest.FixtureRequest, folder: Path, lives: Lives
) -> None:
    seed = int(os.environ.get("KILL_SEED") or secrets.randbits(32))
    print(f"KILL_SEED={seed}")
    async with begun(kind, request, folder, partial(settle, kills=kills)) as scene:
        storm = Storm(scene, lives, random.Random(seed))
        try:
            with suppress(TimeoutError):  # what does not agree says more
                async with asyncio.timeout(30 + 3 * kills):
                    await storm.rage(kills)
            kept = await kept_in(storm.database, NOW)
        finally:
            await storm.database.close()
    found = complaints(kept, storm.telegram, storm.done)
    assert not found, "\n".join([f"KILL_SEED={seed}", *found[:40]])
    assert storm.calm, "a phone waits, or a message, and nothing says why"
    print(told(kills, kept, storm))
    assert storm.telegram.died, "no process ever died with a message on its way"


def told(kills: int, kept: Kept, storm: Storm) -> str:
    """What a run was about, in one line."""
    again = sum(len(copies) > 1 for copies in copies_of(storm.telegram.arrivals).values())
    uncertain = sum(row.state == "uncertain" for row in kept.messages)
    return (
        f"{kills} kills: {len(kept.accepted)} updates, {len(storm.telegram.arrivals)} messages "
        f"came, {storm.telegram.died.total()} on their way at a death, {again} came twice, "
        f"{uncertain} left uncertain"
    )


async def test_twenty_kills_under_load_lose_nothing_and_double_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await weather(20, kind, request, tmp_path, lives)


@pytest.mark.prove
async def test_two_hundred_kills_under_load_lose_nothing_and_double_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    await weather(200, kind, request, tmp_path, lives)

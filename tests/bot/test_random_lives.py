"""Random lives: whatever is agreed to, withdrawn, grown out of, rewritten, covered, handed over or
closed, nothing is sent without a consent that counts at that second, and nothing is read by somebody
who may not (domain.md § 5.1, § 5.2, § 5.6)."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import content
from content.library import PACKAGED, Library
from records.database import Database
from tests.bot.doings import DOINGS
from tests.bot.random_lives import Act, Plan, World
from tests.cast import Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = (
    ("Europe/Paris", "Indian/Reunion"),
    ("Pacific/Noumea", "Europe/Paris"),
    ("America/Martinique", "Pacific/Tahiti"),
)
REWRITTEN = (("messages", "exercises"), ("reminders", "sharing", "messages"))

starts = st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
waits = st.one_of(
    st.just(timedelta(0)),
    st.integers(1, 40).map(lambda n: n * HOUR),
    st.integers(1, 6).map(lambda n: n * 7 * DAY),
)
often = ["press"] * 6 + ["say"] * 3 + ["meet", "write", "offer"] * 2
acts = st.builds(
    Act,
    st.sampled_from([*often, *DOINGS]),
    st.integers(0, 2),
    st.integers(0, 99),
    st.just(""),
    waits,
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Around the ages at which the law changes, three months before to nine after."""
    start = draw(starts)
    born = []
    for _ in range(3):
        age = draw(st.sampled_from([13, 14, 15, 15, 16, 18, 18, 20]))
        month = start.year * 12 + start.month - 1 + draw(st.integers(-6, 3)) - 12 * age
        born.append(f"{month // 12:04}-{month % 12 + 1:02}")
    agrees = draw(st.tuples(*[st.sampled_from([True, True, True, False])] * 6))
    return Plan(
        start,
        draw(st.sampled_from(ZONES)),
        tuple(born),
        agrees,
        tuple(draw(st.lists(acts, min_size=8, max_size=24))),
    )


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> list[Library]:
    """The packaged texts; then some questions rewritten; then more of them, or once more."""
    found, kept = (
        [Library(PACKAGED)],
        yaml.safe_load((PACKAGED / "consents.yaml").read_text("utf-8")),
    )
    for purposes in REWRITTEN:
        folder: Path = tmp_path_factory.mktemp("texts")
        copytree(PACKAGED / "scripts", folder / "scripts")
        for purpose in purposes:
            newest = max(kept[purpose])
            kept[purpose][newest + 1] = {
                key: words if key == "enrolment" else f"{words} ({newest + 1})"
                for key, words in kept[purpose][newest].items()
            }
        (folder / "consents.yaml").write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
        found.append(Library(folder))
    return found


@pytest.fixture(autouse=True)
def own_library() -> Iterator[None]:
    before = content.library()
    yield
    Library.current = before


# One database for all: each life has its own people, and the clock may go back for the next one.
shared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIVED: Counter[str] = Counter()


@sqlite
@settings(max_examples=15, suppress_health_check=shared)
@given(plan=plans())
async def test_nothing_is_sent_or_read_without_consent(
    database: Database, cast: Cast, libraries: list[Library], plan: Plan
) -> None:
    await lived(database, cast, libraries, plan)


@pytest.mark.prove
@sqlite
@pytest.mark.parametrize("_hundred", range(20))
@settings(max_examples=100, suppress_health_check=shared)
@given(plan=plans())
async def test_nothing_is_sent_or_read_without_consent_in_many_more_lives(
    database: Database, cast: Cast, libraries: list[Library], plan: Plan, _hundred: int
) -> None:
    await lived(database, cast, libraries, plan)


async def lived(database: Database, cast: Cast, libraries: list[Library], plan: Plan) -> World:
    """The figures are for whoever proves: so many lives, and what was held against the oracle."""
    world = World(database, cast.bot_id, plan, libraries)
    await world.live()
    LIVED.update({"lives": len(plan.born), "steps": len(plan.acts), "answers read": world.read})
    LIVED.update({f"heard: {purpose}": many for purpose, many in world.heard_of.items()})
    return world


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    LIVED.clear()
    yield
    print("random lives driven:", ", ".join(f"{what} {many}" for what, many in LIVED.items()))

"""Random lives: whatever is agreed to, withdrawn, grown out of, rewritten, covered, handed over or
closed, nothing is sent without a consent that counts at that second, and nothing is read by somebody
who may not."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import content
from bot import consenting
from bot.visit import Visit
from content.library import PACKAGED, Library
from records import erasure
from records.consent_text import PURPOSES
from records.database import Database
from records.sending import decide
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
often = ["press"] * 6 + ["say"] * 3 + ["meet", "write", "offer", "walk"] * 2
acts = st.builds(
    Act,
    st.sampled_from([*often, *DOINGS]),
    st.integers(0, 2),
    st.integers(0, 99),
    st.just(""),
    waits,
)


BUSY = ("meet", "write", "offer", "walk")  # so that there is something to send, and to read


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Around the ages at which the law changes, three months before to nine after."""
    start = draw(starts)
    born: list[str] = []
    for _ in range(3):
        age = draw(st.sampled_from([13, 14, 15, 15, 16, 18, 18, 20]))
        month = start.year * 12 + start.month - 1 + draw(st.integers(-6, 3)) - 12 * age
        born.append(f"{month // 12:04}-{month % 12 + 1:02}")
    agrees = draw(st.tuples(*[st.sampled_from([True, True, True, False])] * 6))
    agreed = (Act("parent", who) for who in range(3) if draw(st.booleans()))
    busy = [Act(what, who, draw(st.integers(0, 99))) for what in BUSY for who in range(3)]
    then = draw(st.lists(acts, min_size=6, max_size=24))
    return Plan(
        start,
        draw(st.sampled_from(ZONES)),
        (born[0], born[1], born[2]),
        agrees,
        (*agreed, *draw(st.permutations(busy))[:6], *then),
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
@settings(max_examples=6, suppress_health_check=shared)
@given(plan=plans())
async def test_nothing_is_sent_or_read_without_consent(
    database: Database, cast: Cast, libraries: list[Library], plan: Plan
) -> None:
    await lived(database, cast, libraries, plan)


@pytest.mark.prove
@sqlite
@pytest.mark.parametrize("_fifty", range(40))
@settings(max_examples=50, suppress_health_check=shared)
@given(plan=plans())
async def test_nothing_is_sent_or_read_without_consent_in_many_more_lives(
    database: Database, cast: Cast, libraries: list[Library], plan: Plan, _fifty: int
) -> None:
    await lived(database, cast, libraries, plan)


@pytest.mark.prove
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@settings(max_examples=50, suppress_health_check=shared)
@given(plan=plans())
async def test_nor_where_rows_are_locked(
    database: Database, cast: Cast, libraries: list[Library], plan: Plan
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


# The oracle can fail: each of these errors, planted, is caught by a life that is sound without it.

YES, NO = "Oui, d'accord", "Non merci"
FOURTEEN = Plan(
    datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    ("Europe/Paris", "Indian/Reunion"),
    ("2011-11", "2009-05", "2007-01"),  # fifteen on 1 December, seventeen, nineteen
    (True,) * 6,
    (),
)
AN_EXERCISE = (
    Act("say", 1, label="/exercice"),
    Act("press", 1, label=YES),
    Act("walk", 1, n=2),
)


def ignoring_consent(planted: pytest.MonkeyPatch) -> None:
    everything = dict.fromkeys(PURPOSES, True)
    planted.setattr(
        "bot.deliver.decide",
        lambda facts, now: decide(replace(facts, given=everything, regime_satisfied=True), now),
    )


def never_asking_again(planted: pytest.MonkeyPatch) -> None:
    planted.setattr("records.consent.Standing.holds", lambda said, _rule: said.given)


def forgetting_the_parent(planted: pytest.MonkeyPatch) -> None:
    planted.setattr(
        "bot.deliver.decide", lambda facts, now: decide(replace(facts, regime_satisfied=True), now)
    )


def taking_any_yes(planted: pytest.MonkeyPatch) -> None:
    async def agree(visit: Visit, purpose: str, _answered: str) -> bool:
        await consenting.record(visit, purpose, given=True)
        return True

    planted.setattr("bot.consenting.agree", agree)


def covering_for_ever(planted: pytest.MonkeyPatch) -> None:
    planted.setattr("records.cover.Cover.is_active", lambda one, at: at >= one.starts_at)


def showing_all(planted: pytest.MonkeyPatch) -> None:
    async def stands(*_: object) -> bool:
        return True

    planted.setattr("records.consent.sharing_stands", stands)


def stopping_nothing(planted: pytest.MonkeyPatch) -> None:
    async def take_back(*_: object) -> None: ...

    planted.setattr("bot.me._take_back", take_back)


def erasing_half(planted: pytest.MonkeyPatch) -> None:
    whole = erasure.about_a_youth()
    planted.setattr(
        "records.erasure.about_a_youth", lambda: [one for one in whole if one.name != "youth"]
    )


PLANTED: dict[Callable[[pytest.MonkeyPatch], None], tuple[Act, ...]] = {
    ignoring_consent: (
        Act("say", 1, label="/stop"),
        Act("press", 1, label="Oui, tout arrêter"),
        Act("write", 1, n=1),
    ),
    stopping_nothing: (
        Act("write", 1, n=2),
        Act("say", 1, label="/stop"),
        Act("press", 1, label="Oui, tout arrêter"),
        Act("night", after=2 * DAY),
    ),
    forgetting_the_parent: (Act("write", 0, n=1),),
    never_asking_again: (Act("parent", 0), Act("write", 0, n=1, after=8 * DAY)),
    taking_any_yes: (
        Act("say", 1, label="/exercice"),
        Act("say", 1, label="/stop"),
        Act("press", 1, label="Oui, tout arrêter"),
        Act("press", 1, label=YES),
    ),
    erasing_half: (Act("erase", 1),),
    covering_for_ever: (Act("cover", n=0), Act("night", after=3 * DAY)),
    showing_all: (
        *AN_EXERCISE,
        Act("say", 1, label="/stop"),
        Act("press", 1, label="Oui, tout arrêter"),
    ),
}


@sqlite
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
async def test_a_planted_error_is_caught(
    database: Database,
    cast: Cast,
    libraries: list[Library],
    monkeypatch: pytest.MonkeyPatch,
    planted: Callable[[pytest.MonkeyPatch], None],
) -> None:
    plan = replace(FOURTEEN, acts=PLANTED[planted])
    sound = await lived(database, cast, libraries, plan)
    planted(monkeypatch)
    with pytest.raises(AssertionError):
        await lived(database, cast, libraries, plan)
    if planted is showing_all:
        assert sound.read, "the answers were read while they were shown"

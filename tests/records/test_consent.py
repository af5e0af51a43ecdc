"""What a yes is worth: the age at which it was given, its text, and by which channel one comes in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import consent, structure
from records.consent import REGIMES, Standing, outgrown, regime
from records.database import Database
from records.invitation import way_in
from records.youth import age_on, turns
from tests.cast import NOW, Cast

MONTHS = st.dates(date(2000, 1, 1), date(2016, 12, 1)).map(lambda day: f"{day:%Y-%m}")
# The 1st of March has begun in Nouméa (1 h), not yet in Paris (28 February, 15 h).
TURN = datetime(2027, 2, 28, 14, 0, tzinfo=UTC)


@given(MONTHS, st.integers(12, 25))
def test_an_age_is_reached_on_its_first_day(born: str, years: int) -> None:
    first = turns(born, years)
    assert age_on(born, first) == years
    assert age_on(born, first - timedelta(days=1)) == years - 1


@given(MONTHS, st.integers(12, 18), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 9))
def test_the_law_only_ever_grows_with_the_years(
    born: str, consent_age: int, day: date, years: int
) -> None:
    before = regime(born, consent_age, day)
    after = regime(born, consent_age, day + timedelta(days=365 * years))
    assert REGIMES.index(before) <= REGIMES.index(after)
    assert outgrown(before, after) == (before != after)
    assert not outgrown(after, before)


@given(st.booleans(), st.sampled_from(REGIMES), st.sampled_from(REGIMES), st.booleans())
def test_a_yes_counts_for_its_text_and_its_age_and_a_no_always(
    said: bool, given_under: str, rule: str, rewritten: bool
) -> None:
    standing = Standing(said, 1, given_under, NOW, 1, NOW if rewritten else None)
    of_now = not rewritten and REGIMES.index(given_under) >= REGIMES.index(rule)
    assert standing.holds(rule) is (False if not said else True if of_now else None)


@pytest.mark.parametrize(
    ("zone", "law"), [("Pacific/Noumea", "minor"), ("Europe/Paris", "parental")]
)
async def test_the_age_in_the_ledger_is_that_of_the_structures_own_day(
    database: Database, cast: Cast, zone: str, law: str
) -> None:
    """Léo, born in February of 2012."""
    async with database.write() as tx:
        await structure.change(tx, cast.structure_id, zone=zone)
        await consent.record(tx, TURN, cast.leo, "messages", given=True, text_version=1)
        assert [line[4] for line in await consent.history(tx, cast.leo.id)] == [law]


@pytest.mark.parametrize(
    ("zone", "channel"), [("Pacific/Noumea", "telegram"), ("Europe/Paris", "chat_page")]
)
async def test_the_channels_age_is_counted_where_the_structure_is(
    database: Database, cast: Cast, zone: str, channel: str
) -> None:
    async with database.read() as tx:
        of = await structure.get(tx, cast.structure_id)
    here = replace(of, zone=zone, telegram_minimum_age=15)
    assert way_in("2012-02", here, TURN) == channel

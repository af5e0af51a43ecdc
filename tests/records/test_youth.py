"""Taking a youth in, by the calendar of their structure: midnight is not the same everywhere."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from records import staff, structure, youth
from records.database import Database, Tx
from records.errors import Refused
from records.youth import Youth

# The 1st of December has begun in Paris (0 h 30), not yet in Martinique (30 November, 19 h 30).
TURN = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
PARIS, MARTINIQUE = "Europe/Paris", "America/Martinique"


async def taken_in(tx: Tx, zone: str, born: str, **more: object) -> Youth:
    place = await structure.add(tx, TURN, zone, "cjc", zone)
    nadia = await staff.add(
        tx, TURN, structure_id=place, login=zone, name="Nadia", role="educator", password="x"
    )
    return await youth.add(
        tx,
        TURN,
        structure_id=place,
        educator_id=nadia.id,
        nickname="Sami",
        birth_month=born,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("zone", "school_aged"), [(PARIS, False), (MARTINIQUE, True)])
async def test_a_youth_is_of_age_when_the_month_turns_where_they_live(
    database: Database, zone: str, school_aged: bool
) -> None:
    async with database.write() as tx:
        assert (await taken_in(tx, zone, "2008-11")).school_aged is school_aged


async def test_who_is_too_old_in_paris_is_not_yet_in_martinique(database: Database) -> None:
    async with database.write() as tx:
        await taken_in(tx, MARTINIQUE, "2000-11")
        with pytest.raises(Refused, match="age_outside"):
            await taken_in(tx, PARIS, "2000-11")


@pytest.mark.parametrize(("zone", "month"), [(PARIS, "2026-12"), (MARTINIQUE, "2026-11")])
async def test_a_referral_is_counted_in_the_month_of_the_structure(
    database: Database, zone: str, month: str
) -> None:
    async with database.write() as tx:
        await taken_in(tx, zone, "2010-03", way="justice")
        assert await tx.value(select(youth.referral_tally.c.month)) == month


async def test_support_may_end_today_where_it_is_still_today(database: Database) -> None:
    last = date(2026, 11, 30)
    async with database.write() as tx:
        kept = await taken_in(tx, MARTINIQUE, "2010-03", support_ends_on=last)
        assert kept.support_ends_on == last
        with pytest.raises(Refused, match="in_the_past"):
            await taken_in(tx, PARIS, "2010-03", support_ends_on=last)

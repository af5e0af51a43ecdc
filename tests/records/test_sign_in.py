"""Tries and codes under competition, on both databases: what is counted is exact."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pyotp
from hypothesis import given
from hypothesis import strategies as some

from records import second_factor, sign_in
from records.database import Database
from records.errors import Refused
from records.passwords import groups, refuse_if_guessable
from tests.cast import NOW, Cast

SUBJECTS = {"login:nadia": 5, "address:192.0.2.1": 20}


async def test_of_many_tries_at_once_exactly_as_many_begin_as_are_allowed(
    database: Database,
) -> None:
    async def one(order: int) -> bool:
        mixed = dict(sorted(SUBJECTS.items(), reverse=bool(order % 2)))
        async with database.write() as tx:
            return await sign_in.begin_try(tx, NOW, mixed) is not None

    begun = await asyncio.gather(*(one(n) for n in range(40)))
    assert sum(begun) == 5


async def test_what_was_right_is_taken_back_for_everybody_it_was_counted_for(
    database: Database,
) -> None:
    for _ in range(30):
        async with database.write() as tx:
            begun = await sign_in.begin_try(tx, NOW, SUBJECTS)
            assert begun is not None
            await sign_in.forgive(tx, begun)


async def test_one_code_sent_many_times_at_once_is_taken_once(
    database: Database, cast: Cast
) -> None:
    secret, before = second_factor.new_secret(), NOW - timedelta(hours=1)
    async with database.write() as tx:
        first = pyotp.TOTP(secret).at(before)
        codes = await second_factor.enrol(tx, before, cast.nadia.id, secret, first)
    assert codes is not None
    recovery, typed = codes[0], pyotp.TOTP(secret).at(NOW)

    async def with_phone() -> bool:
        async with database.write() as tx:
            return await second_factor.take_code(tx, NOW, cast.nadia.id, typed)

    async def with_recovery() -> bool:
        async with database.write() as tx:
            return await second_factor.take_recovery_code(tx, NOW, cast.nadia.id, recovery)

    assert sum(await asyncio.gather(*(with_phone() for _ in range(10)))) == 1
    assert sum(await asyncio.gather(*(with_recovery() for _ in range(10)))) == 1


async def test_what_has_had_its_time_is_tidied_away_and_the_rest_stays(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await sign_in.begin_try(tx, NOW, SUBJECTS)
        await sign_in.wait_at_door(tx, NOW, cast.nadia.id)
        await sign_in.open_session(tx, NOW, cast.nadia.id)
        left = []
        for later in (timedelta(minutes=9), timedelta(minutes=15), timedelta(days=2)):
            await sign_in.tidy(tx, NOW + later)
            tables = (sign_in.attempt, sign_in.doorstep, sign_in.session)
            left.append([len(await tx.rows(table.select())) for table in tables])
    assert left == [[2, 1, 1], [0, 0, 1], [0, 0, 0]]


@given(at=some.integers(min_value=0, max_value=2**33), apart=some.integers(-200, 200))
def test_a_code_is_of_its_own_half_minute_or_of_a_neighbour(at: int, apart: int) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    now = NOW.fromtimestamp(max(at, 300), NOW.tzinfo)
    typed = now + timedelta(seconds=apart)
    steps = int(typed.timestamp()) // 30 - int(now.timestamp()) // 30
    found = second_factor.step_of(secret, pyotp.TOTP(secret).at(typed), now)
    if abs(steps) <= 1:
        assert found is not None
    elif found is not None:  # six digits may be those of two half-minutes
        assert pyotp.TOTP(secret).generate_otp(found) == pyotp.TOTP(secret).at(typed)


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, digits in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        now = NOW.fromtimestamp(seconds, NOW.tzinfo)
        assert second_factor.step_of(secret, digits, now) == seconds // 30


@given(typed=some.text(max_size=60))
def test_whatever_is_typed_as_a_code_is_read_without_a_fault(typed: str) -> None:
    second_factor.is_code(typed)
    second_factor.step_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", typed, NOW)


@given(password=some.text(min_size=12, max_size=128), house=some.lists(some.text(), max_size=3))
def test_whatever_is_chosen_as_a_password_is_judged_without_a_fault(
    password: str, house: list[str]
) -> None:
    with suppress(Refused):
        refuse_if_guessable(password, house)


def test_what_is_made_by_lot_is_never_refused() -> None:
    for _ in range(200):
        refuse_if_guessable(groups(4, 5), ("nadia", "Les Passerelles"))

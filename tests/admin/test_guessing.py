"""Guessing: what is counted before it is looked at, for whom, and who is not kept out by it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from records import sign_in
from tests.admin.house import House, words
from tests.admin.test_second_factor import code, first_step, with_phone
from tests.cast import PASSWORD

AT_ONCE = 100


async def guess(house: House, login: str, password: str, **how: Any) -> httpx.Response:
    async with await house.visitor() as visitor:
        visitor.http.cookies.update(how.pop("cookies", {}))
        return await visitor.post("/connexion", login=login, password=password)


async def test_a_hundred_guesses_at_once_get_no_more_tries_than_one_after_the_other(
    house: House,
) -> None:
    async with await house.visitor() as visitor:
        sent = [
            visitor.post("/connexion", login="nadia", password=f"essai {n}") for n in range(AT_ONCE)
        ]
        answers = await asyncio.gather(*sent)
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(422), statuses.count(429)) == (5, AT_ONCE - 5)


async def test_the_right_password_among_a_hundred_is_not_found_by_luck(house: House) -> None:
    async with await house.visitor() as visitor:
        wrong = [visitor.post("/connexion", login="nadia", password="x") for _ in range(5)]
        await asyncio.gather(*wrong)
        right = [visitor.post("/connexion", login="nadia", password=PASSWORD) for _ in range(20)]
        assert {answer.status_code for answer in await asyncio.gather(*right)} == {429}


async def test_tries_are_forgotten_one_by_one_as_they_grow_old(house: House) -> None:
    for minutes in range(5):
        assert (await guess(house, "nadia", "x")).status_code == 422
        house.real += timedelta(minutes=1 + minutes % 1)
    assert (await guess(house, "nadia", "x")).status_code == 429
    house.real += timedelta(minutes=10)  # the first try is fifteen minutes old
    assert (await guess(house, "nadia", "x")).status_code == 422
    assert (await guess(house, "nadia", PASSWORD)).status_code == 429
    house.real += timedelta(minutes=1)
    assert (await guess(house, "nadia", PASSWORD)).status_code == 303


async def test_a_right_password_is_not_counted_against_anybody(house: House) -> None:
    for _ in range(21):  # the whole team, from one address, on a morning
        assert (await guess(house, "nadia", PASSWORD)).status_code == 303


async def test_the_count_survives_a_restart(house: House) -> None:
    for _ in range(5):
        await guess(house, "nadia", "x")
    restarted = House(house.database, house.cast)
    async with restarted.open():
        assert (await guess(restarted, "nadia", PASSWORD)).status_code == 429


async def test_a_stranger_who_guesses_from_everywhere_does_not_keep_out_who_is_known(
    house: House,
) -> None:
    async with await house.visitor() as hers:
        await hers.post("/connexion", login="nadia", password=PASSWORD)
        known = {"relais-browser": hers.http.cookies["relais-browser"]}
    async with house.database.write() as tx:
        for number in range(50):
            one_more = {f"login:nadia|192.0.2.{number}": 5, "login:nadia": 50}
            assert await sign_in.begin_try(tx, house.real, one_more)
    assert (await guess(house, "nadia", PASSWORD)).status_code == 429
    assert (await guess(house, "nadia", PASSWORD, cookies=known)).status_code == 303


async def test_a_known_browser_has_its_own_five_tries_and_no_more(house: House) -> None:
    async with await house.visitor() as hers:
        await hers.post("/connexion", login="nadia", password=PASSWORD)
        known = {"relais-browser": hers.http.cookies["relais-browser"]}
    statuses = [(await guess(house, "nadia", "x", cookies=known)).status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2


@pytest.mark.parametrize("of", ["another", "forged", "old"])
async def test_a_browser_is_known_only_for_the_account_that_it_opened_lately(
    house: House, of: str
) -> None:
    async with await house.visitor() as his:
        login = "karim" if of == "another" else "nadia"
        await his.post("/connexion", login=login, password=PASSWORD)
        known = {"relais-browser": his.http.cookies["relais-browser"]}
    if of == "forged":
        known = {"relais-browser": "AAAA" + known["relais-browser"][4:]}
    if of == "old":
        house.real += timedelta(days=181)
    for _ in range(5):
        assert (await guess(house, "nadia", "x")).status_code == 422
    assert (await guess(house, "nadia", PASSWORD, cookies=known)).status_code == 429


async def test_an_account_that_does_not_exist_takes_the_same_work_and_the_same_counts(
    house: House,
) -> None:
    """Not timed: what takes the time is counted, for each of the ways to be refused."""
    verified: list[str] = []

    def counted(_stored: str, given: str) -> bool:
        verified.append(given)
        return False

    quiet = House(house.database, house.cast, password_matches=counted)
    async with house.database.write() as tx:
        from records import staff

        await staff.disable(tx, house.at, house.cast.karim.id)
    async with quiet.open():
        told = {}
        for login in ("nadia", "karim", "personne"):
            answers = [await guess(quiet, login, "une phrase fausse") for _ in range(6)]
            told[login] = [(a.status_code, words(a).replace(login, "")) for a in answers]
            assert len(verified) == 5, login
            verified.clear()
    assert told["nadia"] == told["karim"] == told["personne"]
    assert [status for status, _ in told["nadia"]] == [422] * 5 + [429]


async def test_whoever_is_refused_is_not_remembered_and_gets_no_cookie(house: House) -> None:
    for login in ("nadia", "personne"):
        refused = await guess(house, login, "x")
        assert "set-cookie" not in refused.headers


async def test_whoever_has_the_password_and_guesses_codes_does_not_keep_the_owner_out(
    house: House,
) -> None:
    """From a browser of hers with the phone's code, from a new one with a recovery code; a restart
    forgets nothing, and the guesser gets no more for it."""
    secret, codes = await with_phone(house)
    async with await house.visitor() as hers:
        await first_step(hers)
        await hers.post("/connexion/code", code=code(secret, house.real))
        known = {"relais-browser": hers.http.cookies["relais-browser"]}
    house.real += timedelta(minutes=1)
    assert await coded(house, ["000000"] * 10) == [422] * 10
    restarted = House(house.database, house.cast)
    restarted.real = house.real
    async with restarted.open():
        assert await coded(restarted, [code(secret, house.real)]) == [429]
        assert await coded(restarted, [codes[0]]) == [303]
        assert await coded(restarted, [code(secret, house.real)], known) == [303]


async def test_a_known_browser_has_ten_codes_of_its_own_and_no_more(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as hers:
        await first_step(hers)
        await hers.post("/connexion/code", code=code(secret, house.real))
        known = {"relais-browser": hers.http.cookies["relais-browser"]}
    assert await coded(house, ["000000"] * 12, known) == [422] * 10 + [429] * 2


async def test_whoever_guesses_from_the_same_address_does_not_keep_the_team_out(
    house: House,
) -> None:
    async with await house.visitor() as hers:
        await first_step(hers)
        known = {"relais-browser": hers.http.cookies["relais-browser"]}
    async with house.database.write() as tx:
        for _ in range(20):
            assert await sign_in.begin_try(tx, house.real, {"address:127.0.0.1": 20})
    assert (await guess(house, "nadia", PASSWORD)).status_code == 429
    assert (await guess(house, "nadia", PASSWORD, cookies=known)).status_code == 303


async def coded(house: House, typed: list[str], cookies: dict[str, str] | None = None) -> list[int]:
    """What these codes are answered, five after each right password."""
    statuses = []
    for at in range(0, len(typed), 5):
        async with await house.visitor() as visitor:
            visitor.http.cookies.update(cookies or {})
            await first_step(visitor)
            for one in typed[at : at + 5]:
                answer = await visitor.post("/connexion/code", code=one)
                statuses.append(answer.status_code)
    return statuses

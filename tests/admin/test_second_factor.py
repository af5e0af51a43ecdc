"""The second step of signing in: codes that count once, recovery codes, and the way to set it up."""

import asyncio
import html
import re
from datetime import datetime, timedelta

import httpx
import pyotp

from records import second_factor, sign_in, staff, structure
from tests.admin.house import House, Visitor, words
from tests.cast import PASSWORD

REFUSED = "Ce code n'est pas bon, ou il a déjà servi"


async def with_phone(house: House, login: str = "nadia") -> tuple[str, list[str]]:
    """This person's secret and recovery codes, set up an hour ago."""
    secret, before = second_factor.new_secret(), house.real - timedelta(hours=1)
    async with house.database.write() as tx:
        person = await staff.by_login(tx, login)
        codes = await second_factor.enrol(tx, before, person.id, secret, code(secret, before))
    assert codes is not None
    return secret, list(codes)


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


async def first_step(visitor: Visitor, login: str = "nadia", **more: str) -> httpx.Response:
    return await visitor.post("/connexion", login=login, password=PASSWORD, **more)


async def test_the_right_password_opens_nothing_without_the_code(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor:
        asked = await first_step(visitor)
        assert asked.status_code == 200
        assert "Code à six chiffres" in words(asked)
        assert "relais" not in visitor.http.cookies
        assert (await visitor.get("/")).headers["location"] == "/connexion"
        inside = await visitor.post("/connexion/code", code=code(secret, house.real))
        assert inside.headers["location"] == "/"
        assert (await visitor.get("/")).status_code == 200


async def test_a_code_counts_once_even_for_whoever_looked_over_the_shoulder(house: House) -> None:
    secret, _codes = await with_phone(house)
    seen = code(secret, house.real)
    async with await house.visitor() as visitor, await house.visitor() as other:
        await first_step(visitor)
        await first_step(other)
        assert (await visitor.post("/connexion/code", code=seen)).status_code == 303
        again = await other.post("/connexion/code", code=seen)
        assert again.status_code == 422
        assert REFUSED in words(again)
        house.real += timedelta(seconds=30)
        next_one = await other.post("/connexion/code", code=code(secret, house.real))
        assert next_one.status_code == 303


async def test_a_demo_whose_clock_is_set_ahead_moves_neither_codes_nor_sessions_nor_limits(
    house: House,
) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor:
        await visitor.post("/connexion", login="nadia", password="x")
        await first_step(visitor)
        house.at += timedelta(days=30)
        assert (
            await visitor.post("/connexion/code", code=code(secret, house.at))
        ).status_code == 422
        right = await visitor.post("/connexion/code", code=code(secret, house.real))
        assert right.status_code == 303
        house.at += timedelta(days=30)
        assert (await visitor.get("/")).status_code == 200
        for _ in range(5):
            await visitor.post("/connexion", login="nadia", password="x")
        house.at += timedelta(days=30)
        assert (await first_step(visitor)).status_code == 429


async def test_of_two_who_send_the_same_code_at_once_one_comes_in(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor, await house.visitor() as other:
        await first_step(visitor)
        await first_step(other)
        typed = code(secret, house.real)
        answers = await asyncio.gather(
            visitor.post("/connexion/code", code=typed), other.post("/connexion/code", code=typed)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422]


async def test_a_phone_may_be_half_a_minute_wrong_and_no_more(house: House) -> None:
    secret, _codes = await with_phone(house)
    for wrong, status in ((-60, 422), (60, 422), (-30, 303), (30, 303)):
        async with await house.visitor() as visitor:
            await first_step(visitor)
            late = code(secret, house.real + timedelta(seconds=wrong))
            assert (await visitor.post("/connexion/code", code=late)).status_code == status, wrong


async def test_an_earlier_code_is_refused_after_a_later_one(house: House) -> None:
    secret, _codes = await with_phone(house)
    for ahead, status in ((30, 303), (0, 422), (-30, 422)):
        async with await house.visitor() as visitor:
            await first_step(visitor)
            typed = code(secret, house.real + timedelta(seconds=ahead))
            assert (await visitor.post("/connexion/code", code=typed)).status_code == status, ahead


async def test_a_recovery_code_opens_once_however_it_is_typed(house: House) -> None:
    _secret, codes = await with_phone(house)
    typed = f" {codes[3].upper().replace('-', ' ')} "
    async with await house.visitor() as visitor:
        await first_step(visitor)
        assert (await visitor.post("/connexion/code", code=typed)).status_code == 303
    async with await house.visitor() as other:
        await first_step(other)
        assert (await other.post("/connexion/code", code=codes[3])).status_code == 422
        assert (await other.post("/connexion/code", code=codes[4])).status_code == 303
        assert "Il vous reste 8 codes de secours" in words(await other.get("/compte"))


async def test_a_code_of_somebody_else_opens_nothing(house: House) -> None:
    await with_phone(house)
    karims, codes = await with_phone(house, "karim")
    async with await house.visitor() as visitor:
        await first_step(visitor)
        for typed in (code(karims, house.real), codes[0]):
            assert (await visitor.post("/connexion/code", code=typed)).status_code == 422


async def test_five_wrong_codes_are_all_that_one_password_gets(house: House) -> None:
    secret, codes = await with_phone(house)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        for typed in ("000000", "aaaa", "", codes[0][:-1], "999999"):
            assert (await visitor.post("/connexion/code", code=typed)).status_code == 422
        for right in (code(secret, house.real), codes[0]):
            refused = await visitor.post("/connexion/code", code=right)
            assert refused.status_code == 429
            assert "Trop de codes essayés" in words(refused)


async def test_giving_the_password_again_does_not_give_codes_without_end(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor:
        for _ in range(2):
            await first_step(visitor)
            for _ in range(5):
                assert (await visitor.post("/connexion/code", code="000000")).status_code == 422
        await first_step(visitor)
        right = code(secret, house.real)
        assert (await visitor.post("/connexion/code", code=right)).status_code == 429
        house.real += timedelta(minutes=15)
        await first_step(visitor)
        again = await visitor.post("/connexion/code", code=code(secret, house.real))
        assert again.status_code == 303


async def test_the_doorstep_is_left_after_ten_minutes(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        house.real += timedelta(minutes=10)
        late = await visitor.post("/connexion/code", code=code(secret, house.real))
        assert late.headers["location"] == "/connexion?dit=door_closed"
        assert "Recommencez" in words(await visitor.get(late.headers["location"]))


async def test_nobody_at_the_door_is_asked_for_no_code(house: House) -> None:
    async with await house.visitor() as visitor:
        for cookie in ("", "x" * 43):
            visitor.http.cookies.set("relais-door", cookie)
            answer = await visitor.post("/connexion/code", code="000000")
            assert answer.headers["location"] == "/connexion?dit=door_closed"


async def test_a_doorstep_taken_for_a_session_opens_nothing(house: House) -> None:
    await with_phone(house)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        visitor.http.cookies.set("relais", visitor.http.cookies["relais-door"])
        assert (await visitor.get("/")).headers["location"] == "/connexion"


async def test_an_account_closed_meanwhile_is_not_entered(house: House) -> None:
    secret, _codes = await with_phone(house)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        async with house.database.write() as tx:
            await staff.disable(tx, house.real, house.cast.nadia.id)
        answer = await visitor.post("/connexion/code", code=code(secret, house.real))
        assert answer.headers["location"] == "/connexion?dit=door_closed"


async def test_what_was_being_written_survives_both_steps(house: House) -> None:
    secret, _codes = await with_phone(house)
    path = f"/jeunes/{house.cast.sami.id}/repondre"
    async with await house.visitor("nadia") as nadia:
        await nadia.get("/jeunes/nouveau")
        house.real += timedelta(minutes=31)
        ended = await nadia.post(path, text="À demain", step="send")
        asked = await first_step(nadia, **hidden(ended))
        back = await nadia.post("/connexion/code", code=code(secret, house.real), **hidden(asked))
        assert back.status_code == 200
        assert 'value="À demain"' in words(back)


async def test_it_is_set_up_with_a_first_code_and_ten_recovery_codes(
    house: House, nadia: Visitor
) -> None:
    page = await nadia.get("/compte/second-facteur")
    secret = secret_on(page)
    told = second_factor.address(secret, "nadia")
    assert told == f"otpauth://totp/Relais:nadia?secret={secret}&issuer=Relais"
    wrong = await nadia.post("/compte/second-facteur", **hidden(page), code="000000")
    assert wrong.status_code == 422
    assert secret_on(wrong) == secret  # the phone that has scanned it is not asked to scan again
    done = await nadia.post(
        "/compte/second-facteur", **hidden(wrong), code=code(secret, house.real)
    )
    codes = re.findall(r'class="secret">([a-z2-9-]+)<', done.text)
    assert len(set(codes)) == 10
    assert "ne seront plus montrés" in words(done)
    account = (await nadia.get("/compte")).text
    assert not any(one in account for one in codes)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        typed = code(secret, house.real)  # it has served: the first proof is not a second one
        assert (await visitor.post("/connexion/code", code=typed)).status_code == 422
        assert (await visitor.post("/connexion/code", code=codes[9])).status_code == 303


async def test_a_secret_shown_to_one_person_is_not_taken_from_another(
    house: House, nadia: Visitor
) -> None:
    page = await nadia.get("/compte/second-facteur")
    right = code(secret_on(page), house.real)
    async with await house.visitor("karim") as karim:
        await karim.get("/compte")
        taken = await karim.post(
            "/compte/second-facteur", sealed=hidden(page)["sealed"], code=right
        )
    assert taken.status_code == 422
    async with house.database.read() as tx:
        assert await second_factor.since(tx, house.cast.karim.id) is None


async def test_where_the_structure_asks_for_it_nothing_else_opens_before(house: House) -> None:
    await asks(house, "all")
    async with await house.visitor() as visitor:
        await first_step(visitor)
        for path in (
            "/",
            "/jeunes",
            f"/jeunes/{house.cast.sami.id}",
            "/compte",
            "/compte/mot-de-passe",
        ):
            assert (await visitor.get(path)).headers["location"] == "/compte/second-facteur", path
        page = await visitor.get("/compte/second-facteur")
        assert "Votre structure le demande" in words(page)
        assert "Menu principal" not in words(page)
        right = code(secret_on(page), house.real)
        await visitor.post("/compte/second-facteur", **hidden(page), code=right)
        assert (await visitor.get("/")).status_code == 200


async def test_a_structure_may_ask_for_it_of_those_who_see_everybody(house: House) -> None:
    await asks(house, "not_educators")
    for login, led in (("nadia", "/"), ("claire", "/compte/second-facteur")):
        async with await house.visitor() as visitor:
            await first_step(visitor, login)
            answer = await visitor.get("/")
            led_to = answer.headers.get("location", "/")
            assert led_to == led, login


async def test_it_is_taken_away_only_where_nobody_asks_for_it(house: House, nadia: Visitor) -> None:
    await with_phone(house)
    await nadia.get("/compte")
    await asks(house, "all")
    kept = await nadia.post("/compte/second-facteur/retirer")
    assert "dit=second_factor_required" in kept.headers["location"]
    await asks(house, "nobody")
    gone = await nadia.post("/compte/second-facteur/retirer")
    assert "dit=second_factor_removed" in gone.headers["location"]
    async with await house.visitor() as visitor:
        assert (await first_step(visitor)).headers["location"] == "/"


async def test_new_recovery_codes_replace_the_old_ones(house: House, nadia: Visitor) -> None:
    _secret, codes = await with_phone(house)
    await nadia.get("/compte")
    made = await nadia.post("/compte/codes")
    new = re.findall(r'class="secret">([a-z2-9-]+)<', made.text)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        assert (await visitor.post("/connexion/code", code=codes[0])).status_code == 422
        assert (await visitor.post("/connexion/code", code=new[0])).status_code == 303


async def test_setting_it_up_ends_the_sessions_elsewhere(house: House, nadia: Visitor) -> None:
    async with await house.visitor("nadia") as elsewhere:
        page = await nadia.get("/compte/second-facteur")
        right = code(secret_on(page), house.real)
        await nadia.post("/compte/second-facteur", **hidden(page), code=right)
        assert (await elsewhere.get("/")).headers["location"] == "/connexion"
        assert (await nadia.get("/")).status_code == 200


async def test_nothing_that_opens_the_desk_is_in_the_database_in_clear(house: House) -> None:
    secret, codes = await with_phone(house)
    async with await house.visitor() as visitor:
        await first_step(visitor)
        kept = [secret, *codes, *(one.replace("-", "") for one in codes)]
        kept += [visitor.http.cookies["relais-door"]]
        await visitor.post("/connexion/code", code=codes[0])
        kept += [visitor.http.cookies["relais"]]
    async with house.database.read() as tx:
        tables = (second_factor.second_factor, second_factor.recovery_code, sign_in.session)
        rows = [repr(row) for table in tables for row in await tx.rows(table.select())]
    assert rows
    assert not any(one in row for one in kept for row in rows)


async def asks(house: House, rule: str) -> None:
    async with house.database.write() as tx:
        await structure.change(tx, house.cast.structure_id, second_factor=rule)


def secret_on(page: httpx.Response) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert found
    return found[1].replace(" ", "")


def hidden(page: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}

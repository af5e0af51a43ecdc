"""« Mon compte »: where one is signed in, one's own password, and what the access log says of it."""

import re
from datetime import timedelta

import pytest

from records import audit, passwords, sign_in
from records.database import Tx
from tests.admin.house import House, Visitor, words
from tests.admin.test_second_factor import code, hidden
from tests.cast import PASSWORD

NEW = "trois cygnes ont traversé l'étang"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


async def signed_in(house: House, login: str = "nadia", browser: str = "") -> Visitor:
    visitor = await house.visitor()
    visitor.http.headers["user-agent"] = browser
    await visitor.post("/connexion", login=login, password=PASSWORD)
    await visitor.get("/compte")
    return visitor


async def test_each_session_is_listed_with_its_browser_and_one_can_be_closed(house: House) -> None:
    async with (
        await signed_in(house, browser=FIREFOX) as desk,
        await signed_in(house, browser=IPHONE) as phone,
        await signed_in(house, "karim", browser="curl/8") as karim,
    ):
        page = words(await desk.get("/compte"))
        assert "Firefox, Windows" in page
        assert "Safari, iPhone" in page
        assert page.count("Celle-ci") == 1
        assert "Navigateur inconnu" in words(await karim.get("/compte"))
        [to_close] = re.findall(r'action="(/compte/sessions/\d+/fermer)"', page)
        closed = await desk.post(to_close)
        assert closed.headers["location"] == "/compte?dit=session_closed"
        assert (await phone.get("/")).headers["location"] == "/connexion"
        assert (await karim.get("/compte")).status_code == 200


async def test_a_session_of_somebody_else_is_not_found(house: House, nadia: Visitor) -> None:
    async with await house.visitor("karim") as karim:
        async with house.database.read() as tx:
            [his] = await sign_in.sessions(tx, house.real, house.cast.karim.id)
        await nadia.get("/compte")
        assert (await nadia.post(f"/compte/sessions/{his.id}/fermer")).status_code == 404
        assert (await karim.get("/compte")).status_code == 200


async def test_all_others_are_closed_at_once(house: House) -> None:
    async with (
        await signed_in(house) as one,
        await signed_in(house) as two,
        await signed_in(house) as here,
    ):
        assert (
            "dit=sessions_closed"
            in (await here.post("/compte/sessions/fermer")).headers["location"]
        )
        for elsewhere in (one, two):
            assert (await elsewhere.get("/")).headers["location"] == "/connexion"
        assert (await here.get("/")).status_code == 200


async def test_a_sixth_session_takes_the_place_of_the_one_unused_for_longest(house: House) -> None:
    opened = []
    for _ in range(sign_in.AT_ONCE + 1):
        opened.append(await signed_in(house))
        house.real += timedelta(minutes=2)
    alive = [(await one.get("/")).status_code for one in opened]
    assert alive == [303] + [200] * sign_in.AT_ONCE
    for one in opened:
        await one.http.aclose()


async def test_a_password_is_changed_by_whoever_knows_the_present_one(house: House) -> None:
    async with await signed_in(house) as here, await signed_in(house) as elsewhere:
        wrong = await here.post("/compte/mot-de-passe", password="x", new=NEW)
        assert wrong.status_code == 422
        assert NEW not in words(wrong)
        done = await here.post("/compte/mot-de-passe", password=PASSWORD, new=NEW)
        assert done.headers["location"] == "/compte?dit=password_changed"
        assert "Votre mot de passe est changé" in words(
            await here.get("/compte?dit=password_changed")
        )
        assert (await elsewhere.get("/")).headers["location"] == "/connexion"
    async with await house.visitor() as visitor:
        old = await visitor.post("/connexion", login="nadia", password=PASSWORD)
        new = await visitor.post("/connexion", login="nadia", password=NEW)
    assert (old.status_code, new.status_code) == (422, 303)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("court", "en compte 5"),
        ("aaaaaaaaaaa", "en compte 11"),
        ("Un peu trop long " * 8, "12 à 128 caractères"),
        ("1Qaz2wsx3edc", "trop connu"),
        ("motherfucker", "trop connu"),
        ("abababababab", "trop connu"),
        ("cdefghijklmn", "trop connu"),
        ("nadia-relais-2026", "se devine"),
        ("Structure d’essai 1", "se devine"),
        (PASSWORD, "déjà votre mot de passe"),
    ],
)
async def test_a_password_that_would_be_tried_first_is_refused(
    house: House, chosen: str, said: str
) -> None:
    async with await signed_in(house) as here:
        refused = await here.post("/compte/mot-de-passe", password=PASSWORD, new=chosen)
    assert refused.status_code == 422
    assert said in words(refused)


@pytest.mark.parametrize(
    "chosen",
    [
        "🦢🦆🐝🐞🐢🐍🦎🐙🦑🦐🦀🐡",
        "7041 9362 5518 2740",
        "L'éducatrice " * 9,
        "  deux espaces autour  ",
    ],
)
async def test_any_signs_make_a_password_as_they_were_typed(house: House, chosen: str) -> None:
    async with await signed_in(house) as here:
        done = await here.post("/compte/mot-de-passe", password=PASSWORD, new=chosen)
        assert done.status_code == 303
        trimmed = await here.post("/connexion", login="nadia", password=chosen[:-1])
        again = await here.post("/connexion", login="nadia", password=chosen)
    assert (trimmed.status_code, again.status_code) == (422, 303)


def test_the_list_of_common_passwords_holds_the_three_thousand_that_the_standard_asks_for() -> None:
    known = passwords._common()
    assert len(known) > 3000
    assert all(len(one) >= passwords.LENGTH[0] for one in known)


async def test_what_was_done_to_an_account_is_in_the_access_log(house: House) -> None:
    async with await signed_in(house) as here:
        await here.post("/connexion", login="nadia", password="non")
        await here.post("/connexion", login="personne", password="non")
        await here.post("/compte/sessions/fermer")
        page = await here.get("/compte/second-facteur")
        secret = re.findall(r'class="secret">([A-Z2-7 ]+)<', page.text)[0].replace(" ", "")
        await here.post("/compte/second-facteur", **hidden(page), code=code(secret, house.real))
        await here.post("/compte/codes")
        await here.post("/compte/mot-de-passe", password=PASSWORD, new=NEW)
        await here.post("/deconnexion")
    async with house.database.read() as tx:
        assert await actions(tx, house.cast.nadia.id) == [
            "signed_in",
            "sign_in_refused",
            "session_revoked",
            "second_factor_set",
            "recovery_codes_made",
            "password_changed",
            "signed_out",
        ]
        assert await actions(tx, None) == ["sign_in_refused"]


async def actions(tx: Tx, staff_id: int | None) -> list[str]:
    rows = await tx.rows(audit.access.select().order_by(audit.access.c.id))
    return [row.action for row in rows if row.staff_id == staff_id]


async def test_my_account_leads_to_my_emails_for_whoever_is_told_by_email(house: House) -> None:
    for login, leads in (("nadia", True), ("claire", True), ("omar", False)):
        async with await house.visitor(login) as visitor:
            page = (await visitor.get("/compte")).text
            assert ('href="/compte/e-mails"' in page) is leads, login

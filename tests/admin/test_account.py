"""« Mon compte »: where one is signed in, one's own password, and proving again who one is."""

import re
from datetime import timedelta

import pytest
from starlette.routing import Route

from admin.app import routes
from records import audit, passwords, sign_in, staff, structure
from records.database import Tx
from tests.admin.house import House, Visitor, surveyed, words
from tests.admin.test_second_factor import code, hidden, with_phone
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
        ("court", "12 à 128 caractères"),
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
        "phrase tout en minuscules",
        "🦢🦆🐝🐞🐢🐍🦎🐙🦑🦐🦀🐡",
        "7041 9362 5518 2740",
        "L'éducatrice " * 9,
        "  deux espaces autour  ",
        "nadia préfère les pastèques",
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


async def test_a_password_made_by_somebody_else_opens_the_desk_once(house: House) -> None:
    made = passwords.new_password()
    async with house.database.write() as tx:
        until = house.real + staff.TEMPORARY
        await staff.set_password(
            tx, house.cast.nadia.id, passwords.hash_password(made), until=until
        )
    async with await house.visitor() as visitor:
        await visitor.post("/connexion", login="nadia", password=made)
        for path in ("/", "/jeunes", "/compte"):
            assert (await visitor.get(path)).headers["location"] == "/compte/mot-de-passe", path
        await visitor.get("/compte/mot-de-passe")
        acted = await visitor.post("/jeunes/nouveau", nickname="Zoé")
        assert acted.headers["location"] == "/compte/mot-de-passe"
        kept = await visitor.post("/compte/mot-de-passe", password=made, new=made)
        assert kept.status_code == 422
        done = await visitor.post("/compte/mot-de-passe", password=made, new=NEW)
        assert done.headers["location"] == "/?dit=password_changed"
        assert (await visitor.get("/jeunes")).status_code == 200


async def test_a_password_made_by_somebody_else_ends_after_a_week(house: House) -> None:
    made = passwords.new_password()
    async with house.database.write() as tx:
        until = house.real + staff.TEMPORARY
        await staff.set_password(
            tx, house.cast.nadia.id, passwords.hash_password(made), until=until
        )
    house.real += staff.TEMPORARY
    async with await house.visitor() as visitor:
        late = await visitor.post("/connexion", login="nadia", password=made)
    assert late.status_code == 422
    assert "Identifiant ou mot de passe incorrect" in words(late)


async def test_an_export_asks_again_after_ten_minutes_then_goes_on(house: House) -> None:
    await surveyed(house.database, house.cast, 23)
    async with await signed_in(house, "omar") as omar:
        assert (await omar.get("/evaluation.csv")).status_code == 200
        house.real += timedelta(minutes=10)
        asked = await omar.get("/evaluation.csv")
        assert asked.headers["location"] == "/compte/confirmer?suite=/evaluation.csv"
        page = await omar.get(asked.headers["location"])
        wrong = await omar.post("/compte/confirmer", **hidden(page) | {"password": "non"})
        assert wrong.status_code == 422
        assert (await omar.get("/evaluation.csv")).status_code == 303
        done = await omar.post("/compte/confirmer", **hidden(wrong) | {"password": PASSWORD})
        assert 'content="0;url=/evaluation.csv"' in done.text
        assert (await omar.get("/evaluation.csv")).headers["content-type"].startswith("text/csv")


async def test_with_a_second_factor_the_code_is_asked_again_too(house: House) -> None:
    async with await house.visitor("omar") as omar:
        secret, _codes = await with_phone(house, "omar")
        house.real += timedelta(minutes=11)
        page = await omar.get("/compte/confirmer?suite=/evaluation")
        for typed, led in (("", None), ("000000", None), (code(secret, house.real), "/evaluation")):
            fields = hidden(page) | {"password": PASSWORD, "code": typed}
            answer = await omar.post("/compte/confirmer", **fields)
            assert answer.headers.get("location") == led, typed


async def test_a_proof_renews_the_session_and_the_old_cookie_opens_nothing(house: House) -> None:
    async with await signed_in(house, "omar") as omar, await house.visitor() as thief:
        stolen = omar.http.cookies["relais"]
        page = await omar.get("/compte/confirmer")
        await omar.post("/compte/confirmer", **hidden(page) | {"password": PASSWORD})
        assert omar.http.cookies["relais"] != stolen
        assert (await omar.get("/evaluation")).status_code == 200
        thief.http.cookies.set("relais", stolen)
        assert (await thief.get("/")).headers["location"] == "/connexion"


async def test_every_page_of_the_account_that_changes_something_asks_for_a_fresh_proof(
    house: House,
) -> None:
    """Read from the desk itself, so that a page added later is asked as well."""
    shown = ("/compte", "/compte/confirmer")
    paths = [
        (route.path.replace("{session_id:row}", "5"), method)
        for route in routes()
        if isinstance(route, Route) and route.path.startswith("/compte")
        if route.path not in shown
        for method in (route.methods or set()) - {"HEAD"}
    ]
    assert len(paths) >= 8
    async with await signed_in(house) as here:
        house.real += timedelta(minutes=11)
        for path, method in paths:
            answer = await (here.get(path) if method == "GET" else here.post(path))
            asked = answer.headers.get("location", words(answer))
            assert "/compte/confirmer" in asked, (method, path)


async def test_what_was_posted_waits_for_the_proof_and_then_goes_on(house: House) -> None:
    async with await signed_in(house) as here, await signed_in(house) as elsewhere:
        house.real += timedelta(minutes=11)
        asked = await here.post("/compte/sessions/fermer")
        assert asked.status_code == 401
        assert (await elsewhere.get("/")).status_code == 200
        ready = await here.post("/compte/confirmer", **hidden(asked) | {"password": PASSWORD})
        assert "Rien n'a encore été fait" in words(ready)
        [path] = re.findall(r'action="(/compte[^"]+)"', ready.text)
        assert (await elsewhere.get("/")).status_code == 200
        done = await here.post(path, **hidden(ready))
        assert done.headers["location"] == "/compte?dit=sessions_closed"
        assert (await elsewhere.get("/")).headers["location"] == "/connexion"


async def test_what_was_written_in_a_form_is_there_after_the_proof(house: House) -> None:
    path = f"/equipe/{house.cast.karim.id}/connexion"
    async with await signed_in(house, "claire") as claire:
        house.real += timedelta(minutes=11)
        asked = await claire.post(path, step="password", checked="yes")
        assert "est gardé" in words(asked)
        ready = await claire.post("/compte/confirmer", **hidden(asked) | {"password": PASSWORD})
        again = await claire.post(path, **hidden(ready))
        assert again.status_code == 200
        assert 'value="yes" checked' in again.text
        assert "big secret" not in again.text


async def test_guessing_at_the_proof_is_slowed_down_like_signing_in(house: House) -> None:
    async with await house.visitor("omar") as omar:
        page = await omar.get("/compte/confirmer")
        for _ in range(5):
            wrong = await omar.post("/compte/confirmer", **hidden(page) | {"password": "non"})
            assert wrong.status_code == 422
        right = await omar.post("/compte/confirmer", **hidden(page) | {"password": PASSWORD})
        assert right.status_code == 429


async def test_a_proof_never_leads_to_another_site(house: House, nadia: Visitor) -> None:
    page = await nadia.get("/compte/confirmer")
    for elsewhere in ("//mechant.example", "https://mechant.example/a.csv", "/\\x"):
        fields = hidden(page) | {"password": PASSWORD, "suite": elsewhere}
        assert (await nadia.post("/compte/confirmer", **fields)).headers["location"] == "/"


async def test_a_password_typed_in_a_form_is_never_put_into_its_draft(house: House) -> None:
    async with await signed_in(house) as here:
        house.real += timedelta(minutes=11)
        asked = await here.post("/compte/mot-de-passe", password=PASSWORD, new=NEW, code="123456")
        assert asked.status_code == 401
        kept = hidden(asked).get("draft", "")
        ready = await here.post("/compte/confirmer", draft=kept, password=PASSWORD)
        for secret in (PASSWORD, NEW, "123456"):
            assert secret not in words(ready)


async def test_coordination_lets_a_colleague_in_again_once_it_has_checked_who_asks(
    house: House,
) -> None:
    await with_phone(house, "karim")
    path = f"/equipe/{house.cast.karim.id}/connexion"
    async with await house.visitor("claire") as claire, await house.visitor("karim") as karim:
        assert path in (await claire.get("/equipe")).text
        await claire.get(path)
        hasty = await claire.post(path, step="second_factor")
        assert hasty.status_code == 422
        assert "Vérifiez d'abord" in words(hasty)
        assert (await karim.get("/")).status_code == 200
        done = await claire.post(path, step="second_factor", checked="yes")
        assert done.headers["location"] == "/equipe?dit=second_factor_forgotten"
        assert (await karim.get("/")).headers["location"] == "/connexion"
        given = await claire.post(path, step="password", checked="yes")
        made = re.findall(r'big secret">([a-z2-9-]+)<', given.text)
        inside = await karim.post("/connexion", login="karim", password=made[0])
        assert inside.headers["location"] == "/"
        assert (await karim.get("/")).headers["location"] == "/compte/mot-de-passe"


async def test_coordination_lets_in_nobody_but_a_colleague_whose_account_is_open(
    house: House,
) -> None:
    async with house.database.write() as tx:
        elsewhere = await structure.add(tx, house.at, "Ailleurs", "cjc")
        away = await staff.add(
            tx,
            house.at,
            structure_id=elsewhere,
            login="away",
            name="Ana",
            role="educator",
            password="x",
        )
        await staff.disable(tx, house.at, house.cast.karim.id)
    me = house.cast.claire.id
    async with await house.visitor("claire") as claire:
        await claire.get("/equipe")
        for forged in (away.id, house.cast.karim.id, me, 0, 1, 2**63 - 1, 2**63, 10**18):
            path = f"/equipe/{forged}/connexion"
            assert (await claire.get(path)).status_code == 404, forged
            posted = await claire.post(path, step="password", checked="yes")
            assert posted.status_code == 404, forged


async def test_a_new_password_does_not_open_an_account_whose_phone_is_not_there(
    house: House,
) -> None:
    await with_phone(house, "karim")
    path = f"/equipe/{house.cast.karim.id}/connexion"
    async with await house.visitor("claire") as claire, await house.visitor() as thief:
        await claire.get(path)
        given = await claire.post(path, step="password", checked="yes")
        made = re.findall(r'big secret">([a-z2-9-]+)<', given.text)[0]
        asked = await thief.post("/connexion", login="karim", password=made)
        assert "Code à six chiffres" in words(asked)
        assert (await thief.get("/")).headers["location"] == "/connexion"


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

"""Proving again who one is: before an export, and before a change of one's account."""

import re
from datetime import timedelta

from starlette.routing import Route

from admin.app import routes
from tests.admin.house import House, Visitor, surveyed, words
from tests.admin.test_account import NEW, signed_in
from tests.admin.test_second_factor import code, hidden, with_phone
from tests.cast import PASSWORD


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
    # A link that its owner got by e-mail is proof of its own.
    shown = ("/compte", "/compte/confirmer", "/compte/e-mails/confirmer")
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

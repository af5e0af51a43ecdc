"""Signing in and out, guessing, and what survives an expired session."""

import html
import re
from datetime import timedelta

from tests.admin.house import House, Visitor, words
from tests.cast import PASSWORD

REFUSED = "Identifiant ou mot de passe incorrect"


async def test_a_wrong_password_and_an_unknown_account_get_the_same_sentence(house: House) -> None:
    async with await house.visitor() as visitor:
        wrong = await visitor.post("/connexion", login="nadia", password="x")
        unknown = await visitor.post("/connexion", login="personne", password="x")
    assert wrong.status_code == unknown.status_code == 422
    assert REFUSED in words(wrong)
    assert wrong.text.replace("nadia", "") == unknown.text.replace("personne", "")


async def test_after_five_failures_the_right_password_waits_a_quarter_of_an_hour(
    house: House,
) -> None:
    async with await house.visitor() as visitor:
        for _ in range(5):
            await visitor.post("/connexion", login="nadia", password="x")
        refused = await visitor.post("/connexion", login="nadia", password=PASSWORD)
        assert refused.status_code == 429
        assert "Patientez un quart d" in words(refused)
        house.real += timedelta(minutes=16)
        welcome = await visitor.post("/connexion", login="nadia", password=PASSWORD)
    assert welcome.status_code == 303


async def test_one_address_cannot_try_many_accounts(house: House) -> None:
    async with await house.visitor() as visitor:
        for number in range(20):
            await visitor.post("/connexion", login=f"compte{number}", password="x")
        refused = await visitor.post("/connexion", login="nadia", password=PASSWORD)
    assert refused.status_code == 429


async def test_a_disabled_account_does_not_come_in(house: House) -> None:
    from records import staff

    async with house.database.write() as tx:
        await staff.disable(tx, house.at, house.cast.nadia.id)
    async with await house.visitor() as visitor:
        answer = await visitor.post("/connexion", login="nadia", password=PASSWORD)
    assert answer.status_code == 422


async def test_the_cookie_is_out_of_reach_of_scripts(house: House) -> None:
    async with await house.visitor() as visitor:
        answer = await visitor.post("/connexion", login="nadia", password=PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_behind_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    secure = House(house.database, house.cast, secure_cookies=True)
    async with secure.open(), await secure.visitor() as visitor:
        answer = await visitor.post("/connexion", login="nadia", password=PASSWORD)
    assert answer.headers["set-cookie"].startswith("__Host-relais=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_signing_out_ends_the_session(house: House, nadia: Visitor) -> None:
    await nadia.get("/")
    stolen = nadia.http.cookies["relais"]
    gone = await nadia.post("/deconnexion")
    assert gone.headers["clear-site-data"] == '"cache", "storage"'
    assert (await nadia.get("/")).headers["location"] == "/connexion"
    nadia.http.cookies.set("relais", stolen)
    assert (await nadia.get("/")).headers["location"] == "/connexion"


async def test_an_idle_session_ends_and_leads_back_to_the_page(
    house: House, nadia: Visitor
) -> None:
    house.real += timedelta(minutes=31)
    answer = await nadia.get("/jeunes?q=sami")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/connexion?suite=/jeunes%3Fq%3Dsami"


async def test_a_session_lives_ten_hours_however_much_it_is_used(
    house: House, nadia: Visitor
) -> None:
    for _ in range(20):
        house.real += timedelta(minutes=29)
        assert (await nadia.get("/")).status_code == 200
    house.real += timedelta(minutes=20)
    assert (await nadia.get("/")).headers["location"] == "/connexion"


async def test_a_page_that_refreshes_itself_does_not_keep_the_session_awake(
    house: House, nadia: Visitor
) -> None:
    live = {"HX-Request": "true", "HX-Trigger": "live"}
    for _ in range(3):
        house.real += timedelta(minutes=9)
        assert (await nadia.get("/?vu=x", **live)).status_code == 200
    house.real += timedelta(minutes=9)
    answer = await nadia.get("/?vu=x", **live)
    assert answer.headers["hx-redirect"] == "/connexion"


async def test_signing_in_never_leads_to_another_site(house: House) -> None:
    for elsewhere in (
        "//mechant.example",
        "https://mechant.example",
        "/\\x",
        "javascript:alert(1)",
    ):
        async with await house.visitor() as visitor:
            answer = await visitor.post(
                "/connexion", login="nadia", password=PASSWORD, suite=elsewhere
            )
        assert answer.headers["location"] == "/", elsewhere


async def test_what_was_typed_survives_an_expired_session(house: House, nadia: Visitor) -> None:
    path = f"/jeunes/{house.cast.sami.id}/repondre"
    await nadia.get(f"/jeunes/{house.cast.sami.id}/messages")
    house.real += timedelta(minutes=31)
    ended = await nadia.post(path, text="À demain, « comme prévu » <3", step="send")
    assert ended.status_code == 401
    kept = _hidden(ended.text)
    again = await nadia.post("/connexion", login="nadia", password=PASSWORD, **kept)
    assert again.status_code == 200
    back = _hidden(again.text)
    shown = await nadia.post(path, **back)
    assert shown.status_code == 200
    assert "À demain, « comme prévu » <3</textarea>" in words(shown)
    assert house.wakes == 0


async def test_what_was_typed_goes_back_to_nobody_else(house: House, nadia: Visitor) -> None:
    path = f"/jeunes/{house.cast.sami.id}/repondre"
    await nadia.get(f"/jeunes/{house.cast.sami.id}/messages")
    house.real += timedelta(minutes=31)
    ended = await nadia.post(path, text="À demain", step="send")
    assert "À demain" not in words(ended)
    kept = _hidden(ended.text)
    other = await nadia.post("/connexion", login="karim", password=PASSWORD, **kept)
    assert other.headers["location"] == "/"
    assert "À demain" not in words(other)


async def test_a_draft_whose_writer_is_no_longer_known_is_not_kept(
    house: House, nadia: Visitor
) -> None:
    path = f"/jeunes/{house.cast.sami.id}/repondre"
    await nadia.get(f"/jeunes/{house.cast.sami.id}/messages")
    token = nadia.http.cookies["relais"]
    await nadia.post("/deconnexion")
    nadia.http.cookies.set("relais", token)
    ended = await nadia.post(path, text="À demain", step="send")
    assert ended.status_code == 401
    assert 'name="draft"' not in ended.text


async def test_a_draft_that_is_not_ours_is_left_aside(house: House) -> None:
    for forged in ("[" * 15_000, "[]", "é", "AAAA", '[["text", "\\ud800"]]'):
        async with await house.visitor() as visitor:
            answer = await visitor.post(
                "/connexion", login="nadia", password=PASSWORD, draft=forged, suite="/jeunes"
            )
        assert answer.status_code == 303, forged[:20]
        assert answer.headers["location"] == "/"


async def test_a_way_back_that_is_no_address_leads_to_the_first_page(house: House) -> None:
    async with await house.visitor() as visitor:
        for odd in ("//[", "/[", "//[::1", "http://["):
            assert (await visitor.http.get("/connexion", params={"suite": odd})).status_code == 200


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}

"""Forged identifiers are noted, forged posts refused. Who may reach what: `test_matrix.py`."""

import re

from starlette.routing import Route

from admin.app import routes
from records import audit
from tests.admin.house import House, Visitor, words
from tests.cast import Cast

ADDRESSES = [
    (route.path, method)
    for route in routes()
    if isinstance(route, Route)
    for method in sorted(route.methods or ())
    if method in ("GET", "POST")
    if route.path not in ("/connexion", "/connexion/code", "/deconnexion")
]


def address(path: str, cast: Cast, youth_id: int | None = None) -> str:
    values = {
        "youth_id": youth_id or cast.sami.id,
        "meeting_id": 5,
        "message_id": 5,
        "alert_id": 5,
        "session_id": 5,
        "staff_id": cast.karim.id,
    }
    return re.sub(r"\{(\w+):row\}", lambda found: str(values[found[1]]), path)


async def test_a_youth_of_another_caseload_is_not_found_and_the_try_is_logged(
    house: House, nadia: Visitor
) -> None:
    maya = house.cast.maya
    await nadia.get("/")
    for path, method in ADDRESSES:
        if "youth_id" in path:
            where = address(path, house.cast, maya.id)
            answer = await (nadia.get(where) if method == "GET" else nadia.post(where))
            assert answer.status_code == 404, where
            assert "Maya" not in answer.text
    async with house.database.read() as tx:
        lines = await audit.about_youth(tx, maya.id, limit=100)
    tried = [path for path, _ in ADDRESSES if "youth_id" in path]
    assert [line.action for line in lines] == ["page_refused"] * len(tried)
    assert {line.staff_id for line in lines} == {house.cast.nadia.id}


async def test_a_forged_identifier_is_not_found(nadia: Visitor) -> None:
    for forged in ("0", "1", "99999999999999999999999", "9" * 5000, "-1", "1.5", "%00"):
        assert (await nadia.get(f"/jeunes/{forged}")).status_code == 404, forged
    assert "Menu principal" in (await nadia.get("/jeunes/1")).text


ELSEWHERE: list[dict[str, str]] = [
    {},
    {"Origin": "https://mechant.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def test_a_post_from_elsewhere_is_refused(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    for headers in ELSEWHERE:
        answer = await nadia.post("/jeunes/nouveau", headers, nickname="Zoé")
        assert answer.status_code == 403, headers
        assert "Rien n'a été enregistré" in words(answer)
        signing = await nadia.post("/connexion", headers, login="nadia", password="x")
        assert signing.status_code == 403, headers


async def test_a_browser_that_hides_the_origin_of_our_own_forms_still_works(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    answer = await nadia.post(
        "/jeunes/nouveau", {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 422


async def test_a_post_without_the_sessions_own_token_is_refused(
    house: House, nadia: Visitor
) -> None:
    async with await house.visitor("karim") as karim:
        await karim.get("/jeunes/nouveau")
        stolen = karim.csrf
    for token in ("", "x", stolen, "é"):
        answer = await nadia.post("/jeunes/nouveau", nickname="Zoé", csrf=token)
        assert answer.status_code == 403


async def test_a_form_longer_than_any_of_ours_is_refused_calmly(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    answer = await nadia.post("/jeunes/nouveau", nickname="a" * 70_000)
    assert answer.status_code == 413
    assert "C'est trop long" in words(answer)


async def test_every_answer_carries_the_headers(house: House, nadia: Visitor) -> None:
    for path in ("/", "/connexion", "/jeunes/1", "/static/desk.css", "/nulle-part"):
        headers = (await nadia.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert policy.endswith("frame-ancestors 'none'")
        for shut in ("object-src 'none'", "base-uri 'none'", "form-action 'self'"):
            assert shut in policy
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        cached = "public" if path.startswith("/static") else "no-store"
        assert headers["cache-control"].startswith(cached)


async def test_behind_https_the_browser_is_told_to_stay_there(house: House) -> None:
    secure = House(house.database, house.cast, secure_cookies=True)
    async with secure.open(), await secure.visitor() as visitor:
        for path in ("/connexion", "/static/desk.css", "/nulle-part", "/"):
            told = (await visitor.get(path)).headers["strict-transport-security"]
            assert told == "max-age=63072000; includeSubDomains"
        signed_in = await visitor.post("/connexion", login="nadia", password="mot-de-passe-de-test")
    cookies = signed_in.headers.get_list("set-cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        assert cookie.startswith("__Host-relais")
        for flag in ("Secure", "HttpOnly", "Path=/", "SameSite"):
            assert flag in cookie
        assert "Domain" not in cookie


async def test_on_a_machine_of_ones_own_nothing_is_said_of_https(nadia: Visitor) -> None:
    assert "strict-transport-security" not in (await nadia.get("/")).headers


async def test_only_the_demo_may_frame_the_desk(house: House) -> None:
    framed = House(house.database, house.cast, may_be_framed=True, demo_note="Démonstration.")
    async with framed.open(), await framed.visitor() as visitor:
        answer = await visitor.get("/connexion")
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert "Démonstration." in words(answer)


async def test_a_fault_is_told_calmly_and_with_the_headers(house: House, nadia: Visitor) -> None:
    from records.vault import Vault, new_key

    right, house.database.vault = house.database.vault, Vault(new_key())
    answer = await nadia.get("/jeunes")
    house.database.vault = right
    assert answer.status_code == 500
    assert "Quelque chose n'a pas marché" in words(answer)
    assert answer.headers["cache-control"] == "no-store"

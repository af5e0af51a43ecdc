"""What no browser of ours would send: other methods, other bodies, other names, and too slowly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from relais.web import HEADERS, listening, served
from tests.admin.house import House, Visitor, words

DESK = "relais.example.org"


@asynccontextmanager
async def at_work(house: House, **options: Any) -> AsyncIterator[str]:
    """The desk behind the server that is used for real, not the tests' own."""
    listener = listening("127.0.0.1", 0)
    async with served(house.app, listener, **options) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
async def test_other_methods_find_nothing(nadia: Visitor, method: str) -> None:
    for path in ("/", "/connexion", "/jeunes/nouveau", "/compte/sessions/fermer"):
        answer = await nadia.http.request(method, path)
        assert answer.status_code == 404, path
        assert "Cette page n'existe pas" in words(answer)


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
async def test_a_method_cannot_be_put_in_the_place_of_another(
    house: House, nadia: Visitor, header: str
) -> None:
    await nadia.get("/jeunes/nouveau")
    path = "/compte/sessions/fermer"
    assert (await nadia.get(path, **{header: "POST"})).status_code == 404
    assert (await nadia.get(f"{path}?_method=POST")).status_code == 404
    posted = await nadia.post("/jeunes/nouveau", {"Origin": nadia.origin, header: "GET"})
    assert posted.status_code == 422  # it is a post, and its form is wrong


async def test_only_the_head_of_a_page_is_the_page_without_its_body(nadia: Visitor) -> None:
    for path in ("/", "/jeunes", "/connexion", "/static/desk.css"):
        whole, head = await nadia.get(path), await nadia.http.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert (
            head.headers.get("content-security-policy") == whole.headers["content-security-policy"]
        )


async def test_an_address_with_something_after_it_is_another_address(nadia: Visitor) -> None:
    for path in ("/jeunes/", "/jeunes//", "/compte/", "/jeunes;a=b", "/jeunes.css", "/jeunes%2F"):
        answer = await nadia.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "application/xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded-not",
    ],
)
async def test_a_file_or_anything_else_than_a_form_is_refused_calmly(
    nadia: Visitor, kind: str
) -> None:
    await nadia.get("/jeunes/nouveau")
    for path in ("/jeunes/nouveau", "/connexion", "/connexion/code", "/deconnexion"):
        headers = {"Origin": nadia.origin, "Content-Type": kind}
        answer = await nadia.http.post(path, content=b"csrf=x&login=nadia", headers=headers)
        assert answer.status_code == 415, path
        assert "Relais ne prend pas de fichier" in words(answer)


async def test_a_file_that_a_browser_would_send_is_refused_before_it_is_read(
    nadia: Visitor,
) -> None:
    await nadia.get("/jeunes/nouveau")
    sent = {"file": ("../../etc/passwd.php", b"x" * 5_000_000, "image/svg+xml")}
    headers = {"Origin": nadia.origin}
    answer = await nadia.http.post("/jeunes/nouveau", files=sent, headers=headers)
    assert answer.status_code == 415


async def test_of_our_files_only_those_for_browsers_are_served(nadia: Visitor) -> None:
    styles = await nadia.get("/static/desk.css")
    assert styles.headers["content-type"] == "text/css; charset=utf-8"
    mark = await nadia.get("/static/mark.svg")
    assert mark.headers["content-type"] == "image/svg+xml; charset=utf-8"
    for path in ("/static/", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/.git/config"):
        assert (await nadia.get(path)).status_code == 404, path


async def test_a_form_with_more_fields_than_any_of_ours_is_refused(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    body = "&".join(f"f{n}=" for n in range(201)).encode()
    headers = {"Origin": nadia.origin, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await nadia.http.post("/jeunes/nouveau", content=body, headers=headers)
    assert answer.status_code == 413


async def test_of_a_field_sent_twice_the_first_counts(house: House) -> None:
    async with await house.visitor() as visitor:
        both = {"login": ["personne", "nadia"], "password": ["x", "mot-de-passe-de-test"]}
        assert (await visitor.post("/connexion", **both)).status_code == 422
        in_the_address = await visitor.post("/connexion?login=nadia&password=mot-de-passe-de-test")
        assert in_the_address.status_code == 422


async def test_a_form_that_comes_in_drops_is_not_waited_for(house: House, nadia: Visitor) -> None:
    hasty = House(house.database, house.cast, patience=0.3)

    async def drops() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"a"
            await asyncio.sleep(0.05)

    headers = {"Origin": nadia.origin, "Content-Type": "application/x-www-form-urlencoded"}
    async with at_work(hasty) as address:
        headers["Origin"] = address
        answer = await nadia.http.post(
            f"{address}/jeunes/nouveau", content=drops(), headers=headers
        )
    assert answer.status_code == 408
    assert "pas arrivé jusqu'au bout" in words(answer)


async def test_the_program_does_not_say_what_it_is_made_of(house: House) -> None:
    async with at_work(house) as address, httpx.AsyncClient() as http:
        answer = await http.get(f"{address}/connexion")
    for header in ("server", "x-powered-by", "via"):
        assert header not in answer.headers
    assert "uvicorn" not in answer.text.lower()


async def test_headers_without_end_are_cut_off(house: House) -> None:
    async with at_work(house) as address, httpx.AsyncClient() as http:
        short = await http.get(f"{address}/connexion", headers={"x": "a" * 1000})
        long = await http.get(f"{address}/connexion", headers={"x": "a" * (HEADERS + 70_000)})
    assert (short.status_code, long.status_code) == (200, 400)


async def test_two_lengths_or_a_length_and_pieces_are_no_request(house: House) -> None:
    for smuggled in (
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: 5\r\nTransfer-Encoding: gzip, chunked",
        b"Content-Length: +5",
        b"Bad Header: x",
    ):
        async with at_work(house) as address:
            where = urlsplit(address)
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(b"POST /connexion HTTP/1.1\r\nHost: x\r\n" + smuggled + b"\r\n\r\nhello")
            answer = await asyncio.wait_for(reader.read(200), 10)
            writer.close()
        assert answer.split()[1] in (b"400", b"501"), smuggled


async def test_the_desk_answers_under_its_own_name_only(house: House) -> None:
    named = House(house.database, house.cast, host=DESK)
    async with at_work(named) as address, httpx.AsyncClient(base_url=address) as http:
        for host in (DESK, f"{DESK}:443", "127.0.0.1:8080", "localhost", "[::1]:8080"):
            assert (await http.get("/connexion", headers={"Host": host})).status_code == 200, host
        for host in ("mechant.example", f"{DESK}.mechant.example", "", "[::2]"):
            refused = await http.get("/connexion", headers={"Host": host})
            assert refused.status_code == 421, host
            assert "Ce n'est pas l'adresse du bureau" in words(refused)


async def test_no_answer_repeats_the_name_that_it_was_asked_under(nadia: Visitor) -> None:
    forged = {"Host": "mechant.example", "X-Forwarded-Host": "mechant.example"}
    for path in (
        "/",
        "/jeunes",
        "/jeunes/",
        "/connexion?suite=/jeunes",
        "/evaluation",
        "/deconnexion",
    ):
        answer = await nadia.http.get(path, headers=forged)
        assert "mechant.example" not in f"{answer.headers} {answer.text}", path


@pytest.mark.parametrize(
    ("proxies", "statuses"), [(["127.0.0.1/32"], [422] * 7), ([], [422] * 5 + [429] * 2)]
)
async def test_where_a_visit_comes_from_is_taken_from_a_trusted_proxy_only(
    house: House, proxies: list[str], statuses: list[int]
) -> None:
    """Seven people behind a proxy try one account each from their own address; where the proxy is
    not trusted, or anybody may claim an address, they are one."""
    async with at_work(house, proxies=proxies) as address, httpx.AsyncClient() as http:
        said = [
            await http.post(
                f"{address}/connexion",
                data={"login": "nadia", "password": "x"},
                headers={"Origin": address, "X-Forwarded-For": f"203.0.113.{n}"},
            )
            for n in range(7)
        ]
    assert [answer.status_code for answer in said] == statuses


async def test_only_what_the_proxy_itself_saw_counts(house: House) -> None:
    async with at_work(house, proxies=["127.0.0.1/32"]) as address, httpx.AsyncClient() as http:
        said = [
            await http.post(
                f"{address}/connexion",
                data={"login": "nadia", "password": "x"},
                headers={"Origin": address, "X-Forwarded-For": f"198.51.100.{n}, 203.0.113.1"},
            )
            for n in range(6)
        ]
    assert [answer.status_code for answer in said] == [422] * 5 + [429]


async def test_what_is_refused_is_noted_without_a_word_of_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    named = House(house.database, house.cast, host=DESK)
    async with named.open(), await named.visitor("nadia") as nadia:
        await nadia.get("/jeunes/nouveau")
        await nadia.post("/jeunes/nouveau", {"Origin": "https://mechant.example"}, nickname="Zoé")
        kind = {"Origin": nadia.origin, "Content-Type": "application/json"}
        await nadia.http.post("/jeunes/nouveau", content=b"{}", headers=kind)
        await nadia.get("/", Host="mechant.example")
        for _ in range(6):
            await nadia.post("/connexion", login="nadia", password="x")
    said = [line.getMessage() for line in caplog.records if line.name == "relais.desk"]
    assert said == [
        "refused: PostRefused",
        "refused: NotAForm",
        "refused: the desk was asked for by another name",
        "a try to sign in was refused: there were too many",
    ]

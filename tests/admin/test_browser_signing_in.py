"""Signing in with a phone, in a true browser; and nothing on any page speaks to another site."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from records import sign_in, staff, structure
from tests.admin.house import House, busy_day, surveyed
from tests.admin.test_second_factor import code, with_phone
from tests.cast import PASSWORD
from tests.chromium import connected
from tests.demo_page import watched
from tests.page_audit import by_keyboard, measured, typeset, with_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@asynccontextmanager
async def a_page(browser: Browser, house: House, login: str = "") -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=house.address, locale="fr-FR")
    if login:
        async with house.database.write() as tx:
            person = await staff.by_login(tx, login)
            token = await sign_in.open_session(tx, house.real, person.id)
        await context.add_cookies(
            [{"name": "relais", "value": token, "url": house.address, "httpOnly": True}]
        )
    page = await context.new_page()
    complaints = watched(page)
    yield page
    await context.close()
    assert complaints == []


async def give(page: Page, **fields: str) -> None:
    for name, words in fields.items():
        await page.fill(f"#{name}", words)
    await page.click("button.main")


async def test_a_first_sign_in_sets_up_the_phone_and_the_second_asks_for_it(
    house: House, chromium_address: str
) -> None:
    """Each page on the way is audited as well."""
    async with house.database.write() as tx:
        await structure.change(tx, house.cast.structure_id, second_factor="all")
    found: list[str] = []

    async def look(page: Page) -> None:
        audit = [*await with_axe(page), *await measured(page), *await typeset(page)]
        found.extend(f"{page.url}: {line}" for line in [*audit, *await by_keyboard(page)])

    async with connected(chromium_address) as browser:
        async with a_page(browser, house) as page:
            await page.goto("/jeunes")
            await give(page, login="nadia", password=PASSWORD)
            await look(page)
            await page.click("summary")
            secret = (await page.locator(".secret").inner_text()).replace(" ", "")
            await give(page, code="000000")
            await expect(page.get_by_text("n'est pas celui que l'application")).to_be_visible()
            await look(page)
            await give(page, code=code(secret, house.real))
            codes = await page.locator("li.secret").all_inner_texts()
            await look(page)
            await page.click("a.main")
            await expect(page.get_by_role("heading", name="Aujourd'hui")).to_be_visible()
            assert await page.evaluate("document.cookie") == ""  # out of reach of scripts
            await page.click("text=Mon compte")
            await expect(page.get_by_text("Il vous reste 10 codes de secours.")).to_be_visible()
            await look(page)
            await page.click("text=Se déconnecter")
            await give(page, login="nadia", password=PASSWORD)
            await look(page)
            await give(page, code=codes[0])
            await expect(page.get_by_role("heading", name="Aujourd'hui")).to_be_visible()
        assert found == []


async def test_an_export_asks_for_a_proof_then_the_file_comes(
    house: House, chromium_address: str
) -> None:
    await surveyed(house.database, house.cast, 23)
    async with connected(chromium_address) as browser, a_page(browser, house, "omar") as page:
        await page.goto("/evaluation")
        house.real += sign_in.FRESH
        await page.click("a[href='/evaluation.csv']")
        await expect(page.get_by_role("heading", name="Confirmer que c'est vous")).to_be_visible()
        async with page.expect_download() as coming:
            await give(page, password=PASSWORD)
        assert (await coming.value).suggested_filename == "satisfaction.csv"
        await expect(page.get_by_role("heading", name="Votre fichier arrive")).to_be_visible()


async def test_a_session_that_ended_at_the_desk_gives_the_draft_back_after_the_code(
    house: House, chromium_address: str
) -> None:
    secret, _codes = await with_phone(house)
    async with connected(chromium_address) as browser, a_page(browser, house, "nadia") as page:
        await page.goto(f"/jeunes/{house.cast.sami.id}/message")
        await page.fill("#text", "On se retrouve devant la mairie.")
        house.real += sign_in.IDLE
        await page.click("button.main")
        await give(page, login="nadia", password=PASSWORD)
        await give(page, code=code(secret, house.real))
        await page.click("text=Retrouver le formulaire")
        await expect(page.locator("#text")).to_have_value("On se retrouve devant la mairie.")


async def test_no_page_speaks_to_another_site_or_keeps_anything_in_the_browser(
    house: House, chromium_address: str
) -> None:
    """Every address that a browser asks for, on every page that links lead to, for each role."""
    await busy_day(house.database, house.cast)
    await surveyed(house.database, house.cast, 23)
    asked: list[str] = []
    async with connected(chromium_address) as browser:
        for login in ("", "nadia", "claire", "omar"):
            async with a_page(browser, house, login) as page:
                page.on("request", lambda request: asked.append(request.url))
                seen = await walk(page, ["/", "/connexion", "/compte/confirmer", "/nulle-part"])
                assert len(seen) >= {"": 3, "nadia": 15, "claire": 6, "omar": 5}[login], login
                kept = await page.evaluate(
                    "Object.keys(localStorage).concat(Object.keys(sessionStorage))"
                )
                assert kept == []
    ours = urlsplit(house.address).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {ours}


async def walk(page: Page, begin: list[str]) -> set[str]:
    """Open every page that a link of ours leads to, a page of one kind once; files are left out."""
    waiting, seen = list(begin), set[str]()
    while waiting:
        path = waiting.pop()
        kind = re.sub(r"\d{6,}|(?<=/bibliotheque/).+", "…", urlsplit(path).path)
        if kind in seen or "." in kind:
            continue
        seen.add(kind)
        await page.goto(path)
        links = await page.locator("a[href]").evaluate_all(
            "links => links.map(a => [a.origin === location.origin, a.getAttribute('href'), a.rel])"
        )
        waiting += [href for own, href, _rel in links if own and href.startswith("/")]
    return seen


async def test_a_link_to_elsewhere_carries_no_referrer(house: House, chromium_address: str) -> None:
    """By the policy of the page: « same-origin » tells another site nothing, not even the host."""
    heard: list[str | None] = []
    async with connected(chromium_address) as browser, a_page(browser, house, "nadia") as page:

        async def elsewhere(route: object) -> None:
            heard.append(await route.request.header_value("referer"))  # type: ignore[attr-defined]
            await route.fulfill(body="ailleurs")  # type: ignore[attr-defined]

        await page.context.route("https://ailleurs.example/**", elsewhere)
        await page.goto(f"/jeunes/{house.cast.sami.id}")
        await page.evaluate("location.href = 'https://ailleurs.example/'")
        await page.wait_for_url("https://ailleurs.example/")
    assert heard == [None]

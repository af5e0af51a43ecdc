"""In a true browser, under the strict policy: journeys, the living page, and axe on every page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from records import inbox
from tests.admin.house import House, busy_day, surveyed
from tests.cast import PASSWORD
from tests.chromium import connected
from tests.demo_page import watched

Browsing = Callable[..., AbstractAsyncContextManager[Page]]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def browsing(house: House, chromium_address: str) -> Browsing:
    """A page signed in; leaves with an error if the console had one."""

    @asynccontextmanager
    async def opened(login: str = "nadia", **how: Any) -> AsyncIterator[Page]:
        async with connected(chromium_address) as browser:
            context = await browser.new_context(base_url=house.address, locale="fr-FR", **how)
            page = await context.new_page()
            complaints = watched(page)
            await sign_in(page, login)
            yield page
        assert complaints == []

    return opened


async def sign_in(page: Any, login: str) -> None:
    await page.goto("/connexion")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda address: "connexion" not in address)


@pytest.mark.parametrize("scripts", [True, False])
async def test_from_a_first_youth_to_a_first_meeting(browsing: Browsing, scripts: bool) -> None:
    async with browsing(java_script_enabled=scripts) as page:
        await page.click("text=Jeunes")
        await page.click("text=Ajouter un jeune")
        await page.fill("#nickname", "Zoé")
        await page.select_option("#birth_month", "5")
        await page.fill("#birth_year", "2009")
        await page.check("text=Je ne sais pas")
        await page.click("button:has-text('Ajouter')")
        await page.click("text=Inviter : lien et QR code".replace(" :", "\u00a0:"))
        await expect(page.locator(".ticket img")).to_be_visible()
        await page.click("text=Revenir à la page du jeune")
        await page.click("text=Prévoir un rendez-vous")
        await page.fill("#day", "demain")
        await page.fill("#time", "14h30")
        await page.press("#time", "Enter")
        await page.click("text=Enregistrer le rendez-vous")
        await page.locator("text=Le rendez-vous est prévu.").wait_for()
        assert await page.locator("text=Ne partira pas").count() == 1


async def test_today_refreshes_by_itself_and_its_title_counts(
    house: House, browsing: Browsing
) -> None:
    async with browsing() as page:
        await page.clock.install()
        await page.goto("/")
        assert await page.title() == "Aujourd'hui — Relais"
        async with house.database.write() as tx:
            await inbox.add(
                tx,
                house.at,
                structure_id=house.cast.structure_id,
                youth_id=house.cast.sami.id,
                kind="meeting_wanted",
            )
        await page.clock.fast_forward(21_000)
        await page.locator("text=Demande un rendez-vous").wait_for(timeout=10_000)
        assert await page.title() == "(1) Aujourd'hui — Relais"


async def test_the_caseload_is_searched_while_typing(browsing: Browsing) -> None:
    async with browsing() as page:
        await page.goto("/jeunes")
        await page.locator("#q").press_sequentially("ines")
        await page.locator("text=Sami").wait_for(state="detached", timeout=10_000)
        await expect(page.locator("#found >> text=Inès")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "dark"),
        pytest.param(1280, "light", marks=pytest.mark.prove),
        pytest.param(320, "light", marks=pytest.mark.prove),
    ],
)
async def test_axe_finds_nothing_on_any_page(
    house: House, browsing: Browsing, width: int, scheme: str
) -> None:
    """Full, empty and wrong; nothing is wider than the screen."""
    from axe_playwright_python.async_playwright import Axe

    await busy_day(house.database, house.cast)
    await surveyed(house.database, house.cast, 23)
    found: list[str] = []

    async def look(page: Any, name: str) -> None:
        report = await Axe().run(page)
        found.extend(
            f"{name}: {v['id']} {v['nodes'][0]['target']}" for v in report.response["violations"]
        )
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than the screen")

    size: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    async with browsing(**size) as page:
        for path in _addresses(house):
            await page.goto(path)
            await look(page, path)
        for path, button in _wrong_forms(house):
            await page.goto(path)
            await page.click(button)
            await look(page, f"{path} {button}")
        await page.fill("#day", "jeudi")
        await page.fill("#time", "15 h")
        await page.click("button.main")
        await look(page, "preview")
        await page.click("text=Se déconnecter")
        await look(page, "/connexion")
        for login in ("karim", "claire", "omar"):
            await sign_in(page, login)
            await look(page, login)
            await page.click("text=Se déconnecter")
    assert found == []


def _addresses(house: House) -> list[str]:
    sami, leo, ines = (
        f"/jeunes/{who.id}" for who in (house.cast.sami, house.cast.leo, house.cast.ines)
    )
    return [
        "/",
        "/jeunes",
        "/jeunes?q=zzz",
        "/jeunes/7",
        "/compte",
        "/compte/second-facteur",
        sami,
        leo,
        f"{leo}/accord",
        f"{sami}/reponses",
        f"{ines}/reponses",
        f"{sami}/proposer",
        f"{ines}/messages",
        f"{sami}/messages",
        f"{leo}/messages",
    ]


def _wrong_forms(house: House) -> list[tuple[str, str]]:
    sami = f"/jeunes/{house.cast.sami.id}"
    return [
        ("/jeunes/nouveau", "button.main"),
        (sami, "text=Donner un nouveau lien"),
        (sami, ".card >> text=Annuler >> nth=0"),
        (f"{sami}/message", "button.main"),
        (f"{sami}/messages", "button:has-text('Envoyer')"),
        (f"{sami}/rendez-vous/nouveau", "button.main"),
    ]

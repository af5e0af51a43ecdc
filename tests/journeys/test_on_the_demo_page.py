"""Both stories in a true browser, on the page that a newcomer opens: no line in the console."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.chromium import connected
from tests.demo_page import Stage, sign_in, watched
from tests.journeys.test_demo import started

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium_address: str) -> AsyncIterator[Browser]:
    async with connected(chromium_address) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The page of a demo of its own, shared by both stories."""
    async with started(tmp_path_factory.mktemp("demo-page") / "demo", "--fresh") as demo:
        yield demo.page


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser, address: str) -> AsyncIterator[Stage]:
    """The page open, with nadia signed in at the desk."""
    page = await browser.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR")
    said = watched(page)
    await page.goto(address)
    opened = Stage(page)
    await sign_in(opened.desk, "nadia")
    yield opened
    await page.close()
    assert said == []


async def test_a_meeting_is_planned_reminded_answered_and_seen(stage: Stage) -> None:
    ahead = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=4)
    await stage.click("Jeunes")
    await stage.click("Sami")
    await stage.click("Prévoir un rendez-vous")
    await stage.fill(day=f"{ahead:%d/%m}", time="15 h 45", place="au local")
    await stage.click("Voir ce que le jeune recevra")
    await expect(stage.desk.locator(".preview .bubble")).to_contain_text("15\u00a0h\u00a045")
    await stage.click("Enregistrer le rendez-vous")
    await expect(stage.desk.get_by_text("Le rendez-vous est prévu.")).to_be_visible()

    await stage.take("Sami")
    await stage.until_it_reads("15\u00a0h\u00a045")
    await stage.reads("au local")
    await stage.tap("J'y serai")
    await stage.reads("C'est noté, à bientôt.")

    await stage.click("Jeunes")
    await stage.click("Sami")
    meeting = stage.desk.locator("article").filter(has_text="15\u00a0h\u00a045")
    await expect(meeting).to_contain_text("Sera là")


async def test_an_invitation_is_opened_confirmed_and_welcomed(stage: Stage) -> None:
    await stage.click("Jeunes")
    await stage.click("Ajouter un jeune")
    await stage.fill(
        nickname="Zoé", birth_year=str(datetime.now(ZoneInfo("Europe/Paris")).year - 19)
    )
    await stage.desk.locator("#birth_month").select_option("5")
    await stage.desk.get_by_label("Je ne sais pas").check()
    await stage.click("Ajouter")
    await stage.click("Inviter")
    await expect(stage.desk.get_by_alt_text("QR code du lien d'invitation")).to_be_visible()

    await stage.new_phone("Zoé")
    await stage.open_link(await stage.desk.locator(".ticket .link").inner_text())
    for words in ("Salut, et bienvenue", "Bon à savoir", "Qui lit, et quand"):
        await stage.reads(words)
        await stage.tap("Continuer")
    for question in ("Question 1 sur 2", "Question 2 sur 2"):
        await stage.reads(question)
        await stage.tap("Oui, d'accord")
    await stage.reads("Tes deux mots")

    await stage.click("Revenir à la page du jeune")
    words = await stage.desk.locator(".words.big").inner_text()
    assert len(words.split()) == 2
    await stage.reads(words)
    await stage.click("Ce sont les mêmes")
    await expect(stage.desk.get_by_text("Le téléphone est confirmé.")).to_be_visible()
    await stage.reads("C'est bon, Zoé.")

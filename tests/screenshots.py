"""A picture of every page, at three widths, light and dark: `python3 dev.py screenshots`.

The demo runs as its own process and a browser goes through it as people would: first a short
story on the demo page, which leaves something to see everywhere, then each page of the desk.
`--axe` audits each of them as well (`tests/page_audit.py`), and ends with status 1 on a finding.
"""

import argparse
import asyncio
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests import chromium, page_audit
from tests.demo_page import Stage, sign_in, watched
from tests.desk_pages import ALERTED, SHOTS, Shot
from tests.journeys.test_demo import started

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDTHS = (390, 768, 1280)
SCHEMES = ("light", "dark")
DEMO_SIZE = 1280, 860
HEIGHT = 700  # a page that is longer is shown whole


class Session:
    """One run: where pictures go, what was found, and where each youth's page is."""

    def __init__(self, browser: Browser, origin: str, into: Path, *, audited: bool) -> None:
        self.browser, self.origin, self.into, self.audited = browser, origin, into, audited
        self.found: list[str] = []
        self.youths: dict[str, str] = {}

    async def page(self) -> tuple[Page, list[str]]:
        context = await self.browser.new_context(
            base_url=self.origin,
            locale="fr-FR",
            reduced_motion="reduce",
            viewport={"width": DEMO_SIZE[0], "height": DEMO_SIZE[1]},
        )
        page = await context.new_page()
        return page, watched(page)

    async def desk(self, login: str, shots: tuple[Shot, ...]) -> None:
        page, said = await self.page()
        if login:
            await page.goto("/connexion")
            await sign_in(page, login)
        if login == "nadia":
            await page.goto("/jeunes")
            for link in await page.locator("#found a").all():
                self.youths[await link.inner_text()] = str(await link.get_attribute("href"))
        for shot in shots:
            await self.shoot(page, shot)
            self.found += [f"{shot.name}: console: {line}" for line in said]
            said.clear()
        await page.context.close()

    async def shoot(self, page: Page, shot: Shot) -> None:
        await page.goto(re.sub(r"\{(\w+)\}", lambda who: self.youths[who[1]], shot.path))
        for where, words in shot.typed.items():
            await page.fill(where, words)
        for what in shot.pressed:
            await page.click(what)
        await page.wait_for_load_state()
        await self.every_size(page, shot.name)
        if shot.kept:
            await self.look(page, 768, "light")
            await page.screenshot(path=PICTURES / f"{shot.kept}.png", full_page=True)

    async def every_size(self, page: Page, name: str) -> None:
        for scheme in SCHEMES:
            for width in WIDTHS:
                await self.look(page, width, scheme)
                await page.screenshot(
                    path=self.into / f"{name}-{width}-{scheme}.png", full_page=True
                )
                if self.audited:
                    self.note(f"{name} {width} {scheme}", await page_audit.with_axe(page))
        if self.audited:
            await self.once(page, name)

    async def once(self, page: Page, name: str) -> None:
        """What colours and widths do not change, and the widths where it is hardest."""
        for width in (320, 390):  # 320 is 1280 pixels read at 400 %
            await self.look(page, width, "light")
            self.note(f"{name} {width}", await page_audit.measured(page))
        await self.look(page, 1280, "light")
        self.note(name, await page_audit.typeset(page))
        self.note(name, await page_audit.by_keyboard(page))

    async def look(self, page: Page, width: int, scheme: str) -> None:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": HEIGHT})

    def note(self, where: str, lines: list[str]) -> None:
        self.found += [f"{where}: {line}" for line in lines]


async def story(session: Session) -> None:
    """On the demo page: a reminder, a wish, an exercise, an invitation, a phone that blocks."""
    page, said = await session.page()
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.goto("/demo/")
    stage = Stage(page)
    await sign_in(stage.desk, "nadia")
    await _reminded(stage)
    await page.screenshot(path=PICTURES / "demo.png")
    await stage.tap("Changer")
    await stage.heard.last.locator(".key").first.click()
    await stage.reads("t'arrange")
    await _shared(stage)
    await _carnet(stage)
    await _blocked(stage)
    await _invited(stage)
    await page.screenshot(path=PICTURES / "deux-mots.png")
    await _demo_at_every_size(session, page)
    session.note("demo", [f"console: {line}" for line in said])
    await page.context.close()


async def _reminded(stage: Stage) -> None:
    await stage.click("Jeunes")
    await stage.click("Sami")
    await expect(stage.desk.get_by_role("heading", name="Sami")).to_be_visible()
    await stage.take("Sami")
    await stage.until_it_reads("RDV")
    await expect(stage.page.locator("#banner")).to_be_hidden()
    await expect(stage.desk.get_by_text("Ce qui s'est passé")).to_be_visible()


async def _shared(stage: Stage) -> None:
    await stage.menu("Un exercice")
    await stage.tap(
        "Oui, d'accord",
        "D'autres exercices",
        "Ma météo du moment",
        "☁️ Nuages",
        "Stress",
        "🍃 Un peu",
        "☐ Le ventre",
        "Valider",
        "Souffler un peu",
        "Passer",
        "Montrer à Nadia",
    )
    await stage.reads("C'est partagé")


async def _carnet(stage: Stage) -> None:
    """What Sami keeps of it, with who can read each answer."""
    await stage.menu("Mon carnet")
    await stage.reads("Ce que tu as dit ici")
    await stage.heard.last.locator(".key").first.click()
    await stage.reads("Touche une réponse pour changer")
    await stage.heard.last.locator(".key").first.click()
    await stage.reads("👁 Nadia peut lire")
    await expect(stage.page.locator("#banner")).to_be_hidden()
    await stage.page.locator("#phone").screenshot(path=PICTURES / "carnet.png")


async def _blocked(stage: Stage) -> None:
    await stage.click("Jeunes")
    await stage.click("Lina")
    await stage.click("Prévoir un message")
    await stage.fill(
        text="Pense à ta carte de bus pour la sortie.", day="après-demain", time="18 h"
    )
    await stage.click("Voir ce que")
    await stage.click("Enregistrer le message")
    await stage.take("Lina")
    await stage.page.get_by_role("button", name="Menu de la conversation").click()
    await stage.page.get_by_role("button", name="Bloquer le bot").click()
    await expect(stage.page.get_by_role("button", name="Débloquer", exact=True)).to_be_visible()


async def _invited(stage: Stage) -> None:
    await stage.click("Jeunes")
    await stage.click("Tom")
    await stage.click("Inviter")
    link = await stage.desk.locator(".ticket .link").inner_text()
    await stage.new_phone("Tom")
    await stage.open_link(link)
    await stage.tap("Continuer", "Continuer", "Continuer")
    for question in ("Question 1 sur 2", "Question 2 sur 2"):
        await stage.reads(question)
        await stage.tap("Oui, d'accord")
    await stage.reads("Tes deux mots")
    await stage.click("Revenir à la page du jeune")
    await expect(stage.desk.locator(".words.big")).to_be_visible()
    await expect(stage.page.locator("#banner")).to_be_hidden()


async def warned(session: Session) -> None:
    """Sami writes that he is not well at all, and says yes to the question."""
    page, said = await session.page()
    await page.goto("/demo/")
    stage = Stage(page)
    await stage.take("Sami")
    await page.get_by_label("Message", exact=True).fill("jveux mourir")
    await page.keyboard.press("Enter")
    await stage.reads("Ce que tu écris compte.")
    await stage.reads("que c'est urgent")
    await page.screenshot(path=session.into / "demo-card.png")
    await stage.tap("Oui")
    await stage.reads("C'est transmis à Nadia.")
    session.note("demo", [f"console: {line}" for line in said])
    await page.context.close()


async def _demo_at_every_size(session: Session, page: Page) -> None:
    for scheme in SCHEMES:
        for width in WIDTHS:
            await session.look(page, width, scheme)
            await page.screenshot(path=session.into / f"demo-{width}-{scheme}.png")
            if session.audited:
                session.note(f"demo {width} {scheme}", await page_audit.with_axe(page))


async def take(into: Path, *, audited: bool) -> list[str]:
    """All pictures; returns what was found on the way, to be printed."""
    for folder in (into, PICTURES):
        folder.mkdir(parents=True, exist_ok=True)
    with chromium.running() as address, tempfile.TemporaryDirectory() as place:
        if address is None:
            raise SystemExit("Chromium is not installed: python -m playwright install chromium")
        async with (
            chromium.connected(address) as browser,
            started(Path(place) / "demo", "--fresh") as demo,
        ):
            session = Session(browser, demo.origin, into, audited=audited)
            await story(session)
            for login, shots in SHOTS.items():
                await session.desk(login, shots)
            await warned(session)
            for login, shots in ALERTED.items():
                await session.desk(login, shots)
    return session.found


def main() -> int:
    asked = argparse.ArgumentParser(prog="dev.py screenshots", description=__doc__)
    asked.add_argument("--into", type=Path, help="a folder for the pictures of all pages")
    asked.add_argument("--axe", action="store_true", help="audit each page as well")
    given = asked.parse_args()
    into = given.into or Path(tempfile.mkdtemp(prefix="relais-pictures-"))
    found = asyncio.run(take(into, audited=given.axe))
    print(*found, f"{len(list(into.glob('*.png')))} pictures in {into}", sep="\n")
    print(f"{len(found)} findings" if found else "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

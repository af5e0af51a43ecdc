"""The demo page in a real browser, used as people use it: a thumb at left, a desk at right.

For the journeys that are told there (`tests/journeys`) and for the pictures (`tests/screenshots`).
"""

import re
from contextlib import suppress

from playwright.async_api import FrameLocator, Page, expect

from relais.demo_people import PASSWORD

PATIENCE = 15_000  # milliseconds that a page may take on a busy machine
A_MOMENT = 2_000  # milliseconds that the phone may take to show what was delivered
JUMPS = 6  # presses on « jusqu'au prochain message » before giving up

expect.set_options(timeout=PATIENCE)


def watched(page: Page) -> list[str]:
    """What the console says from now on, the status of refused forms left aside."""
    said: list[str] = []
    page.set_default_timeout(PATIENCE)
    page.on(
        "console",
        lambda line: (
            said.append(line.text)
            if line.type in ("error", "warning") and "status of 4" not in line.text
            else None
        ),
    )
    page.on("pageerror", lambda fault: said.append(str(fault)))
    return said


async def sign_in(where: Page | FrameLocator, login: str) -> None:
    await where.locator("#login").fill(login)
    await where.locator("#password").fill(PASSWORD)
    await where.locator("#password").press("Enter")
    await expect(where.get_by_role("button", name="Se déconnecter")).to_be_visible()


class Stage:
    """Both sides of the demo page, and the clock above them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.desk = page.frame_locator("#desk")
        self.heard = page.locator("#log .message--theirs")

    async def click(self, name: str) -> None:
        """A link or a button of the desk, by the beginning of its words."""
        named = re.compile(f"^{re.escape(name)}")
        await (
            self.desk.get_by_role("link", name=named)
            .or_(self.desk.get_by_role("button", name=named))
            .first.click()
        )

    async def fill(self, **fields: str) -> None:
        for name, words in fields.items():
            await self.desk.locator(f"#{name}").fill(words)

    async def take(self, name: str) -> None:
        """Pick up the phone of this person."""
        await (
            self.page.locator("#phones").get_by_role("button", name=re.compile(f"^{name}")).click()
        )
        await expect(self.page.locator(".phones__one[aria-pressed=true]")).to_contain_text(name)

    async def new_phone(self, name: str) -> None:
        await self.page.get_by_role("button", name="Nouveau téléphone", exact=True).click()
        await self.page.get_by_label("Prénom affiché dans Telegram").fill(name)
        await self.page.get_by_role("button", name="Ajouter", exact=True).click()
        await expect(self.page.locator(".phones__one[aria-pressed=true]")).to_contain_text(name)

    async def open_link(self, address: str) -> None:
        """In the phone in hand, as if the QR code had been scanned."""
        await self.page.get_by_role("button", name="Menu de la conversation").click()
        await self.page.get_by_role("button", name="Ouvrir un lien").click()
        await self.page.get_by_label("Le lien d'invitation").fill(address)
        await self.page.get_by_role("button", name="Ouvrir", exact=True).click()

    async def tap(self, *labels: str) -> None:
        """Buttons under what the bot said, each once the one before has been answered."""
        for label in labels:
            key = self.heard.get_by_role("button", name=label, exact=True).last
            await key.wait_for()
            log = self.page.locator("#log")
            before = await log.inner_text()
            await key.click()
            await expect(log).not_to_have_text(before, use_inner_text=True)

    async def menu(self, label: str) -> None:
        """A key of the bot's keyboard, at the bottom of the phone."""
        await self.page.locator("#keys").get_by_role("button", name=label, exact=True).click()

    async def reads(self, words: str, patience: float = PATIENCE) -> None:
        await expect(self.heard.filter(has_text=words).last).to_be_visible(timeout=patience)

    async def until_it_reads(self, words: str) -> None:
        """Jump from message to message until this one has come."""
        jump = self.page.get_by_role("button", name="jusqu'au prochain message")
        for _ in range(JUMPS):
            await jump.click()
            await expect(jump).not_to_have_attribute("aria-busy", "true")
            with suppress(AssertionError):  # not this one yet
                return await self.reads(words, A_MOMENT)
        return await self.reads(words)

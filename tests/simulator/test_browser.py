"""The demo page in a real browser: the phone behaves like the client that people know."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from simulator.persons import Person
from simulator.telegram import Bot, Telegram
from tests.chromium import connected

from .demo import Demo

pytestmark = pytest.mark.browser
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
async def page(
    demo: Demo, bot: Bot, telegram: Telegram, chromium_address: str
) -> AsyncIterator[Page]:
    """The demo page open, with the console watched: not one line may appear there."""
    async with connected(chromium_address) as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR")
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(demo.url)
        yield page
    assert said == []


def write(telegram: Telegram, bot: Bot, person: Person, text: str, **more: Any) -> None:
    telegram.post(bot, person.chat, bot.id, {"text": text}, **more)


async def test_a_conversation_from_the_first_touch(
    page: Page, telegram: Telegram, bot: Bot
) -> None:
    person = telegram.person("Léa")
    await page.get_by_role("button", name="Démarrer", exact=True).click()
    await expect(page.locator(".message--mine .text")).to_have_text("/start")
    keys = {"inline_keyboard": [[{"text": "J'y serai", "callback_data": "y"}]]}
    write(telegram, bot, person, "Un message\n\nRDV mardi <script>", markup=keys)
    bubble = page.locator(".message--theirs")
    await expect(bubble.locator(".text")).to_contain_text("RDV mardi <script>")
    # The locked screen shows the first line, and only the first.
    await expect(page.locator("#banner")).to_contain_text("Un message")
    await expect(page.locator("#banner")).not_to_contain_text("RDV")
    await page.get_by_role("button", name="J'y serai").click()
    await expect(page.locator(".key[aria-busy=true]")).to_be_visible()
    (query,) = telegram.queries.values()
    await telegram.call(bot, "answerCallbackQuery", {"callback_query_id": query.id, "text": "Noté"})
    await expect(page.locator("#toast")).to_have_text("Noté")
    await page.get_by_role("textbox", name="Message").fill("J'arrive")
    await page.keyboard.press("Enter")
    await person.wait_until(lambda: person.messages[-1].text == "J'arrive")


async def test_an_invitation_clicked_at_the_desk_opens_in_the_phone(
    page: Page, telegram: Telegram
) -> None:
    person = telegram.person("Léa")
    invitation = page.frame_locator("#desk").get_by_role("link", name="L'invitation")
    await invitation.click()
    await person.wait_until(lambda: person.messages)
    assert person.messages[-1].text == "/start invite_1"
    await invitation.click()  # this phone has begun: on which one shall it open?
    await page.get_by_label("Un nouveau téléphone").check()
    await page.get_by_role("button", name="Ouvrir", exact=True).click()
    await expect(page.locator(".phones__one[aria-pressed=true]")).to_have_text("Alex")
    assert telegram.person("Alex").messages[-1].text == "/start invite_1"


async def test_a_link_in_the_address_opens_too(page: Page, demo: Demo, telegram: Telegram) -> None:
    await page.goto(f"{demo.url}?lien=https%3A%2F%2Ft.me%2Frelais_demo_bot%3Fstart%3Dxyz")
    person = telegram.person("Léa")
    await person.wait_until(lambda: person.messages)
    assert person.messages[-1].text == "/start xyz"


async def test_what_is_protected_cannot_be_selected(
    page: Page, telegram: Telegram, bot: Bot
) -> None:
    person = telegram.person("Léa")
    person.start(bot)
    write(telegram, bot, person, "un exercice", protected=True)
    write(telegram, bot, person, "3114")
    style = "node => getComputedStyle(node).userSelect"
    bubbles = page.locator(".message--theirs .bubble")
    await expect(bubbles).to_have_count(2)
    assert await bubbles.nth(0).evaluate(style) == "none"
    assert await bubbles.nth(1).evaluate(style) != "none"


async def test_the_keyboard_blocking_and_the_locked_screen(
    page: Page, telegram: Telegram, bot: Bot
) -> None:
    person = telegram.person("Léa")
    person.start(bot)
    await telegram.call(
        bot,
        "sendMessage",
        {"chat_id": person.id, "text": "Menu", "reply_markup": {"keyboard": [["Aide", "Moi"]]}},
    )
    await page.get_by_role("button", name="Aide", exact=True).click()
    await person.wait_until(lambda: person.messages[-1].text == "Aide")
    menu = page.get_by_role("button", name="Menu de la conversation")
    await menu.click()
    await page.get_by_role("button", name="Verrouiller l'écran").click()
    write(telegram, bot, person, "Un message\nsecret")
    await expect(page.locator("#locked-cards")).to_contain_text("Un message")
    await expect(page.locator("#locked")).not_to_contain_text("secret")
    await page.get_by_role("button", name="Déverrouiller").click()
    await menu.click()
    await page.get_by_role("button", name="Bloquer le bot").click()
    await page.get_by_role("button", name="Débloquer", exact=True).click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    assert not person.chat.blocked


async def test_the_clock_moves_and_its_failure_is_said(page: Page, demo: Demo) -> None:
    demo.clock.pause = 0.2
    await page.get_by_role("button", name="1 jour").click()
    await expect(page.locator("[data-jump=day]")).to_have_attribute("aria-busy", "true")
    await expect(page.locator("#clock")).to_contain_text("mercredi 25 novembre 2026")
    await page.get_by_role("button", name="jusqu'au prochain message").click()
    await expect(page.get_by_role("alert")).to_have_text("Aucun message n'est prévu.")
    await page.get_by_text("Identifiants").first.click()
    await expect(page.get_by_text("demo-nadia")).to_be_visible()


async def test_everybody_can_use_it(page: Page, telegram: Telegram, bot: Bot) -> None:
    person = telegram.person("Léa")
    person.start(bot)
    keys = {"inline_keyboard": [[{"text": "Oui", "callback_data": "y"}]]}
    write(telegram, bot, person, "Bonjour /aide", markup=keys, protected=True)
    await expect(page.get_by_role("button", name="Oui")).to_be_visible()
    await page.get_by_role("button", name="Joindre").click()
    found: list[Any] = []
    for width, scheme in itertools.product((390, 768, 1280), SCHEMES):
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": 820})
        await page.wait_for_timeout(350)  # until the bubbles have faded in: contrast is measured
        report = (await Axe().run(page)).response["violations"]
        found += [(width, scheme, rule["id"], rule["nodes"][0]["html"]) for rule in report]
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((width, scheme, "wider than the screen"))
    assert found == []

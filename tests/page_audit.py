"""What a page owes everybody: axe, no sideways scrolling, targets, the keyboard, French spaces.

Each check returns what it found as lines to print; nothing found is an empty list.
"""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

# The 24 × 24 pixels of WCAG 2.2 (2.5.8) are not among axe's usual rules.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
STOPS = 120  # presses on Tab before giving up

SMALL = """() => [...document.querySelectorAll(
  "button, .button, select, textarea, summary, nav a, label.tick, input:not([type=radio], "
  + "[type=checkbox], [type=hidden])")]
  .filter((node) => node.offsetParent && node.getBoundingClientRect().height < 43.5)
  .map((node) => node.outerHTML.slice(0, 80))"""

# A group of radios is one stop of the keyboard.
REACHABLE = """() => new Set([...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((node) => node.checkVisibility() && !node.disabled)
  .map((node) => node.type === "radio" ? node.name : node)).size"""
FROM_THE_START = """() => {
  window.stops = new Map();
  [...document.querySelectorAll("a[href], button, input")].find((node) => node.checkVisibility()).focus({ focusVisible: true });
}"""
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const key = node.type === "radio" ? node.name : node;
  const again = window.stops.has(key);
  window.stops.set(key, true);
  const drawn = getComputedStyle(node);
  const seen = drawn.outlineStyle !== "none" || drawn.boxShadow !== "none";
  return { again, seen, html: node.outerHTML.slice(0, 80) };
}"""

# Before « : ; ! ? » » and after « « », a space that does not break; what people wrote stays theirs.
LOOSE = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (texts.currentNode.parentElement.closest("[dir=auto], script, textarea, blockquote")) continue;
    found.push(...(texts.currentNode.data.match(/.{0,20}( [:;!?»]|« ).{0,20}/g) ?? []));
  }
  return found;
}"""


async def with_axe(page: Page) -> list[str]:
    report = await Axe().run(page, options=OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}): {', '.join(str(n['target'][0]) for n in rule['nodes'])}"
        for rule in report.response["violations"]
    ]


async def measured(page: Page) -> list[str]:
    """Nothing is wider than the screen; buttons and fields are 44 pixels high."""
    found = [f"lower than 44 pixels: {html}" for html in await page.evaluate(SMALL)]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


async def by_keyboard(page: Page) -> list[str]:
    """Tab reaches everything that can be used, and each stop can be seen."""
    await page.evaluate(FROM_THE_START)
    found, stops = [], 0
    while stops < STOPS:
        focused = await page.evaluate(FOCUSED)
        if focused is None or focused["again"]:
            break
        stops += 1
        if not focused["seen"]:
            found.append(f"focus cannot be seen: {focused['html']}")
        await page.keyboard.press("Tab")
    reachable = await page.evaluate(REACHABLE)
    if stops < reachable:
        found.append(f"the keyboard reaches {stops} of {reachable}")
    return found


async def typeset(page: Page) -> list[str]:
    return [f"breaking space: {words}" for words in await page.evaluate(LOOSE)]

"""One Chromium for all tests of a process: each page speaks to it over a line of its own.

Starting it takes half a second, a new context a hundredth; a context shares nothing with another.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (  # no window, no news of the world, and no page slowed down because nobody sees it
    "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-sync --disable-extensions "
    "--no-first-run --no-default-browser-check --mute-audio --hide-scrollbars --disable-breakpad "
    "--disable-dev-shm-usage --disable-default-apps --disable-background-networking "
    "--disable-component-update --disable-background-timer-throttling "
    "--disable-backgrounding-occluded-windows --disable-renderer-backgrounding "
    "--disable-component-extensions-with-background-pages --force-color-profile=srgb "
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication "
    "--remote-debugging-port=0"
).split()
LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


def program() -> str | None:
    """The system's, else the one that came with Playwright."""
    if found := next((path for name in NAMES if (path := shutil.which(name))), None):
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def running() -> Iterator[str | None]:
    """The address at which it takes orders; None where there is none."""
    if (path := program()) is None:
        yield None
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        started = subprocess.Popen(
            [path, f"--user-data-dir={profile}", *FLAGS],
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        assert started.stderr is not None
        found = next(filter(None, map(LISTENING.search, started.stderr)))
        try:
            yield found[1]
        finally:
            started.terminate()
            started.communicate()


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        yield browser
        for context in browser.contexts[1:]:  # the first is its own
            await context.close()
        await browser.close()

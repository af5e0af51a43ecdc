"""Telegram's other way in: it posts each update to an address of ours (Bot API, « setWebhook »).

Only the way in differs from `bot.telegram_chat`. The answer to a post confirms its update, so it
is given after the commit; it may carry one call, and the only one that may be lost without harm
is the answer to a tap.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bot.channel import Incoming, Revoked, TakenOver, Unreachable
from bot.gather import HOLD, Gatherer
from bot.receive import FIRST_WAIT, LONGEST_WAIT, state_of
from bot.telegram_chat import WANTED, TelegramChat
from bot.telegram_updates import parsed

log = logging.getLogger("relais.receive")
CONNECTIONS = 100  # the most that Telegram opens: what comes together shares a commit
LOOK = 60.0  # seconds between two looks at how Telegram fares with our address
REMEMBERED = 3  # looks: Telegram tries again within two minutes, an older error is over


class Unreadable(Exception):
    """A post that holds no update."""


class Unheard(Exception):
    """Telegram cannot hand over what comes in; the text is its own reason."""


class TelegramHook(TelegramChat):
    """One bot's chats. Whoever posts to `url` shows `secret`."""

    def __init__(self, bot_id: int, token: str, api: str, *, url: str, secret: str) -> None:
        super().__init__(bot_id, token, api)
        self.url, self._secret = url, secret
        self._rides: dict[str, list[str]] = {}  # taps whose post is still open: words for them
        self._error, self._looks = 0, 0  # the date of Telegram's last error, looks since

    def knows(self, secret: str) -> bool:
        return hmac.compare_digest(secret.encode(), self._secret.encode())

    async def listen(self) -> None:
        """Tell Telegram where to post. What already waits there is kept."""
        ok, answer = await self._ask(
            "setWebhook",
            {
                "url": self.url,
                "secret_token": self._secret,
                "allowed_updates": WANTED,
                "max_connections": CONNECTIONS,
            },
            15,
        )
        if not ok:
            self._refused(answer)

    async def look(self) -> None:
        """Raises what is wrong: `Unheard`, `TakenOver` when another address took the place of
        ours, `Revoked` or `Unreachable`."""
        info = await self.webhook()
        if info.get("url") != self.url:
            raise TakenOver("another address")
        error = info.get("last_error_date", 0)
        self._error, self._looks = error, self._looks + 1 if error == self._error else 0
        if error and info.get("pending_update_count") and self._looks < REMEMBERED:
            raise Unheard(str(info.get("last_error_message", "")))

    def _refused(self, answer: dict[str, Any]) -> None:
        code = answer.get("error_code")
        if isinstance(code, int) and code < 429:
            raise Unheard(str(answer.get("description", "")))
        raise Unreachable(str(answer.get("description", "")))

    async def _way_in(self, _bot: Any) -> None:
        """`listen` does it, and is tried again for as long as it takes."""

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        """With the answer to its post while that is open, else by a call of its own."""
        if tap_id in self._rides:
            self._rides[tap_id].append(text)
        else:
            await super().answer_tap(tap_id, text)

    @contextmanager
    def riding(self, tap_id: str | None) -> Iterator[list[str]]:
        """The words that came for this tap while the block ran."""
        words: list[str] = []
        if tap_id is not None:
            self._rides[tap_id] = words  # handed over twice: the later post is the one that lives
        try:
            yield words
        finally:
            if tap_id is not None and self._rides.get(tap_id) is words:
                del self._rides[tap_id]


class Line:
    """One bot's webhook at work: posts in, answers out, and an eye on how Telegram fares.

    `handle` takes a batch to its commit (`Receiver.take`); `trouble` says how the bot's connection
    is: ok, unheard, unreachable, revoked or conflict.
    """

    def __init__(
        self,
        channel: TelegramHook,
        handle: Callable[[Sequence[Incoming]], Awaitable[None]],
        trouble: Callable[[str], None],
        *,
        every: float = LOOK,
        hold: float = HOLD,
    ) -> None:
        self.channel, self._gatherer = channel, Gatherer(handle, hold)
        self._trouble, self._every = trouble, every

    async def posted(self, body: bytes) -> bytes:
        """Handle one post to its commit; what its answer carries, mostly nothing.

        Raises `Unreadable`, or `NotTaken` when it has to be posted again.
        """
        came = parsed(_update_in(body))
        with self.channel.riding(came.tap_id) as words:
            await self._gatherer.take(came)
        return _answer(came.tap_id or "", words[0]) if words else b""

    async def run(self) -> None:
        """Have Telegram post here, then look now and then how it fares, until cancelled."""
        pause = FIRST_WAIT
        while not await self._went_well(self.channel.listen):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT)
        while True:
            await asyncio.sleep(self._every)
            await self._went_well(self.channel.look)

    async def _went_well(self, step: Callable[[], Awaitable[None]]) -> bool:
        try:
            await step()
        except Unheard as failure:
            log.warning("Telegram cannot hand over what comes in: %s", failure)
            self._trouble("unheard")
        except (Unreachable, TakenOver, Revoked) as failure:
            self._trouble(state_of(failure))
        else:
            self._trouble("ok")
            return True
        return False

    async def drain(self, within: float) -> None:
        await self._gatherer.drain(within)


def _update_in(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable from None


def _answer(tap_id: str, text: str) -> bytes:
    call = {"method": "answerCallbackQuery", "callback_query_id": tap_id, "text": text}
    return json.dumps(call).encode()

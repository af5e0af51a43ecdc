"""Telegram behind the channel port: plain JSON through python-telegram-bot's request layer.

Sources: Bot API (core.telegram.org/bots/api), sections « Getting updates », « sendMessage »,
« Making requests ». What comes in is read by `bot.telegram_updates`.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from html import escape
from typing import Any

import orjson
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut
from yarl import URL

from bot.channel import (
    Gone,
    Incoming,
    Later,
    Outcome,
    Refused,
    Revoked,
    Sent,
    TakenOver,
    Uncertain,
    Unreachable,
)
from bot.taps import packed
from bot.telegram_http import AiohttpRequest, NotSentError
from bot.telegram_updates import parsed
from dialogs.screen import Screen
from records import reasons

log = logging.getLogger("relais.telegram")
OFFICIAL = "https://api.telegram.org"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]
PATIENCE = 15.0  # seconds that a call may take
LONGEST_QUIET = 86_400  # seconds: whoever asks for more is tried again after a day
_LOST: dict[str, reasons.Lost] = {  # a part of Telegram's sentence → our reason
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "chat not found": "chat_not_found",
    "PEER_ID_INVALID": "chat_not_found",
    "can't initiate conversation": "never_started",
    "bot was kicked": "blocked",
}
_AGAIN = timedelta(seconds=5)
_NO_PREVIEW = {"is_disabled": True}
_UNCHANGED = "message is not modified"
_TOO_LONG = ("message is too long", "MESSAGE_TOO_LONG")


class TelegramChat:
    """One bot's chats."""

    name = "telegram"

    def __init__(
        self, bot_id: int, token: str, api: str = OFFICIAL, *, patience: float = PATIENCE
    ) -> None:
        self.bot_id, self._patience = bot_id, patience
        self._token = token
        self._base_url = f"{api.rstrip('/')}/bot"
        self._urls: dict[str, URL] = {}
        self._base = URL(f"{self._base_url}{token}")
        self._http = AiohttpRequest()

    async def close(self) -> None:
        await self._http.shutdown()

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Incoming]:
        asked: dict[str, Any] = {
            "timeout": int(wait.total_seconds()),
            "limit": 100,
            "allowed_updates": WANTED,
        }
        if confirm_before is not None:
            asked["offset"] = confirm_before
        ok, answer = await self._ask("getUpdates", asked, wait.total_seconds() + self._patience)
        if not ok:
            raise Unreachable(_said(answer), _retry_after(answer))
        if not isinstance(answer, list):
            raise LostReply("unreadable answer")
        return [parsed(update) for update in answer]

    async def send(self, address: str, what: Screen) -> Outcome:
        return await self._deliver("sendMessage", _message(address, what))

    async def edit(self, address: str, message_id: int, what: Screen) -> Outcome:
        body = _message(address, what) | {"message_id": message_id}
        body.pop("protect_content", None)
        outcome = await self._deliver("editMessageText", body)
        if isinstance(outcome, Sent):
            return Sent(message_id)
        if isinstance(outcome, Refused) and not outcome.phone_lost:
            return Gone()  # whatever is wrong with the old message, a new one can say it
        return outcome

    async def remove(self, address: str, message_ids: Sequence[int]) -> Outcome:
        return await self._deliver(
            "deleteMessages", {"chat_id": int(address), "message_ids": list(message_ids)}
        )

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        await self._rare("answerCallbackQuery", {"callback_query_id": tap_id, "text": text})

    async def leave(self, address: str) -> None:
        await self._rare("leaveChat", {"chat_id": int(address)})

    async def username(self) -> str:
        """Ask who this token is, and change nothing."""
        ok, me = await self._ask("getMe", {}, self._patience)
        if not ok:
            raise Unreachable(_said(me), _retry_after(me))
        return str(me["username"])

    async def introduce(self, commands: dict[str, str]) -> str:
        """Check the token, publish the commands, and return the bot's user name."""
        bot = Bot(
            self._token, base_url=self._base_url, request=self._http, get_updates_request=self._http
        )
        try:
            me = await bot.get_me()
            await self._way_in(bot)
            await bot.set_my_commands(list(commands.items()))
        except InvalidToken:
            raise Revoked from None
        except TelegramError as failure:
            raise Unreachable(type(failure).__name__) from None
        return str(me.username)

    async def _way_in(self, bot: Bot) -> None:
        """Fetching is refused while a webhook is set; what waits for it is kept for us."""
        await bot.delete_webhook()

    async def webhook(self) -> dict[str, Any]:
        """What Telegram says of the webhook that is set: `url` is empty while none is."""
        ok, answer = await self._ask("getWebhookInfo", {}, self._patience)
        if not ok or not isinstance(answer, dict):
            raise Unreachable("no word about the webhook")
        return answer

    async def _rare(self, method: str, body: dict[str, Any]) -> None:
        """A call whose loss does no harm: what is answered is not even read."""
        with suppress(NetworkError):
            await self._http.post_json(self._url(method), orjson.dumps(body), self._patience)

    async def _deliver(self, method: str, body: dict[str, Any]) -> Outcome:
        try:
            ok, answer = await self._ask(method, body, self._patience)
        except LostReply as lost:
            log.warning("an answer was lost: %s", lost)
            return Uncertain()
        except Unreachable:
            return Later(_AGAIN, "network", whole_bot=True)
        if not ok:
            return _refusal(answer)
        made = answer.get("message_id", 0) if isinstance(answer, dict) else 0
        return Sent(made) if isinstance(made, int) else Uncertain()

    async def _ask(self, method: str, body: dict[str, Any], timeout: float) -> tuple[bool, Any]:
        """(True, result) or (False, the whole error answer)."""
        try:
            status, content = await self._http.post_json(
                self._url(method), orjson.dumps(body), timeout
            )
        except NotSentError as failure:
            raise Unreachable(failure.message) from None
        except (TimedOut, NetworkError) as failure:
            raise LostReply(failure.message) from None
        return _read(status, content)

    def _url(self, method: str) -> URL:
        """Made once: there are few methods and many calls."""
        if method not in self._urls:
            self._urls[method] = self._base / method
        return self._urls[method]


class LostReply(Unreachable):
    """It was sent, and no answer came back."""


def _read(status: int, content: bytes) -> tuple[bool, Any]:
    try:
        answer = _json(content)
        ok = bool(answer["ok"])
    except (ValueError, KeyError, TypeError, RecursionError):
        if status == 200:
            raise LostReply("unreadable answer") from None
        # Telegram itself always answers in JSON: this was said by something on the way to it.
        return False, {"error_code": max(status, 500), "description": f"HTTP {status}"}
    if ok:
        return True, answer.get("result")
    if answer.get("error_code") == 401 or (answer.get("error_code") == 404 and status == 404):
        raise Revoked
    if answer.get("error_code") == 409:
        raise TakenOver(str(answer.get("description")))
    return False, answer


def _json(content: bytes) -> Any:
    """The fast reader first; Python's own takes what it refuses, such as half a surrogate pair."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content)


def _refusal(answer: dict[str, Any]) -> Outcome:
    code, said = answer.get("error_code"), _said(answer)
    if code == 429:
        return Later(_retry_after(answer), "rate_limited", whole_bot=True)
    if not isinstance(code, int) or code >= 500:
        perhaps_sent = code != 503  # a front end may fail when what it passed on was accepted
        return Later(_AGAIN, "telegram_error", whole_bot=True, perhaps_sent=perhaps_sent)
    if said.startswith(_UNCHANGED):
        return Sent(0)  # the same edit twice: it is already so
    if lost := _phone_lost(code, said, answer):
        return Refused(lost, phone_lost=True)
    if any(part in said for part in _TOO_LONG):
        return Refused("too_long")
    # Whatever Telegram repeats of a message stands between quotes: the log keeps what is before.
    log.warning("a message was refused (%d): %.80s", code, said.partition('"')[0])
    return Refused("message_refused")


def _phone_lost(code: int, said: str, answer: dict[str, Any]) -> reasons.Lost | None:
    if "migrate_to_chat_id" in _extra(answer):
        return "chat_migrated"  # a group has become another: nothing is ever said in one
    known = next((reason for part, reason in _LOST.items() if part in said), None)
    closed = code == 403 and not said.startswith("MESSAGE_")  # one message, not the chat
    return "forbidden" if known is None and closed else known


def _retry_after(answer: dict[str, Any]) -> timedelta:
    if answer.get("error_code") != 429:
        return timedelta(0)
    seconds = _extra(answer).get("retry_after")
    return timedelta(seconds=min(max(seconds, 1), LONGEST_QUIET) if isinstance(seconds, int) else 1)


def _extra(answer: dict[str, Any]) -> dict[str, Any]:
    extra = answer.get("parameters")
    return extra if isinstance(extra, dict) else {}


def _said(answer: dict[str, Any]) -> str:
    said = str(answer.get("description", ""))
    return said.partition(": ")[2] or said


def _message(address: str, what: Screen) -> dict[str, Any]:
    body: dict[str, Any] = {
        "chat_id": int(address),
        "text": escape(what.text, quote=False),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    if what.protect:
        body["protect_content"] = True
    if what.rows:
        body["reply_markup"] = {
            "inline_keyboard": [
                [{"text": b.label, "callback_data": packed(b)} for b in row] for row in what.rows
            ]
        }
    elif what.menu:
        body["reply_markup"] = {
            "keyboard": [[{"text": label} for label in row] for row in what.menu],
            "is_persistent": True,
            "resize_keyboard": True,
        }
    elif what.no_menu:
        body["reply_markup"] = {"remove_keyboard": True}
    return body

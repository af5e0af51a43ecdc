"""Telegram behind the channel port: plain JSON through python-telegram-bot's request layer.

Sources: Bot API (core.telegram.org/bots/api), sections « Getting updates », « sendMessage »,
« Making requests ». What comes in is read by `bot.telegram_updates`.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any

from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut

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

OFFICIAL = "https://api.telegram.org"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]
_SEND_TIMEOUT = 15.0
_LOST = {  # the end of Telegram's sentence → our reason
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "chat not found": "chat_not_found",
    "can't initiate conversation": "never_started",
    "bot was kicked": "blocked",
}


class TelegramChat:
    """One bot's chats."""

    name = "telegram"

    def __init__(self, bot_id: int, token: str, api: str = OFFICIAL) -> None:
        self.bot_id = bot_id
        self._token = token
        self._base_url = f"{api.rstrip('/')}/bot"
        self._base = f"{self._base_url}{token}/"
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
        ok, answer = await self._ask("getUpdates", asked, wait.total_seconds() + 10)
        if not ok:
            raise Unreachable(_reason(answer))
        if not isinstance(answer, list):
            raise LostReply("unreadable answer")
        return [parsed(update) for update in answer]

    async def send(self, address: str, what: Screen) -> Outcome:
        return await self._deliver("sendMessage", _message(address, what))

    async def edit(self, address: str, message_id: int, what: Screen) -> Outcome:
        body = _message(address, what) | {"message_id": message_id}
        body.pop("protect_content", None)
        outcome = await self._deliver("editMessageText", body)
        if not isinstance(outcome, Refused) or outcome.phone_lost:
            return outcome
        if outcome.reason.startswith("message is not modified"):
            return Sent(message_id)  # the same edit twice: it is already so
        return Gone()  # whatever is wrong with the old message, a new one can say it

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
        ok, me = await self._ask("getMe", {}, _SEND_TIMEOUT)
        if not ok:
            raise Unreachable(_reason(me))
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
        ok, answer = await self._ask("getWebhookInfo", {}, _SEND_TIMEOUT)
        if not ok or not isinstance(answer, dict):
            raise Unreachable("no word about the webhook")
        return answer

    async def _rare(self, method: str, body: dict[str, Any]) -> None:
        """A call whose loss does no harm."""
        try:
            await self._ask(method, body, _SEND_TIMEOUT)
        except Unreachable:
            return

    async def _deliver(self, method: str, body: dict[str, Any]) -> Outcome:
        try:
            ok, answer = await self._ask(method, body, _SEND_TIMEOUT)
        except LostReply as lost:
            return Uncertain(str(lost))
        except Unreachable as failure:
            return Later(timedelta(seconds=5), str(failure), whole_bot=True)
        if not ok:
            return _refusal(answer)
        made = answer.get("message_id", 0) if isinstance(answer, dict) else 0
        return Sent(made) if isinstance(made, int) else Uncertain("unreadable answer")

    async def _ask(self, method: str, body: dict[str, Any], timeout: float) -> tuple[bool, Any]:
        """(True, result) or (False, the whole error answer)."""
        try:
            status, content = await self._http.post_json(
                self._base + method, json.dumps(body, ensure_ascii=False).encode(), timeout
            )
        except NotSentError as failure:
            raise Unreachable(failure.message) from None
        except (TimedOut, NetworkError) as failure:
            raise LostReply(failure.message) from None
        return _read(status, content)


class LostReply(Unreachable):
    """It was sent, and no answer came back."""


def _read(status: int, content: bytes) -> tuple[bool, Any]:
    try:
        answer = json.loads(content)
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


def _refusal(answer: dict[str, Any]) -> Outcome:
    code, said = answer.get("error_code"), _reason(answer)
    if code == 429:
        return Later(_retry_after(answer), "rate_limited", whole_bot=True)
    if not isinstance(code, int) or code >= 500:
        return Later(timedelta(seconds=5), "telegram_error", whole_bot=True)
    for ending, reason in _LOST.items():
        if ending in said:
            return Refused(reason, phone_lost=True)
    return Refused(said)


def _retry_after(answer: dict[str, Any]) -> timedelta:
    extra = answer.get("parameters")
    seconds = extra.get("retry_after") if isinstance(extra, dict) else None
    return timedelta(seconds=min(max(seconds, 1), 3600) if isinstance(seconds, int) else 1)


def _reason(answer: dict[str, Any]) -> str:
    said = str(answer.get("description", ""))
    return said.partition(": ")[2] or said


def _message(address: str, what: Screen) -> dict[str, Any]:
    body: dict[str, Any] = {
        "chat_id": int(address),
        "text": escape(what.text, quote=False),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
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

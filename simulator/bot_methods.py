"""The Bot API's methods about the bot itself: its updates, its taps, its public face."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from simulator import fields, text, updates
from simulator.errors import bad_request, conflict
from simulator.fields import Fields
from simulator.model import Json, Notice
from simulator.webhook import Target, Webhook

if TYPE_CHECKING:
    from simulator.methods import Request

_NOTICE_LENGTH = 200
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def get_me(request: Request) -> Json:
    return request.bot.api | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(request: Request) -> list[Any]:
    if request.bot.webhook:
        raise conflict(updates.WEBHOOK_ACTIVE)
    given, queue = request.given, request.bot.updates
    if "allowed_updates" in given:
        queue.allow(given["allowed_updates"])
    limit = min(max(given.get("limit", 100), 1), 100)
    return await queue.poll(given.get("offset", 0), limit, max(given.get("timeout", 0), 0))


async def set_webhook(request: Request) -> bool:
    """Sets, replaces, or (with an empty address) deletes."""
    bot, given = request.bot, request.given
    target = _target(given) if given.get("url") else None
    if given.get("drop_pending_updates"):
        bot.updates.clear()
    if "allowed_updates" in given:
        bot.updates.allow(given["allowed_updates"])
    if bot.webhook:
        await bot.webhook.stop()
        bot.webhook = None
    if target:
        bot.updates.interrupt(updates.WEBHOOK_SET)
        perform = functools.partial(request.telegram.call, bot)
        bot.webhook = Webhook(target, bot.updates, request.telegram.now, perform)
    return True


def _target(given: Json) -> Target:
    connections = min(max(given.get("max_connections", 40), 1), 100)
    return Target(given["url"], given.get("secret_token", ""), connections)


def get_webhook_info(request: Request) -> Json:
    if request.bot.webhook:
        return request.bot.webhook.info
    waiting = len(request.bot.updates.pending)
    return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}


def answer_callback_query(request: Request) -> bool:
    notice = request.given.get("text", "")
    if text.units(notice) > _NOTICE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    query = request.telegram.open_query(request.given.get("callback_query_id", ""))
    if query is None or query.bot_id != request.bot.id:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.answered = True
    query.notice = Notice(
        notice,
        request.given.get("show_alert", False),
        request.given.get("url"),
        request.telegram.now(),
    )
    request.telegram.changes.mark()
    return True


def set_my_commands(request: Request) -> bool:
    commands = fields.decoded(request.need("commands"), "can't parse commands JSON object")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    request.bot.commands = commands
    request.telegram.changes.mark()
    return True


def _check_command(command: Any) -> None:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    fields.only(command, "command", "description")
    for name in ("command", "description"):
        if name not in command:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    if not _COMMAND.fullmatch(str(command["command"]).removeprefix("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= text.units(str(command["description"])) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def get_my_commands(request: Request) -> list[Json]:
    return request.bot.commands


def delete_my_commands(request: Request) -> bool:
    request.bot.commands = []
    request.telegram.changes.mark()
    return True


def _taken_note_of(_request: Request) -> bool:
    return True


_SCOPE: Fields = {"scope": fields.anything, "language_code": fields.string}

METHODS: dict[str, tuple[Fields, Callable[[Request], Any | Awaitable[Any]]]] = {
    "getMe": ({}, get_me),
    "getUpdates": (
        {
            "offset": fields.integer,
            "limit": fields.integer,
            "timeout": fields.integer,
            "allowed_updates": fields.strings,
        },
        get_updates,
    ),
    "setWebhook": (
        {
            "url": fields.string,
            "secret_token": fields.string,
            "max_connections": fields.integer,
            "allowed_updates": fields.strings,
            "drop_pending_updates": fields.boolean,
            "ip_address": fields.string,
        },
        set_webhook,
    ),
    "deleteWebhook": ({"drop_pending_updates": fields.boolean}, set_webhook),
    "getWebhookInfo": ({}, get_webhook_info),
    "answerCallbackQuery": (
        {
            "callback_query_id": fields.string,
            "text": fields.string,
            "show_alert": fields.boolean,
            "url": fields.string,
            "cache_time": fields.integer,
        },
        answer_callback_query,
    ),
    "setMyCommands": ({"commands": fields.anything, **_SCOPE}, set_my_commands),
    "getMyCommands": (_SCOPE, get_my_commands),
    "deleteMyCommands": (_SCOPE, delete_my_commands),
    "setMyName": ({"name": fields.string, "language_code": fields.string}, _taken_note_of),
    "setMyDescription": (
        {"description": fields.string, "language_code": fields.string},
        _taken_note_of,
    ),
    "setMyShortDescription": (
        {"short_description": fields.string, "language_code": fields.string},
        _taken_note_of,
    ),
    "setChatMenuButton": (
        {"chat_id": fields.chat, "menu_button": fields.anything},
        _taken_note_of,
    ),
}

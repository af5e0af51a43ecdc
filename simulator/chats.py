"""What a bot may do in a chat, and what a chat does with what it is given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from simulator import limits
from simulator.errors import ApiError, bad_request, forbidden
from simulator.model import Chat, Json, Membership, Message

if TYPE_CHECKING:
    from simulator.methods import Request
    from simulator.telegram import Bot, Telegram

Purpose = Literal["to_read", "to_edit", "to_write"]


def reachable(request: Request, purpose: Purpose) -> Chat:
    """The chat of a call, if this bot may do that there."""
    telegram, chat_id = request.telegram, request.given.get("chat_id")
    if chat_id is None:
        raise bad_request("chat_id is empty")
    chat = telegram.chats.get((request.bot.id, chat_id))
    if chat is None and chat_id not in telegram.users:
        raise bad_request("chat not found")
    if chat is None or (chat.kind == "private" and not chat.started):
        if purpose != "to_write":
            raise bad_request("chat not found")
        raise forbidden("bot can't initiate conversation with a user")
    refusal = (
        _private_refusal(telegram, chat, purpose)
        if chat.kind == "private"
        else _group_refusal(chat, purpose)
    )
    if refusal:
        raise refusal
    return chat


def _private_refusal(telegram: Telegram, chat: Chat, purpose: Purpose) -> ApiError | None:
    if purpose == "to_read":
        return None
    if telegram.users[chat.id].deactivated:
        return forbidden("user is deactivated")
    if chat.blocked and purpose == "to_write":
        return forbidden("bot was blocked by the user")
    return None


def _group_refusal(chat: Chat, purpose: Purpose) -> ApiError | None:
    if chat.migrated_to is not None and purpose == "to_write":
        return ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to=chat.migrated_to,
        )
    if chat.membership == "kicked" and purpose != "to_read":
        return forbidden(f"bot was kicked from the {chat.kind} chat")
    if chat.membership == "left" and purpose != "to_read":
        return forbidden(f"bot is not a member of the {chat.kind} chat")
    return None


def spend(request: Request, chat: Chat, *, sends: bool) -> None:
    """One call's share of the bot's rate, and of the chat's if it puts something there."""
    bot_id = request.bot.id
    wanted: list[tuple[Any, limits.Rate]] = [(bot_id, limits.EVERYWHERE)]
    if sends:
        rate = limits.PRIVATE if chat.kind == "private" else limits.GROUP
        wanted.append(((bot_id, chat.id), rate))
    request.telegram.limits.spend(wanted)


def show_typing(request: Request, chat: Chat, seconds: float) -> None:
    chat.typing_until = time.monotonic() + seconds
    request.telegram.changes.mark()


def show_keyboard(chat: Chat, message: Message, markup: Json | None) -> None:
    """A new message of the bot ends its typing, and may bring or take the large keyboard."""
    chat.typing_until = 0.0
    if markup and "keyboard" in markup:
        chat.keyboard, chat.keyboard_from = markup, message.id
    elif markup and markup.get("remove_keyboard"):
        chat.keyboard = chat.keyboard_from = None


def remove(chat: Chat, message: Message) -> None:
    """Gone on both sides; the keyboard that came with a message goes with it."""
    del chat.messages[message.id]
    if chat.keyboard_from == message.id:
        chat.keyboard = chat.keyboard_from = None


def change_membership(
    telegram: Telegram,
    bot: Bot,
    chat: Chat,
    new: Membership,
    by: Json,
    old: Membership = "member",
) -> None:
    """Write down and tell the bot that its place in a chat changed."""
    if chat.kind == "private":
        chat.blocked = new == "kicked"
    else:
        chat.membership = new
    stamp = int(telegram.now().timestamp())
    bot.updates.add(
        "my_chat_member",
        {
            "chat": telegram.chat_api(chat),
            "from": by,
            "date": stamp,
            "old_chat_member": _member(bot, old),
            "new_chat_member": _member(bot, new),
        },
    )
    telegram.changes.mark()


def _member(bot: Bot, status: Membership) -> Json:
    member: Json = {"user": bot.api, "status": status}
    return member | ({"until_date": 0} if status == "kicked" else {})

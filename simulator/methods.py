"""The Bot API's methods that the product uses: what each takes, and what it does.

The order of the checks follows the real server: the content first, then the chat, then the
rates; so a refused call costs no permit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator import attachments, bot_methods, chats, fields, keyboards, text
from simulator.errors import bad_request
from simulator.fields import Fields
from simulator.model import Chat, Json, Message

if TYPE_CHECKING:
    from simulator.telegram import Bot, Telegram

TYPING_SECONDS = 5.0
DELETABLE_SECONDS = 48 * 3600
_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note".split()
)


@dataclass(frozen=True)
class Request:
    """One call under way: whose, and with which parameters (already typed)."""

    telegram: Telegram
    bot: Bot
    given: Json

    def need(self, name: str) -> Any:
        if self.given.get(name) in (None, ""):
            raise bad_request(f'parameter "{name}" is required')
        return self.given[name]


@dataclass(frozen=True)
class Method:
    fields: Fields
    perform: Callable[[Request], Any | Awaitable[Any]]


def send_message(request: Request) -> Json:
    return _send(request, _text(request))


def send_document(request: Request) -> Json:
    return _send(request, attachments.document(request))


def send_photo(request: Request) -> Json:
    return _send(request, attachments.photo(request))


def edit_message_text(request: Request) -> Json:
    content = _text(request)
    chat, message = _own_message(request)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(request, chat, message, content)


def edit_message_reply_markup(request: Request) -> Json:
    chat, message = _own_message(request)
    return _edit(request, chat, message, message.content)


def delete_message(request: Request) -> bool:
    chat = chats.reachable(request, "to_edit")
    if "message_id" not in request.given:
        raise bad_request("message identifier is not specified")
    if request.given["message_id"] not in chat.messages:
        raise bad_request("message to delete not found")
    _delete(request, chat, [request.given["message_id"]])
    return True


def delete_messages(request: Request) -> bool:
    """All or nothing, except that identifiers without a message are passed over."""
    if not request.given.get("message_ids"):
        raise bad_request("message identifiers are not specified")
    chat = chats.reachable(request, "to_edit")
    _delete(request, chat, request.given["message_ids"])
    return True


def send_chat_action(request: Request) -> bool:
    if request.need("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = chats.reachable(request, "to_write")
    chats.spend(request, chat, sends=False)
    chats.show_typing(request, chat, TYPING_SECONDS)
    return True


def get_chat(request: Request) -> Json:
    chat = chats.reachable(request, "to_read")
    return request.telegram.chat_api(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {},
    }


def leave_chat(request: Request) -> bool:
    chat = chats.reachable(request, "to_write")
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chats.change_membership(request.telegram, request.bot, chat, "left", request.bot.api)
    return True


def get_file(request: Request) -> Json:
    """People's files are never fetched by the product: here there are none to be had."""
    request.need("file_id")
    raise bad_request("wrong file_id or the file is temporarily unavailable")


def _text(request: Request) -> Json:
    if not request.given.get("text"):
        raise bad_request("message text is empty")
    shown, marks = text.formatted(
        request.given["text"],
        request.given.get("parse_mode", ""),
        request.given.get("entities", []),
    )
    return {"text": shown} | ({"entities": marks} if marks else {})


def _send(request: Request, content: Json) -> Json:
    chat = chats.reachable(request, "to_write")
    content |= _reply(request, chat)
    chats.spend(request, chat, sends=True)
    markup = request.given.get("reply_markup") or None
    message = request.telegram.post(
        request.bot,
        chat,
        request.bot.id,
        content,
        markup=markup if markup and "inline_keyboard" in markup else None,
        protected=request.given.get("protect_content", False),
        silent=request.given.get("disable_notification", False),
    )
    chats.show_keyboard(chat, message, markup)
    return request.telegram.message_api(chat, message)


def _reply(request: Request, chat: Chat) -> Json:
    asked = request.given.get("reply_parameters")
    if not asked:
        return {}
    if "message_id" not in asked:
        raise bad_request('can\'t find field "message_id"')
    original = chat.messages.get(asked["message_id"])
    if original is None and not asked.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    if original is None:
        return {}
    return {"reply_to_message": request.telegram.message_api(chat, original)}


def _own_message(request: Request) -> tuple[Chat, Message]:
    chat = chats.reachable(request, "to_edit")
    if "message_id" not in request.given:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(request.given["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender_id != request.bot.id:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(request: Request, chat: Chat, message: Message, content: Json) -> Json:
    markup = request.given.get("reply_markup") or None
    kept = {key: value for key, value in message.content.items() if key == "reply_to_message"}
    if (kept | content, markup) == (message.content, message.markup):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    chats.spend(request, chat, sends=chat.kind != "private")
    if kept | content != message.content:
        # New buttons alone do not mark a message as edited, on a phone.
        message.edited_at = int(request.telegram.now().timestamp())
    message.content, message.markup = kept | content, markup
    request.telegram.changes.mark()
    return request.telegram.message_api(chat, message)


def _delete(request: Request, chat: Chat, numbers: list[int]) -> None:
    present = [chat.messages[number] for number in numbers if number in chat.messages]
    oldest = request.telegram.now().timestamp() - DELETABLE_SECONDS
    if any(message.date < oldest for message in present):
        raise bad_request("message can't be deleted for everyone")
    if chat.kind != "private" and any(m.sender_id != request.bot.id for m in present):
        raise bad_request("message can't be deleted")
    for message in present:
        chats.remove(chat, message)
    request.telegram.changes.mark()


_TARGET: Fields = {"chat_id": fields.chat, "message_id": fields.integer}
_SENDING: Fields = {
    "chat_id": fields.chat,
    "disable_notification": fields.boolean,
    "protect_content": fields.boolean,
    "reply_parameters": fields.reply,
    "reply_markup": keyboards.markup,
}
_TEXT: Fields = {
    "text": fields.string,
    "parse_mode": fields.string,
    "entities": fields.entities,
    "link_preview_options": fields.link_preview,
}
_CAPTION: Fields = {"caption": fields.string, "parse_mode": fields.string}
_EDITED: Fields = {"reply_markup": keyboards.inline_only}

METHODS: dict[str, Method] = {
    "sendMessage": Method({**_SENDING, **_TEXT}, send_message),
    "sendDocument": Method(
        {
            **_SENDING,
            **_CAPTION,
            "document": fields.document,
            "disable_content_type_detection": fields.boolean,
        },
        send_document,
    ),
    "sendPhoto": Method({**_SENDING, **_CAPTION, "photo": fields.document}, send_photo),
    "sendChatAction": Method({"chat_id": fields.chat, "action": fields.string}, send_chat_action),
    "editMessageText": Method({**_TARGET, **_TEXT, **_EDITED}, edit_message_text),
    "editMessageReplyMarkup": Method({**_TARGET, **_EDITED}, edit_message_reply_markup),
    "deleteMessage": Method(_TARGET, delete_message),
    "deleteMessages": Method(
        {"chat_id": fields.chat, "message_ids": fields.message_ids}, delete_messages
    ),
    "getChat": Method({"chat_id": fields.chat}, get_chat),
    "leaveChat": Method({"chat_id": fields.chat}, leave_chat),
    "getFile": Method({"file_id": fields.string}, get_file),
    **{name: Method(known, perform) for name, (known, perform) in bot_methods.METHODS.items()},
}

"""Which keyboards Telegram takes: their shape, and their size.

Where the real server silently drops what is too much (the thirteenth button of a row), we
refuse: a button that nobody sees is a fault of ours to catch.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from simulator import fields
from simulator.errors import ApiError, bad_request

DATA_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton
INLINE_BUTTONS = 100
INLINE_ROW = 8
REPLY_BUTTONS = 300
REPLY_ROW = 12
MARKUP_BYTES = 10 * 1024

_INLINE = ("text", "url", "callback_data", "copy_text", "web_app", "style", "icon_custom_emoji_id")
_REPLY = ("text", "request_contact", "request_location", "style", "icon_custom_emoji_id")


def markup(_name: str, value: Any) -> dict[str, Any]:
    """The `reply_markup` of a call, checked; an empty object takes a keyboard away."""
    value = fields.decoded(value, "can't parse reply keyboard markup JSON object")
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if len(json.dumps(value, ensure_ascii=False).encode()) > MARKUP_BYTES:
        raise bad_request("reply markup is too long")
    if "inline_keyboard" in value:
        return _inline(value)
    if "keyboard" in value:
        return _reply(value)
    return _plain(value)


def inline_only(name: str, value: Any) -> dict[str, Any]:
    """The same where only buttons under the message are possible: in edits."""
    found = markup(name, value)
    if found and "inline_keyboard" not in found:
        raise bad_request("inline keyboard expected")
    return found


def _inline(value: dict[str, Any]) -> dict[str, Any]:
    fields.only(value, "inline_keyboard")
    rows = _rows(
        value["inline_keyboard"],
        "inline_keyboard",
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    )
    checked = [[_inline_button(button) for button in row] for row in rows]
    _sized(checked, INLINE_ROW, INLINE_BUTTONS)
    shown = [row for row in checked if row]
    return {"inline_keyboard": shown} if shown else {}


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise _unparsed("InlineKeyboardButton must be an Object")
    fields.only(button, *_INLINE)
    text = _label(button, _unparsed)
    if not text:
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [key for key in ("url", "callback_data", "copy_text", "web_app") if button.get(key)]
    if not actions:
        raise _unparsed("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unparsed("exactly one of the optional fields must be used")
    if "callback_data" in actions:
        _check_data(button["callback_data"])
    if "url" in actions:
        _check_url(fields.string("url", button["url"]))
    return button | {"text": text}


def _check_data(data: Any) -> None:
    if not 1 <= len(fields.string("callback_data", data).encode()) <= DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: str) -> None:
    parts = urlsplit(url if ":" in url else f"http://{url}")
    if parts.scheme not in ("http", "https", "tg", "tel"):
        reason = "Unsupported URL protocol"
    elif parts.scheme in ("http", "https") and "." not in (parts.hostname or ""):
        reason = "Wrong HTTP URL"
    else:
        return
    raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def _reply(value: dict[str, Any]) -> dict[str, Any]:
    switches = ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective")
    fields.only(value, "keyboard", "input_field_placeholder", *switches)
    rows = _rows(value["keyboard"], "keyboard", 'field "keyboard" must be an Array of Arrays')
    checked = [[_reply_button(button) for button in row] for row in rows]
    _sized(checked, REPLY_ROW, REPLY_BUTTONS)
    settings = {key: fields.boolean(key, value[key]) for key in switches if key in value}
    shown = [row for row in checked if row]
    return {"keyboard": shown, **settings} if shown else {}


def _reply_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise _unparsed_reply("KeyboardButton must be a String or an Object")
    fields.only(button, *_REPLY)
    text = _label(button, _unparsed_reply)
    if not text:
        raise bad_request("keyboard button text must be non-empty")
    return button | {"text": text}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    fields.only(value, "remove_keyboard", "force_reply", "selective", "input_field_placeholder")
    for key in ("remove_keyboard", "force_reply", "selective"):
        if key in value:
            fields.boolean(key, value[key])
    return value


def _rows(value: Any, name: str, sentence: str) -> list[list[Any]]:
    if not isinstance(value, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in value):
        raise bad_request(sentence)
    return value


def _label(button: dict[str, Any], error: Any) -> str:
    if "text" not in button:
        raise error('Can\'t find field "text"')
    if isinstance(button["text"], bool) or not isinstance(button["text"], str | int | float):
        raise error('Field "text" must be of type String')
    return str(button["text"]).strip()


def _sized(rows: list[list[dict[str, Any]]], row: int, total: int) -> None:
    if any(len(buttons) > row for buttons in rows) or sum(map(len, rows)) > total:
        raise bad_request("reply markup is too long")


def _unparsed(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")


def _unparsed_reply(reason: str) -> ApiError:
    return bad_request(f"can't parse keyboard button: {reason}")

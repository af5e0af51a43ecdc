"""What Telegram reports, read into our own small type (Bot API, « Getting updates »).

Each update is parsed alone: a malformed one is a fact about itself, never an error, so that it
holds nobody back. A tap is not trusted; whoever acts on it checks it against the records.
"""

import re
from contextlib import suppress
from typing import Any

from bot.channel import Incoming
from bot.taps import unpacked

_START = re.compile(r"/start(@\w+)?(\s|\Z)", re.ASCII | re.IGNORECASE)
_SERVICE = frozenset(  # what Telegram itself says in a private chat: nobody wrote it
    "pinned_message message_auto_delete_timer_changed chat_background_set write_access_allowed "
    "users_shared chat_shared boost_added connected_website proximity_alert_triggered "
    "successful_payment refunded_payment gift unique_gift paid_message_price_changed".split()
)
_LARGEST = 1 << 63  # identifiers are « at most 52 significant bits »; ours are kept in 64


def parsed(update: Any) -> Incoming:
    """One update, whatever it is. Without a usable number it can only be passed over."""
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < _LARGEST:
        return Incoming(-1, "ignored", "")
    try:
        came = _parsed(number, update)
        came.source = update
        return came
    except KeyError as missing:
        reason = f"no {missing.args[0]}"
    except _Elsewhere:
        reason = "somebody else's chat"
    except (TypeError, ValueError, AttributeError):
        reason = "a field of another type"
    return Incoming(number, "malformed", _whose(update), text=reason, source=update)


class _Elsewhere(Exception):
    """Somebody acts in a private chat that is not theirs: no client would send that."""


def _whose(update: dict[str, Any]) -> str:
    """The chat of an update that cannot be read, where that much can: what is kept depends on it."""
    for part in update.values():
        inner = part.get("message", part) if isinstance(part, dict) else None
        chat = inner.get("chat") if isinstance(inner, dict) else None
        if isinstance(chat, dict):
            with suppress(KeyError, TypeError):
                return _address(chat)
    return ""


def _parsed(update_id: int, update: dict[str, Any]) -> Incoming:
    if "message" in update:
        return _message_in(update_id, update["message"])
    if "callback_query" in update:
        return _tap_in(update_id, update["callback_query"])
    if "edited_message" in update:
        edited = update["edited_message"]
        kind = "edited" if "text" in edited else "ignored"  # a moving location edits itself
        address, message_id = _address(edited["chat"]), _number(edited["message_id"])
        text = _words(edited.get("text", ""))
        return _only_private(Incoming(update_id, kind, address, message_id, text), edited)
    if "my_chat_member" in update:
        return _membership_in(update_id, update["my_chat_member"])
    return Incoming(update_id, "ignored", "")


def _message_in(update_id: int, message: dict[str, Any]) -> Incoming:
    address, message_id = _address(message["chat"]), _number(message["message_id"])
    text = message.get("text")
    if "forward_origin" in message or "forward_date" in message:
        kind, text = "forwarded", ""
    elif text is None:
        kind = "ignored" if _SERVICE & message.keys() else "media"
        text = _words(message.get("caption", ""))
    elif _START.match(_words(text)):
        kind, text = "start", _words(text).partition(" ")[2].strip()
    else:
        kind, text = "text", _words(text)
    album = _words(message.get("media_group_id", ""))[:64]
    came = Incoming(update_id, kind, address, message_id, text, album=album)
    return _only_private(came, message)


def _only_private(came: Incoming, said: dict[str, Any]) -> Incoming:
    """Nothing is ever said or read in a group: we leave it. A private chat is one person's."""
    if said["chat"]["type"] != "private":
        return Incoming(came.update_id, "joined", came.address)
    if _address(said["from"]) != came.address:
        raise _Elsewhere
    return came


def _tap_in(update_id: int, tap: dict[str, Any]) -> Incoming:
    message, address = tap.get("message"), _address(tap["from"])
    if message and _address(message["chat"]) != address:
        raise _Elsewhere
    message_id = _number(message["message_id"]) if message else None
    data = tap.get("data")
    act = unpacked(data) if isinstance(data, str) else ()
    return Incoming(update_id, "tap", address, message_id, act=act, tap_id=_words(tap["id"]))


def _membership_in(update_id: int, change: dict[str, Any]) -> Incoming:
    chat, status = change["chat"], change["new_chat_member"]["status"]
    gone = status in ("kicked", "left")
    if chat["type"] != "private":
        return Incoming(update_id, "ignored" if gone else "joined", _address(chat))
    return _only_private(
        Incoming(update_id, "blocked" if gone else "unblocked", _address(chat)), change
    )


def _address(chat: dict[str, Any]) -> str:
    return str(_number(chat["id"]))


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST <= value < _LARGEST:
        raise TypeError("not an identifier")
    return value


def _words(value: Any) -> str:
    """Text that every database keeps: without the null, halves of a pair replaced."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value.replace("\0", "").encode("utf-8", "replace").decode()

"""The parameters of a call, read strictly.

The real server takes numbers as strings and objects as JSON strings (form bodies need it), and
so do we. It ignores names that it does not know; we refuse them, so that a typing error in the
product is caught on the first test instead of in the street.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import bad_request

Reader = Callable[[str, Any], Any]
Fields = Mapping[str, Reader]


@dataclass(frozen=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    mime: str
    data: bytes


def read(fields: Fields, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one call, typed; a null counts as absent, as it does there."""
    for name in given:
        if name not in fields:
            raise bad_request(f'unknown field "{name}"')
    return {name: fields[name](name, value) for name, value in given.items() if value is not None}


def only(value: Mapping[str, Any], *known: str) -> None:
    """Refuse what an inner object may not hold."""
    for key in value:
        if key not in known:
            raise bad_request(f'unknown field "{key}"')


def string(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad_request(f'field "{name}" must be of type String')
    return str(value)


def integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise bad_request(f'field "{name}" must be of type Number')
    try:
        return int(value)
    except ValueError:
        raise bad_request(f'field "{name}" must be a valid Number') from None


def boolean(name: str, value: Any) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise bad_request(f'field "{name}" must be of type Boolean')


def chat(_name: str, value: Any) -> int:
    """A chat's identifier; usernames lead nowhere here, as they do for private chats there."""
    if value == "":
        raise bad_request("chat_id is empty")
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise bad_request("chat not found")
    try:
        return int(value)
    except ValueError:
        raise bad_request("chat not found") from None


def document(name: str, value: Any) -> Upload | str:
    return value if isinstance(value, Upload) else string(name, value)


def decoded(value: Any, sentence: str) -> Any:
    """The object or array behind a JSON string, or the value itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(sentence) from None


def mapping(sentence_json: str, sentence_type: str, **inner: Reader) -> Reader:
    """A reader of an object whose fields are read by `inner`."""

    def reader(_name: str, value: Any) -> dict[str, Any]:
        value = decoded(value, sentence_json)
        if not isinstance(value, dict):
            raise bad_request(sentence_type)
        only(value, *inner)
        return {key: inner[key](key, item) for key, item in value.items() if item is not None}

    return reader


link_preview = mapping(
    "can't parse link preview options JSON object",
    "object expected as link preview options",
    is_disabled=boolean,
    url=string,
    prefer_small_media=boolean,
    prefer_large_media=boolean,
    show_above_text=boolean,
)

reply = mapping(
    "can't parse reply parameters JSON object",
    "object expected as reply parameters",
    message_id=integer,
    chat_id=chat,
    allow_sending_without_reply=boolean,
    quote=string,
)


def entities(name: str, value: Any) -> list[dict[str, Any]]:
    value = decoded(value, "can't parse entities JSON object")
    if not isinstance(value, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(item, dict) for item in value):
        raise bad_request("can't parse MessageEntity: expected an Object")
    return value


def strings(name: str, value: Any) -> list[str]:
    value = decoded(value, f"can't parse {name} JSON object")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise bad_request("expected an Array of String")
    return value


def message_ids(name: str, value: Any) -> list[int]:
    value = decoded(value, f"can't parse {name} JSON object")
    if not isinstance(value, list):
        raise bad_request("expected an Array of message identifiers")
    if len(value) > 100:
        raise bad_request("too many message identifiers specified")
    if any(isinstance(item, bool) or not isinstance(item, int | str) for item in value):
        raise bad_request("message identifier must be a Number")
    found = [integer(name, item) for item in value]
    if any(item <= 0 for item in found):
        raise bad_request("invalid message identifier specified")
    return found


def anything(_name: str, value: Any) -> Any:
    return value

"""What Telegram does with a text before it is a message: lengths, trimming, found entities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from simulator import html
from simulator.errors import bad_request

MESSAGE_LENGTH = 4096  # UTF-16 units after parsing: core.telegram.org/bots/api#sendmessage
CAPTION_LENGTH = 1024
_INPUT_BYTES = 1 << 15
_BLANK = " \t\r\n\v\f"
_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("url", re.compile(r"\bhttps?://[^\s<>«»\"]*[^\s<>«»\".,;:!?)]")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}")),
)
_WRITTEN = frozenset(
    "bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre "
    "text_link text_mention custom_emoji".split()
)
_AUTOMATIC = frozenset(
    "mention hashtag cashtag bot_command url email phone_number bank_card".split()
)

Entities = list[dict[str, Any]]


def units(text: str) -> int:
    """The length in UTF-16 units, in which the Bot API counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def formatted(
    text: str, parse_mode: str, entities: Entities, limit: int = MESSAGE_LENGTH
) -> tuple[str, Entities]:
    """The text as it will be shown, with its entities; raises what the real API would say."""
    if len(text.encode("utf-8", "surrogatepass")) > _INPUT_BYTES:
        raise bad_request("text is too long")
    if parse_mode and parse_mode.lower() not in ("html", "none"):
        # Markdown exists there, not here: nothing of ours may send it.
        raise bad_request("unsupported parse_mode")
    if parse_mode.lower() == "html":
        text, entities = html.parse(text)
    else:
        entities = [checked(entity, units(text)) for entity in entities]
    text, entities = trimmed(text, entities)
    if not text:
        raise bad_request("text must be non-empty")
    if units(text) > limit:
        too_long = "message caption is too long" if limit == CAPTION_LENGTH else None
        raise bad_request(too_long or "message is too long")
    return text, [*entities, *found(text, entities)]


def trimmed(text: str, entities: Entities) -> tuple[str, Entities]:
    """Without the blanks around it; entities move along and lose what they covered of them."""
    text = text.replace("\r", "") if not entities else text
    lead = len(text) - len(text.lstrip(_BLANK))
    text = text.strip(_BLANK)
    end = units(text)
    kept: Entities = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] - lead + entity["length"], end)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return text, kept


def found(text: str, entities: Sequence[dict[str, Any]] = ()) -> Entities:
    """The commands, addresses and mentions that Telegram marks by itself."""
    marks: Entities = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            offset, length = units(text[: match.start()]), units(match.group())
            if not any(_overlap(mark, offset, length) for mark in (*entities, *marks)):
                marks.append({"type": kind, "offset": offset, "length": length})
    return sorted(marks, key=lambda mark: int(mark["offset"]))


def _overlap(mark: dict[str, Any], offset: int, length: int) -> bool:
    if mark["type"] in ("bold", "italic", "underline", "strikethrough"):
        return False
    return bool(mark["offset"] < offset + length and offset < mark["offset"] + mark["length"])


def checked(entity: dict[str, Any], length: int) -> dict[str, Any]:
    """One entity given with the text instead of a parse mode."""
    for name in ("type", "offset", "length"):
        if name not in entity:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if entity["type"] not in _WRITTEN | _AUTOMATIC:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    start, size = int(entity["offset"]), int(entity["length"])
    if start < 0:
        raise bad_request(f"receive an entity with incorrect offset {start}")
    if size <= 0:
        raise bad_request(f"receive an entity with incorrect length {size}")
    if start >= length:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
    if start + size > length:
        raise bad_request(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text "
            f"at UTF-16 offset {start + size}"
        )
    return entity

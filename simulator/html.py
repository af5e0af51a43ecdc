"""Telegram's HTML parse mode: marked-up text in, plain text and entities out.

Offsets in errors count UTF-8 bytes, offsets in entities count UTF-16 units, both as the real
parser does. A text that it refuses is refused here with the same sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.errors import ApiError, bad_request

_SPACE = frozenset(b" \t\r\n\v\0")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_TYPES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}


def parse(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text, and its entities sorted as Telegram sorts them."""
    return _Parser(text).run()


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int


class _Parser:
    def __init__(self, text: str) -> None:
        # The final zero stands for the end, so that no look-ahead needs a bound.
        self.data = text.encode("utf-8", "surrogatepass") + b"\0"
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[dict[str, Any]] = []

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        end = len(self.data) - 1
        while self.at < end:
            byte = self.data[self.at]
            if byte == ord("<"):
                self._tag()
            elif byte == ord("&") and (character := self._reference()):
                self._emit(character)
            else:
                self._emit(self._character())
        if self.open:
            raise _error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        text = "".join(self.out)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise _error(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        order = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return text, order

    def _emit(self, character: str) -> None:
        self.out.append(character)
        self.length += 2 if ord(character) > 0xFFFF else 1

    def _character(self) -> str:
        first = self.data[self.at]
        size = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
        raw = self.data[self.at : self.at + size]
        self.at += size
        return raw.decode("utf-8", "surrogatepass")

    def _reference(self) -> str | None:
        """The character that `&…;` stands for; None, and no step forward, if it is just text."""
        start = self.at + 1
        end = start + (1 if self.data[start : start + 1] == b"#" else 0)
        while self.data[end : end + 1].isalnum():
            end += 1
        name = self.data[start:end]
        character = _numbered(name[1:]) if name.startswith(b"#") else _NAMED.get(name)
        if character is not None:
            self.at = end + (self.data[end] == ord(";"))
        return character

    def _tag(self) -> None:
        begin = self.at
        self.at += 1
        if self.data[self.at] == ord("/"):
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        tag = self._until(b">").lower()
        if self.data[self.at] == 0:
            raise _error(f"Unclosed start tag at byte offset {begin}")
        if tag not in _TYPES:
            raise _error(f'Unsupported start tag "{tag}" at byte offset {begin}')
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _error(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, attributes, self.length))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self.data[self.at] == 0:
                raise _error(f"Unclosed start tag at byte offset {begin}")
            if self.data[self.at] == ord(">"):
                self.at += 1
                return attributes
            name = self._until(b"=>")
            if not name:
                raise _error(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_space()
            attributes[name] = ""
            if self.data[self.at] == ord("="):
                self.at += 1
                attributes[name] = self._value(tag, begin)

    def _value(self, tag: str, begin: int) -> str:
        self._skip_space()
        quote = self.data[self.at]
        if quote == 0:
            raise _error(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if quote not in b"'\"":
            return self._name_token()
        self.at += 1
        value: list[str] = []
        while self.data[self.at] not in (quote, 0):
            character = self._reference() if self.data[self.at] == ord("&") else None
            value.append(character or self._character())
        if self.data[self.at] == 0:
            raise _error(f"Unclosed start tag at byte offset {begin}")
        self.at += 1
        return "".join(value)

    def _name_token(self) -> str:
        start = self.at
        while self.data[self.at : self.at + 1].isalnum() or self.data[self.at] in b".-":
            self.at += 1
        if self.data[self.at] not in _SPACE and self.data[self.at] != ord(">"):
            raise _error(f"Unexpected end of name token at byte offset {start}")
        return self.data[start : self.at].decode().lower()

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise _error(f"Unexpected end tag at byte offset {begin}")
        self.at += 1
        found = self._until(b">")
        self._skip_space()
        if self.data[self.at] != ord(">"):
            raise _error(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if found and found != opened.tag:
            raise _error(
                f"Unmatched end tag at byte offset {begin}, "
                f'expected "</{opened.tag}>", found "</{found}>"'
            )
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        length = self.length - opened.offset
        if length == 0:
            return
        entity: dict[str, Any] = {
            "type": _TYPES[opened.tag],
            "offset": opened.offset,
            "length": length,
        }
        if opened.tag == "a":
            url = opened.attributes.get("href", "")
            if "." not in url and ":" not in url:
                return  # what is no address becomes plain text, without an error
            entity["url"] = url if ":" in url else f"http://{url}/"
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = _emoji_id(opened.attributes.get("emoji-id", ""))
        self.entities.append(entity)

    def _until(self, stops: bytes) -> str:
        start = self.at
        while self.data[self.at] not in _SPACE and self.data[self.at] not in stops:
            self.at += 1
        return self.data[start : self.at].decode("utf-8", "replace")

    def _skip_space(self) -> None:
        while self.data[self.at] != 0 and self.data[self.at] in _SPACE:
            self.at += 1


def _numbered(digits: bytes) -> str | None:
    try:
        code = int(digits[1:], 16) if digits[:1] in (b"x", b"X") else int(digits)
    except ValueError:
        return None
    return chr(code) if 0 < code < 0x10FFFF else None


def _emoji_id(raw: str) -> str:
    if not raw.isdigit() or not 0 < int(raw) < 2**63:
        raise _error("Invalid custom emoji identifier specified")
    return raw


def _error(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")

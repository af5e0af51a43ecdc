"""What a button carries: a verb and its arguments, in at most 64 bytes, written in one place.

Identifiers shrink to base 36. A tap is trusted for nothing: what comes back is checked against
the records by whoever acts on it.
"""

from functools import lru_cache

from dialogs.screen import Button

LIMIT = 64  # bytes of callback_data in the Bot API
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def packed(button: Button) -> str:
    """The callback data of a button. Raises ValueError when its act does not fit."""
    data = ":".join([_short(part) for part in button.act])
    if len(data) > LIMIT or (not data.isascii() and len(data.encode()) > LIMIT):
        raise ValueError(f"a button's act does not fit in {LIMIT} bytes: {button.act}")
    return data


def unpacked(data: str) -> tuple[str, ...]:
    """The act of a callback, or an empty one when it was never ours."""
    try:
        return tuple(_long(part) for part in data.split(":"))
    except ValueError:
        return ()


def number(part: str) -> int | None:
    """An identifier that came back with a tap; None for anything that no row could have."""
    if not (part.isascii() and part.isdecimal()):
        return None
    found = int(part)
    return found if found < 1 << 63 else None


@lru_cache(4096)
def _short(part: str) -> str:
    if set(part) & set(":~"):
        raise ValueError(f"a button's act may hold neither « : » nor « ~ »: {part}")
    found = number(part)
    return (
        f"~{_base36(found)}" if found is not None and len(part) > 6 and part == str(found) else part
    )


def _long(part: str) -> str:
    return str(int(part[1:], 36)) if part.startswith("~") else part


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"

"""Which of several ways of asking is read this time: never the one that was read last.

What was read last is remembered by a fingerprint of its French text, so that it is known again in
another language, and in a later version of the script that kept it.
"""

from collections.abc import Sequence
from hashlib import sha256

from content.about import Planned
from content.library import library

SIZE = 16  # hexadecimal digits


def mark(text: str) -> str:
    """What is remembered of a wording."""
    return sha256(text.encode()).hexdigest()[:SIZE]


def following(wordings: Sequence[str], last: str | None, past: int = 0) -> int:
    """The place of the one after `last`; the first where `last` is none of them. `past` leaves as
    many out: what is repeated after a doubt may have been read already, in the next wording."""
    marks = [mark(words) for words in wordings]
    after = marks.index(last) + 1 if last in marks else 0
    return (after + past) % len(marks)


def invitation(message: Planned) -> tuple[int, str] | None:
    """The place of the invitation that a proposal reads now, and its mark; None without any."""
    name = message.params.get("script", "") if message.kind == "offer" else ""
    if not name or not library().has(name) or not (said := library().script(name).invitations):
        return None
    place = following(said, message.worded, int(message.repeated))
    return place, mark(said[place])

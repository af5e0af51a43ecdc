"""The port to a channel: what came in, and send, edit, remove with their outcomes (design § 4).

Telegram is the first channel behind it. Neither `receive` nor `deliver` knows which one it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from dialogs import screen
from records import reasons

KINDS = (
    "start",
    "text",
    "tap",
    "media",
    "forwarded",
    "edited",
    "joined",
    "blocked",
    "unblocked",
    "ignored",
    "malformed",
)


@dataclass(slots=True)
class Incoming:
    """One thing that came in. `address` is the channel's own name for the chat.

    kind: start (`text` is the payload), text, tap (`act` is what the button means), media (`text`
    is what was written below), forwarded, edited (`text` is the new one), joined (a group added us), blocked, unblocked, ignored (a kind that we do
    not use), malformed (`text` says why; `source` is kept aside).
    """

    update_id: int
    kind: str
    address: str
    message_id: int | None = None
    text: str = ""
    act: tuple[str, ...] = ()
    tap_id: str | None = None
    album: str = ""  # media sent together share it
    source: Any = field(default=None, repr=False, compare=False)  # as it came, to be set aside


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted by the channel; `message_id` is its identifier there."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: try again after `wait`. `whole_bot`: nothing may leave for this bot meanwhile.
    `perhaps_sent`: whoever said so may have let it through before."""

    wait: timedelta
    reason: reasons.Held | None
    whole_bot: bool = False
    perhaps_sent: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good. `phone_lost`: this phone cannot be reached any more."""

    reason: reasons.Refused
    phone_lost: bool = False


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The reply was lost: it may have left, or not."""

    reason: reasons.Doubt = "no_reply"


@dataclass(frozen=True, slots=True)
class Gone:
    """The message to edit is no longer there: send it anew."""


Outcome = Sent | Later | Refused | Uncertain | Gone


class TakenOver(Exception):
    """Another poller holds this bot (409): stand back."""


class Revoked(Exception):
    """The bot's token no longer opens anything (401)."""


class Unreachable(Exception):
    """The channel did not answer; nothing was confirmed. `wait`: it asked for that much quiet."""

    def __init__(self, reason: str = "", wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.wait = wait


class Channel(Protocol):
    """One bot on one channel. Every call ends in an outcome or in one of the three errors."""

    name: str
    bot_id: int

    async def fetch(self, confirm_before: int | None, wait: timedelta) -> Sequence[Incoming]:
        """What came in, oldest first; everything before `confirm_before` is confirmed by it."""

    async def send(self, address: str, what: screen.Screen) -> Outcome: ...

    async def edit(self, address: str, message_id: int, what: screen.Screen) -> Outcome: ...

    async def remove(self, address: str, message_ids: Sequence[int]) -> Outcome: ...

    async def username(self) -> str:
        """Who this bot is: a question without effect."""

    async def answer_tap(self, tap_id: str, text: str = "") -> None:
        """Stop the button's spinner, with a word if there is one to say. Lost without harm."""

    async def leave(self, address: str) -> None:
        """Leave a group."""

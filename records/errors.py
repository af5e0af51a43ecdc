"""The one family of errors of the records: each has a code and the facts a sentence needs.

The sentences themselves live with their readers: `admin` for the desk, `relais` for the command
line. A code never changes its meaning.
"""

from typing import Any


class RecordsError(Exception):
    """Something asked of the records that their rules refuse."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class NotFound(RecordsError):
    """No such row, or not one that this reader may see: the two are never told apart."""


class Refused(RecordsError):
    """The row is there and the rules of the field say no (age, consent, state, time)."""


class Unusable(RecordsError):
    """The database or the key cannot be used: newer revision, wrong key, missing tables."""

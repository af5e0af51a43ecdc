"""The database out of reach: said once, in what way, and once more when it is back.

Whoever waits for it tries again every second; a log that grew by a line each time would fill the
very disk that is full.
"""

import logging
import time

_WORDS = {  # what SQLite says, in part, or PostgreSQL's code
    "disk is full": "the disk is full: make room, everything waits meanwhile",
    "53100": "the database's disk is full: make room, everything waits meanwhile",
    "database is locked": "another program holds the database; everything waits for it",
}


class Outage:
    """One part's view of it."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said, self._since = "", 0.0

    def goes_on(self, failure: BaseException) -> None:
        words = _words(failure)
        if words != self._said:
            self._log.warning("%s", words)
            self._since = self._since if self._said else time.monotonic()
            self._said = words

    def over(self) -> None:
        if self._said:
            after = time.monotonic() - self._since
            self._log.warning("the database answers again, after %.0f s", after)
            self._said = ""


def _words(failure: BaseException) -> str:
    cause = getattr(failure, "orig", None) or failure
    said = f"{cause} {getattr(cause, 'sqlstate', None) or ''}"
    known = next((words for part, words in _WORDS.items() if part in said), None)
    return known or f"the database is out of reach: {type(failure).__name__}"

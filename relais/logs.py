"""What the program says about its own work: no content, no name, no chat, no token.

Whoever logs keeps to that rule. This room is the last line of defence, for what others log or
raise: of a foreign library only warnings, and only their first line; of an error its type and
where it happened, and its words only where they never repeat what was handled; and whatever looks
like a secret is struck out at the very end, tracebacks included.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from records.errors import RecordsError

log = logging.getLogger("relais")
STRUCK = "•••"
WHEN = "%Y-%m-%dT%H:%M:%S%z"  # local time, and how far from UTC it is
_OURS = re.compile(r"relais(\.|$)")
# Their words are the program's or the machine's own; a ValueError repeats what it could not read.
_TELLING = (AttributeError, ImportError, NameError, OSError, RecordsError, RuntimeError, TypeError)
_SECRETS = tuple(
    (re.compile(pattern, re.IGNORECASE), kept)
    for pattern, kept in (
        (r"\d{5,}(?::|%3a)[\w-]{8,}", ""),  # a bot's token, as in /bot123:ABC/sendMessage
        (r"rk1_[\w-]+", ""),  # a key of ours
        (r"([?&]start=|/start\s+)[\w-]+", r"\1"),  # an invitation's link
        (r"(secret[\w-]{0,16}[\"']?\s*[:=]\s*b?[\"']?)[^\s\"',;)]+", r"\1"),  # the webhook's
        (r"((?:__host-)?relais=)[^\s\"';]+", r"\1"),  # a session's cookie
        (r"(chat_?id[\"']?\s*[:=]\s*[\"']?)-?\d+", r"\1"),
        (r"(://)[^\s/@]+@", r"\1"),  # who enters a database or a mail server, and how
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", ""),
    )
)
# What is left of random links and tokens: long, of letters both small and large, and of digits.
_RANDOM = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{24,}")


def begin(level: str) -> None:
    """Write to standard error from this level on: ours all, those of libraries from WARNING on.

    A program that has its own handlers, as the tests have, keeps them.
    """
    log.setLevel(logging.DEBUG)
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(Discreet())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda _kind, failure, _trace: _ended("the program ended", failure)
    threading.excepthook = lambda what: _ended("a thread ended", what.exc_value)
    sys.unraisablehook = lambda what: _ended("something ended", what.exc_value)


class Discreet(logging.Formatter):
    """Formats a record so that nothing gets through that should not."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        if not _OURS.match(record.name):
            said = said.partition("\n")[0]  # what follows shows whole objects
        lines = [f"{self.formatTime(record, WHEN)} {record.name} {record.levelname} {said}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += told(record.exc_info[1])
        if record.stack_info:
            lines.append(record.stack_info)
        return redacted("\n".join(lines))


def redacted(text: str) -> str:
    """The text without whatever looks like a secret."""
    for pattern, kept in _SECRETS:
        text = pattern.sub(f"{kept}{STRUCK}", text)
    return _RANDOM.sub(STRUCK, text)


def told(failure: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """A traceback, oldest error first, line by line, without words that repeat what was handled."""
    before = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    seen |= {id(failure)}
    if before is not None and id(before) not in seen:
        yield from told(before, seen)
        yield "which led to:"
    for frame in traceback.format_tb(failure.__traceback__):
        yield frame.rstrip()
    yield f"{type(failure).__module__}.{type(failure).__qualname__}{_words(failure)}"
    for one in failure.exceptions if isinstance(failure, BaseExceptionGroup) else ():
        if id(one) not in seen:
            yield from told(one, seen)


def _words(failure: BaseException) -> str:
    if isinstance(failure, DBAPIError):
        return f" ({type(failure.orig).__name__} {getattr(failure.orig, 'sqlstate', '')})"
    return f": {failure}" if isinstance(failure, _TELLING) else ""


def _ended(what: str, failure: BaseException | None) -> None:
    log.critical("%s on an error", what, exc_info=failure)

"""Desk text in gettext catalogues: each identifier is the French sentence itself.

French is what the code says; a catalogue of another language replaces it when a request asks.
Sentences are formatted with `%(name)s`, in templates and in code alike, so a lone % is `%%`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.support import Translations

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "desk"

_FRENCH = NullTranslations()
_speaking: ContextVar[NullTranslations] = ContextVar("_speaking")


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(LOCALE, [language], DOMAIN)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say what follows in this language, where a compiled catalogue has it."""
    token = _speaking.set(_catalogue(language))
    try:
        yield
    finally:
        _speaking.reset(token)


def _(sentence: str, **facts: Any) -> str:
    return gettext(sentence) % facts


def marked(sentence: str) -> str:
    """Mark a sentence of a table for extraction; it is said later, with `_`."""
    return sentence


def counted(one: str, many: str, count: int, **facts: Any) -> str:
    return ngettext(one, many, count) % {"num": count, **facts}


def gettext(sentence: str) -> str:
    return _speaking.get(_FRENCH).gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """French counts zero as one: « 0 message »."""
    spoken = _speaking.get(_FRENCH)
    if type(spoken) is NullTranslations:
        return one if count < 2 else many
    return spoken.ngettext(one, many, count)

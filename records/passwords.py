"""Passwords: how they are kept and compared, and which ones are too easy to guess.

Length is asked for, never a mixture of signs (ASVS 5 § 6.2). Refused are the passwords most often
found in breaches and those that hold little else than a word of the house. The list is the ten
thousand most frequent of twelve characters and more among the SecLists project's « 10 million
passwords » (CC BY-SA 3.0).
"""

import gzip
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from records.errors import Refused

LENGTH = (12, 128)
OWN = 8  # characters that are left when the words of the house are taken out
DIFFERENT = 5  # « aaaaaaaaaaaa » is long and worth nothing
PRODUCT = "relais"
COPIED_BY_HAND = "abcdefghijkmnpqrstuvwxyz23456789"  # without l/1 and o/0
_COMMON = Path(__file__).with_name("common_passwords.txt.gz")


def new_password() -> str:
    """Four groups of five: a hundred bits. Whoever gets it is to change it."""
    return groups(4, 5)


def groups(count: int, length: int) -> str:
    """« k3f9x-p2mna »: five random bits a character, easy to copy."""
    one = ("".join(secrets.choice(COPIED_BY_HAND) for _ in range(length)) for _ in range(count))
    return "-".join(one)


def hash_password(password: str) -> str:
    """Slow on purpose: call it off the event loop."""
    refuse_wrong_length(password)
    return PasswordHasher().hash(unicodedata.normalize("NFC", password))


def password_matches(stored: str, password: str) -> bool:
    """Slow on purpose; takes as long for an account that does not exist (`stored` empty)."""
    try:
        return PasswordHasher().verify(stored or _nobody(), unicodedata.normalize("NFC", password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def refuse_wrong_length(password: str) -> None:
    low, high = LENGTH
    if not low <= len(password) <= high:
        raise Refused("password_length", low=low, high=high, length=len(password))


def refuse_if_guessable(password: str, house: Iterable[str]) -> None:
    """`house`: what anybody near would try first — the login, the first name, the structure.

    Raises `Refused("password_common")` or `Refused("password_of_the_house")`.
    """
    folded = _folded(password)
    if folded in _common() or len(set(folded)) < DIFFERENT or _runs(folded):
        raise Refused("password_common")
    own = folded
    for word in sorted(_words([*house, PRODUCT]), key=len, reverse=True):
        own = own.replace(word, "")
    if own != folded and len(own) < OWN:
        raise Refused("password_of_the_house")


@cache
def _nobody() -> str:
    return PasswordHasher().hash(secrets.token_hex(16))


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode().split())


def _runs(folded: str) -> bool:
    """« abcdefghijkl », « 987654321098 »: each character follows the one before."""
    steps = {ord(b) - ord(a) for a, b in pairwise(folded)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _words(texts: Iterable[str]) -> set[str]:
    """The words of these texts that are long enough to be recognised, accents put aside."""
    return {
        word
        for text in texts
        for word in "".join(c if c.isalnum() else " " for c in _folded(text)).split()
        if len(word) >= 4
    }


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()

"""From what young people write to plain words, the same for a text and for the phrases that are
listened for in it (`content.distress`).

Accents, capitals, drawn-out letters and invisible signs go; what is shortened, turned round or
written by ear is written out; verbs have one form, since « il ma toucher » is how « il m'a touché »
is written; a slip of the thumb in a long word is mended where it can stand for one word only. The
tables are data: `spellings.yaml`. Nothing is kept of a text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, zip_longest
from typing import Any

from content.library import PACKAGED
from content.source import read

_TWICE = re.compile(r"([a-z])\1+")
_TOKEN = re.compile(r"[a-z0-9@$*]+")
_AMOUNT = re.compile(r"([0-9]{1,6})(k|e|eur|euros?|)")
_LEET = str.maketrans("013457@$", "oieastas")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})
_ENDINGS = (
    "er e es ee ees ent ai ait ais aient et ez ant a as era eras erai erais erait eront eraient"
).split()
_PRONOUNS = {"j": "je", "m": "me", "s": "se", "t": "te"}
SURE = 4  # letters: a shorter word, its doubled letters gone, may be another one
SLIPS = 6  # letters of a word in which one slip is mended; in a shorter one it may be another word
LONGEST = 20  # letters: what is longer is no word


def words(text: str) -> list[str]:
    """A text as plain words. Takes time in proportion to the text's length, whatever the text."""
    return _apart(list(chain.from_iterable(map(_spelt, _TOKEN.findall(_plain(text))))))


def _apart(said: Sequence[str]) -> list[str]:
    """« ma tapé » is « m'a tapé »; « ma mère » stays."""
    after_ma = _done_to_me()
    apart: list[str] = []
    for word, following in zip_longest(said, said[1:]):
        apart += ("me", "a") if word == "ma" and following in after_ma else (word,)
    return apart


def _plain(text: str) -> str:
    """Marks go before and after letters are taken apart: a long pile of them would be slow."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _unmarked(text).translate(_LETTERS))
        text = _unmarked(text).lower()
    return text


def _unmarked(text: str) -> str:
    """Without combining marks nor invisible signs."""
    return "".join(
        letter
        for letter in text
        if letter.isascii() or unicodedata.category(letter) not in {"Mn", "Me", "Cf"}
    )


def _single(word: str) -> str:
    """« mouriiiir » and « frapper » with each letter once."""
    return _TWICE.sub(r"\1", word)


@lru_cache(4096)
def _spelt(token: str) -> tuple[str, ...]:
    """One token as the words that it stands for; none when it says nothing."""
    if len(token) > 4 * LONGEST:
        return (token[:LONGEST],)
    if amount := _AMOUNT.fullmatch(token):
        return _by_size(*amount.groups())
    known, plain = _known(), _single(token)
    if not plain.isalpha() and not plain.isdecimal():
        plain = plain if plain in known else _single(plain.translate(_LEET))
    for written in (token, plain):
        if written in known:
            return known[written]
    if plain in _lookalikes():
        return (plain,)
    return _with_its_pronoun(plain) or _mended(plain) or (plain,)


def _by_size(digits: str, unit: str) -> tuple[str, ...]:
    """« 1500e », « 2k »: how much is enough to know, and whether it is money."""
    size = "20" if len(digits) > 1 else digits
    if unit == "k" or int(digits[:4]) >= 100:
        size = "1000"
    return (size, "argent") if unit.startswith("e") else (size,)


def _with_its_pronoun(token: str) -> tuple[str, ...]:
    """« mfaire », « jprends »: nothing but a letter stands for « me » or « je »."""
    pronoun, rest = _PRONOUNS.get(token[:1]), token[1:]
    if pronoun is None:
        return ()
    if rest in _can_be_joined():
        return (pronoun, *_known().get(rest, (rest,)))
    joined = _with_its_pronoun(rest) if token.startswith("jm") else ()  # « jmendors »
    return (pronoun, *joined) if joined else ()


def _mended(token: str) -> tuple[str, ...]:
    """The word from which one slip leads to this one: a letter left out, added, or two turned
    round. The first letter is trusted."""
    if not SLIPS <= len(token) <= LONGEST:
        return ()
    slips = _slips()
    for near in _without_a_letter(token):
        if (meant := slips.get(near)) and _one_slip(meant, token):
            return _known().get(meant, (meant,))
    return ()


def _without_a_letter(word: str) -> Iterable[str]:
    """The word itself, then short of each letter but the first."""
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _one_slip(meant: str, written: str) -> bool:
    if abs(len(meant) - len(written)) == 1:
        return True  # one is the other without a letter
    return len(meant) == len(written) and sorted(meant) == sorted(written)


# The tables -----------------------------------------------------------------------------------


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = read(PACKAGED / "spellings.yaml", "content/spellings.yaml").data
    return tables


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Each way of writing, and the words that it stands for; fillers stand for none."""
    tables = _tables()
    forms = _conjugated()
    written = {
        _plain(short): tuple(chain.from_iterable(forms.get(one, (one,)) for one in _said(long)))
        for long, shorts in tables["words"].items()
        for short in shorts.split()
    }
    drawn_out = {_single(short): long for short, long in written.items()}
    spelt = {short: long for short, long in drawn_out.items() if len(short) >= SURE} | written
    return forms | spelt | {_plain(filler): () for filler in tables["fillers"].split()}


def _said(words_: str) -> list[str]:
    return _single(words_).split()


@cache
def _conjugated() -> dict[str, tuple[str, ...]]:
    """Each form of each verb, as it is said or written: « touché » is « toucher »."""
    regular: dict[str, tuple[str, ...]] = {
        _single(f"{verb[:-2]}{ending}"): (_single(verb),)
        for verb in _tables()["verbs"].split()
        for ending in _ENDINGS
    }
    others: dict[str, tuple[str, ...]] = {
        _single(_plain(form)): (_single(verb),)
        for verb, forms in _tables()["irregular"].items()
        for form in (verb, *forms.split())
    }
    return regular | others


@cache
def _can_be_joined() -> frozenset[str]:
    return frozenset({*_conjugated(), *_tables()["joined"].split()})


@cache
def _done_to_me() -> frozenset[str]:
    """What follows « ma » when it stands for « m'a »."""
    done = chain(_tables()["verbs"].split(), _tables()["irregular"], _tables()["done"].split())
    return frozenset(chain.from_iterable(map(_spelt, done)))


@cache
def _lookalikes() -> frozenset[str]:
    return frozenset(map(_single, _tables()["lookalikes"].split()))


@cache
def _slips() -> dict[str, str]:
    """Long words that are listened for, by themselves and short of one letter."""
    meant = sorted({*_tables()["slips"].split()}, key=len)
    long = [word for word in map(_single, meant) if len(word) >= SLIPS]
    return {near: word for word in reversed(long) for near in _without_a_letter(word)}

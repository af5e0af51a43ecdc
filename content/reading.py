"""How easy a French text is to read, and which of its words are too hard for a ten-year-old.

The measure is Flesch's reading ease as Kandel and Moles fitted it to French: 207 - 1.015 x words
by sentence - 73.6 x syllables by word (L. Kandel, A. Moles, « Application de l'indice de Flesch à
la langue française », Cahiers d'études de radio-télévision 19, 1958). Flesch's own table gives 90
and above to the last year of primary school (R. Flesch, « A new readability yardstick », Journal
of Applied Psychology 32(3), 1948). A formula cannot tell a rare word from a common one of the same
length: `hard_words.yaml` says which are rare.
"""

import re
from collections.abc import Iterator
from functools import cache

from content.library import PACKAGED
from content.source import read
from content.syllables import syllables
from dialogs.script import NAMED

CM2 = 90.0
"""The least ease of a whole text for the last year of primary school."""
LONGEST_SENTENCE = 25
"""Words: twice what a sentence counts on average."""

_UNSAID = re.compile(r"\w+://\S+|(?<!\w)/[a-z]+")  # an address, a command
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_END = re.compile(r"[.!?…;:\n•]+")  # what Flesch takes for the end of a thought
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_ENDINGS = (
    "e es ons ez ent é ée és ées er ait ais aient ions iez era erai eras eront erons erez erait "
    "erais ant"
).split()


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; answers filled in later, addresses and commands left out."""
    said = _UNSAID.sub(" ", NAMED.sub(" ", text))
    return [words for part in _END.split(said) if (words := _WORD.findall(part))]


def ease(*texts: str) -> float | None:
    """Kandel and Moles's ease of these texts together, 120 at most or so; None without a word."""
    said = [words for text in texts for words in sentences(text)]
    words = [word for sentence in said for word in sentence]
    if not words:
        return None
    sounds = sum(map(syllables, words))
    return 207 - 1.015 * len(words) / len(said) - 73.6 * sounds / len(words)


def hard(text: str) -> Iterator[tuple[str, str]]:
    """Each hard word of a text, with a plainer way to say it."""
    known = _forms()
    for sentence in sentences(text):
        for word in sentence:
            bare = _ELIDED.sub("", word).lower()
            if bare in known:
                yield word, known[bare]


@cache
def _forms() -> dict[str, str]:
    """Every form of every hard word, in small letters."""
    listed = read(PACKAGED / "hard_words.yaml", "content/hard_words.yaml").data["hard"]
    return {form: plain for word, plain in listed.items() for form in _inflected(word)}


def _inflected(word: str) -> Iterator[str]:
    yield word
    if word.endswith("er"):
        yield from (f"{word[:-2]}{ending}" for ending in _ENDINGS)
        return
    yield from (f"{word}{ending}" for ending in ("s", "e", "es"))
    for masculine, feminine in (("if", "ive"), ("el", "elle"), ("eux", "euse"), ("al", "aux")):
        if word.endswith(masculine):
            stem = word.removesuffix(masculine)
            yield from (f"{stem}{feminine}", f"{stem}{feminine}s")

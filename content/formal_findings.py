"""What cannot be said with « vous » yet, and what is said wrongly so (`content.formal`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from content.catalogue import Sentence, sentences
from content.errors import NBSP, Problem, quoted
from content.formal import FORMAL, says_tu
from content.library import Library
from content.texts import LIMITS
from dialogs.script import NAMED

FILE = f"locale/{FORMAL}.po"


def lacking(library: Library) -> dict[str, list[Sentence]]:
    """The sentences that say « tu » and have no other words, by the file where they stand."""
    known = library.entries(FORMAL)
    found: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences(library):
        if says_tu(sentence.words) and sentence.words not in known:
            found[sentence.source.shown].append(sentence)
    return dict(found)


def not_begun(library: Library) -> list[str]:
    """The scripts that still say « tu » to everybody: none of their own sentences has other words."""
    begun = _begun(library)
    return [file for file in lacking(library) if "/scripts/" in file and file not in begun]


def findings(library: Library) -> Iterator[Problem]:
    """What is to be mended, once there is a catalogue. A script that was begun is finished, and all
    else that the bot says is always there."""
    if FORMAL not in library.voices:
        return
    left = set(not_begun(library))
    for file, missing in lacking(library).items():
        for sentence in missing if file not in left else ():
            yield _problem(sentence, "ne se dit pas encore avec « vous »", "écrivez-le")
    for sentence in sentences(library):
        yield from _wrong(sentence, library.entries(FORMAL).get(sentence.words))


def said(library: Library) -> Iterator[Sentence]:
    """What is said with « vous », where its « tu » stands: to be checked like any other text."""
    known = library.entries(FORMAL)
    for sentence in sentences(library):
        if sentence.words in known:
            yield replace(sentence, words=known[sentence.words])


def to_write(library: Library) -> str:
    """What lacks, as entries of the catalogue that only wait for their words."""
    told: set[str] = set()
    return "\n".join(
        entry
        for file, missing in lacking(library).items()
        for sentence in missing
        if (entry := _entry(file, sentence, told))
    )


def _entry(file: str, sentence: Sentence, told: set[str]) -> str:
    if sentence.words in told:
        return ""
    told.add(sentence.words)
    return f'#: {file}\nmsgid {_po(sentence.words)}\nmsgstr ""\n'


def _po(words: str) -> str:
    lines = [
        part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        for part in words.splitlines(keepends=True)
    ]
    return "\n".join(f'"{line}"' for line in (lines if len(lines) == 1 else ["", *lines]))


def _begun(library: Library) -> set[str]:
    """The files of which a sentence that stands nowhere else has other words."""
    known, where = library.entries(FORMAL), defaultdict(set)
    for sentence in sentences(library):
        where[sentence.words].add(sentence.source.shown)
    return {file for words, files in where.items() if words in known for file in _only(files)}


def _only(files: set[str]) -> Sequence[str]:
    return list(files) if len(files) == 1 else []


def _wrong(sentence: Sentence, said: str | None) -> Iterator[Problem]:
    if said is None or said == sentence.words:  # unchanged on purpose: « vous » changes nothing
        return
    if says_tu(said):
        yield _problem(sentence, "dit encore « tu »", "changez-le", said)
    if set(NAMED.findall(said)) != set(NAMED.findall(sentence.words)):
        yield _problem(sentence, "ne nomme pas les mêmes réponses", "reprenez ses accolades", said)
    if sentence.place and len(said) > LIMITS[sentence.place]:
        limit = LIMITS[sentence.place]
        yield _problem(sentence, f"dépasse {limit} caractères", "raccourcissez-le", said)


def _problem(sentence: Sentence, reason: str, remedy: str, said: str = "") -> Problem:
    line = (said or sentence.words).replace("\n", " ")
    short = line if len(line) <= 60 else f"{line[:59]}…"
    told = reason.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")
    return sentence.source.problem(
        sentence.where, f"{quoted(short)} {told}.", f"{remedy} dans {FILE}."
    )

"""A translation goes out as a `.po` that any editor opens, and comes back checked:
`python -m content translate LANGUE`.

Nothing is written unless the whole file is sound: what a translator sent is theirs to mend, and the
catalogue that youths read is never left half right.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

from content.catalogue import Sentence, sentences, wrongly_said
from content.errors import NBSP, Problem, quoted
from content.library import Library
from content.rules import MARKUP
from content.source import read_text
from content.texts import LIMITS, Place
from content.translation import catalogue_of
from dialogs.script import NAMED

LANGUAGE = re.compile(r"(?!fr)[a-z]{2,3}(?:_[A-Z]{2})?")
"""ISO 639, with a country where one matters. French is the text itself."""
_PARTS: dict[Place, str] = {
    "title": "titre",
    "invitation": "écran",
    "text": "écran",
    "label": "bouton",
    "recalled": "fin de phrase",
    "line": "ligne",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of one file is said in a language."""

    file: str
    said: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when nothing lacks."""
        return 100 * self.said // self.whole


def progress(library: Library, language: str) -> list[Progress]:
    """File by file, in the order of the files; a sentence that stands twice counts in both."""
    known = library.entries(language)
    counts: dict[str, tuple[int, int]] = {}
    for sentence in sentences(library):
        said, whole = counts.get(sentence.source.shown, (0, 0))
        counts[sentence.source.shown] = said + (sentence.words in known), whole + 1
    return [Progress(file, *count) for file, count in counts.items()]


def sent_out(library: Library, language: str) -> str:
    """The whole catalogue: what is said already, and what waits for its words."""
    return _written(library, language, library.entries(language), every=True)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a translator's file holds. `problems` keep it from being taken; the rest is only told."""

    catalogue: str
    problems: list[Problem]
    taken: int
    unsure: list[str]


def taken_back(library: Library, language: str, path: Path) -> Returned:
    """The catalogue as it would be with this file. Raises ContentError when it is no gettext."""
    given = catalogue_of(path, path.name)
    known = {sentence.words: sentence for sentence in sentences(library)}
    problems = [
        problem
        for french, said in given.items()
        for problem in _problems(known.get(french), french, said, language, path.name)
    ]
    merged = {**library.entries(language), **given}
    catalogue = _written(library, language, merged, every=False)
    return Returned(catalogue, problems, len(given), _unsure(path))


def _problems(
    sentence: Sentence | None, french: str, said: str, language: str, file: str
) -> Iterator[Problem]:
    if sentence is None:
        reason = f"{quoted(french[:60])} n'est plus un texte de Relais."
        yield Problem(
            file, 1, "", reason, "demandez un fichier à jour (--out), et reprenez-y le vôtre."
        )
        return
    yield from wrongly_said(sentence, said, language)
    if found := MARKUP.search(said):
        reason = f"{quoted(found[0])} ressemble à une balise, et se lirait tel quel."
        yield sentence.source.problem(sentence.where, reason, "écrivez le texte nu.")


def _unsure(path: Path) -> list[str]:
    """What the translator marked as to be seen again (« fuzzy »): it is left out."""
    from babel.messages.pofile import read_po

    return [
        str(one.id) for one in read_po(StringIO(read_text(path, path.name))) if one.fuzzy and one.id
    ]


def _written(library: Library, language: str, known: Mapping[str, str], *, every: bool) -> str:
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog()
    for sentence in sentences(library):
        said = known.get(sentence.words, "")
        if said or every:
            catalogue.add(
                sentence.words,
                said,
                locations=[(sentence.source.shown, 0)],
                auto_comments=[_told(sentence)] if every else [],
            )
    written = BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, include_lineno=False)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    return header + written.getvalue().decode()


def _told(sentence: Sentence) -> str:
    """What a translator should know of it: where it stands, how long it may be, what to keep."""
    parts = [".".join(map(str, sentence.where))]
    if sentence.place:
        parts.append(f"{_PARTS[sentence.place]}, {LIMITS[sentence.place]} caractères au plus")
    if names := sorted(set(NAMED.findall(sentence.words))):
        parts.append(f"gardez {', '.join(f'{{{name}}}' for name in names)}")
    return f" {NBSP}; ".join(parts).replace(f" {NBSP};", f"{NBSP};")

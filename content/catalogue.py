"""Translation, by gettext: the French text is the key; what a translator gets, and what lacks.

`content.pot` holds every sentence in the order of the files, without dates or line numbers, so
that it changes only when a sentence does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from content.errors import Problem, quoted
from content.library import PACKAGED, Library
from content.source import Source, Where, read
from content.texts import LIMITS, Place, texts
from dialogs.script import NAMED

LANGUAGES = {"en": "en anglais"}
"""The languages that must be complete, as a sentence says them."""

_HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@dataclass(frozen=True, slots=True)
class Sentence:
    """One French text, where it stands, and on which part of a screen when that limits it."""

    source: Source
    where: Where
    words: str
    place: Place | None = None


def sentences(library: Library) -> Iterator[Sentence]:
    """All that a youth reads: the interface, the help numbers' words, the scripts, the courses."""
    asked = {key: where for where, key, _ in library.consents.asked()}
    for key, words in library.interface.items():
        if key not in asked:
            yield Sentence(library.interface_source, (key,), words)
    for key, where in asked.items():
        yield Sentence(library.consents.source, where, library.interface[key])
    numbers = read(PACKAGED / "help.yaml", "content/help.yaml")
    for place, number in enumerate(numbers.data["numbers"]):
        for field in ("use", "hours"):
            yield Sentence(numbers, ("numbers", place, field), number[field])
    for script in library.every_version():
        source = library.sources[script.name, script.version]
        for text in texts(script):
            yield Sentence(source, text.where, text.words, text.place)
    for name, course in library.courses.items():
        for field in ("title", "about", "invitation"):
            yield Sentence(library.course_sources[name], (field,), getattr(course, field))


def template(library: Library) -> str:
    """The text of `content.pot`."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog()
    for sentence in sentences(library):
        catalogue.add(
            sentence.words,
            locations=[(sentence.source.shown, 0)],
            auto_comments=[".".join(map(str, sentence.where))],
        )
    written = BytesIO()
    write_po(written, catalogue, omit_header=True, include_lineno=False)
    return _HEADER + written.getvalue().decode()


def template_path(library: Library) -> Path:
    return library.folder / "locale" / "content.pot"


def untranslated(library: Library) -> Iterator[Problem]:
    """Each sentence without a sound translation, in every language that must be complete."""
    for language in LANGUAGES:
        if language not in library.languages:
            yield Problem(
                f"{library.folder.name}/locale/{language}.po",
                1,
                "",
                "ce catalogue n'existe pas.",
                "traduisez locale/content.pot.",
            )
            continue
        known = library.entries(language)
        seen: set[str] = set()
        for sentence in sentences(library):
            if sentence.words not in seen:
                seen.add(sentence.words)
                yield from _wrong(sentence, known.get(sentence.words), language)


def _wrong(sentence: Sentence, said: str | None, language: str) -> Iterator[Problem]:
    if said is None:
        yield sentence.source.problem(
            sentence.where,
            f"{quoted(_short(sentence.words))} n'est pas traduit {LANGUAGES[language]}.",
            f"traduisez-le dans locale/{language}.po.",
        )
        return
    yield from wrongly_said(sentence, said, language)


def wrongly_said(sentence: Sentence, said: str, language: str) -> Iterator[Problem]:
    """A translation that would lose an answer, or not fit on the screen."""
    file = f"locale/{language}.po"
    if set(NAMED.findall(said)) != set(NAMED.findall(sentence.words)):
        yield sentence.source.problem(
            sentence.where,
            f"{quoted(_short(said))} ne nomme pas les mêmes réponses que le français.",
            f"reprenez les mêmes accolades dans {file}.",
        )
    if sentence.place and len(said) > LIMITS[sentence.place]:
        yield sentence.source.problem(
            sentence.where,
            f"{quoted(_short(said))} fait {len(said)} caractères, plus de "
            f"{LIMITS[sentence.place]}.",
            f"raccourcissez-le dans {file}.",
        )


def _short(words: str) -> str:
    line = words.replace("\n", " ")
    return line if len(line) <= 60 else f"{line[:59]}…"

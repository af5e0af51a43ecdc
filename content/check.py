"""What an author is asked to mend before others read it, beyond what the program refuses to load.

Spelling that a machine can see, a tone that orders, words that a ten-year-old may not know, a
translation that lacks, a published version that changed. `python -m content check` prints them; the program itself starts without.
"""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from content import catalogue, formal_findings, published, reading
from content.errors import NBSP, ContentError, Problem, quoted, spaced
from content.library import Library
from content.rules import MARKUP
from content.source import Where
from content.texts import texts
from content.ways import screens

_SINGLE = re.compile(
    rf"(?<![{NBSP}!?(])[;!?]"  # « ?! » and « (?) » need none inside
    rf"|(?<!{NBSP})»"
    rf"|(?<![{NBSP}\d]):"
    rf"|(?<=\d):(?!\d)"  # 14:30 is a time
    rf"|«(?!{NBSP})"
    rf"|\u202f|{NBSP}(?=[,.\s{NBSP}])|\s(?={NBSP})|\A{NBSP}|{NBSP}\Z"
    r"|\b\d{1,2}(?:h| h) ?\d{2}\b|\b\d{1,2}\u00a0h \d{2}\b"
)
_FRENCH = re.compile(rf"[\s{NBSP}\u202f][:;!?]|[«»]")
_ADDRESS = re.compile(r"\w+://\S+")
MOST_SCREENS = 8
WORDINGS = 3  # with two, a message that was lost on its way would let one be read twice running
_ORDER = re.compile(
    r"\btu\s+(?:ne\s+)?(?:dois|devras|devrais)\b|\bvous\s+(?:ne\s+)?dev(?:ez|rez|riez)\b"
    r"|\bdois-tu\b|\bdevez-vous\b|\bfaut\s+(?:absolument\s+)?que\s+(?:tu|vous)\b"
    r"|\bil\s+(?:te|vous)\s+faut\b|\b(?:tu\s+es|t['\u2019]es)\s+obligé",
    re.IGNORECASE,
)


def check(folder: Path) -> tuple[Library | None, list[Problem]]:
    """The folder if it can be loaded, and all that is to be mended in it."""
    try:
        library = Library(folder, partly=True)
    except ContentError as refused:
        return None, list(refused.problems)
    return library, sorted(
        {
            *library.problems,
            *_worded(library),
            *catalogue.untranslated(library),
            *formal_findings.findings(library),
            *_translated_plainly(library),
            *_reworded(library),
            *_too_long(library),
            *_read_easily(library),
            *_changed(library),
        }
    )


def _changed(library: Library) -> Iterator[Problem]:
    """A version is not said to be gone when its file is there, and could not be read."""
    unread = {_script(problem.file) for problem in library.problems}
    for problem in published.changed(library):
        if _script(problem.file) not in unread:
            yield problem


def _script(file: str) -> str:
    return file.removesuffix(".yaml").partition("@")[0]


def misplaced(words: str) -> str | None:
    """The first sign that lacks its non-breaking space (U+00A0), with what stands around it."""
    words = _ADDRESS.sub("", words)
    found = _SINGLE.search(words)
    if found is None:
        return None
    return words[max(0, found.start() - 8) : found.end() + 8].strip().replace("\n", " ")


def _worded(library: Library) -> Iterator[Problem]:
    for sentence in (*catalogue.sentences(library), *formal_findings.said(library)):
        if around := misplaced(sentence.words):
            yield sentence.source.problem(
                sentence.where,
                f"une espace insécable manque, ou est mal placée{NBSP}: {quoted(around)}.",
                spaced("mettez U+00A0 avant « : ; ! ? » et dans les guillemets."),
            )
        if found := _ORDER.search(sentence.words):
            yield sentence.source.problem(
                sentence.where,
                f"{quoted(found[0])} donne un ordre.",
                f"dites {quoted('tu peux')}, ou posez une question.",
            )


def _translated_plainly(library: Library) -> Iterator[Problem]:
    """A translation is plain text too, and spaced as its own language is."""
    for language, sentence in product(catalogue.LANGUAGES, catalogue.sentences(library)):
        said = library.entries(language).get(sentence.words, "")
        remedy = f"corrigez-le dans locale/{language}.po."
        if found := MARKUP.search(said):
            reason = f"{quoted(found[0])} ressemble à une balise, et se lirait tel quel."
            yield sentence.source.problem(sentence.where, reason, remedy)
        if found := _FRENCH.search(said):
            around = said[max(0, found.start() - 8) : found.end() + 8]
            reason = f"{quoted(around)} est espacé comme en français."
            yield sentence.source.problem(sentence.where, reason, remedy)


def _reworded(library: Library) -> Iterator[Problem]:
    """A check-in comes back: it is proposed, and begins, in several wordings, all different."""
    for script in library.catalogue("checkin"):
        source = library.sources[script.name, script.version]
        places: tuple[tuple[Where, tuple[str, ...]], ...] = (
            (("invitations",), script.invitations),
            (("steps", script.first, "also"), script.wordings),
        )
        for where, said in places:
            if len(set(said)) < max(WORDINGS, len(said)):
                yield source.problem(
                    where,
                    f"une prise de nouvelles revient{NBSP}: il lui faut au moins {WORDINGS} façons "
                    "de dire, toutes différentes.",
                    "écrivez-en d'autres.",
                )


def _too_long(library: Library) -> Iterator[Problem]:
    """An exercise fits between two things to do; a survey has as many screens as items."""
    for script in library.catalogue("exercise"):
        most = screens(script)[1]
        if most > MOST_SCREENS:
            yield library.sources[script.name, script.version].problem(
                ("steps",),
                f"un chemin passe par {most} écrans, plus de {MOST_SCREENS}.",
                "retirez un écran, ou faites-en passer un par un autre chemin.",
            )


def _read_easily(library: Library) -> Iterator[Problem]:
    """Each script as a whole, and each sentence and word: a title alone is too short to measure."""
    for script in library.every_version():
        ease = reading.ease(*(text.words for text in texts(script) if text.place == "text"))
        if ease is not None and ease < reading.CM2:
            yield library.sources[script.name, script.version].problem(
                ("steps",),
                f"le texte se lit à {ease:.0f} sur l'échelle de Kandel et Moles, sous "
                f"{reading.CM2:.0f}{NBSP}: trop dur à dix ans.",
                "raccourcissez les phrases, et prenez des mots plus courts.",
            )
    for sentence in catalogue.sentences(library):
        for word, plain in reading.hard(sentence.words):
            yield sentence.source.problem(
                sentence.where,
                f"{quoted(word)} est trop dur à dix ans.",
                f"dites plutôt {quoted(plain)}, sous la forme qui convient.",
            )
        for words in reading.sentences(sentence.words):
            if len(words) > reading.LONGEST_SENTENCE:
                yield sentence.source.problem(
                    sentence.where,
                    f"une phrase compte {len(words)} mots, plus de {reading.LONGEST_SENTENCE}.",
                    "coupez-la en deux.",
                )

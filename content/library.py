"""The content folder, read and checked once: scripts by name and version, sentences by key.

`load()` refuses a folder in which anything is broken, and says all that is. French is the text
itself; another language is a gettext catalogue whose keys are the French texts.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

from content import consents, courses, recalls
from content.courses import Course
from content.errors import ContentError, Problem, UnknownScript, french, quoted
from content.formal import FORMAL, says_tu
from content.rules import MARKUP, findings
from content.source import Source, read
from content.texts import LIMITS, in_other_words, texts
from content.translation import catalogue_of
from dialogs.engine import Phrases
from dialogs.script import NAMED, Script

__all__ = ["ContentError", "Library", "UnknownScript", "library", "load"]

PACKAGED = Path(__file__).parent
SHARED = (
    "go",
    "skip",
    "stop",
    "done",
    "notice",
    "stopped",
    "tomorrow",
    "in_days",
    "no_reminder",
)
NOTICE = (r"\b(?:ni|pas|aucun)\b", r"\bnoms?\b", r"\blieux?\b", r"\bmontants?\b")
"""What is read before any free text says, in whatever words."""
BUTTONS = tuple(f"script.{key}" for key in ("go", "skip", "stop", "done", "no_reminder", "resume"))
_Read = TypeVar("_Read", bound=BaseModel)
_KINDS = ("checkin", "exercise", "survey", "enrolment")


class Library:
    """All that a youth can read. Raises ContentError, with every problem of the folder at once."""

    current: ClassVar["Library | None"] = None

    def __init__(self, folder: Path, *, partly: bool = False) -> None:
        """`partly` keeps what can be read, for an author's check, and tells the rest in `problems`."""
        self.folder = folder.resolve()
        self.sources: dict[tuple[str, int], Source] = {}
        self._scripts: dict[tuple[str, int], Script] = {}
        self._translated: dict[tuple[str, int, str], Script] = {}
        self._parts: dict[tuple[str, str], list[str]] = {}
        self.courses: dict[str, Course] = {}
        self.course_sources: dict[str, Source] = {}
        self.interface: dict[str, str] = {}
        self.problems = problems = list[Problem]()
        for path in sorted((self.folder / "scripts").glob("*.yaml")):
            _gathered(problems, lambda path=path: self._take(path))  # type: ignore[misc]
        for path in sorted((self.folder / "courses").glob("*.yaml")):
            _gathered(problems, lambda path=path: self._take_course(path))  # type: ignore[misc]
        _gathered(problems, self._read_interface)
        _gathered(problems, self._read_consents)
        if problems and not hasattr(self, "consents"):
            self.consents = consents.read_from(
                read(PACKAGED / consents.FILE, f"content/{consents.FILE}")
            )
        _gathered(problems, self._read_catalogues)
        if problems and not partly:
            raise ContentError(problems)
        self._newest = dict(sorted(self._scripts))
        self.interface |= {key: words for _, key, words in self.consents.asked()}
        if problems:  # what another file lacks may be in the one that could not be read
            return
        problems += [*self._unversioned(), *self._unrecallable(), *self._unheld()]
        if problems and not partly:
            raise ContentError(problems)

    def script(self, name: str, version: int | None = None, language: str = "fr") -> Script:
        """A script, the newest version unless one is named. Raises UnknownScript."""
        if not self.has(name, version):
            raise UnknownScript(f"{name}@{version}" if version else name)
        key = name, version or self._newest[name]
        if language not in self.voices or language == "fr":
            return self._scripts[key]
        if (*key, language) not in self._translated:
            self._translated[*key, language] = self._said(self._scripts[key], language)
        return self._translated[*key, language]

    def _said(self, script: Script, language: str) -> Script:
        """In the words of another catalogue, once all of it is there; in French until then."""
        if not self.is_complete(script, language):
            return script
        return in_other_words(script, lambda text: self.translated(text, language))

    def is_complete(self, script: Script, language: str) -> bool:
        """Whether all of a script can be said in a language, or with « vous »."""
        return language == "fr" or not any(
            self._lacks(text.words, language) for text in texts(script)
        )

    def _lacks(self, french: str, language: str) -> bool:
        """Whether a sentence has no sound words of its own; « vous » needs them for « tu » only."""
        return self._sound_words(french, language) is None and (
            language != FORMAL or says_tu(french)
        )

    def has(self, name: str, version: int | None = None) -> bool:
        return name in self._newest if version is None else (name, version) in self._scripts

    def catalogue(self, kind: str | None = None, age: int | None = None) -> list[Script]:
        """The newest version of each script, shortest first; enrolment only when asked for."""
        newest = (self._scripts[key] for key in self._newest.items())
        return sorted(
            (
                script
                for script in newest
                if (script.kind == kind if kind else script.kind != "enrolment")
                and (age is None or script.ages[0] <= age <= script.ages[1])
            ),
            key=lambda script: (_KINDS.index(script.kind), script.minutes, script.name),
        )

    def course(self, name: str, language: str = "fr") -> Course | None:
        """A course in the youth's words; None where there is none of this name any more."""
        found = self.courses.get(name)
        if found is None or language == "fr" or language not in self.languages:
            return found
        return courses.in_other_words(found, lambda text: self.translated(text, language))

    def every_version(self) -> list[Script]:
        return [self._scripts[key] for key in sorted(self._scripts)]

    def phrase(self, key: str, language: str, **facts: Any) -> str:
        """One sentence of the interface. An unknown key or a fact that is lacking is a KeyError."""
        return filled(self.parts(key, language), facts)

    def parts(self, key: str, language: str) -> list[str]:
        """A sentence of the interface, cut where it names a fact: text, name, text, name, text."""
        found = self._parts.get((key, language))
        if found is None:
            found = NAMED.split(self.translated(self.interface[key], language))
            self._parts[key, language] = found
        return found

    def phrases(self, language: str) -> Phrases:
        kept = "{days}"  # filled in by the engine, for each reminder that a plan offers
        return Phrases(*(self.phrase(f"script.{key}", language, days=kept) for key in SHARED))

    def translated(self, french: str, language: str) -> str:
        """The French text in another language; as it is, where no sound translation exists."""
        return self._sound_words(french, language) or french

    def _sound_words(self, french: str, language: str) -> str | None:
        said = self.entries(language).get(french)
        sound = said and set(NAMED.findall(said)) <= set(NAMED.findall(french))
        return said if sound else None

    def entries(self, language: str) -> dict[str, str]:
        """A language's whole catalogue."""
        return self._catalogues.get(language, {})

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """What one can choose: French first, then each language that has a catalogue."""
        return tuple(voice for voice in self.voices if voice != FORMAL)

    @cached_property
    def voices(self) -> tuple[str, ...]:
        """All the words there are: each language; and French with « vous », where it is written."""
        return ("fr", *sorted({path.stem for path in self.translations}))

    @cached_property
    def translations(self) -> tuple[Path, ...]:
        """The catalogues; those of the folder come last and win over the packaged ones."""
        folders = dict.fromkeys((PACKAGED, self.folder))
        return tuple(path for folder in folders for path in sorted(folder.glob("locale/*.po")))

    def _take(self, path: Path) -> None:
        source = read(path, self._shown(path))
        script = _script(source)
        key = script.name, script.version
        self._refuse_name(path, source, script)
        if key in self._scripts:
            raise ContentError(
                [
                    source.problem(
                        ("version",),
                        f"la version {script.version} de {quoted(script.name)} existe déjà.",
                        "donnez à la nouvelle un numéro de plus.",
                    )
                ]
            )
        self._scripts[key], self.sources[key] = script, source

    def _refuse_name(self, path: Path, source: Source, script: Script) -> None:
        """`name.yaml` is the newest version; `name@1.yaml` an older one, for talks under way."""
        name, _, version = path.stem.partition("@")
        if script.name != name:
            raise ContentError(
                [
                    source.problem(
                        ("name",),
                        f"le script s'appelle {quoted(script.name)}, son fichier {quoted(name)}.",
                        "donnez-leur le même nom.",
                    )
                ]
            )
        if version and version != str(script.version):
            raise ContentError(
                [
                    source.problem(
                        ("version",),
                        f"la version {script.version} est dans un fichier {quoted(path.name)}.",
                        "donnez-leur le même numéro.",
                    )
                ]
            )

    def _take_course(self, path: Path) -> None:
        source = read(path, self._shown(path))
        course = _sound(Course, source)
        if course.name != path.stem:
            reason = (
                f"le parcours s'appelle {quoted(course.name)}, son fichier {quoted(path.stem)}."
            )
            raise ContentError([source.problem(("name",), reason, "donnez-leur le même nom.")])
        self.courses[course.name], self.course_sources[course.name] = course, source

    def _read_interface(self) -> None:
        path = self.folder / "interface.yaml"
        path = path if path.exists() else PACKAGED / "interface.yaml"
        source = read(path, self._shown(path))
        self.interface_source = source
        data = source.data if isinstance(source.data, dict) else {}
        self.interface = {key: text for key, text in data.items() if isinstance(text, str)}
        if wrong := [source.problem(*told) for told in _interface_findings(data)]:
            raise ContentError(wrong)

    def _read_consents(self) -> None:
        path = self.folder / consents.FILE
        path = path if path.exists() else PACKAGED / consents.FILE
        source = read(path, self._shown(path))
        if wrong := [source.problem(*told) for told in consents.findings(source)]:
            raise ContentError(wrong)
        self.consents = consents.read_from(source)

    def _unversioned(self) -> Iterable[Problem]:
        """The way in asks for consents in words that have a version."""
        for (name, version), script in self._scripts.items():
            for step, at in script.steps.items() if script.kind == "enrolment" else ():
                saved: str = getattr(at, "save", None) or ""
                purpose = saved.removeprefix(consents.SAVED)
                if (
                    saved != purpose
                    and self.consents.read_as(purpose, script.text_of(step)) is None
                ):
                    yield self.sources[name, version].problem(
                        ("steps", step, "text"),
                        f"cette question n'est d'aucune version dans {consents.FILE}.",
                        f"ajoutez-y une version de {quoted(purpose)} avec ces mots.",
                    )

    def _unrecallable(self) -> Iterable[Problem]:
        """What a script recalls was asked by one of this folder."""
        for key, script in self._scripts.items():
            for told in recalls.findings(script, self._scripts.values()):
                yield self.sources[key].problem(*told)

    def _unheld(self) -> Iterable[Problem]:
        """Each course can be held, with scripts of this folder."""
        for name, course in self.courses.items():
            for told in courses.findings(course, self._scripts.values()):
                yield self.course_sources[name].problem(*told)

    def _read_catalogues(self) -> None:
        self._catalogues: dict[str, dict[str, str]] = {}
        for path in self.translations:
            read = catalogue_of(path, self._shown(path))
            self._catalogues.setdefault(path.stem, {}).update(read)

    def _shown(self, path: Path) -> str:
        owner = self.folder if path.is_relative_to(self.folder) else PACKAGED
        return path.relative_to(owner.parent).as_posix()

    @classmethod
    def load(cls, folder: Path | None = None) -> "Library":
        """Those of a folder, read anew; or the packaged ones, which no running program changes."""
        Library.current = cls(folder) if folder else _packaged()
        return Library.current


load = Library.load


@cache
def _packaged() -> Library:
    return Library(PACKAGED)


def library() -> Library:
    """The one that was loaded at start."""
    return Library.current or load()


def filled(parts: list[str], facts: Mapping[str, Any]) -> str:
    """The sentence, with its facts in their places."""
    return "".join(str(facts[part]) if place % 2 else part for place, part in enumerate(parts))


def _gathered(problems: list[Problem], attempt: Callable[[], None]) -> None:
    try:
        attempt()
    except ContentError as refused:
        problems.extend(refused.problems)


def _sound(model: type[_Read], source: Source) -> _Read:
    try:
        return model.model_validate(source.data)
    except ValidationError as wrong:
        raise ContentError(
            source.problem(error["loc"], *french(error))
            for error in wrong.errors(include_url=False)
        ) from wrong


def _script(source: Source) -> Script:
    script = _sound(Script, source)
    if found := [source.problem(*told) for told in findings(script)]:
        raise ContentError(found)
    return script


def _interface_findings(interface: dict[str, Any]) -> Iterable[tuple[tuple[str], str, str]]:
    for key in SHARED:
        if f"script.{key}" not in interface:
            yield (
                (f"script.{key}",),
                f"il manque {quoted(f'script.{key}')}.",
                "ajoutez cette phrase.",
            )
    notice = str(interface.get("script.notice", "")).lower()
    if notice and not all(re.search(said, notice) for said in NOTICE):
        yield (
            ("script.notice",),
            "cet avis ne dit plus de n'écrire ni nom, ni lieu, ni montant.",
            "reprenez ces trois mots, et la négation.",
        )
    for key in BUTTONS:
        label = interface.get(key)
        if isinstance(label, str) and len(label) > LIMITS["label"]:
            yield (
                (key,),
                f"ce bouton fait {len(label)} caractères, plus de {LIMITS['label']}.",
                "raccourcissez-le.",
            )
    for key, text in interface.items():
        if not isinstance(text, str) or not text.strip():
            yield (key,), f"{quoted(key)} n'est pas un texte.", "mettez-le entre guillemets."
        elif found := MARKUP.search(text):
            yield (
                (key,),
                f"{quoted(found[0])} ressemble à une balise, et se lirait tel quel.",
                "écrivez le texte nu, sans mise en forme.",
            )

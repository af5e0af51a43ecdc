"""The table of all that a youth can be proposed: what each script trains, how long it is, how easily
it reads, in which words it can be said.

`docs/catalogue.md` is this table, kept true by `python -m content catalogue --check`.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from content import reading
from content.library import PACKAGED, Library
from content.texts import texts
from content.ways import screens
from dialogs.script import Script

DOCUMENT = PACKAGED.parent / "docs" / "catalogue.md"
GENERAL_SKILLS = (
    "Conscience de soi",
    "Maîtrise de soi",
    "Décisions constructives",
    "Conscience de ses émotions et de son stress",
    "Réguler ses émotions",
    "Gérer son stress",
    "Communication constructive",
    "Relations constructives",
    "Résoudre des difficultés",
)
"""Santé publique France, « Les compétences psychosociales : un référentiel », 2022."""
ADVP_PHASES = ("exploration", "cristallisation", "spécification", "réalisation")
"""Pelletier, Noiseux, Bujold, « Développement vocationnel et croissance personnelle », 1974."""
_KINDS = {"exercise": "exercice", "checkin": "prise de nouvelles", "survey": "questionnaire"}
_HEADS = (
    "compétence",
    "script",
    "sorte",
    "minutes",
    "écrans",
    "lecture",
    "langues",
    "âges",
    "ADVP",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One script. `screens` is the fewest and the most on any way through; `ease` is Kandel and
    Moles's measure (`content.reading`), 90 and above for a ten-year-old."""

    skill: str
    title: str
    kind: str
    minutes: int
    screens: tuple[int, int]
    ease: int
    languages: tuple[str, ...]
    ages: tuple[int, int]
    phases: tuple[str, ...]

    def cells(self) -> tuple[str, ...]:
        return (
            self.skill,
            self.title,
            _KINDS[self.kind],
            str(self.minutes),
            _span(self.screens),
            str(self.ease),
            ", ".join(self.languages),
            _span(self.ages),
            ", ".join(self.phases),
        )


def rows(library: Library) -> list[Row]:
    """Exercises by skill, then check-ins, then surveys."""
    phases = _phases(library)
    found = [
        Row(
            (script.skill or "").split(" (", maxsplit=1)[0],
            script.title,
            script.kind,
            script.minutes,
            screens(script),
            round(reading.ease(*(t.words for t in texts(script) if t.place == "text")) or 0),
            _languages(library, script),
            script.ages,
            phases.get(script.name, ()),
        )
        for kind in _KINDS
        for script in library.catalogue(kind)
    ]
    return sorted(found, key=lambda row: (list(_KINDS).index(row.kind), _rank(row), row.title))


def lacking(found: Iterable[Row]) -> list[str]:
    """The general skills and the phases that no exercise serves."""
    exercises = [row for row in found if row.kind == "exercise"]
    skills = {row.skill.split(" — ", maxsplit=1)[0] for row in exercises}
    phases = {phase for row in exercises for phase in row.phases}
    return [one for one in GENERAL_SKILLS if one not in skills] + [
        one for one in ADVP_PHASES if one not in phases
    ]


def table(found: Sequence[Row]) -> str:
    """For a terminal, in columns."""
    lines = [_HEADS, *(row.cells() for row in found)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(_HEADS))]
    return "\n".join(
        "  ".join(
            cell + " " * (wide - _width(cell)) for cell, wide in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def markdown(found: Sequence[Row]) -> str:
    """The same as a page of the documentation."""
    lines = [
        "# Ce que Relais propose",
        "",
        (
            "Écrit par `python -m content catalogue --markdown`. Écrans\u00a0: le moins et le plus sur un "
            "chemin. Lecture\u00a0: échelle de Kandel et Moles, 90 et plus pour dix ans. `fr_vous`\u00a0: "
            "le français avec «\u00a0vous\u00a0»."
        ),
        "",
        f"| {' | '.join(_HEADS)} |",
        f"|{'---|' * len(_HEADS)}",
        *(f"| {' | '.join(row.cells())} |" for row in found),
    ]
    return "\n".join(lines) + "\n"


def told(row: Row) -> dict[str, object]:
    """A row for `--json`."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _languages(library: Library, script: Script) -> tuple[str, ...]:
    return tuple(one for one in library.voices if library.is_complete(script, one))


def _phases(library: Library) -> dict[str, tuple[str, ...]]:
    """The phases of ADVP that a script serves, as the courses say it."""
    found: dict[str, tuple[str, ...]] = {}
    for course in library.courses.values():
        for step in course.steps.values():
            if step.phase and step.phase not in found.get(step.script, ()):
                found[step.script] = (*found.get(step.script, ()), step.phase)
    return found


def _rank(row: Row) -> int:
    general = row.skill.split(" — ", maxsplit=1)[0]
    return GENERAL_SKILLS.index(general) if general in GENERAL_SKILLS else len(GENERAL_SKILLS)


def _span(of: tuple[int, int]) -> str:
    return str(of[0]) if of[0] == of[1] else f"{of[0]}–{of[1]}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

"""Courses (parcours): a named sequence of scripts with a rhythm, as its author writes it.

`content/courses/*.yaml` are these models; their JSON Schema is published for editors. A course
under way is pinned to the steps that it began with (`records.course_run`): here are only its
words, and what is to be looked at before anybody begins it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from content.errors import quoted, spaced
from content.ways import Finding
from dialogs.script import Name, Script

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Phase = Literal["exploration", "cristallisation", "spécification", "réalisation"]
Purpose = Literal["messages", "exercises", "checkins", "sharing", "surveys"]
ScriptName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Ages = tuple[Annotated[int, Field(ge=12, le=25)], Annotated[int, Field(ge=12, le=25)]]

PURPOSES = {"exercise": "exercises", "checkin": "checkins", "survey": "surveys"}
OPEN = dict.fromkeys(DAYS[:5], ("10:00", "19:30")) | {"saturday": ("10:00", "19:00")}
"""When the default windows let anything leave, for the youths who have the most."""

_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rhythm(_Model):
    """On which days, and at which local time, one step after the other is proposed."""

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=6)]
    time: str


class Moment(_Model):
    """So many days after or before something; exactly one of them."""

    after_meeting: Annotated[int, Field(ge=1, le=30)] | None = None
    before_meeting: Annotated[int, Field(ge=1, le=14)] | None = None
    before_end: Annotated[int, Field(ge=0, le=180)] | None = None
    """Before the day on which the support is foreseen to end."""

    @property
    def chosen(self) -> tuple[str, int] | None:
        """Which, and how many days; None when nothing or several are named."""
        named = [(name, days) for name, days in self if days is not None]
        return named[0] if len(named) == 1 else None


class Answered(_Model):
    """An answer that the youth gave: staff see neither this step nor whether it was proposed."""

    script: ScriptName
    variable: Name
    values: Annotated[tuple[Name, ...], Field(min_length=1)]


class Only(_Model):
    """A step is proposed only if all of this holds at that moment."""

    done: Name | None = None
    """An earlier step of this course was done."""
    answered: Answered | None = None
    ages: Ages | None = None
    agreed: Purpose | None = None
    """This consent stands, besides the one that the step's own script needs."""


class Step(_Model):
    """One script. Without a moment of its own it takes its turn in the rhythm."""

    script: ScriptName
    at: Moment | None = None
    only: Only = Only()
    phase: Phase | None = None
    """Of the vocational method (ADVP), shown in the calendar."""


class Course(_Model):
    """What is proposed, how often, and in which words it is told to the youth."""

    name: ScriptName
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=32)]
    about: Annotated[str, Field(min_length=1, max_length=300)]
    """What it is, before one begins."""
    invitation: Annotated[str, Field(min_length=1, max_length=200)]
    """The words of the first proposal."""
    weeks: Annotated[int, Field(ge=1, le=12)]
    ages: Ages = (12, 25)
    rhythm: Rhythm
    starts: Moment | None = None
    """When it usually begins, where that is not at once."""
    steps: Annotated[dict[Name, Step], Field(min_length=1)]


def in_other_words(course: Course, say: Callable[[str], str]) -> Course:
    told = {field: say(getattr(course, field)) for field in ("title", "about", "invitation")}
    return course.model_copy(update=told)


def findings(course: Course, folder: Collection[Script]) -> Iterator[Finding]:
    """What is wrong with a course whose file is sound; each finding is where, why, the remedy."""
    yield from _of_the_rhythm(course)
    if course.starts and course.starts.chosen is None:
        yield ("starts",), *_SEVERAL_MOMENTS
    before: list[str] = []
    for name, step in course.steps.items():
        where = ("steps", name)
        if step.at is not None and step.at.chosen is None:
            yield (*where, "at"), *_SEVERAL_MOMENTS
        yield from _of_the_script(course, name, step, folder)
        yield from _of_the_condition(name, step, before, folder)
        before.append(name)


_SEVERAL_MOMENTS = (
    "un seul moment se nomme ici.",
    spaced("gardez un seul de « after_meeting », « before_meeting » et « before_end »."),
)


def _of_the_rhythm(course: Course) -> Iterator[Finding]:
    rhythm = course.rhythm
    if not _HOUR.fullmatch(rhythm.time):
        yield (
            ("rhythm", "time"),
            f"{quoted(rhythm.time)} n'est pas une heure.",
            f"écrivez-la entre guillemets, par exemple {quoted('18:00')}.",
        )
        return
    for place, day in enumerate(rhythm.days):
        if day not in OPEN:
            yield (
                ("rhythm", "days", place),
                f"rien ne part jamais le {quoted(day)}.",
                f"choisissez parmi {', '.join(OPEN)}.",
            )
        elif not OPEN[day][0] <= rhythm.time < OPEN[day][1]:
            yield (
                ("rhythm", "time"),
                f"rien ne part jamais à {quoted(rhythm.time)} le {quoted(day)}.",
                f"choisissez une heure entre {OPEN[day][0]} et {OPEN[day][1]}.",
            )
        if day in rhythm.days[:place]:
            yield ("rhythm", "days", place), f"{quoted(day)} est là deux fois.", "gardez-en un."
    in_turn, room = in_turn_of(course), course.weeks * len(set(rhythm.days))
    if in_turn > room:
        yield (
            ("weeks",),
            f"{in_turn} étapes ne tiennent pas en {course.weeks} semaines à ce rythme.",
            "donnez plus de semaines ou de jours, ou retirez des étapes.",
        )


def in_turn_of(course: Course) -> int:
    """How many steps follow the rhythm."""
    return sum(step.at is None for step in course.steps.values())


def _of_the_script(
    course: Course, name: str, step: Step, folder: Collection[Script]
) -> Iterator[Finding]:
    known = [one for one in folder if one.name == step.script]
    if not known:
        yield (
            ("steps", name, "script"),
            f"{quoted(step.script)} n'est pas un script de ce dossier.",
            "corrigez le nom, ou écrivez ce script.",
        )
        return
    newest = max(known, key=lambda one: one.version)
    if newest.kind == "enrolment":
        yield (
            ("steps", name, "script"),
            f"{quoted(step.script)} ne se propose pas : c'est l'arrivée.".replace(" :", "\u00a0:"),
            "nommez un exercice, une prise de nouvelles ou un questionnaire.",
        )
    low, high = step.only.ages or course.ages
    if low > high or high < newest.ages[0] or low > newest.ages[1]:
        yield (
            ("steps", name),
            f"{quoted(step.script)} n'est pour aucun des âges de cette étape.",
            f"donnez des âges entre {newest.ages[0]} et {newest.ages[1]}.",
        )


def _of_the_condition(
    name: str, step: Step, before: Collection[str], folder: Collection[Script]
) -> Iterator[Finding]:
    if step.only.done is not None and step.only.done not in before:
        yield (
            ("steps", name, "only", "done"),
            f"{quoted(step.only.done)} n'est pas une étape d'avant celle-ci.",
            f"choisissez parmi {', '.join(before)}." if before else "retirez cette condition.",
        )
    if (answered := step.only.answered) is None:
        return
    where = ("steps", name, "only", "answered")
    asked = [
        option.value
        for one in folder
        if one.name == answered.script
        for at, told in one.steps.items()
        if getattr(told, "save", None) == answered.variable
        for option in one.options_of(at)
    ]
    if not asked:
        yield (
            (*where, "variable"),
            f"{quoted(answered.script)} n'enregistre aucun choix sous {quoted(answered.variable)}.",
            f"nommez un de ses {quoted('save')}.",
        )
    elif unknown := set(answered.values) - set(asked):
        yield (
            (*where, "values"),
            f"{quoted(min(unknown))} n'est pas une réponse de {quoted(answered.script)}.",
            f"choisissez parmi {', '.join(dict.fromkeys(asked))}.",
        )


Plain = tuple[str, str, str, str, int, tuple[int, int], dict[str, Any]]


def plain_steps(course: Course, folder: Callable[[str], Script]) -> list[Plain]:
    """What the records keep of each step: its name, script, purpose, anchor, days, ages, needs."""
    return [_plain(name, step, course, folder(step.script)) for name, step in course.steps.items()]


def _plain(name: str, step: Step, course: Course, script: Script) -> Plain:
    anchor, days = (step.at.chosen if step.at else None) or ("", 0)
    low, high = step.only.ages or course.ages
    ages = max(low, script.ages[0]), min(high, script.ages[1])
    needs: dict[str, Any] = {}
    if step.only.done:
        needs["done"] = step.only.done
    if told := step.only.answered:
        needs["answered"] = [told.script, told.variable, list(told.values)]
    if step.only.agreed:
        needs["agreed"] = step.only.agreed
    return name, step.script, PURPOSES[script.kind], anchor, days, ages, needs

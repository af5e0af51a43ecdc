"""Courses as tests begin them: the packaged ones, or small ones of their own."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import content
from content.courses import plain_steps
from records import course_calendar, course_run
from records.course import Rhythm
from records.course_calendar import Entry
from records.course_record import Offered, Run, Wanted
from records.youth import Youth
from tests.town import Town


def wanted(name: str = "dire-non", **how: Any) -> Wanted:
    """A packaged course, as its author wrote it."""
    library = content.library()
    course = library.courses[name]
    rhythm = Rhythm.named(course.rhythm.days, course.rhythm.time)
    steps = [Offered(*one) for one in plain_steps(course, library.script)]
    return Wanted(name, course.version, how.pop("steps", steps), how.pop("rhythm", rhythm), **how)


def step(name: str, script: str = "ma-meteo", **how: Any) -> Offered:
    return Offered(name, script, how.pop("purpose", "exercises"), **how)


async def begin(town: Town, who: Youth, course: Wanted) -> Run:
    async with town.database.write() as tx:
        return await course_run.start(tx, town.now(), who, course)


async def shown(town: Town, run: Run) -> list[Entry]:
    async with town.database.read() as tx:
        return await course_calendar.calendar(tx, town.now(), run)


async def rehearsed(town: Town, who: Youth, course: Wanted) -> list[Entry]:
    async with town.database.write() as tx:
        return await course_calendar.rehearsed(tx, town.now(), who, course)


def leaving(entries: Sequence[Entry]) -> list[datetime]:
    """When what is shown as coming leaves, on the wall clock."""
    return [e.at.replace(tzinfo=None) for e in entries if e.status == "coming" and e.at]


def day(told: str) -> date:
    return date.fromisoformat(told)

"""`relais course`: the courses there are, the calendar of one before it begins, and where it stands.

A course that a youth began alone is never here.
"""

from collections.abc import Sequence
from typing import Any

import content
from admin.courses import condition, course_title, offered, step_status, step_title, why
from admin.french import WEEKDAYS, folded, parse_time
from content import day, day_and_time
from content.courses import DAYS, Course
from records import appointment, course_calendar, course_record, course_run, structure
from records.course import AFTER_MEETING, BEFORE_END, Rhythm
from records.course_calendar import Entry
from records.course_record import Run, Wanted
from records.database import Tx
from records.errors import NotFound, Refused
from records.structure import Structure
from records.youth import Youth
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import typed as typed_in
from relais.commands.typed import youth_named

_STATES = {"active": "en cours", "paused": "en pause", "stopped": "arrêté"}
LONGEST = {"after_meeting": 30, "before_end": 180}  # days


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "course", "les parcours : plusieurs exercices, à un rythme")
    verb(verbs, "list", "les parcours qui existent", list_)
    one = verb(verbs, "show", "où en est le parcours d'un jeune", show)
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    for name, meaning, does in (
        ("plan", "le calendrier d'un parcours, sans rien commencer", plan),
        ("start", "commencer un parcours", start),
    ):
        one = verb(verbs, name, meaning, does)
        one.add_argument("code", metavar="CODE", help="le code du jeune")
        one.add_argument("course", metavar="PARCOURS", help="son nom, que donne list")
        one.add_argument("--days", metavar="JOURS", help="par exemple « mardi,vendredi »")
        one.add_argument("--at", metavar="HEURE", help="par exemple 18h")
        begins = one.add_mutually_exclusive_group()
        begins.add_argument("--from", dest="on", metavar="JOUR", help="par exemple demain")
        begins.add_argument(
            "--after-meeting", metavar="N", type=int, help="N jours après le prochain rendez-vous"
        )
        begins.add_argument(
            "--before-end", metavar="N", type=int, help="N jours avant la fin prévue"
        )
    for name, meaning, does in (
        ("pause", "mettre le parcours en pause", pause),
        ("resume", "reprendre le parcours, une étape à la fois", resume),
        ("stop", "arrêter le parcours", stop),
    ):
        one = verb(verbs, name, meaning, does)
        one.add_argument("code", metavar="CODE", help="le code du jeune")
    for parser in set(verbs.choices.values()):
        parser.add_argument("--structure", metavar="NOM", help="inutile s'il n'y en a qu'une")


async def list_(call: Call) -> Said:
    content.load(call.settings["CONTENT"])
    known = content.library().courses.values()
    facts = [
        {
            "name": one.name,
            "title": one.title,
            "weeks": one.weeks,
            "ages": list(one.ages),
            "days": [WEEKDAYS[DAYS.index(day)] for day in one.rhythm.days],
            "time": one.rhythm.time,
            "steps": [step.script for step in one.steps.values()],
        }
        for one in known
    ]
    lines = [
        (one.name, one.title, f"{one.weeks} semaines", f"{len(one.steps)} étapes", _rhythm(one))
        for one in known
    ]
    return Said(facts, table(("nom", "titre", "durée", "étapes", "rythme"), lines))


def _rhythm(course: Course) -> str:
    days = " et ".join(WEEKDAYS[DAYS.index(day)] for day in course.rhythm.days)
    return f"{days} à {course.rhythm.time}"


async def show(call: Call) -> Said:
    content.load(call.settings["CONTENT"])
    async with call.database.read() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
        runs = await course_record.of_youth(tx, who.id, own=False)
        told = [await _told(tx, call, who, run) for run in runs]
    return Said([one.facts for one in told], "\n\n".join(one.text for one in told) or _NONE)


_NONE = "Aucun parcours proposé."


async def plan(call: Call) -> Said:
    content.load(call.settings["CONTENT"])
    async with call.database.write() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
        wanted = await _wanted(tx, call, who)
        entries = await course_calendar.rehearsed(tx, call.now, who, wanted)
    shown = course_calendar.for_staff(entries)
    head = f"« {course_title(wanted.course)} » pour {who.nickname}, si vous le commencez :"
    return Said([_facts(one) for one in shown], f"{head}\n\n{_table(shown)}")


async def start(call: Call) -> Said:
    content.load(call.settings["CONTENT"])
    async with call.database.write() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
        run = await course_run.start(tx, call.now, who, await _wanted(tx, call, who))
        return await _told(tx, call, who, run)


async def pause(call: Call) -> Said:
    return await _change(call, course_run.pause)


async def resume(call: Call) -> Said:
    return await _change(call, course_run.resume)


async def stop(call: Call) -> Said:
    return await _change(call, course_run.stop)


async def _change(call: Call, does: Any) -> Said:
    content.load(call.settings["CONTENT"])
    async with call.database.write() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
        runs = await course_record.under_way(tx, who.id, own=False)
        if not runs:
            raise Refused("course_none_under_way")
        await does(tx, call.now, runs[-1], "staff")
        return await _told(tx, call, who, await course_record.get(tx, runs[-1].id))


async def _wanted(tx: Tx, call: Call, who: Youth) -> Wanted:
    typed = call.typed
    course = content.library().course(typed.course)
    if course is None:
        raise NotFound("course_unknown")
    of = await structure.get(tx, who.structure_id)
    rhythm = Rhythm.named(_days(typed.days, course), _hour(typed.at, course))
    today = call.now.astimezone(of.tz).date()
    if typed.after_meeting is not None:
        away = _within(typed.after_meeting, "after_meeting")
        which = await _next_meeting(tx, call, who)
        return _of(course, rhythm, anchor=AFTER_MEETING, anchor_days=away, appointment_id=which)
    if typed.before_end is not None:
        away = _within(typed.before_end, "before_end")
        return _of(course, rhythm, anchor=BEFORE_END, anchor_days=away)
    on = typed_in.day(typed.on, today) if typed.on is not None else today
    return _of(course, rhythm, on=on)


def _of(course: Course, rhythm: Rhythm, **how: Any) -> Wanted:
    return Wanted(course.name, course.version, offered(course), rhythm, **how)


def _days(told: str | None, course: Course) -> Sequence[str]:
    if told is None:
        return course.rhythm.days
    names = {folded(name): day for name, day in zip(WEEKDAYS, DAYS, strict=True)}
    found = [names.get(folded(one.strip())) for one in told.split(",")]
    if None in found:
        raise UsageError(f"« {told} » : écrivez des jours, par exemple « mardi,vendredi ».")
    return [one for one in dict.fromkeys(found) if one]


def _hour(told: str | None, course: Course) -> str:
    if told is None:
        return course.rhythm.time
    at = parse_time(told)
    if at is None:
        raise UsageError(f"« {told} » n'est pas une heure. Écrivez par exemple 18h.")
    return f"{at:%H:%M}"


def _within(days: int, anchor: str) -> int:
    if not 0 <= days <= LONGEST[anchor]:
        raise Refused("course_days_count", low=0, high=LONGEST[anchor])
    return days


async def _next_meeting(tx: Tx, call: Call, who: Youth) -> int:
    coming = await appointment.listed(tx, youth_id=who.id, since=call.now)
    found = next((one.id for one in coming if one.state == "planned"), None)
    if found is None:
        raise Refused("course_without_meeting")
    return found


async def _told(tx: Tx, call: Call, who: Youth, run: Run) -> Said:
    of = await structure.get(tx, who.structure_id)
    entries = course_calendar.for_staff(await course_calendar.calendar(tx, call.now, run))
    over = await course_record.is_over(tx, run)
    state = "terminé" if over and run.state == "active" else _state(run)
    facts = {
        "youth": who.code,
        "course": run.course,
        "state": "over" if over and run.state == "active" else run.state,
        "paused_by": run.paused_by,
        "started_at": run.started_at.astimezone(of.tz).replace(microsecond=0),
        "steps": [_facts(one) for one in entries],
    }
    head = f"« {course_title(run.course)} » pour {who.nickname} : {state}, {_since(run, of)}."
    return Said(facts, f"{head}\n\n{_table(entries)}")


def _state(run: Run) -> str:
    by = ", par ce jeune" if run.paused_by == "youth" else ""
    return f"{_STATES[run.state]}{by}"


def _since(run: Run, of: Structure) -> str:
    return f"commencé le {day(run.started_at.astimezone(of.tz).date())}"


def _facts(one: Entry) -> dict[str, Any]:
    return {
        "step": one.element.step,
        "script": one.element.script,
        "title": step_title(one),
        "status": one.status,
        "leaves_at": one.at,
        "due_at": one.due,
        "reason": one.reason or None,
        "sentence": _sentence(one, ()),
    }


def _table(entries: Sequence[Entry]) -> str:
    lines = [(_when(one), step_title(one), _sentence(one, entries)) for one in entries]
    return table(("quand", "étape", "ce qu'il en est"), lines)


def _when(one: Entry) -> str:
    at = one.at or one.due
    return day_and_time(at) if at else "sans date"


def _sentence(one: Entry, entries: Sequence[Entry]) -> str:
    if one.status == "coming":
        shifted = (
            f", et non {day_and_time(one.due)} : {why(one)}" if one.is_shifted and one.due else ""
        )
        return f"Part à ce moment{shifted}" if shifted else "Part à ce moment."
    if one.status == "held":
        only = condition(one, list(entries)) if one.reason == "condition_unmet" else ""
        return f"{only}." if only else f"Ne partira pas : {why(one)}"
    if one.status == "waits":
        return f"Attend : {why(one)}"
    return f"{step_status(one)}."

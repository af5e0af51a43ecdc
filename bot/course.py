"""Courses in the chat: the one under way and what comes next, pause and stop in two taps, and
beginning one alone, of which nobody else is told."""

from collections.abc import Sequence

import content
from bot import consenting
from bot.taps import number
from bot.visit import Visit, rows
from content.courses import Course, plain_steps
from dialogs.screen import Button, Screen
from records import course_calendar, course_record, course_run
from records.course import Rhythm
from records.course_calendar import Entry
from records.course_record import Offered, Run, Wanted
from records.errors import NotFound, Refused
from records.youth import age_on

HELD = ("after_end", "no_meeting", "no_end", "past", "condition_unmet")


async def shortcut(visit: Visit) -> list[list[Button]]:
    """For « Un exercice »: those under way, then the way to the others."""
    running = [
        [Button(visit.say("course.show", course=title(visit, run)), ("course", str(run.id)))]
        for run in await course_record.under_way(visit.tx, visit.who.youth.id)
        if not await course_record.is_over(visit.tx, run)
    ]
    return [*running, [visit.button("course.list", "courses")]]


def title(visit: Visit, run: Run) -> str:
    found = content.library().course(run.course, visit.language)
    return found.title if found else visit.say("course.mine")


async def listed(visit: Visit) -> None:
    """What there is to begin alone."""
    age = age_on(visit.who.youth.birth_month, visit.local_now.date())
    library, language = content.library(), visit.language
    found = [
        [Button(one.title, ("course_about", name))]
        for name in library.courses
        if (one := library.course(name, language)) and one.ages[0] <= age <= one.ages[1]
    ]
    back = [visit.button("me.back", "exercises", "0")]
    sentence = "course.list_more" if found else "course.none"
    text = f"{visit.say('course.list')}\n\n{visit.say(sentence)}"
    visit.show(Screen(text, rows(*found, back)), edit=True)


async def about(visit: Visit, name: str) -> None:
    """What it is, and the calendar of what would be sent, before it begins."""
    course = await _to_begin(visit, name)
    if course is None:
        return
    try:
        entries = await course_calendar.rehearsed(
            visit.tx, visit.now, visit.who.youth, _own(course)
        )
    except Refused as refusal:
        _refuse(visit, refusal)
        return
    parts = [course.title, course.about, _calendar(visit, entries)]
    buttons = rows(
        [visit.button("course.begin", "course_begin", name)], [visit.button("me.back", "courses")]
    )
    visit.show(Screen("\n\n".join(parts), buttons), edit=True)


async def begin(visit: Visit, name: str) -> None:
    course = await _to_begin(visit, name)
    if course is None:
        return
    try:
        run = await course_run.start(visit.tx, visit.now, visit.who.youth, _own(course))
    except Refused as refusal:
        _refuse(visit, refusal)
        return
    _say_next(visit, await course_calendar.calendar(visit.tx, visit.now, run), "course.begun")


async def show(visit: Visit, key: str) -> None:
    """Where it stands, what comes, and the ways out of it."""
    run = await _theirs(visit, key)
    if run is None:
        return
    entries = await course_calendar.calendar(visit.tx, visit.now, run)
    over = await course_record.is_over(visit.tx, run)
    state = "course.over" if over else f"course.{_STATES[run.state]}"
    parts = [visit.say("course.show", course=title(visit, run)), visit.say(state)]
    if not over and run.state == "active":
        parts.append(_calendar(visit, entries))
    lines = [[_act(visit, run, act) for act in line] for line in _acts(run, over=over)]
    lines.append([visit.button("me.back", "exercises", "0")])
    visit.show(Screen("\n\n".join(parts), rows(*lines)), edit=True)


_STATES = {"active": "under_way", "paused": "paused", "stopped": "over"}


def _acts(run: Run, *, over: bool) -> list[list[str]]:
    if over or run.state == "stopped":
        return []
    return [["resume" if run.state == "paused" else "pause", "stop"]] + (
        [["skip"]] if run.state == "active" else []
    )


def _act(visit: Visit, run: Run, act: str) -> Button:
    return visit.button(f"course.{act}", "course_do", str(run.id), act)


async def do(visit: Visit, key: str, act: str) -> None:
    """Pause, resume, skip, stop. What was on its way when this was said is judged anew."""
    run = await _theirs(visit, key)
    if run is None or act not in _DOES:
        visit.notice("old_button")
        return
    visit.after.withdrawn |= {(run.youth_id, purpose) for purpose in ("exercises", "checkins")}
    try:
        await _DOES[act](visit, run)
    except Refused:
        visit.notice("old_button")


async def _pause(visit: Visit, run: Run) -> None:
    await course_run.pause(visit.tx, visit.now, run, "youth")
    back = [visit.button("course.resume", "course_do", str(run.id), "resume")]
    visit.tell("course.paused_now", rows(back), edit=True)


async def _resume(visit: Visit, run: Run) -> None:
    await course_run.resume(visit.tx, visit.now, run, "youth")
    again = await course_record.get(visit.tx, run.id)
    entries = await course_calendar.calendar(visit.tx, visit.now, again)
    _say_next(visit, entries, "course.resumed")


async def _skip(visit: Visit, run: Run) -> None:
    if await course_run.skip(visit.tx, run):
        visit.notice("course.skipped")
    await show(visit, str(run.id))


async def _stop(visit: Visit, run: Run) -> None:
    await course_run.stop(visit.tx, visit.now, run, "youth")
    visit.tell("course.stopped", edit=True)


_DOES = {"pause": _pause, "resume": _resume, "skip": _skip, "stop": _stop}


async def _theirs(visit: Visit, key: str) -> Run | None:
    await visit.flush()
    try:
        return await course_record.get(visit.tx, number(key) or 0, visit.who.youth.id)
    except NotFound:
        visit.notice("old_button")
        return None


async def _to_begin(visit: Visit, name: str) -> Course | None:
    """A course, with the consent to exercises, asked for here where it is missing, and a parent's."""
    course = content.library().course(name, visit.language)
    if course is None:
        visit.notice("old_button")
    elif not visit.who.given.get("exercises"):
        consenting.ask_from(visit, "exercises", "exercises")
    elif await consenting.needs_parent(visit, "exercises"):
        visit.tell("consent.needs_parent", edit=True)
    else:
        await visit.flush()
        return course
    return None


def _own(course: Course) -> Wanted:
    rhythm = Rhythm.named(course.rhythm.days, course.rhythm.time)
    steps = [Offered(*one) for one in plain_steps(course, content.library().script)]
    return Wanted(course.name, course.version, steps, rhythm, own=True)


def _refuse(visit: Visit, refusal: Refused) -> None:
    if refusal.code == "course_under_way":
        visit.tell("course.already", edit=True)
    else:
        visit.tell("course.none", edit=True)


def _say_next(visit: Visit, entries: Sequence[Entry], key: str) -> None:
    coming = course_calendar.next_of(entries)
    if coming is None or coming.at is None:
        visit.tell("course.resumed_nothing", edit=True)
    else:
        when = content.day_and_time(coming.at, visit.language)
        visit.tell(key, edit=True, when=when)


def _calendar(visit: Visit, entries: Sequence[Entry]) -> str:
    """What comes, with its hour; what depends on something; what will not come, and why."""
    lines = [line for entry in entries if (line := _line(visit, entry))]
    return "\n".join([visit.say("course.comes"), *lines]) if lines else ""


def _line(visit: Visit, entry: Entry) -> str:
    language = visit.language
    library = content.library()
    if not library.has(entry.element.script):
        return ""
    name = library.script(entry.element.script, language=language).title
    if entry.status == "coming" and entry.at:
        return visit.say(
            "course.comes_line", when=content.day_and_time(entry.at, language), title=name
        )
    if entry.status == "held" and entry.due and entry.reason == "condition_unmet":
        when = content.day_and_time(entry.due, language)
        return visit.say("course.comes_if", when=when, title=name)
    if entry.status == "held" and entry.reason:
        group = "course.why" if entry.due is None and entry.reason in HELD else "stored.why"
        why = visit.say(f"{group}.{entry.reason}")
        return visit.say("course.held_line", title=name, why=why)
    return ""

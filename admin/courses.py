"""Courses at the desk: proposed with their calendar before the eyes, then where each stands.

What is shown is what was proposed and whether it was done, never an answer; a course that the youth
began alone is not there at all.
"""

from datetime import date
from typing import Any

from starlette.responses import Response

import content
from admin.french import day_and_time, parse_day, parse_time
from admin.outcomes import reason_words
from admin.planning import DoneBefore, FormWrong, local_now, once, planned
from admin.preview import rehearsal
from admin.scripts import script
from admin.visit import Visit
from admin.wording import _, marked
from content.courses import Course, plain_steps
from records import appointment, course_calendar, course_record, course_run
from records.course import AFTER_MEETING, BEFORE_END, Rhythm
from records.course_calendar import Entry
from records.course_record import Offered, Run, Wanted
from records.database import Tx
from records.errors import Refused
from records.sight import Sight
from records.structure import Structure
from records.youth import Youth, age_on

WEEKDAYS = [
    ("1", marked("lundi")),
    ("2", marked("mardi")),
    ("3", marked("mercredi")),
    ("4", marked("jeudi")),
    ("5", marked("vendredi")),
    ("6", marked("samedi")),
]
HELD = {
    "after_end": marked("ce serait après la fin prévue."),
    "no_meeting": marked("aucun rendez-vous n'est prévu : elle prendra place dès qu'il y en a un."),
    "no_end": marked("aucune fin n'est prévue : elle prendra place dès qu'il y en a une."),
    "past": marked("ce moment est déjà passé."),
    "condition_unmet": marked("elle n'est pas pour cet âge."),
}
STATUS = {
    "offered": marked("Proposé"),
    "done": marked("Fait"),
    "passed": marked("Passé"),
    "hidden": marked("Selon ses réponses : cela reste entre le bot et ce jeune"),
}
LONGEST = {AFTER_MEETING: (0, 30), BEFORE_END: (0, 180)}  # days


async def show(visit: Visit) -> Response:
    """The courses that staff proposed, the latest first."""
    async with visit.database.read() as tx:
        seen, of = await visit.sight(tx), await visit.structure(tx)
        runs = await course_record.of_youth(tx, seen.who.id, own=False)
        calendars = [
            (run, await _calendar(tx, visit, run), await course_record.is_over(tx, run))
            for run in runs[:10]
        ]
    shown = [
        (run, [one for one in entries if _may_be_shown(seen, one)], over)
        for run, entries, over in calendars
    ]
    return visit.page(
        "courses.html", who=seen.who, of=of, runs=shown, local=local_now(visit, of), **_WORDS
    )


def _may_be_shown(seen: Sight, entry: Entry) -> bool:
    """Under a cover, what was proposed before it is left out."""
    when = entry.at or entry.due
    return when is None or entry.status in ("coming", "waits", "held") or seen.shows(when)


async def propose(visit: Visit) -> Response:
    """Choose a course, its rhythm and its beginning; see its calendar; begin."""
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
        coming = await appointment.listed(tx, youth_id=who.id, since=visit.now)
    meetings = [m for m in coming if m.state == "planned"]
    if not visit.posted:
        _fill(visit, who)

    async def act(tx: Tx) -> Run:
        wanted = _wanted(visit, who, of, meetings)
        if once(visit) and await _just_begun(tx, visit, who, wanted):
            raise DoneBefore
        return await course_run.start(tx, visit.now, who, wanted)

    async def look(_visit: Visit, _who: Youth, does: object) -> list[Entry]:
        assert does is act
        async with rehearsal(visit.database) as tx:
            return await _calendar(tx, visit, await act(tx))

    age = age_on(who.birth_month, local_now(visit, of).date())
    known = [c for c in content.library().courses.values() if c.ages[0] <= age <= c.ages[1]]
    return await planned(
        visit,
        who,
        of,
        act,
        "course_new.html",
        "course_begun",
        look,
        "/parcours",
        courses=known,
        meetings=meetings,
        meeting_options=[(str(m.id), day_and_time(m.local)) for m in meetings],
        weekdays=[(number, _(name)) for number, name in WEEKDAYS],
        **_WORDS,
    )


def _fill(visit: Visit, who: Youth) -> None:
    visit.form.values |= {
        "course": [""],
        "weekday": ["2", "5"],
        "time": ["18 h"],
        "start": ["now"],
        "day": [""],
        "meeting": [""],
        "after": ["2"],
        "before": ["21"],
    }
    if who.support_ends_on is None:
        visit.form.values["before"] = [""]


def _wanted(
    visit: Visit, who: Youth, of: Structure, meetings: list[appointment.Appointment]
) -> Wanted:
    form = visit.form
    course = content.library().course(form.get("course"))
    if course is None:
        form.wrong("course", "course_missing")
    at = parse_time(form.get("time"))
    if at is None:
        form.wrong("time", "time_unreadable")
    days = tuple(sorted({int(d) for d in form.all("weekday") if d in dict(WEEKDAYS)}))
    if not days:
        form.wrong("weekday", "rhythm_without_days")
    begins = _start(visit, who, of, meetings)
    if form.errors or course is None or at is None:
        raise FormWrong
    on, anchor, away, meeting = begins
    return Wanted(
        course.name, course.version, offered(course), Rhythm(days, at), on, anchor, away, meeting,
        by=visit.me.id,
    )  # fmt: skip


def offered(course: Course) -> list[Offered]:
    return [Offered(*one) for one in plain_steps(course, content.library().script)]


def _start(
    visit: Visit, who: Youth, of: Structure, meetings: list[appointment.Appointment]
) -> tuple[date | None, str, int, int | None]:
    """The day, or the date that it is relative to."""
    form, today = visit.form, local_now(visit, of).date()
    match form.get("start"):
        case "day":
            on = parse_day(form.get("day"), today)
            if on is None:
                form.wrong("day", "day_unreadable")
            return on, "", 0, None
        case "meeting":
            which = next((m for m in meetings if str(m.id) == form.get("meeting")), None)
            which = which or (meetings[0] if meetings else None)
            if which is None:
                form.wrong("start", "course_without_meeting")
                return None, "", 0, None
            return None, AFTER_MEETING, _days(visit, "after", AFTER_MEETING), which.id
        case "end":
            if who.support_ends_on is None:
                form.wrong("start", "course_without_end")
                return None, "", 0, None
            return None, BEFORE_END, _days(visit, "before", BEFORE_END), None
    return today, "", 0, None


def _days(visit: Visit, field: str, anchor: str) -> int:
    typed, (low, high) = visit.form.get(field), LONGEST[anchor]
    if not (typed.isascii() and typed.isdecimal() and low <= int(typed[:4]) <= high):
        visit.form.wrong(field, "course_days_count", low=low, high=high)
        return 0
    return int(typed)


async def _just_begun(tx: Tx, visit: Visit, who: Youth, wanted: Wanted) -> bool:
    """A double click: the same course, by the same person, a moment ago."""
    return any(
        run.course == wanted.course
        and run.started_by == visit.me.id
        and (visit.now - run.started_at).total_seconds() < 60
        for run in await course_record.under_way(tx, who.id, own=False)
    )


async def change(visit: Visit) -> Response:
    """Pause, resume or stop the one that is under way."""
    said = {"pause": "course_paused", "resume": "course_resumed", "stop": "course_stopped"}
    async with visit.database.write() as tx:
        who = await visit.youth(tx)
        back, does = f"/jeunes/{who.id}/parcours", visit.form.step
        runs = await course_record.under_way(tx, who.id, own=False)
        if not runs or does not in said:
            return visit.go(back, "course_none_under_way")
        verb = {"pause": course_run.pause, "resume": course_run.resume, "stop": course_run.stop}[
            does
        ]
        try:
            await verb(tx, visit.now, runs[-1], "staff")
        except Refused as refusal:
            return visit.go(back, refusal.code)
    visit.desk.wake()
    return visit.go(back, said[does])


async def _calendar(tx: Tx, visit: Visit, run: Run) -> list[Entry]:
    return course_calendar.for_staff(await course_calendar.calendar(tx, visit.now, run))


def course_title(name: str) -> str:
    found = content.library().course(name)
    return found.title if found else name


def step_title(entry: Entry) -> str:
    found = script(entry.element.script)
    return found.title if found else entry.element.script


def why(entry: Entry) -> str:
    """Why it does not leave, or not at its turn."""
    if entry.due is None and entry.reason in HELD:
        return _(HELD[entry.reason])
    return reason_words(entry.reason) if entry.reason else ""


def condition(entry: Entry, entries: list[Entry]) -> str:
    """« si « Dire non » est fait », for a step that waits for another one."""
    wanted = entry.element.needs.get("done")
    other = next((e for e in entries if e.element.step == wanted), None)
    return _("Seulement si « %(title)s » est fait", title=step_title(other)) if other else ""


def phase(run_course: str, entry: Entry) -> str:
    course = content.library().course(run_course)
    step = course.steps.get(entry.element.step) if course else None
    return step.phase or "" if step else ""


def step_status(entry: Entry) -> str:
    return _(STATUS[entry.status]) if entry.status in STATUS else ""


_WORDS: dict[str, Any] = {
    "weeks_of": course_calendar.weeks,
    "course_title": course_title,
    "step_title": step_title,
    "why": why,
    "condition": condition,
    "phase": phase,
    "step_status": step_status,
}

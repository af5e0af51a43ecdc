"""A course as a calendar: what was proposed, what comes and when, what is held back and why.

Before it begins it is a rehearsal: the verb that would begin it is run and undone, and what it
queued is foreseen by the rule of delivery itself (`records.leaving`). So what is shown is what
leaves, unless something changes in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from records import course_due, course_record, course_run, leaving, structure
from records.course_record import Element, Run, Sent, Wanted
from records.database import Tx
from records.due import Due
from records.sending import Verdict
from records.youth import Youth

EVERYTHING = 1000  # messages that wait for one youth


@dataclass(frozen=True, slots=True)
class Entry:
    """One step. `at` is local: when it leaves or left; `due` when its turn would be. `status`:

    coming (leaves at `at`), waits (nobody knows when), held (`reason` says why it does not leave
    as things stand), offered, done, passed (it had its turn, and was not proposed).
    """

    element: Element
    status: str
    at: datetime | None = None
    due: datetime | None = None
    reason: str = ""
    asks_consent: bool = False  # the proposal itself asks for the consent that it needs

    @property
    def day(self) -> date | None:
        when = self.at or self.due
        return when.date() if when else None

    @property
    def is_shifted(self) -> bool:
        """Leaves later than its turn, by more than a minute."""
        return bool(self.at and self.due) and (self.at - self.due).total_seconds() > 60  # type: ignore[operator]  # both are there


async def calendar(tx: Tx, now: datetime, run: Run) -> list[Entry]:
    """The whole of it, soonest first; what has no day comes last."""
    steps = await course_record.elements(tx, run.id)
    became = await course_record.sent(tx, steps)
    zone = (await structure.get(tx, run.structure_id)).tz
    done = await course_due.done(tx, [run.youth_id])
    waiting = await leaving.foreseen(tx, now, youth_id=run.youth_id, limit=EVERYTHING)
    foreseen = {due.key: (due, verdict) for due, verdict in waiting}
    found = []
    for one in steps:
        entry = _entry(one, became.get(one.key), foreseen.get(one.key))
        finished = done.get((run.youth_id, one.script))
        if entry.status == "offered" and finished and entry.at and finished >= entry.at:
            entry = Entry(one, "done", entry.at, entry.due)
        at, due = (when and when.astimezone(zone) for when in (entry.at, entry.due))
        found.append(replace(entry, at=at, due=due))
    return sorted(found, key=_in_order)


def _in_order(entry: Entry) -> tuple[bool, float, int]:
    when = entry.at or entry.due
    return when is None, when.timestamp() if when else 0.0, entry.element.position


def _entry(one: Element, row: Sent | None, planned: tuple[Due, Verdict] | None) -> Entry:
    if row is None:
        return Entry(one, "held", reason=one.held)
    if row.state in ("sent", "uncertain", "claimed"):
        return Entry(one, "offered", row.sent_at or row.due_at, one.due_at)
    if one.skipped or row.reason in course_record.PASSED_BY:
        return Entry(one, "passed", due=one.due_at or row.due_at)
    if one.held:
        return Entry(one, "held", reason=one.held)
    if row.state == "waiting" and planned is not None:
        verdict = planned[1]
        status = {"send": "coming", "later": "waits", "drop": "held"}[verdict.action]
        return Entry(one, status, verdict.at, one.due_at, verdict.reason, verdict.asks_consent)
    return Entry(one, "held", due=one.due_at, reason=row.reason or "")


async def rehearsed(tx: Tx, now: datetime, who: Youth, wanted: Wanted) -> list[Entry]:
    """The calendar of a course that is not begun; nothing of it stays. Raises as `start` does."""
    saved = await tx.connection.begin_nested()
    try:
        return await calendar(tx, now, await course_run.start(tx, now, who, wanted))
    finally:
        await saved.rollback()


def for_staff(entries: Sequence[Entry]) -> list[Entry]:
    """What depends on an answer keeps its turn and tells nothing else."""
    return [
        Entry(one.element, "hidden", due=one.due) if one.element.private else one for one in entries
    ]


def weeks(entries: Sequence[Entry]) -> list[list[tuple[date, list[Entry]]]]:
    """Monday to Sunday, from the first day that holds something to the last."""
    days = sorted({one.day for one in entries if one.day})
    if not days:
        return []
    monday = days[0] - timedelta(days=days[0].weekday())
    found = []
    while monday <= days[-1]:
        week = [monday + timedelta(days=ahead) for ahead in range(7)]
        found.append([(day, [one for one in entries if one.day == day]) for day in week])
        monday += timedelta(days=7)
    return found


def next_of(entries: Sequence[Entry]) -> Entry | None:
    return next((one for one in entries if one.status == "coming"), None)

"""When each step of a course (parcours) falls due: one pure function on local days and hours.

Steps take their turn in a rhythm (« mardi et vendredi à 18 h »), or stand at so many days from a
meeting or from the end of the support. One day holds one step at most; what cannot be held says
why. Windows, consents and the week's budget are judged where all messages are: the messages that
are made of this go through `records.foreseen` and `records.sending`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from records.errors import Refused
from records.hours import Hours, local_instant
from records.sending import opens_at
from records.youth import age_on

AFTER_MEETING, BEFORE_MEETING, BEFORE_END = "after_meeting", "before_meeting", "before_end"
ANCHORS = (AFTER_MEETING, BEFORE_MEETING, BEFORE_END)
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ANY_AGE = (0, 99)
LOOKED_AHEAD = 60  # days in which a rhythm must find an open hour
KEPT_AFTER_A_MEETING = timedelta(days=4)
FARTHEST = 800  # days of a rhythm: longer than any course, held back by whatever


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`days` are ISO weekdays, `time` is local."""

    days: tuple[int, ...]
    time: time

    @classmethod
    def named(cls, days: Sequence[str], at: str) -> "Rhythm":
        """« tuesday », « friday » and « 18:00 », as the contents write them."""
        return cls(tuple(sorted(WEEKDAYS.index(day) + 1 for day in days)), time.fromisoformat(at))

    def slots(self, first: date, zone: str) -> Iterator[datetime]:
        for ahead in range(FARTHEST):
            day = first + timedelta(days=ahead)
            if day.isoweekday() in self.days:
                yield instant(day, self.time, zone)


@dataclass(frozen=True, slots=True)
class Step:
    """What the calendar needs of a step; `anchor` is empty for one that takes its turn."""

    position: int
    anchor: str = ""
    anchor_days: int = 0
    ages: tuple[int, int] = ANY_AGE


@dataclass(frozen=True, slots=True)
class Around:
    """What a calendar stands on. `meetings` are the starts of those not called off, soonest first;
    `taken` are days that hold something of this course already."""

    hours: Hours
    birth_month: str
    ends_on: date | None
    meetings: tuple[datetime, ...] = ()
    taken: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """A step's hour, and until when it means something; or why it has none."""

    position: int
    due_at: datetime | None = None
    not_after: datetime | None = None
    held: str = ""  # after_end | no_meeting | no_end | past | condition_unmet


def instant(day: date, at: time, zone: str) -> datetime:
    """A wall time; an hour on where the spring change skips it."""
    try:
        return local_instant(datetime.combine(day, at), zone)
    except ValueError:
        return local_instant(datetime.combine(day, at) + timedelta(hours=1), zone)


def check_rhythm(rhythm: Rhythm, hours: Hours, from_day: date) -> None:
    """Refuse a day on which, at that hour, nothing will leave for this youth in the weeks ahead."""
    if not rhythm.days:
        raise Refused("rhythm_without_days")
    for weekday in rhythm.days:
        days = [from_day + timedelta(days=ahead) for ahead in range(LOOKED_AHEAD)]
        open_once = any(
            hours.is_open(instant(day, rhythm.time, hours.zone))
            for day in days
            if day.isoweekday() == weekday
        )
        if not open_once:
            raise Refused("rhythm_never_open", weekday=weekday, time=rhythm.time)


def begins(anchor: str, days: int, around: Around, meeting: datetime | None = None) -> date | None:
    """The first day of a course that begins relative to a date; None while there is no such date."""
    if anchor == BEFORE_END:
        return around.ends_on and around.ends_on - timedelta(days=days)
    return meeting and around.hours.local_day(meeting) + timedelta(
        days=days if anchor == AFTER_MEETING else -days
    )


def lay_out(
    steps: Sequence[Step], rhythm: Rhythm, first: date, around: Around, now: datetime
) -> list[Slot]:
    """The calendar, in the order of the steps. A step with a date of its own takes its day first."""
    taken = set(around.taken)
    anchored = [_anchored(step, rhythm, around, now) for step in steps if step.anchor]
    taken |= {_leaves_on(slot.due_at, around) for slot in anchored if slot.due_at}
    in_turn = [step for step in steps if not step.anchor]
    slots = [*anchored, *_in_turn(in_turn, rhythm, first, around, now, taken)]
    return sorted(slots, key=lambda slot: slot.position)


def _in_turn(
    steps: Sequence[Step],
    rhythm: Rhythm,
    first: date,
    around: Around,
    now: datetime,
    taken: Collection[date],
) -> Iterator[Slot]:
    """One after the other: a slot whose day is taken is left to what stands there."""
    free = _free_slots(rhythm, first, around, now, set(taken))
    upcoming = next(free, None)
    for step in steps:
        if upcoming is None or ((over := _over(around)) is not None and upcoming >= over):
            yield Slot(step.position, held="after_end")
        elif not _of_age(step, upcoming, around):
            yield Slot(step.position, held="condition_unmet")
        else:
            due, upcoming = upcoming, next(free, None)
            yield Slot(step.position, due, _sooner(upcoming or due + timedelta(days=7), around))


def _free_slots(
    rhythm: Rhythm, first: date, around: Around, now: datetime, taken: set[date]
) -> Iterator[datetime]:
    start = max(first, around.hours.local_day(now))
    for due in rhythm.slots(start, around.hours.zone):
        day = _leaves_on(due, around)
        if due >= now and day not in taken:
            taken.add(day)
            yield due


def _anchored(step: Step, rhythm: Rhythm, around: Around, now: datetime) -> Slot:
    found = [
        (due, until)
        for day, until in _days_of(step, around)
        if (due := instant(day, rhythm.time, around.hours.zone)) >= now and until > due
    ]
    if not found:
        return Slot(step.position, held=_why_none(step, around))
    due, until = found[0]
    over = _over(around)
    if over is not None and due >= over:
        return Slot(step.position, held="after_end")
    if not _of_age(step, due, around):
        return Slot(step.position, held="condition_unmet")
    return Slot(step.position, due, _sooner(until, around))


def _days_of(step: Step, around: Around) -> list[tuple[date, datetime]]:
    """The days at which it could stand, each with the instant from which it means nothing."""
    hours, away = around.hours, timedelta(days=step.anchor_days)
    if step.anchor == BEFORE_END:
        over = _over(around)
        return [(around.ends_on - away, over)] if around.ends_on and over else []
    if step.anchor == BEFORE_MEETING:
        return [(hours.local_day(at) - away, at) for at in around.meetings]
    days = [hours.local_day(at) + away for at in around.meetings]
    return [(day, instant(day, time(0), hours.zone) + KEPT_AFTER_A_MEETING) for day in days]


def _why_none(step: Step, around: Around) -> str:
    if step.anchor == BEFORE_END:
        return "past" if around.ends_on else "no_end"
    return "past" if around.meetings else "no_meeting"


def _over(around: Around) -> datetime | None:
    """The midnight that ends the last day of the support."""
    if around.ends_on is None:
        return None
    return instant(around.ends_on + timedelta(days=1), time(0), around.hours.zone)


def _sooner(until: datetime, around: Around) -> datetime:
    over = _over(around)
    return until if over is None else min(until, over)


def _of_age(step: Step, due: datetime, around: Around) -> bool:
    return step.ages[0] <= age_on(around.birth_month, around.hours.local_day(due)) <= step.ages[1]


def _leaves_on(due: datetime, around: Around) -> date:
    return around.hours.local_day(opens_at(around.hours, due, "offer", None))

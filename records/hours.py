"""When an unasked message may leave: windows by day, school and public holidays, in a zone.

School-aged on school days 17 h–19 h 30; others, and everyone in school
holidays, weekdays 10 h–19 h 30; Saturdays 10 h–19 h; silence on Sundays, public holidays and at
night. All arithmetic is on local wall time; instants come out aware, in UTC.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from records.calendars import is_public_holiday, is_school_holiday
from records.errors import Refused

DEFAULT_WINDOWS = {
    "school_day": ("17:00", "19:30"),
    "weekday": ("10:00", "19:30"),
    "saturday": ("10:00", "19:00"),
}
LATE_CHANGE = (time(7), time(21))  # a change within 24 hours leaves at once between these
YEARS_AHEAD = 2
_HORIZON = 60  # days: longer than any run of closed days

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """The sending windows of one kind of youth in one structure.

    `windows` is JSON that overrides `DEFAULT_WINDOWS`, e.g. {"saturday": null} for none.
    """

    zone: str
    school_zone: str
    holidays: str
    school_aged: bool
    windows: str = "{}"

    def is_open(self, at: datetime) -> bool:
        span = self.window(self.local_day(at))
        return span is not None and span[0] <= at < span[1]

    def next_open(self, at: datetime) -> datetime:
        """The first instant from `at` on at which a message may leave."""
        for start, end in self._spans(at, +1):
            if at < end:
                return max(at, start)
        raise ValueError("these windows never open")

    def last_open(self, at: datetime) -> datetime | None:
        """The last instant up to `at` at which one may: a reminder moves earlier, never later."""
        for start, end in self._spans(at, -1):
            if start <= at:
                return min(at, end - timedelta(minutes=1))
        return None

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def window(self, day: date) -> Span | None:
        """The open span of a local day, as instants; None on a silent day."""
        return _window(self, day)

    def _spans(self, at: datetime, step: int) -> Iterator[Span]:
        day = self.local_day(at)
        for offset in range(_HORIZON):
            if span := self.window(day + timedelta(days=step * offset)):
                yield span


@lru_cache(maxsize=4096)  # delivery asks it for every message, and a week has few answers
def _window(hours: Hours, day: date) -> Span | None:
    walls = _wall_times(hours, day)
    if not walls:
        return None
    zone = ZoneInfo(hours.zone)
    start, end = (datetime.combine(day, time.fromisoformat(wall), zone) for wall in walls)
    return start.astimezone(UTC), end.astimezone(UTC)


def _wall_times(hours: Hours, day: date) -> tuple[str, str] | None:
    if day.isoweekday() == 7 or is_public_holiday(day, hours.holidays):
        return None
    chosen: dict[str, tuple[str, str] | None] = DEFAULT_WINDOWS | json.loads(hours.windows)
    if day.isoweekday() == 6:
        return chosen["saturday"]
    at_school = hours.school_aged and not is_school_holiday(day, hours.school_zone)
    return chosen["school_day" if at_school else "weekday"]


def late_change_at(at: datetime, zone: str, useful_until: datetime) -> datetime:
    """When a change within 24 hours leaves: now between 7 h and 21 h, else at 7 h, or now still
    if that would come too late to be useful."""
    local = at.astimezone(ZoneInfo(zone))
    if LATE_CHANGE[0] <= local.time() < LATE_CHANGE[1]:
        return at
    morning = local.date() + timedelta(days=local.time() >= LATE_CHANGE[1])
    opening = datetime.combine(morning, LATE_CHANGE[0], ZoneInfo(zone)).astimezone(UTC)
    return opening if opening <= useful_until - timedelta(hours=1) else at


def local_instant(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall time. A time that the spring change skips is refused with
    ValueError; one that the autumn change repeats means the first of the two."""
    aware = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    instant = aware.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None, fold=0):
        raise ValueError("this local time does not exist")
    return instant


def future_instant(wall: datetime, zone: str, now: datetime) -> datetime:
    """The instant of a wall time, refused when it is past or skipped by the clock change."""
    if wall.year > now.year + YEARS_AHEAD:
        raise Refused("too_far_ahead", years=YEARS_AHEAD)
    if wall.year < now.year - 1:
        raise Refused("in_the_past", wall=wall)
    try:
        instant = local_instant(wall, zone)
    except ValueError:
        raise Refused("wall_time_skipped", wall=wall) from None
    if instant < now - timedelta(minutes=1):
        raise Refused("in_the_past", wall=wall)
    return instant


def next_week(wall: str, zone: str) -> tuple[str, datetime]:
    """The same wall time a week later; an hour on when the clock change skips it."""
    later = datetime.fromisoformat(wall) + timedelta(days=7)
    try:
        return f"{later:%Y-%m-%dT%H:%M}", local_instant(later, zone)
    except ValueError:
        return f"{later:%Y-%m-%dT%H:%M}", local_instant(later + timedelta(hours=1), zone)

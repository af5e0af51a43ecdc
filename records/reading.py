"""When somebody reads at a structure: « du lundi au vendredi, de 9 h à 18 h ».

Reading hours are spans of local wall time by ISO weekday, as `records.structure` keeps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from records.calendars import is_public_holiday

Hours = Mapping[str, Sequence[str]]
_FAR = 400  # days: further than any wait of an alert


def read_until(hours: Hours, zone: str, place: str, since: datetime, minutes: int) -> datetime:
    """When somebody will have had so many minutes of reading hours since then.

    Nobody reads on public holidays (`place`: `records.calendars`). Where no hours are set every
    minute counts: an alert must not wait for ever.
    """
    left = timedelta(minutes=minutes)
    if not hours:
        return since + left
    for begins, ends in _spans(hours, zone, place, since):
        if begins + left <= ends:
            return begins + left
        left -= ends - begins
    return since + timedelta(days=_FAR)


def is_reading(hours: Hours, zone: str, place: str, at: datetime) -> bool:
    """Whether somebody reads at this instant."""
    return any(begins <= at for begins, _ in islice(_spans(hours, zone, place, at), 1))


def next_read(hours: Hours, zone: str, place: str, at: datetime) -> datetime | None:
    """When somebody reads again, public holidays left out; None where no hours are set."""
    return next((begins for begins, _ in _spans(hours, zone, place, at)), None)


def _spans(
    hours: Hours, zone: str, place: str, since: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What is left of each day's reading hours from `since` on, as instants."""
    first = since.astimezone(ZoneInfo(zone)).date()
    for day in (first + timedelta(days=offset) for offset in range(_FAR)):
        wall = hours.get(str(day.isoweekday()))
        if not wall or is_public_holiday(day, place):
            continue
        begins, ends = (
            datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone)).astimezone(UTC)
            for at in wall
        )
        if since < ends and begins < ends:  # a clock change may leave nothing of a short span
            yield max(since.astimezone(UTC), begins), ends

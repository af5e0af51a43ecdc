"""When somebody reads at a structure: « du lundi au vendredi, de 9 h à 18 h » (domain.md § 4).

Reading hours are spans of local wall time by ISO weekday, as `records.structure` keeps them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = Mapping[str, Sequence[str]]
_A_WEEK_AND_A_DAY = 8


def next_reading(hours: Hours, zone: str, at: datetime) -> datetime:
    """The first instant from `at` on at which somebody reads; `at` where no hours are set."""
    local = at.astimezone(ZoneInfo(zone))
    for offset in range(_A_WEEK_AND_A_DAY):
        day = local.date() + timedelta(days=offset)
        span = hours.get(str(day.isoweekday()))
        if not span:
            continue
        begins, ends = (
            datetime.combine(day, time.fromisoformat(wall), ZoneInfo(zone)).astimezone(UTC)
            for wall in span
        )
        if at < ends:
            return max(at, begins)
    return at

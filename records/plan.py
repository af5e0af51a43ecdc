"""A plan that a youth asked to read again, some days later: one message, planned by themself.

Its words are theirs alone. Staff see that there is one, in the week's budget, and never what it
says (`records.outgoing`).
"""

from datetime import date, datetime, time, timedelta

from records.hours import Hours, local_instant
from records.message import REST, Draft
from records.structure import Structure
from records.youth import Youth

LIFE = timedelta(days=2)  # a plan for one day says little three days later


def remind(
    now: datetime, who: Youth, of: Structure, *, days: int, text: str, purpose: str, key: str
) -> Draft:
    """The message to queue; `key` makes a second copy of it impossible."""
    hours = of.hours(who.school_aged)
    due = opening(hours, hours.local_day(now) + timedelta(days=days))
    return Draft(
        of.id,
        of.bot_id,
        who.id,
        "plan",
        due,
        due + LIFE,
        {"text": text},
        key=key,
        purpose=purpose,
        unasked=True,
        priority=REST,
    )


def opening(hours: Hours, day: date) -> datetime:
    """When the window of a local day opens; of a silent day, the first one after it."""
    if window := hours.window(day):
        return window[0]
    return hours.next_open(local_instant(datetime.combine(day, time(12)), hours.zone))

"""What goes with a meeting by itself: a check-in on the eve, one afterwards, and a survey.

Nobody notes here who came. What follows a meeting leaves when it was neither cancelled nor moved,
and the youth said neither « Je ne peux pas » nor « Changer » (`records.sending`); its questions
have a way out for a meeting that did not take place.

The survey carries the quarter and nothing else: no meeting, no day. A youth is asked once a
quarter, however many meetings there are.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from records import consent, message, survey
from records.by_itself import CHECKIN, SCRIPTS, SURVEYS
from records.consent import Standing
from records.database import Tx
from records.hours import Hours, local_instant
from records.message import REST, Draft
from records.outgoing import survey_key
from records.structure import Structure
from records.youth import Youth

if TYPE_CHECKING:
    from records.appointment import Appointment

AHEAD = timedelta(hours=48)  # a night plans the meetings that begin so soon
AFTERWARDS = timedelta(hours=3)  # after its end
LIFE = timedelta(days=2)  # what was asked about one meeting says little later
IN_TIME = timedelta(minutes=30)  # before the start
EVE = time(17, 30)  # beside the reminder


async def queue_around(
    tx: Tx,
    now: datetime,
    which: "Appointment",
    who: Youth,
    of: Structure,
    said: Mapping[str, Standing] | None = None,
) -> None:
    """Plan what goes with a meeting that is near; asked again, nothing more. Of a check-in, only
    where the yes stands: `said` is what the youth last said of each purpose, if it is known."""
    on = [name for name in ("before", "after") if name in of.checkins]
    if not (on or "meeting" in of.surveys) or not now <= which.starts_at <= now + AHEAD:
        return
    rule = consent.regime(who.birth_month, of.consent_age, now.astimezone(of.tz).date())
    given = consent.holding(said if said is not None else await consent.of(tx, who.id), rule)
    hours = of.hours(who.school_aged)
    drafts = [_checkin(name, now, which, of, hours) for name in on if given.get("checkins")]
    if "meeting" in of.surveys and given.get("surveys") is not False:
        drafts.append(_survey(which, of))
        await message.free_key(
            tx, survey_key(SURVEYS["meeting"], survey.wave_of(which.local), who.id)
        )
    await message.queue(tx, now, [draft for draft in drafts if draft is not None])


def _checkin(
    name: str, now: datetime, which: "Appointment", of: Structure, hours: Hours
) -> Draft | None:
    if name == "after":
        due = _end(which) + AFTERWARDS
        until = due + LIFE
    else:
        eve = datetime.combine(which.local.date() - timedelta(days=1), EVE)
        target = local_instant(eve, which.zone)
        due = max(hours.last_open(target) or target, now)
        until = which.starts_at - IN_TIME
        if hours.next_open(due) >= until:
            return None
    return _draft(
        which,
        of,
        due,
        until,
        SCRIPTS[name],
        "checkins",
        f"{CHECKIN}{name}:{which.id}:{which.revision}",
    )


def _survey(which: "Appointment", of: Structure) -> Draft:
    """Two days later, and not with the check-in: a survey is about meetings, not about this one."""
    due, script, wave = _end(which) + LIFE, SURVEYS["meeting"], survey.wave_of(which.local)
    key = survey_key(script, wave, which.youth_id)
    return _draft(which, of, due, due + timedelta(days=7), script, "surveys", key, wave)


def _draft(
    which: "Appointment",
    of: Structure,
    due: datetime,
    until: datetime,
    script: str,
    purpose: str,
    key: str,
    wave: str | None = None,
) -> Draft:
    return Draft(
        of.id,
        of.bot_id,
        which.youth_id,
        "offer",
        due,
        until,
        {"script": script, "wave": wave, "by_itself": True},
        key=key,
        purpose=purpose,
        unasked=True,
        priority=REST,
        appointment_id=which.id,
        revision=which.revision,
    )


def _end(which: "Appointment") -> datetime:
    return which.starts_at + timedelta(minutes=which.minutes)

"""An alert at the desk: what it is, since when, what to do; « j'ai vu », « je m'en occupe »."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from admin.visit import Visit
from admin.wording import _, marked
from records import alert, audit, staff, youth
from records.alert import Alert
from records.database import Tx
from records.errors import NotFound
from records.sight import Sight
from records.structure import Structure
from records.youth import Youth

CATEGORIES = {
    "suicide": marked("idées suicidaires"),
    "self_harm": marked("se faire du mal"),
    "violence": marked("violences subies"),
    "sexual_violence": marked("violences ou exploitation sexuelles"),
    "threats": marked("menaces d'un réseau"),
    "forced_work": marked("travail forcé pour un réseau"),
    "debts": marked("dettes sous la menace"),
    "overdose": marked("surdose"),
    "street": marked("être à la rue"),
    "harm_to_others": marked("faire du mal à d'autres"),
}
_DONE = {
    "seen": (alert.see, audit.ALERT_SEEN),
    "taken": (alert.take_up, audit.ALERT_TAKEN),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert, about somebody; `taken_by` is a first name."""

    alert: Alert
    who: Youth
    at: datetime
    taken_at: datetime | None
    taken_by: str
    passed_on: bool  # to whoever looks at it, who is not the educator in charge

    @property
    def about(self) -> str:
        """What was heard, in words. It is not known of what was said without a name, or decided
        after ten minutes."""
        known = [_(CATEGORIES[one]) for one in self.alert.categories if one in CATEGORIES]
        return "\u00a0; ".join(known) or _("demande de l'aide")


async def waiting(
    tx: Tx, visit: Visit, of: Structure, seen: Mapping[int, Sight], *, only: bool = False
) -> list[Shown]:
    """What this person has to look after: about whom they see, and passed on to them. `only`
    about these people."""
    known = {row: one.who for row, one in seen.items()}
    found = await alert.waiting_for(tx, visit.now, visit.me.id, list(known))
    found = [one for one in found if _is_shown(one, seen.get(one.youth_id), visit.me.id, only)]
    for one in found:
        if one.youth_id not in known:
            known[one.youth_id] = await youth.get(tx, one.youth_id)
    names = await staff.names(tx, {one.taken_by for one in found if one.taken_by})
    return [
        Shown(
            one,
            known[one.youth_id],
            one.raised_at.astimezone(of.tz),
            one.taken_at and one.taken_at.astimezone(of.tz),
            names.get(one.taken_by or 0, ""),
            known[one.youth_id].educator_id != visit.me.id,
        )
        for one in found
    ]


def _is_shown(one: Alert, sight: Sight | None, me: int, only: bool) -> bool:
    """Under a cover, what waits, and what was taken up since it began; to whoever stands by, what
    was passed on to them and nothing else."""
    if sight is None:
        return not only
    if sight.state == "passed_on":
        return one.passed_on_to == me
    return one.is_open or one.taken_at is None or sight.shows(one.taken_at)


async def answer(visit: Visit) -> Response:
    """« J'ai vu » or « Je m'en occupe ». A second one changes nothing. Each is a reading: what it
    answers says what the youth wrote of."""
    async with visit.database.write() as tx:
        sight = await visit.sight(tx)
        which = await alert.get(tx, visit.id("alert_id"), sight.who.id)
        shown = _is_shown(which, sight, visit.me.id, only=True)
        if not shown or visit.form.step not in _DONE:
            raise NotFound("alert_unknown")
        done, kind = _DONE[visit.form.step]
        await done(tx, visit.now, which, visit.me.id)
        await audit.note(tx, visit.now, visit.me.id, kind, sight.who.id, about=[which.id])
    visit.desk.wake()
    return visit.go("/", f"alert_{visit.form.step}")

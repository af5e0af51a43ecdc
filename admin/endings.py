"""The end that is foreseen: prompted on « Aujourd'hui », moved or taken away on a page of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from admin.forms import Form
from admin.french import parse_day
from admin.visit import Visit
from records import ending, retention
from records.database import Tx
from records.errors import Refused
from records.youth import Youth


@dataclass(frozen=True, slots=True)
class Ending:
    """An end that calls for the educator: `prompt` is 30 or 7 days before, 0 once it is there."""

    who: Youth
    on: date
    prompt: int
    closes_on: date


async def prompted(tx: Tx, people: Iterable[Youth], today: date) -> list[Ending]:
    """Whose end is to be spoken of now, the nearest first."""
    grace = (await retention.periods(tx))["closing"].days
    found = [
        Ending(who, who.support_ends_on, prompt, ending.closes_on(who.support_ends_on, grace))
        for who in people
        if who.support_ends_on is not None
        and (prompt := ending.prompted(who.support_ends_on, today)) is not None
    ]
    return sorted(found, key=lambda one: one.on)


async def change(visit: Visit) -> Response:
    """A day to come, or none: an empty field means that no end is foreseen."""
    async with visit.database.read() as tx:
        who, of = await visit.youth(tx), await visit.structure(tx)
        grace = (await retention.periods(tx))["closing"].days
    today = visit.now.astimezone(of.tz).date()
    if visit.posted and visit.form.step != "again":
        typed = visit.form.get("day").strip()
        on = parse_day(typed, today) if typed else None
        if typed and on is None:
            visit.form.wrong("day", "day_unreadable")
        elif await _moved(visit, who, on):
            return visit.go(f"/jeunes/{who.id}", "end_moved")
    elif not visit.posted and who.support_ends_on is not None:
        visit.form = Form.filled(day=f"{who.support_ends_on:%d/%m/%Y}")
    return visit.page("end.html", who=who, grace=grace)


async def _moved(visit: Visit, who: Youth, on: date | None) -> bool:
    try:
        async with visit.database.write() as tx:
            await ending.move(tx, visit.now, who, on)
    except Refused as refusal:
        visit.form.refuse(refusal)
        return False
    return True

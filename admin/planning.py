"""Look, then save: how everything that will reach a youth's phone is planned.

The first post shows what would leave and when; the second saves exactly that. A form that was
changed in between is shown anew instead of saved (`Form.digest`). Each preview carries a number
used once: the same preview saved twice, even at the same instant, is saved one time and answered
twice the same.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from starlette.responses import Response

from admin import preview
from admin.forms import Form
from admin.french import day, parse_day, parse_time
from admin.visit import Visit
from records import youth
from records.database import Tx
from records.errors import Refused
from records.structure import Structure
from records.youth import Youth

Act = Callable[[Tx], Awaitable[Any]]
Look = Callable[[Visit, Youth, Act], Awaitable[Any]]
DAYS_SUGGESTED = 14


class FormWrong(Refused):
    """The form's own errors say what is wrong; raised inside an act, so that nothing is saved."""

    def __init__(self) -> None:
        super().__init__("form")


class DoneBefore(Exception):
    """This very form was saved already: there is nothing more to do, and nothing is wrong."""


def once(visit: Visit) -> str | None:
    """What makes this form, as previewed, unique; None before it is saved."""
    form = visit.form
    if form.step != "save" or not form.get("once"):
        return None
    this = f"{visit.request.url.path} {visit.me.id} {form.get('once')} {form.digest}"
    return f"desk:{blake2b(this.encode(), digest_size=20).hexdigest()}"


async def planned(
    visit: Visit,
    who: Youth,
    of: Structure,
    act: Act,
    page: str,
    said: str,
    look: Look | None = None,
    then: str = "",
    **values: Any,
) -> Response:
    """`act` does what the form asks, in whatever transaction it is given; `look` is what is shown
    of it before it is saved, if not the messages that it queues. `then` is the page under the
    youth's own that is shown once it is."""
    form, coming = visit.form, None
    if visit.posted:
        try:
            if form.step == "save" and form.get("seen") == form.digest:
                async with visit.database.write() as tx:
                    await youth.lock(tx, who.id)  # a second click sees what the first has saved
                    await visit.sight(tx)  # and whoever handed the youth over meanwhile, nothing
                    await act(tx)
                visit.desk.wake()
                return visit.go(f"/jeunes/{who.id}{then}", said)
            coming = await (look or rehearsed)(visit, who, act)
            form.values["once"] = [secrets.token_urlsafe(12)]
        except DoneBefore:
            return visit.go(f"/jeunes/{who.id}{then}", said)
        except FormWrong:
            pass
        except Refused as refusal:
            form.refuse(refusal)
    local = local_now(visit, of)
    suggested = [
        day(date.fromordinal(local.toordinal() + ahead)) for ahead in range(1, DAYS_SUGGESTED + 1)
    ]
    return visit.page(
        page,
        who=who,
        of=of,
        coming=coming,
        local=local,
        days=suggested,
        changed=form.step == "save" and coming is not None,
        **values,
    )


async def rehearsed(visit: Visit, who: Youth, act: Act) -> list[preview.Foreseen]:
    """What an act would queue for this youth. Raises as the act itself does."""
    async with preview.rehearsal(visit.database) as tx:
        before = await preview.foreseen(tx, visit.now, who.id)
        await act(tx)
        return preview.only_new(before, await preview.foreseen(tx, visit.now, who.id))


def moment(form: Form, today: date) -> datetime | None:
    """The day and hour typed in a form, noting what cannot be read."""
    on, at = parse_day(form.get("day"), today), parse_time(form.get("time"))
    if on is None:
        form.wrong("day", "day_unreadable")
    if at is None:
        form.wrong("time", "time_unreadable")
    return datetime.combine(on, at) if on and at else None


def local_now(visit: Visit, of: Structure) -> datetime:
    return visit.now.astimezone(of.tz)

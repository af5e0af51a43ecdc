"""« Aujourd'hui »: who is coming, what calls for you, what failed. It refreshes by itself."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from starlette.responses import RedirectResponse, Response

from admin import alerts, endings, trouble
from admin.endings import Ending
from admin.outcomes import worth_telling
from admin.preview import kind_words
from admin.visit import Visit
from records import appointment, contact, inbox, outgoing, sight, youth
from records.appointment import Appointment
from records.contact import Contact
from records.database import Tx
from records.inbox import Item
from records.outgoing import Message
from records.structure import Structure

FAILURES_SHOWN = timedelta(days=3)
DAYS_AHEAD, MEETINGS_AHEAD = 7, 8
_HOME = {"coordinator": "/equipe", "evaluator": "/evaluation"}


@dataclass(frozen=True, slots=True)
class Call:
    """What one youth waits for, oldest first; their words are read on their own page."""

    who: youth.Youth
    items: list[Item]
    wishes: dict[int, Appointment]

    @property
    def words(self) -> int:
        return sum(item.kind == "words" for item in self.items)

    @property
    def requests(self) -> list[Item]:
        return [item for item in self.items if item.kind != "words"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that did not leave, or that nobody knows about; `times` alike."""

    who: youth.Youth
    message: Message
    times: int

    @property
    def kind(self) -> str:
        return kind_words(self.message.kind, self.message.params)

    @property
    def is_uncertain(self) -> bool:
        return self.message.state == "uncertain"


@dataclass(frozen=True, slots=True)
class Today:
    of: Structure
    local: datetime
    youths: dict[int, youth.Youth]
    trouble: str  # what is wrong with the bot and what to do; empty when it is well
    untold: str  # the same of e-mail
    meetings: list[Appointment]
    later: list[Appointment]  # the days after, as many as the page can hold calmly
    beyond: int  # how many more these days have
    calls: list[Call]
    unconfirmed: list[tuple[youth.Youth, Contact]]
    failures: list[Failure]
    unreachable: list[tuple[youth.Youth, Contact]]
    endings: list[Ending]
    alerts: list[alerts.Shown]

    @property
    def count(self) -> int:
        """How many things wait for somebody: the page's title shows it."""
        uncertain = sum(f.is_uncertain for f in self.failures)
        unanswered = sum(one.alert.is_open for one in self.alerts)
        waiting = len(self.calls) + len(self.unconfirmed) + uncertain
        return unanswered + waiting + len(self.endings)


async def home(visit: Visit) -> Response:
    """Each role's first page. htmx asks for the living part only, and gets 204 when it stands."""
    if visit.me.role in _HOME:
        return RedirectResponse(_HOME[visit.me.role], 303)
    async with visit.database.read() as tx:
        seen = await look(tx, visit)
    living = visit.desk.pages.get_template("_today.html").render(day=seen, csrf=visit.session.csrf)
    print_ = blake2b(living.encode(), digest_size=8).hexdigest()
    if visit.request.headers.get("hx-request"):
        if visit.request.query_params.get("vu") == print_:
            return Response(status_code=204)
        return visit.page("today_fragment.html", day=seen, living=living, print=print_)
    return visit.page("today.html", day=seen, living=living, print=print_)


async def look(tx: Tx, visit: Visit) -> Today:
    """All that the page says, in a fixed number of queries."""
    of = await visit.structure(tx)
    local = visit.now.astimezone(of.tz)
    seen = {one.who.id: one for one in await sight.caseload(tx, visit.now, visit.me)}
    people, ids = {row: one.who for row, one in seen.items()}, list(seen)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    planned = [
        m
        for m in await appointment.of_youths(tx, ids, midnight)
        if seen[m.youth_id].shows(m.starts_at)
    ]
    today, last = local.date(), local.date() + timedelta(days=DAYS_AHEAD)
    ahead = [m for m in planned if today < m.local.date() <= last]
    phones = await contact.of_youths(tx, ids)
    ended = await outgoing.of_youths(
        tx, ids, states=("uncertain", "refused", "dropped"), since=visit.now - FAILURES_SHOWN
    )
    return Today(
        of,
        local,
        people,
        await trouble.of_the_bot(tx, visit, of),
        await trouble.of_the_mail(tx, visit),
        [m for m in planned if m.local.date() == today],
        ahead[:MEETINGS_AHEAD],
        len(ahead[MEETINGS_AHEAD:]),
        _calls(await inbox.unseen(tx, ids), people, {m.id: m for m in planned}),
        _with_phone("unconfirmed", phones, people),
        _failures([m for m in ended if seen[m.youth_id].shows(m.due_at)], people),
        _with_phone("unreachable", phones, people),
        await endings.prompted(tx, people.values(), today),
        await alerts.waiting(tx, visit, of, seen),
    )


def _with_phone(
    state: str, phones: dict[int, list[Contact]], people: dict[int, youth.Youth]
) -> list[tuple[youth.Youth, Contact]]:
    return [
        (people[row], phone)
        for row, linked in phones.items()
        for phone in linked
        if phone.state == state
    ]


def _calls(
    items: list[Item], people: dict[int, youth.Youth], meetings: dict[int, Appointment]
) -> list[Call]:
    by_youth: dict[int, list[Item]] = {}
    for item in items:
        by_youth.setdefault(item.youth_id, []).append(item)
    return [Call(people[row], said, meetings) for row, said in by_youth.items()]


def _failures(ended: list[Message], people: dict[int, youth.Youth]) -> list[Failure]:
    """The uncertain ones one by one; the others once for each youth and reason."""
    telling = [m for m in ended if worth_telling(m.state, m.reason)]
    alike = Counter((m.youth_id, m.state, m.reason) for m in telling)
    shown: dict[tuple[object, ...], Failure] = {}
    for m in telling:
        key = (m.youth_id, m.state, m.reason)
        one = (m.id,) if m.state == "uncertain" else key
        times = 1 if m.state == "uncertain" else alike[key]
        shown.setdefault(one, Failure(people[m.youth_id], m, times))
    return sorted(shown.values(), key=lambda f: not f.is_uncertain)

"""Every cell of the matrix as a request to the desk, and forged ones besides (`test_matrix.py`)."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx
from starlette.routing import Route

from admin.app import routes
from admin.forms import Form
from records.access import MATRIX, NOBODY, SHUT, SINCE
from tests.admin.house import House, Visitor
from tests.admin.situations import Life

# Who asks, and as what.
READERS = {"nadia": "educator", "claire": "coordinator", "omar": "evaluator", "": NOBODY}
COMMANDS = "relais-"  # lines of the command line, which has no address
PAGES = {str(route.name): route for route in routes() if isinstance(route, Route)}
AT_ONCE = 12
ROWS = {  # of a life, by what an address calls them; the first is from before a cover
    "meeting": ("past", "coming", "other"),
    "message": ("said_before", "said_since", "planned"),
    "alert": ("alert",),
}
HUGE = (2**63 - 1, 2**63, 10**19 - 1, 10**30)

# What is typed into each form, so that it would change something.
TYPED: dict[str, dict[str, str]] = {
    "youth.agreement": {"day": "hier", "means": "par téléphone", "purpose": "messages"},
    "youth.disagreement": {"purpose": "messages"},
    "endings.change": {"day": "demain"},
    "conversation.reply": {"text": "Je te réponds"},
    "meetings.add": {"day": "demain", "time": "16h", "minutes": "45", "ladder": "1d"},
    "meetings.move": {"day": "demain", "time": "15h", "revision": "1"},
    "meetings.cancel": {"revision": "1"},
    "messages.write": {"text": "Bonne semaine", "when": "now"},
    "messages.offer": {"script": "ma-meteo", "when": "now"},
    "courses.propose": {
        "course": "dire-non",
        "weekday": "2",
        "time": "18h",
        "start": "now",
    },
    "courses.change": {"step": "pause"},
    "messages.decide": {"decision": "again"},
    "alerts.answer": {"step": "taken"},
}


@dataclass(frozen=True, slots=True)
class Try:
    """One request, and what the matrix says of it."""

    page: str
    login: str
    method: str
    path: str
    cell: str
    life: Life


class Desk:
    """The desk with everybody signed in; counts what was tried."""

    def __init__(self, house: House, lives: list[Life], visitors: dict[str, Visitor]) -> None:
        self.house, self.lives, self.visitors = house, lives, visitors
        self.secrets = {secret: life for life in lives for secret in life.secrets}
        self.tried = 0

    async def send(self, one: Try) -> httpx.Response:
        self.tried += 1
        visitor = self.visitors[one.login]
        if one.method != "POST":
            return await visitor.http.request(one.method, one.path)
        typed = TYPED.get(one.page, {})
        sealed = {"step": "save", "seen": Form.filled(**typed).digest, "once": "once"}
        return await visitor.post(one.path, **sealed | typed)

    def told(self, answer: httpx.Response) -> set[str]:
        """The secrets that an answer holds."""
        found = re.findall(r"[\w-]+-\d{4}x", answer.text)
        return {secret for secret in found if secret in self.secrets}

    async def all(self, tries: Iterable[Try]) -> list[tuple[Try, httpx.Response]]:
        few = asyncio.Semaphore(AT_ONCE)

        async def one(of: Try) -> tuple[Try, httpx.Response]:
            async with few:
                return of, await self.send(of)

        return await asyncio.gather(*(one(of) for of in tries))


def address(of: str, life: Life, **forged: int) -> str:
    """The address of a page about this youth, which names a meeting or a message that it is for."""
    rows = {"meeting_id": "other" if of == "meetings.cancel" else "coming"}
    rows["message_id"] = "said_since" if of == "messages.decide" else "planned"
    rows["alert_id"] = "alert"
    ids: dict[str, object] = {"youth_id": life.who.id, **forged}
    ids = {name: life.rows[row] for name, row in rows.items()} | ids
    ids |= {"structure_id": life.who.structure_id, "age": "12-14"}
    ids |= {"name": "humeur", "staff_id": life.who.educator_id, "session_id": 5}
    return re.sub(r"\{(\w+)(?::row)?\}", lambda found: str(ids[found[1]]), PAGES[of].path)


def methods(of: str) -> list[str]:
    return sorted(PAGES[of].methods or ())


def cells(lives: list[Life]) -> Iterator[Try]:
    """Every cell that has an address; a page about nobody in particular has one for each role."""
    for line in MATRIX.values():
        for login, role in READERS.items() if line.page in PAGES else ():
            for life in lives if line.object else lives[:1]:
                cell = line.cell(role, life.state if line.object else "")
                for method in methods(line.page):
                    yield Try(line.page, login, method, address(line.page, life), cell, life)


def forged(lives: list[Life]) -> Iterator[Try]:
    """Nadia names what is not there: another youth's meeting or message under her own youth's
    address, what is older than her cover, identifiers that no row has, or that no row can have."""
    own, covered = lives[0], next(life for life in lives if life.state == "covered")
    for line in MATRIX.values():
        known = methods(line.page) if line.object and line.page in PAGES else []
        for method in (of for of in known if of != "HEAD"):
            ids: list[dict[str, int]] = [{"youth_id": row} for row in (0, 1, -1, *HUGE)]
            if rows := ROWS.get(line.object):
                name, old = f"{line.object}_id", rows[0]
                others = [life.rows[row] for life in lives[1:] for row in rows]
                ids += [{name: row} for row in (0, 1, -1, *HUGE, *others)]
                path = address(line.page, covered, **{name: covered.rows[old]})
                if line.cell("educator", "covered") == SINCE:
                    yield Try(line.page, "nadia", method, path, SHUT, covered)
            for wrong in ids:
                path = address(line.page, own, **wrong)
                yield Try(line.page, "nadia", method, path, SHUT, own)

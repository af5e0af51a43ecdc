"""Reading the access log against its seals: what is whole, and what no longer fits, where.

What is found: lines altered, missing or put in under a seal; a seal altered, or missing in the
chain; lines whose seal is gone; lines dated well before the seal that precedes theirs, which were
put in afterwards (or a clock was set back). Newest seals that are cut off together with their lines
leave no trace here: only a head that was noted elsewhere (`relais audit head`) tells.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from records import chain, sealing
from records.audit import access, seal
from records.chain import Seal
from records.columns import Instant
from records.database import Tx

PAGE = 200  # seals read at once
LATE = timedelta(minutes=10)  # longer than any page takes to write down its reading


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit. `what`: lines_missing, lines_added, lines_altered,
    lines_late, lines_unsealed, seal_altered, seals_missing, head_missing or head_differs;
    `number` is the seal's, `count` how many seals or lines; the day and the stretch, if known."""

    what: str
    number: int
    count: int = 0
    day: date | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Day:
    """One day's chain; `dropped` once retention let its lines go."""

    day: date
    seals: int = 0
    lines: int = 0
    dropped: bool = False


@dataclass(slots=True)
class Verdict:
    """`head` is the newest seal; `waiting` counts the lines that are not sealed yet."""

    days: list[Day] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    waiting: int = 0
    head: Seal | None = None

    @property
    def right(self) -> bool:
        return not self.findings


async def verify(tx: Tx, noted: str = "") -> Verdict:
    """Check the whole log; `noted` is a head written down before (`chain.code`)."""
    found = Verdict()
    before: Seal | None = None
    async for one, lines in _with_their_lines(tx):
        _count(found, one)
        found.findings += _of_the_chain(tx, before, one)
        found.findings += _of_the_lines(tx, before, one, lines)
        if _agrees(noted, one):
            noted = ""
        before = one
    found.head = before
    found.findings += await _without_seal(tx)
    found.findings += await _still_waiting(tx, found)
    found.findings += _of_the_head(noted, found)
    return found


async def _with_their_lines(tx: Tx) -> AsyncIterator[tuple[Seal, list[Any]]]:
    """Every seal in order, with the lines that claim it."""
    after = 0
    while True:
        query = select(seal).where(seal.c.number > after).order_by(seal.c.number).limit(PAGE)
        seals = [sealing.opened(row) for row in await tx.rows(query)]
        if not seals:
            return
        claimed = access.c.seal.between(seals[0].number, seals[-1].number)
        rows = await tx.rows(select(access).where(claimed).order_by(access.c.seal, access.c.id))
        lines = {number: list(of) for number, of in groupby(rows, lambda row: row.seal)}
        for one in seals:
            yield one, lines.get(one.number, [])
        after = seals[-1].number


def _count(found: Verdict, one: Seal) -> None:
    if not found.days or found.days[-1].day != one.day:
        found.days.append(Day(one.day))
    day = found.days[-1]
    day.seals += 1
    day.lines += one.lines
    day.dropped = one.dropped is not None


def _of_the_chain(tx: Tx, before: Seal | None, one: Seal) -> Iterator[Finding]:
    expected = before.number + 1 if before else 1
    if one.number != expected:
        since = before.until if before else one.since
        missing = one.number - expected
        yield Finding("seals_missing", expected, missing, one.day, since, one.since)
        return  # its mark cannot be compared: the one that it bears is gone
    if chain.mark(tx.vault, before.mark if before else b"", one) != one.mark:
        yield _about("seal_altered", one)


def _of_the_lines(tx: Tx, before: Seal | None, one: Seal, lines: list[Any]) -> Iterator[Finding]:
    let_go = one.dropped is not None and one.dropped == chain.dropping(tx.vault, one.mark)
    expected = 0 if let_go else one.lines
    if len(lines) < expected:
        yield _about("lines_missing", one, expected - len(lines))
    elif len(lines) > expected:
        yield _about("lines_added", one, len(lines) - expected)
    elif expected and chain.digest(tx.vault, lines) != one.digest:
        yield _about("lines_altered", one, expected)
    if late := _late(before, lines):
        yield _about("lines_late", one, late)


def _late(before: Seal | None, lines: list[Any]) -> int:
    """How many of these lines should have been there when the seal before was made."""
    return sum(before is not None and line.at < before.at - LATE for line in lines)


def _about(what: str, one: Seal, count: int = 0) -> Finding:
    return Finding(what, one.number, count, one.day, one.since, one.until)


async def _without_seal(tx: Tx) -> list[Finding]:
    """Lines whose seal is not there: somebody took it away, or invented it."""
    query = (
        select(
            access.c.seal,
            func.count().label("lines"),
            func.min(access.c.at, type_=Instant).label("since"),
            func.max(access.c.at, type_=Instant).label("until"),
        )
        .where(access.c.seal.is_not(None), access.c.seal.not_in(select(seal.c.number)))
        .group_by(access.c.seal)
        .order_by(access.c.seal)
    )
    return [
        Finding("lines_unsealed", r.seal, r.lines, r.since.date(), r.since, r.until)
        for r in await tx.rows(query)
    ]


async def _still_waiting(tx: Tx, found: Verdict) -> list[Finding]:
    lines = await sealing.waiting(tx)
    found.waiting = len(lines)
    late = _late(found.head, lines)
    if not late:
        return []
    since, until = min(line.at for line in lines), max(line.at for line in lines)
    return [Finding("lines_late", 0, late, since.date(), since, until)]


def _agrees(noted: str, one: Seal) -> bool:
    """Whether this is the head that was noted; people add spaces and small letters."""
    return "".join(noted.upper().split()) == chain.code(one)


def _of_the_head(noted: str, found: Verdict) -> list[Finding]:
    """What became of a noted head that no seal agrees with."""
    if noted.strip() in ("", "0"):
        return []
    number = int(noted.partition("-")[0])
    there = found.head is not None and number <= found.head.number
    return [Finding("head_differs" if there else "head_missing", number)]

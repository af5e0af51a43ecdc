"""The sealer: each minute it puts the access log's new lines under a seal, one chain a day.

Reading waits for nobody: lines are plain inserts, and only this room looks for those without a
seal. Two sealers take turns, so it does not matter how many processes try.

A stretch belongs to the UTC day of its lines. A line that comes in after its day's last seal (it
was written as midnight struck) belongs to the day under way, so that a day, once the next one has
begun, is as it stays. The first seal of a day bears the mark of the last one of the day before:
a whole day cannot go without showing.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from records import chain
from records.audit import access, seal
from records.chain import Seal
from records.database import Database, Tx

LINES_A_SEAL = 500  # so that a log that waited for months does not keep others from writing
_WAITING = access.c.seal.is_(None)


async def seal_new(database: Database, now: datetime) -> list[Seal]:
    """Seal all lines that wait; without one nothing is written.

    Returns the last seal of each day that this has brought to its end.
    """
    over: list[Seal] = []
    while True:
        async with database.read() as tx:
            if await tx.row(select(access.c.id).where(_WAITING).limit(1)) is None:
                return over
        async with database.write() as tx:
            await tx.alone("seal")
            over += await _seal_some(tx, now)


async def last(tx: Tx) -> Seal | None:
    """The newest seal: the head of the chain."""
    row = await tx.row(select(seal).order_by(seal.c.number.desc()).limit(1))
    return row and opened(row)


async def waiting(tx: Tx) -> list[Any]:
    """The lines that no seal covers yet, oldest first."""
    return list(await tx.rows(select(access).where(_WAITING).order_by(access.c.id)))


def opened(row: Any) -> Seal:
    return Seal(
        row.number,
        row.day,
        row.lines,
        row.since,
        row.until,
        row.at,
        bytes(row.digest),
        bytes(row.mark),
        None if row.dropped is None else bytes(row.dropped),
    )


async def _seal_some(tx: Tx, now: datetime) -> list[Seal]:
    head, over = await last(tx), []
    query = select(access).where(_WAITING).order_by(access.c.id).limit(LINES_A_SEAL)
    lines = await tx.rows(query)
    begun = head.day if head else None

    def day(line: Any) -> date:
        return day_of(line.at, begun, now)

    for of_day, stretch in groupby(sorted(lines, key=lambda line: (day(line), line.id)), day):
        if head is not None and head.day != of_day:
            over.append(head)
        head = await _put_under(tx, now, head, of_day, list(stretch))
    return over


def day_of(at: datetime, begun: date | None, now: datetime) -> date:
    """The chain that a line goes to: its own day's; never one that is over, nor, where a clock
    ran ahead, one that is to come."""
    today = now.astimezone(UTC).date()
    own = min(at.astimezone(UTC).date(), today)
    return own if begun is None or begun > today else max(own, begun)


async def _put_under(tx: Tx, now: datetime, head: Seal | None, day: date, lines: list[Any]) -> Seal:
    dates = [line.at for line in lines]
    made = Seal(
        head.number + 1 if head else 1,
        day,
        len(lines),
        min(dates),
        max(dates),
        now,
        chain.digest(tx.vault, lines),
        b"",
    )
    sealed = replace(made, mark=chain.mark(tx.vault, head.mark if head else b"", made))
    await tx.run(seal.insert(), {name: getattr(sealed, name) for name in Seal.__slots__})
    which = access.c.id.in_([line.id for line in lines])
    await tx.run(access.update().where(which, _WAITING), {"seal": sealed.number})
    return sealed

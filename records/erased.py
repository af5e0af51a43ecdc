"""What was taken back, so that it stays so when an older backup is restored.

One list holds the youths who were erased, single rows that were erased or hidden again, consents
withdrawn, parents' agreements withdrawn, phones unlinked, accompaniments and accounts closed. Each line is written in the commit of the
deed itself; `records.after_restore` does all of them again. A line names its row by a keyed hash,
to be looked up, and by a sealed identifier, so that the hash can be made anew with another key.
Identifiers are random and never used again, so a line can only ever mean the one it was made for.

The list must outlive the database: `records.erased_file` keeps a copy beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Column, Index, LargeBinary, String, Table, select

from records.columns import Instant, key, new_id
from records.database import Tx, metadata

Kind = Literal[
    "youth",
    "row",
    "hidden",
    "withdrawn",
    "disagreed",
    "unlinked",
    "closed",
    "disabled",
    "enabled",
    "cover_ended",
    "transferred",
    "password",
]
KEPT = timedelta(days=3 * 366)  # longer than any backup may be kept (deploy/README.md)

erased = Table(
    "erased",
    metadata,
    key(),
    Column("kind", String(12), nullable=False),
    Column("about", LargeBinary, nullable=False),  # keyed hash of the kind and the identifier
    Column("what", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_erased_about", "about"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """One line. `what` names the row: its identifier, and a table or a purpose where need be."""

    id: int
    kind: Kind
    what: dict[str, Any]
    at: datetime


async def note(tx: Tx, now: datetime, youth_id: int) -> None:
    """A youth was erased, with all that was stored about them."""
    await _add(tx, now, "youth", [{"youth": youth_id}])


async def note_rows(tx: Tx, now: datetime, table: str, rows: Iterable[int]) -> None:
    """Single rows were erased: answers (`response`), words to the educator (`inbox`)…"""
    await _add(tx, now, "row", [{"table": table, "row": row} for row in rows])


async def note_hidden(tx: Tx, now: datetime, responses: Iterable[int]) -> None:
    """Answers that were open to the educator were closed again."""
    await _add(tx, now, "hidden", [{"row": row} for row in responses])


async def note_withdrawn(tx: Tx, now: datetime, youth_id: int, purpose: str) -> None:
    """A consent was withdrawn. A later yes needs no line: it is later than this one."""
    await _add(tx, now, "withdrawn", [{"youth": youth_id, "purpose": purpose}])


async def note_disagreed(tx: Tx, now: datetime, youth_id: int, purpose: str) -> None:
    """A parent's agreement was withdrawn."""
    await _add(tx, now, "disagreed", [{"youth": youth_id, "purpose": purpose}])


async def note_unlinked(tx: Tx, now: datetime, contact_id: int) -> None:
    """A phone was forgotten: at « stop », at the desk, or by a newer one."""
    await _add(tx, now, "unlinked", [{"row": contact_id}])


async def note_closed(tx: Tx, now: datetime, youth_id: int) -> None:
    """An accompaniment ended."""
    await _add(tx, now, "closed", [{"youth": youth_id}])


async def note_enabled(tx: Tx, now: datetime, staff_id: int) -> None:
    """A closed account was opened again: this undoes the line that closed it."""
    await _add(tx, now, "enabled", [{"row": staff_id}])


async def note_disabled(tx: Tx, now: datetime, staff_id: int) -> None:
    """A professional's account was closed."""
    await _add(tx, now, "disabled", [{"row": staff_id}])


async def note_cover_ended(tx: Tx, now: datetime, cover_id: int) -> None:
    """A cover was called off, or ended before its time: who covered reads no more."""
    await _add(tx, now, "cover_ended", [{"row": cover_id}])


async def note_transferred(tx: Tx, now: datetime, youths: Iterable[int], to: int) -> None:
    """Youths went to a colleague: who accompanied them reads no more."""
    await _add(tx, now, "transferred", [{"youth": who, "to": to} for who in youths])


async def note_password(tx: Tx, now: datetime, staff_id: int) -> None:
    """A professional's password was changed: the one of before opens nothing any more."""
    await _add(tx, now, "password", [{"row": staff_id}])


async def is_erased(tx: Tx, youth_id: int) -> bool:
    """Whether this youth was erased, here or before a restore."""
    abouts = tx.vault.indexes("erased.about", about("youth", {"youth": youth_id}))
    found = select(erased.c.id).where(erased.c.about.in_(abouts)).limit(1)
    return await tx.row(found) is not None


async def listed(tx: Tx, after: int = 0) -> list[Erased]:
    """All lines, in the order in which they were written; from `after` on."""
    rows = await tx.rows(select(erased).where(erased.c.id > after).order_by(erased.c.id))
    return [
        Erased(r.id, r.kind, tx.vault.open_data("erased.what", r.id, r.what), r.at) for r in rows
    ]


async def merge(tx: Tx, lines: Sequence[Erased]) -> int:
    """Add the lines that another list has and this one has not. Returns how many."""
    return sum([await _insert(tx, line) for line in lines])


async def _add(tx: Tx, now: datetime, kind: Kind, what: Iterable[dict[str, Any]]) -> None:
    for named in what:
        line = Erased(new_id(), kind, named, now)
        await _insert(tx, line)
        tx.taken_back.append(line)


async def _insert(tx: Tx, line: Erased) -> int:
    """By its own identifier: the same line twice is one."""
    values = {
        "id": line.id,
        "kind": line.kind,
        "about": tx.vault.index("erased.about", about(line.kind, line.what)),
        "what": tx.vault.seal_data("erased.what", line.id, line.what),
        "at": line.at,
    }
    return await tx.run(tx.upsert(erased).on_conflict_do_nothing(index_elements=["id"]), values)


def about(kind: str, what: dict[str, Any]) -> str:
    """What a line's hash is made of."""
    return ":".join([kind, *(str(value) for value in what.values())])

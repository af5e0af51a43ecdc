"""Answers to exercises and check-ins: each keeps the version it answered and who may read it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    text,
    tuple_,
)

from records import audit, conversation, erased, inbox, plan, sight
from records.access import EMPTY
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.staff import Staff
from records.youth import Youth

response = Table(
    "response",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth"),
    Column("conversation_id", BigInteger, nullable=False),
    Column("script", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("variable", String(48), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("visibility", String(10), nullable=False),  # only_me | me | educator
    Column("shared_at", Instant),  # when it was last opened to the educator
    Column("at", Instant, nullable=False),
    Index("ix_response_youth", "youth_id", "id"),
    Index("ix_response_conversation", "conversation_id"),
    Index(
        "ix_response_shown",
        "youth_id",
        sqlite_where=text("visibility = 'educator'"),
        postgresql_where=text("visibility = 'educator'"),
    ),
)


ONLY_ME = "only_me"  # what was asked for the youth alone: it can never be shown
PRIVATE = (ONLY_ME, "me")


@dataclass(frozen=True, slots=True)
class Response:
    """`value` is the stable value of the chosen options, or the words; opened. The answers of one
    occasion share their `conversation_id`."""

    id: int
    youth_id: int
    conversation_id: int
    script: str
    version: int
    variable: str
    value: str
    visibility: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    structure_id: int
    youth_id: int
    conversation_id: int
    script: str
    version: int
    variable: str
    value: str
    only_me: bool = False


async def keep(tx: Tx, now: datetime, answers: list[Saved]) -> None:
    """Write answers; they are the youth's own until shared (`share`), some of them for good."""
    rows = []
    for said in answers:
        row = new_id()
        rows.append(
            {
                "id": row,
                "structure_id": said.structure_id,
                "youth_id": said.youth_id,
                "conversation_id": said.conversation_id,
                "script": said.script,
                "version": said.version,
                "variable": said.variable,
                "visibility": ONLY_ME if said.only_me else "me",
                "shared_at": None,
                "at": now,
                "value": tx.vault.seal("response.value", row, said.value),
            }
        )
    if rows:
        await tx.run(response.insert(), rows)


async def share(tx: Tx, now: datetime, youth_id: int, conversation_id: int) -> int | None:
    """Open one exercise's answers to the educator. Returns how many were changed: 0 the second
    time; None when these answers are not this youth's, or no more."""
    if not await is_theirs(tx, youth_id, conversation_id):
        return None
    theirs, hidden = of_occasion(youth_id, conversation_id), response.c.visibility == "me"
    shown = {"visibility": "educator", "shared_at": now}
    return await tx.run(response.update().where(*theirs, hidden), shown)


async def is_theirs(tx: Tx, youth_id: int, conversation_id: int) -> bool:
    """Whether there are answers here that this youth can show: theirs, and still kept."""
    can_show = response.c.visibility != ONLY_ME
    found = select(response.c.id).where(*of_occasion(youth_id, conversation_id), can_show).limit(1)
    return await tx.row(found) is not None


def of_occasion(youth_id: int, conversation_id: int) -> tuple[ColumnElement[bool], ...]:
    """Not by the index of all that this youth ever answered, which SQLite would prefer."""
    return response.c.conversation_id == conversation_id, response.c.youth_id + 0 == youth_id


async def keep_back(tx: Tx, now: datetime, theirs: Sequence[tuple[int, int]]) -> None:
    """Close again what was open to the educator: each a youth, and their conversation."""
    for who, which in theirs:
        closed = await tx.rows(_KEEP_BACK, {"who": who, "which": which})
        await erased.note_hidden(tx, now, [row.id for row in closed])
    if theirs:
        await forget_notices(tx, [who for who, _ in theirs])


async def show_one(tx: Tx, now: datetime, youth_id: int, row: int, *, to_educator: bool) -> bool:
    """The youth's decision on one single answer; it counts at once, wherever it is read. False
    when that answer is not theirs, or no more, or is never shown."""
    kept = await one_of(tx, youth_id, row)
    to = "educator" if to_educator else "me"
    if kept is not None and kept.visibility == ONLY_ME:
        return not to_educator
    if kept is None or kept.visibility == to:
        return kept is not None
    values = {"visibility": to} | ({"shared_at": now} if to_educator else {})
    await tx.run(response.update().where(response.c.id == row), values)
    if not to_educator:
        await erased.note_hidden(tx, now, [row])
        await forget_notices(tx, [youth_id])
    return True


async def erase_one(tx: Tx, now: datetime, youth_id: int, row: int) -> bool:
    """Delete one answer for good, also from scripts under way that hold it, and from the plans
    made of it. False when it is not theirs, or no more."""
    kept = await one_of(tx, youth_id, row)
    if kept is None or not await erase_again(tx, row):
        return False
    await plan.forget(tx, youth_id, [kept.conversation_id], [row])
    await erased.note_rows(tx, now, "response", [row])
    await forget_notices(tx, [youth_id])
    return True


async def erase_again(tx: Tx, row: int) -> bool:
    """Whether an answer that was erased came back with a backup, and is gone again."""
    kept = await tx.row(
        response.delete()
        .where(response.c.id == row)
        .returning(response.c.youth_id, response.c.conversation_id, response.c.variable)
    )
    if kept is not None:
        await conversation.forget_answer(
            tx, kept.youth_id, row, kept.conversation_id, kept.variable
        )
    return kept is not None


async def forget_private(tx: Tx, youth_id: int) -> None:
    """At closure: what a youth kept to themself goes with the link to them."""
    await tx.run(
        response.delete().where(response.c.youth_id == youth_id, response.c.visibility.in_(PRIVATE))
    )


async def forget_notices(tx: Tx, youth_ids: Sequence[int]) -> None:
    """Nobody is told of answers that are shown no more."""
    shown = select(response.c.id).where(
        response.c.youth_id == inbox.inbox.c.youth_id,
        response.c.visibility == literal_column("'educator'"),  # as `ix_response_shown` says it
    )
    await tx.run(
        inbox.inbox.delete().where(
            inbox.inbox.c.youth_id.in_(youth_ids),
            inbox.inbox.c.kind == "shared",
            inbox.inbox.c.seen_at.is_(None),
            ~shown.exists(),
        )
    )


_KEEP_BACK = (
    response.update()
    .where(
        response.c.conversation_id == bindparam("which"),
        response.c.youth_id + 0 == bindparam("who"),
        response.c.visibility == "educator",
    )
    .values(visibility="me")
    .returning(response.c.id)
)


async def read_by(
    tx: Tx,
    now: datetime,
    reader: Staff,
    who: Youth,
    *,
    page: str = "answers.show",
    before: int | None = None,
    limit: int = 100,
) -> list[Response]:
    """What this reader may read of this youth on `page`, newest first; each reading is logged.

    `NotFound` where the matrix (`records.access`) says that there is nothing for them.
    """
    seen = await sight.of(tx, now, reader, page, who)
    if seen.cell == EMPTY:
        return []
    found = await of_youth(
        tx, who.id, visibility="educator", since=seen.since, before=before, limit=limit
    )
    if found:
        await audit.note(tx, now, reader.id, audit.READ, who.id, about=[r.id for r in found])
    return found


async def of_youth(
    tx: Tx,
    youth_id: int,
    *,
    visibility: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Response]:
    """A youth's answers, newest first: for the youth themself, or filtered for a reader; `since`
    leaves out what was shared before."""
    query = select(response).where(response.c.youth_id == youth_id)
    if since is not None:
        query = query.where(response.c.shared_at >= since)
    if visibility is not None:
        query = query.where(response.c.visibility == visibility)
    if before is not None:
        query = query.where(response.c.id < before)
    rows = await tx.rows(query.order_by(response.c.id.desc()).limit(limit))
    return [opened(tx, row) for row in rows]


async def latest(
    tx: Tx, youth_id: int, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Response]:
    """What a youth last answered to each of these (script, variable), in any version."""
    last = (
        select(func.max(response.c.id))
        .where(
            response.c.youth_id == youth_id,
            tuple_(response.c.script, response.c.variable).in_(list(wanted)),
        )
        .group_by(response.c.script, response.c.variable)
    )
    rows = await tx.rows(select(response).where(response.c.id.in_(last)))
    return {(row.script, row.variable): opened(tx, row) for row in rows}


async def one_of(tx: Tx, youth_id: int, row: int) -> Response | None:
    """One answer of a youth; someone else's is never found."""
    found = await tx.row(
        select(response).where(response.c.id == row, response.c.youth_id == youth_id)
    )
    return opened(tx, found) if found else None


def opened(tx: Tx, row: Row[Any]) -> Response:
    return Response(
        row.id,
        row.youth_id,
        row.conversation_id,
        row.script,
        row.version,
        row.variable,
        tx.vault.open("response.value", row.id, row.value),
        row.visibility,
        row.at,
    )

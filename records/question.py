"""« Je préviens Nadia ? », while it waits: ten minutes at most, then nothing of it is left.

The category is sealed, and goes with the row: at the answer, or at the clock. What follows a
« non » or a silence is judged then, as things stand then.

The ten minutes of the youth begin when the question has left. One that cannot leave within ten
minutes is over: nobody was told that a rule applies, so that it does not. What waits is sent all
the same, without the rule, and a late yes counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, LargeBinary, Row, Table, select

from records import alert, message, structure, youth
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.youth import Youth

WAITS = timedelta(minutes=10)
IN_FLIGHT = timedelta(minutes=1)  # until one that is on its way is looked at again

question = Table(
    "question",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("youth_id", "youth", unique=True),  # one question at a time
    Column("category", LargeBinary),  # all that were heard; none: said without a name, in a survey
    Column("warned", Boolean, nullable=False),  # the youth was told that the rule will apply
    Column("card_at", Instant, nullable=False),  # when the help card was last shown
    Column("shown_at", Instant),  # when it left; what it says is not told before
    Column("due_at", Instant, nullable=False),
    Index("ix_question_due", "due_at"),
)


@dataclass(frozen=True, slots=True)
class Question:
    id: int
    youth_id: int
    categories: tuple[str, ...]
    warned: bool
    card_at: datetime
    shown_at: datetime | None


async def ask(tx: Tx, now: datetime, who: Youth, heard: Sequence[str], *, warned: bool) -> int:
    """Ask, in the place of an earlier question to the same youth. Returns what buttons name."""
    await _only_general(tx, who.id, message.message.c.created_at < now)
    await tx.run(question.delete().where(question.c.youth_id == who.id))
    row = new_id()
    values = {
        "id": row,
        "structure_id": who.structure_id,
        "youth_id": who.id,
        "category": _sealed(tx, row, heard),
        "warned": warned,
        "card_at": now,
        "shown_at": None,
        "due_at": now + WAITS,
    }
    await tx.run(question.insert(), values)
    await tx.announce()
    return row


async def shown(tx: Tx, now: datetime, question_id: int) -> None:
    """It has left: what it says is told, and the youth has ten minutes from now on."""
    untold = (question.c.id == question_id, question.c.shown_at.is_(None))
    if await tx.run(question.update().where(*untold), {"shown_at": now, "due_at": now + WAITS}):
        await tx.announce()


async def waiting(tx: Tx, youth_id: int) -> Question | None:
    row = await tx.row(select(question).where(question.c.youth_id == youth_id))
    return None if row is None else _opened(tx, row)


async def change(tx: Tx, which: Question, heard: Sequence[str], card_at: datetime) -> None:
    """More was said while it waits: `heard` is all of it. Its clock goes on."""
    await tx.run(
        question.update().where(question.c.id == which.id),
        {"category": _sealed(tx, which.id, heard), "card_at": card_at},
    )


async def forget(tx: Tx, youth_id: int) -> None:
    """The question is over: its category goes, from a card that could not leave yet as well."""
    await _only_general(tx, youth_id)
    await tx.run(message.message.delete().where(*_unsent(youth_id)))
    await tx.run(question.delete().where(question.c.youth_id == youth_id))


def _unsent(youth_id: int, state: str = "waiting") -> tuple[ColumnElement[bool], ...]:
    """Questions to this youth that have not left."""
    sent = message.message.c
    return (sent.youth_id == youth_id, sent.kind == "question", sent.state == state)


async def _only_general(tx: Tx, youth_id: int, *which: ColumnElement[bool]) -> None:
    """A help card that still waits shows all the numbers, and says no more of what was written."""
    cards = message.message.c
    waits = (cards.youth_id == youth_id, message.is_open(message.message), cards.kind == "card")
    await tx.run(message.message.update().where(*waits, *which), {"params": None})


async def refuse(tx: Tx, now: datetime, who: Youth, question_id: int) -> bool:
    """« Non » to this question, or to an earlier one: whether the structure's rule raises the
    alert all the same. Whoever answers it has read it, whatever is known of its sending."""
    asked = await waiting(tx, who.id)
    if asked is None:
        return False
    told = asked.shown_at is not None or asked.id == question_id
    return await _end(tx, now, who, asked, told=told)


async def next_due(tx: Tx) -> datetime | None:
    found: datetime | None = await tx.value(
        select(question.c.due_at).order_by(question.c.due_at).limit(1)
    )
    return found


async def run_out(tx: Tx, now: datetime) -> int:
    """Ten minutes of silence. Each youth is locked before their question, as receiving does."""
    late = await _late(tx, now)
    for row in late:
        await youth.lock(tx, row.youth_id)
        again = await tx.row(select(question).where(question.c.id == row.id))
        if again is not None:  # answered meanwhile, by the youth or by another process
            await _fall_silent(tx, now, _opened(tx, again))
    return len(late)


async def _late(tx: Tx, now: datetime) -> Sequence[Row[Any]]:
    due = select(question.c.id, question.c.youth_id).where(question.c.due_at <= now)
    return await tx.rows(due.order_by(question.c.youth_id).limit(200))


async def _fall_silent(tx: Tx, now: datetime, asked: Question) -> None:
    who = await youth.get(tx, asked.youth_id)
    if asked.shown_at is None:
        await _never_left(tx, now, who, asked)
    elif await _end(tx, now, who, asked, told=True):
        await alert.tell_youth(tx, now, who.id, "distress.told", f"told:{asked.id}", {})


async def _never_left(tx: Tx, now: datetime, who: Youth, asked: Question) -> None:
    """What waits is only asked: of the rule nothing was told. How one that is on its way ends is
    known in a moment."""
    sent = message.message
    if await tx.row(select(sent.c.id).where(*_unsent(who.id, "claimed")).limit(1)):
        later = {"due_at": now + IN_FLIGHT}
        await tx.run(question.update().where(question.c.id == asked.id), later)
        return
    for row in await tx.rows(select(sent.c.id, sent.c.params).where(*_unsent(who.id))):
        params = tx.vault.open_data("message.params", row.id, row.params) | {"warned": False}
        sealed = tx.vault.seal_data("message.params", row.id, params)
        await tx.run(sent.update().where(sent.c.id == row.id), {"params": sealed})
    await _only_general(tx, who.id)
    await tx.run(question.delete().where(question.c.id == asked.id))


async def _end(tx: Tx, now: datetime, who: Youth, asked: Question, *, told: bool) -> bool:
    """Without a yes. The rule applies as it stands now, and only to whom it was told before."""
    of = await structure.get(tx, who.structure_id)
    today = now.astimezone(of.tz).date()
    rule = alert.follows(of, who, asked.categories, today)
    applies = told and asked.warned and rule == "tell" and who.closed_at is None
    await forget(tx, who.id)
    if applies:
        await alert.raise_(tx, now, who, of, asked.categories, "rule", asked.id)
    return applies


def seal(tx: Tx, question_id: int, youth_id: int) -> str:
    """What a button carries beside the question that it answers, and nobody can make up: it shows
    that this question was put to this youth, when nothing else is left of it."""
    return tx.vault.chained("question.button", f"{question_id}/{youth_id}".encode())[:8].hex()


def _sealed(tx: Tx, row: int, heard: Sequence[str]) -> bytes | None:
    return tx.vault.seal("question.category", row, " ".join(heard)) if heard else None


def _opened(tx: Tx, row: Row[Any]) -> Question:
    sealed = row.category
    heard = tx.vault.open("question.category", row.id, sealed) if sealed else ""
    return Question(
        row.id, row.youth_id, tuple(heard.split()), row.warned, row.card_at, row.shown_at
    )

"""Open conversations: one script under way for a youth, pinned to the version it began with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    case,
    delete,
    false,
    literal,
    select,
)
from sqlalchemy import text as sql

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata

ANONYMOUS_KEPT = timedelta(days=21)
NUDGE_AFTER = timedelta(hours=2)  # of silence, once
PUT_AWAY_AFTER = timedelta(days=2)  # of silence, once nudged (`records.silence`)

conversation = Table(
    "conversation",
    metadata,
    key(),
    link("youth_id", "youth"),
    link("structure_id", "structure"),
    Column("script", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("wave", String(12)),
    Column("anonymous", Boolean, nullable=False),
    Column("status", String(8), nullable=False),  # open | away | done; enrolment: linking
    Column("state", LargeBinary),
    Column("began_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Column("nudged", Boolean, nullable=False, server_default=false()),  # or never to be
    Column("wakes_at", Instant),  # when silence is looked at, while it is open
    Index(
        "ix_conversation_silent",
        "wakes_at",
        sqlite_where=sql("status = 'open'"),
        postgresql_where=sql("status = 'open'"),
    ),
    Index("ix_conversation_youth", "youth_id", "status"),
    Index(
        "uq_conversation_open",
        "youth_id",
        unique=True,
        sqlite_where=sql("status = 'open'"),
        postgresql_where=sql("status = 'open'"),
    ),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`state` is the engine's own JSON, opened; once done, no answer is left in it, only where it
    ended (`dialogs.state.State.over`)."""

    id: int
    youth_id: int
    script: str
    version: int
    wave: str | None
    anonymous: bool
    status: str
    state: dict[str, Any]
    touched_at: datetime


def opened(tx: Tx, row: Any) -> Conversation:
    state = tx.vault.open_data("conversation.state", row.id, row.state) if row.state else {}
    return Conversation(
        row.id,
        row.youth_id,
        row.script,
        row.version,
        row.wave,
        row.anonymous,
        row.status,
        state,
        row.touched_at,
    )


async def begin(
    tx: Tx,
    now: datetime,
    *,
    youth_id: int,
    structure_id: int,
    script: str,
    version: int,
    state: dict[str, Any],
    anonymous: bool = False,
    wave: str | None = None,
    linking: bool = False,
) -> Conversation:
    """Open a script; another one that is open is put away with its place kept.

    `linking`: the enrolment of a phone that may be a stranger's. It stands beside the open
    script, which it does not touch; there is one at most.
    """
    status = "linking" if linking else "open"
    if linking:
        await tx.run(
            delete(conversation).where(
                conversation.c.youth_id == youth_id, conversation.c.status == "linking"
            )
        )
    else:
        await put_away(tx, now, youth_id)
    row = new_id()
    await tx.run(
        conversation.insert(),
        {
            "id": row,
            "youth_id": youth_id,
            "structure_id": structure_id,
            "script": script,
            "version": version,
            "wave": wave,
            "anonymous": anonymous,
            "status": status,
            "state": _sealed(tx, row, state),
            "began_at": now,
            "touched_at": now,
            "nudged": anonymous,
            "wakes_at": now + (PUT_AWAY_AFTER if anonymous else NUDGE_AFTER),
        },
    )
    return Conversation(row, youth_id, script, version, wave, anonymous, status, state, now)


async def save(tx: Tx, now: datetime, moved: list[tuple[int, dict[str, Any], str]]) -> None:
    """Keep the new state and status of conversations, in one statement."""
    if moved:
        await tx.run(
            _SAVE,
            [
                {
                    "which": row,
                    "s": _sealed(tx, row, state) if state else None,
                    "st": status,
                    "t": now,
                    "soon": now + NUDGE_AFTER,
                    "late": now + PUT_AWAY_AFTER,
                }
                for row, state, status in moved
            ],
        )


async def put_away(tx: Tx, now: datetime, youth_id: int) -> None:
    """Close the open script, its place kept for « reprendre »."""
    await tx.run(
        conversation.update().where(
            conversation.c.youth_id == youth_id, conversation.c.status == "open"
        ),
        {"status": "away", "touched_at": now},
    )


async def take_up(tx: Tx, now: datetime, which: Conversation) -> None:
    await put_away(tx, now, which.youth_id)
    soon, late = (literal(now + so_long, Instant()) for so_long in (NUDGE_AFTER, PUT_AWAY_AFTER))
    await tx.run(
        conversation.update()
        .where(conversation.c.id == which.id)
        .values(
            status="open", touched_at=now, wakes_at=case((conversation.c.nudged, late), else_=soon)
        )
    )


async def get(tx: Tx, conversation_id: int, youth_id: int) -> Conversation | None:
    """This youth's conversation, or None: someone else's is never found."""
    row = await tx.row(
        select(conversation).where(
            conversation.c.id == conversation_id, conversation.c.youth_id == youth_id
        )
    )
    return opened(tx, row) if row else None


async def open_of(tx: Tx, youth_ids: list[int]) -> dict[int, Conversation]:
    rows = await tx.rows(
        select(conversation).where(
            conversation.c.youth_id.in_(youth_ids), conversation.c.status == "open"
        )
    )
    return {row.youth_id: opened(tx, row) for row in rows}


async def away(tx: Tx, youth_id: int) -> list[Conversation]:
    """Scripts that were put away, the latest first."""
    rows = await tx.rows(
        select(conversation)
        .where(conversation.c.youth_id == youth_id, conversation.c.status == "away")
        .order_by(conversation.c.touched_at.desc())
    )
    return [opened(tx, row) for row in rows]


async def forget_anonymous(
    tx: Tx, youth_id: int, script: str, wave: str | None, *, but: int | None = None
) -> None:
    """Wipe what a youth had begun of an anonymous wave, wherever it was put away."""
    kept = [conversation.c.id != but] if but is not None else []
    await tx.run(
        delete(conversation).where(
            conversation.c.youth_id == youth_id,
            conversation.c.script == script,
            conversation.c.wave.is_(None) if wave is None else conversation.c.wave == wave,
            conversation.c.anonymous,
            *kept,
        )
    )


async def forget_all_anonymous(tx: Tx, youth_id: int) -> None:
    """Once surveys are refused: nothing half-answered stays."""
    await tx.run(
        delete(conversation).where(conversation.c.youth_id == youth_id, conversation.c.anonymous)
    )


async def forget_all(tx: Tx, youth_id: int) -> None:
    """At closure: nothing half-answered stays."""
    await tx.run(delete(conversation).where(conversation.c.youth_id == youth_id))


async def forget(tx: Tx, conversation_id: int) -> None:
    await tx.run(delete(conversation).where(conversation.c.id == conversation_id))


async def forget_answer(
    tx: Tx, youth_id: int, row: int, conversation_id: int, variable: str
) -> None:
    """An answer was erased: out of the script that asked for it, and of those that recall it (by
    its `row`), while they are under way."""
    rows = await tx.rows(
        select(conversation).where(
            conversation.c.youth_id == youth_id, conversation.c.status.in_(("open", "away"))
        )
    )
    for talk in [opened(tx, one) for one in rows]:
        answers = talk.state.get("answers", {})
        gone = {name[:-1] for name, said in answers.items() if (name[-1], said) == ("@", str(row))}
        gone |= {variable} if talk.id == conversation_id else set()
        left = {name: said for name, said in answers.items() if name.rstrip("=@") not in gone}
        if left != answers:
            state = talk.state | {"answers": left}
            one = conversation.update().where(conversation.c.id == talk.id)
            await tx.run(one, {"state": _sealed(tx, talk.id, state)})


async def forget_answers(tx: Tx, youth_id: int) -> None:
    """Every answer was erased: none is left in the scripts under way, which keep their place; of
    those that are over, nothing is left to show."""
    rows = await tx.rows(
        select(conversation).where(
            conversation.c.youth_id == youth_id,
            conversation.c.status.in_(("open", "away")),
            ~conversation.c.anonymous,
        )
    )
    for talk in [opened(tx, one) for one in rows]:
        state = talk.state | {"answers": {}, "ticked": []}
        one = conversation.update().where(conversation.c.id == talk.id)
        await tx.run(one, {"state": _sealed(tx, talk.id, state)})
    await tx.run(
        conversation.update().where(
            conversation.c.youth_id == youth_id, conversation.c.status == "done"
        ),
        {"state": None},
    )


async def set_state(tx: Tx, which: Conversation, state: dict[str, Any]) -> None:
    """Another state at the same place and time: nothing of what was said changes."""
    await tx.run(
        conversation.update().where(conversation.c.id == which.id),
        {"state": _sealed(tx, which.id, state) if state else None},
    )


async def pinned(tx: Tx) -> set[tuple[str, int]]:
    """The scripts and versions that conversations under way still need."""
    rows = await tx.rows(
        select(conversation.c.script, conversation.c.version)
        .where(conversation.c.status.in_(("open", "away", "linking")))
        .distinct()
    )
    return {(row.script, row.version) for row in rows}


def _sealed(tx: Tx, row: int, state: dict[str, Any]) -> bytes:
    return tx.vault.seal_data("conversation.state", row, state)


def _save_statement() -> Any:
    from sqlalchemy import bindparam

    return (
        conversation.update()
        .where(conversation.c.id == bindparam("which"))
        .values(
            state=bindparam("s"),
            status=bindparam("st"),
            touched_at=bindparam("t"),
            wakes_at=case(
                (conversation.c.nudged, bindparam("late", type_=Instant())),
                else_=bindparam("soon", type_=Instant()),
            ),
        )
    )


_SAVE = _save_statement()

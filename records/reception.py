"""What came in: each update accepted once; the few that no rule could handle, set aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata

ACCEPTED_KEPT = timedelta(days=3)
SET_ASIDE_KEPT = timedelta(days=30)

accepted_update = Table(
    "accepted_update",
    metadata,
    link("bot_id", "bot", primary_key=True),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Index("ix_accepted_update_at", "at"),
)

set_aside = Table(
    "set_aside",
    metadata,
    key(),
    link("bot_id", "bot"),
    link("youth_id", "youth", nullable=True, index=True),  # so that it goes with them
    Column("update_id", BigInteger, nullable=False),
    Column("reason", String(120), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_set_aside_at", "at"),
)


async def accept(tx: Tx, now: datetime, bot_id: int, update_ids: Sequence[int]) -> set[int]:
    """Which of these updates are new; they are marked accepted in this transaction."""
    rows = [{"bot_id": bot_id, "update_id": update_id, "at": now} for update_id in update_ids]
    insert = (
        tx.upsert(accepted_update).on_conflict_do_nothing().returning(accepted_update.c.update_id)
    )
    result = await tx.connection.execute(insert, rows)
    return set(result.scalars())


async def keep_aside(
    tx: Tx,
    now: datetime,
    bot_id: int,
    update_id: int,
    reason: str,
    payload: str,
    youth_id: int | None = None,
) -> None:
    """Keep, sealed, an update whose data no rule could handle, with the reason and whose it is."""
    row = new_id()
    await tx.run(
        set_aside.insert(),
        {
            "id": row,
            "bot_id": bot_id,
            "youth_id": youth_id,
            "update_id": update_id,
            "reason": reason[:120],
            "at": now,
            "payload": tx.vault.seal("set_aside.payload", row, payload),
        },
    )

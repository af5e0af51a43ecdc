"""How fast a bot has been speaking, shared by all its processes: one row a bot, on PostgreSQL.

The row is locked in the very transaction that claims, so that two workers never count the same
permits, nor claim at once for the same bot. Whoever finds it locked leaves that bot to the other.
The clock is the database's, the same for all machines. On SQLite there is one process, whose
memory is enough: this table stays empty.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Table, func, literal, select

from records.columns import Instant
from records.database import Tx, metadata

pace = Table(
    "pace",
    metadata,
    Column("bot_id", BigInteger, ForeignKey("bot.id"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),  # when the state was so
    Column("state", JSON, nullable=False),  # `bot.pace.Pace.state`: numbers only, no address
)


@dataclass(frozen=True, slots=True)
class Held:
    """A bot's row, locked until the transaction ends. `now` is the database's clock."""

    bot_id: int
    state: dict[str, Any]
    age: float  # seconds since it was so; negative when the clock was set back meanwhile
    now: datetime


async def hold(tx: Tx, bot_id: int) -> Held | None:
    """Lock a bot's row; None when another transaction holds it, or when there is none yet."""
    clock = func.clock_timestamp(type_=Instant).label("now")
    one = select(pace.c.at, pace.c.state, clock).where(pace.c.bot_id == bot_id)
    row = await tx.row(one.with_for_update(skip_locked=True))
    if row is None:
        return None
    return Held(bot_id, row.state, (row.now - row.at).total_seconds(), row.now)


async def begin(tx: Tx, bot_id: int) -> None:
    """Make a bot's row, unless there is one."""
    first = {"bot_id": bot_id, "at": func.clock_timestamp(), "state": literal({}, JSON)}
    await tx.run(tx.upsert(pace).values(first).on_conflict_do_nothing())


async def keep(tx: Tx, held: Held, state: dict[str, Any], seconds_later: float) -> None:
    """Write how things stand now, `seconds_later` than the row was locked."""
    now = held.now + timedelta(seconds=seconds_later)
    await tx.run(pace.update().where(pace.c.bot_id == held.bot_id), {"at": now, "state": state})

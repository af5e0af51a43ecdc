"""Being signed in: sessions, the step before one, and how guessing is slowed down.

Whoever gave the right password, and owes a code, is at the doorstep: a row of its own that opens
nothing and lives for some minutes. Tries are rows, so that they outlive a restart. Times here are
the real clock's, never the demo's; only the hashes of tokens are kept.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, String, Table, delete, func, select

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.vault import hashed

IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=10)
FRESH = timedelta(minutes=10)  # how long a proof is good for what asks for one
DOORSTEP = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)  # tries are counted over this long
AT_ONCE = 5  # sessions of one person; the one unused for longest makes room

session = Table(
    "session",
    metadata,
    key(),
    link("staff_id", "staff", index=True),
    Column("token", LargeBinary, nullable=False, unique=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("proved_at", Instant),  # none: proved when it was opened
    Column("browser", String(40), nullable=False, server_default=""),
    Column("owes", String(40), nullable=False, server_default=""),
)

doorstep = Table(
    "sign_in_doorstep",
    metadata,
    key(),
    link("staff_id", "staff", index=True),
    Column("token", LargeBinary, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

attempt = Table(
    # Tries that failed, or whose outcome is not known yet.
    "sign_in_attempt",
    metadata,
    key(),
    Column("subject", LargeBinary, nullable=False),  # keyed hash of whom it is counted for
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_attempt", "subject", "at"),
)


@dataclass(frozen=True, slots=True)
class Session:
    """`owes`: what its owner must settle before anything else, most urgent first; empty as a rule.
    `browser` says from what kind of browser, never which."""

    id: int
    staff_id: int
    csrf: str
    created_at: datetime
    last_seen_at: datetime
    proved_at: datetime
    browser: str
    owes: tuple[str, ...]

    def is_fresh(self, now: datetime) -> bool:
        return now - self.proved_at < FRESH


async def open_session(
    tx: Tx, now: datetime, staff_id: int, *, browser: str = "", owes: Collection[str] = ()
) -> str:
    """Returns the token for the cookie."""
    await _make_room(tx, now, staff_id)
    token = secrets.token_urlsafe(32)
    await tx.run(
        session.insert(),
        {
            "id": new_id(),
            "staff_id": staff_id,
            "token": hashed(token),
            "csrf": secrets.token_urlsafe(24),
            "created_at": now,
            "last_seen_at": now,
            "proved_at": now,
            "browser": browser[:40],
            "owes": " ".join(owes),
        },
    )
    return token


async def session_of(tx: Tx, now: datetime, token: str) -> Session | None:
    """The live session of a token: not idle over 30 minutes, not older than 10 hours."""
    row = await tx.row(select(session).where(session.c.token == hashed(token), *_alive(now)))
    return _read(row) if row else None


async def sessions(tx: Tx, now: datetime, staff_id: int) -> list[Session]:
    """Where somebody is signed in, lately used first."""
    mine = select(session).where(session.c.staff_id == staff_id, *_alive(now))
    return [_read(row) for row in await tx.rows(mine.order_by(session.c.last_seen_at.desc()))]


async def owner_of(tx: Tx, token: str) -> int | None:
    """Whose session this token opened, even one that has ended since; None once it was closed."""
    value = await tx.value(select(session.c.staff_id).where(session.c.token == hashed(token)))
    return None if value is None else int(value)


async def touch_session(tx: Tx, now: datetime, token: str) -> None:
    await tx.run(session.update().where(session.c.token == hashed(token)), {"last_seen_at": now})


async def renew(tx: Tx, now: datetime, session_id: int) -> str:
    """Its owner proved again who they are: the session goes on under a new token."""
    token = secrets.token_urlsafe(32)
    mine = session.update().where(session.c.id == session_id)
    await tx.run(mine, {"token": hashed(token), "proved_at": now, "last_seen_at": now})
    return token


async def settle(tx: Tx, of: Session, owed: str) -> None:
    """What was owed is done."""
    left = " ".join(one for one in of.owes if one != owed)
    await tx.run(session.update().where(session.c.id == of.id), {"owes": left})


async def close_session(tx: Tx, token: str) -> None:
    await tx.run(delete(session).where(session.c.token == hashed(token)))


async def revoke(tx: Tx, staff_id: int, session_id: int) -> bool:
    """End one of this person's sessions; False where it is not theirs, or gone."""
    mine = session.c.staff_id == staff_id
    return bool(await tx.run(delete(session).where(mine, session.c.id == session_id)))


async def end_all(tx: Tx, staff_id: int, *, but: int | None = None) -> int:
    """End every session of a person, `but` one, and whatever stands at the doorstep."""
    await tx.run(delete(doorstep).where(doorstep.c.staff_id == staff_id))
    mine = session.c.staff_id == staff_id
    return await tx.run(delete(session).where(mine, session.c.id != (but or 0)))


# At the doorstep ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doorstep:
    id: int
    staff_id: int


async def wait_at_door(tx: Tx, now: datetime, staff_id: int) -> str:
    """The password was right and a code is owed. Returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    row = {"id": new_id(), "staff_id": staff_id, "token": hashed(token), "created_at": now}
    await tx.run(doorstep.insert(), row)
    return token


async def at_door(tx: Tx, now: datetime, token: str) -> Doorstep | None:
    found = await tx.row(
        select(doorstep).where(
            doorstep.c.token == hashed(token), doorstep.c.created_at > now - DOORSTEP
        )
    )
    return Doorstep(found.id, found.staff_id) if found else None


async def leave_door(tx: Tx, waiting: Doorstep) -> bool:
    """False when somebody else went in, or was sent away, with it meanwhile."""
    return bool(await tx.run(delete(doorstep).where(doorstep.c.id == waiting.id)))


# Tries ----------------------------------------------------------------------------------------


async def begin_try(tx: Tx, now: datetime, limits: Mapping[str, int]) -> list[int] | None:
    """Count one try for each subject, *before* anything is verified; None when one of them has
    had its number within the window, and then nothing is counted.

    Whoever comes meanwhile for the same subject waits for this transaction, so that a hundred at
    once get no more tries than one after the other. Returns what `forgive` takes back.
    """
    subjects = {tx.vault.index("attempt", who): most for who, most in limits.items()}
    for subject in sorted(subjects):  # always in the same order, so that two never block each other
        await tx.alone(f"attempt {subject.hex()}")
    for subject, most in subjects.items():
        if await _recent(tx, subject, now - WINDOW) >= most:
            return None
    ids = {new_id(): subject for subject in subjects}
    rows = [{"id": row, "subject": subject, "at": now} for row, subject in ids.items()]
    await tx.run(attempt.insert(), rows)
    return list(ids)


async def forgive(tx: Tx, tries: Collection[int]) -> None:
    """It was right: what was counted for it does not stand against anybody."""
    await tx.run(delete(attempt).where(attempt.c.id.in_(tries)))


async def tidy(tx: Tx, now: datetime) -> None:
    """Forget what can open nothing and slows nobody down. A session is kept for a day after its
    end, for the draft of whoever was writing."""
    await tx.run(delete(attempt).where(attempt.c.at <= now - WINDOW))
    await tx.run(delete(doorstep).where(doorstep.c.created_at <= now - DOORSTEP))
    await tx.run(delete(session).where(session.c.created_at <= now - LIFE - timedelta(days=1)))


async def _recent(tx: Tx, subject: bytes, since: datetime) -> int:
    mine = (attempt.c.subject == subject, attempt.c.at > since)
    return int(await tx.value(select(func.count()).select_from(attempt).where(*mine)))


async def _make_room(tx: Tx, now: datetime, staff_id: int) -> None:
    for old in (await sessions(tx, now, staff_id))[AT_ONCE - 1 :]:
        await revoke(tx, staff_id, old.id)


def _alive(now: datetime) -> tuple[Any, ...]:
    return (session.c.created_at > now - LIFE, session.c.last_seen_at > now - IDLE)


def _read(row: Any) -> Session:
    return Session(
        row.id,
        row.staff_id,
        row.csrf,
        row.created_at,
        row.last_seen_at,
        row.proved_at or row.created_at,
        row.browser,
        tuple(row.owes.split()),
    )

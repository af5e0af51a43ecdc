"""Professionals' accounts and their sessions at the desk. Who may see whom: `records.access`."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Column, Index, LargeBinary, String, Table, delete, select

from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.lines import one_line
from records.vault import hashed

ROLES = ("educator", "coordinator", "evaluator")
IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=10)
PASSWORD_LENGTH = (12, 128)  # ASVS 5 § 6.2: length, no composition rules

staff = Table(
    "staff",
    metadata,
    key(),
    link("structure_id", "structure"),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

session = Table(
    "session",
    metadata,
    key(),
    link("staff_id", "staff", index=True),
    Column("token", LargeBinary, nullable=False, unique=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)

attempt = Table(
    # Failed sign-ins, so that guessing slows down even across restarts.
    "sign_in_attempt",
    metadata,
    key(),
    Column("subject", LargeBinary, nullable=False),  # keyed hash of the login or the address
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_attempt", "subject", "at"),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """A professional; `name` is the first name that youths read (« Écrire à Nadia »)."""

    id: int
    structure_id: int
    login: str
    name: str
    role: str
    disabled_at: datetime | None


def hash_password(password: str) -> str:
    """Slow on purpose: call it off the event loop."""
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        raise Refused("password_length", low=low, high=high)
    return PasswordHasher().hash(unicodedata.normalize("NFC", password))


def password_matches(stored: str, password: str) -> bool:
    """Slow on purpose; takes as long for an account that does not exist (`stored` empty)."""
    try:
        return PasswordHasher().verify(stored or _nobody(), unicodedata.normalize("NFC", password))
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return PasswordHasher().hash(secrets.token_hex(16))


async def add(
    tx: Tx, now: datetime, *, structure_id: int, login: str, name: str, role: str, password: str
) -> Staff:
    """Open an account; `password` is already hashed (`hash_password`)."""
    login = login.strip().lower()
    if role not in ROLES:
        raise Refused("role_unknown", role=role, roles=ROLES)
    if not 2 <= len(login) <= 64 or any(c.isspace() for c in login):
        raise Refused("login_malformed", value=login)
    name = one_line(name)
    if not 1 <= len(name) <= 40:
        raise Refused("staff_name_length", limit=40)
    if await tx.row(select(staff.c.id).where(staff.c.login == login)):
        raise Refused("login_taken", login=login)
    staff_id = new_id()
    await tx.run(
        staff.insert(),
        {
            "id": staff_id,
            "structure_id": structure_id,
            "login": login,
            "role": role,
            "name": tx.vault.seal("staff.name", staff_id, name),
            "password": password,
            "created_at": now,
            "disabled_at": None,
        },
    )
    return await get(tx, staff_id)


async def get(tx: Tx, staff_id: int) -> Staff:
    return await _one(tx, staff.c.id == staff_id)


async def by_login(tx: Tx, login: str) -> Staff:
    return await _one(tx, staff.c.login == login.strip().lower(), value=login)


async def listed(tx: Tx, structure_id: int | None = None) -> list[Staff]:
    query = select(staff).order_by(staff.c.id)
    if structure_id is not None:
        query = query.where(staff.c.structure_id == structure_id)
    return [_opened(tx, row) for row in await tx.rows(query)]


async def names(tx: Tx, ids: set[int]) -> dict[int, str]:
    """The first names behind these accounts, in one query."""
    rows = await tx.rows(select(staff.c.id, staff.c.name).where(staff.c.id.in_(ids)))
    return {r.id: tx.vault.open("staff.name", r.id, r.name) for r in rows}


async def lock(tx: Tx, ids: set[int]) -> None:
    """Whoever plans for the same people waits until this transaction ends."""
    await tx.rows(
        select(staff.c.id).where(staff.c.id.in_(ids)).order_by(staff.c.id).with_for_update()
    )


async def disable(tx: Tx, now: datetime, staff_id: int) -> None:
    """Close an account at once: its sessions end in the same commit."""
    await tx.run(staff.update().where(staff.c.id == staff_id), {"disabled_at": now})
    await tx.run(delete(session).where(session.c.staff_id == staff_id))


async def stored_password(tx: Tx, login: str) -> str:
    """The hash of an open account, or an empty text."""
    row = await tx.row(
        select(staff.c.password).where(
            staff.c.login == login.strip().lower(), staff.c.disabled_at.is_(None)
        )
    )
    return row.password if row else ""


async def set_password(tx: Tx, staff_id: int, password: str) -> None:
    await tx.run(staff.update().where(staff.c.id == staff_id), {"password": password})
    await tx.run(delete(session).where(session.c.staff_id == staff_id))


# Sessions: times here are the real clock's, never the demo's -----------------------------------


@dataclass(frozen=True, slots=True)
class Session:
    staff: Staff
    csrf: str


async def open_session(tx: Tx, now: datetime, staff_id: int) -> str:
    """Returns the token for the cookie; only its hash is kept."""
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
        },
    )
    return token


async def session_of(tx: Tx, now: datetime, token: str) -> Session | None:
    """The live session of a token: not idle over 30 minutes, not older than 10 hours, of an account
    that is open."""
    row = await tx.row(
        select(session).where(
            session.c.token == hashed(token),
            session.c.created_at > now - LIFE,
            session.c.last_seen_at > now - IDLE,
        )
    )
    if row is None:
        return None
    person = await get(tx, row.staff_id)
    return None if person.disabled_at else Session(person, row.csrf)


async def owner_of(tx: Tx, token: str) -> int | None:
    """Whose session this token opened, even one that has ended since; None once it was closed."""
    value = await tx.value(select(session.c.staff_id).where(session.c.token == hashed(token)))
    return None if value is None else int(value)


async def touch_session(tx: Tx, now: datetime, token: str) -> None:
    await tx.run(session.update().where(session.c.token == hashed(token)), {"last_seen_at": now})


async def close_session(tx: Tx, token: str) -> None:
    await tx.run(delete(session).where(session.c.token == hashed(token)))


async def recent_failures(tx: Tx, subject: str, since: datetime) -> int:
    rows = await tx.rows(
        select(attempt.c.id).where(
            attempt.c.subject == tx.vault.index("attempt", subject), attempt.c.at > since
        )
    )
    return len(rows)


async def note_failure(tx: Tx, now: datetime, subject: str) -> None:
    await tx.run(
        attempt.insert(), {"id": new_id(), "subject": tx.vault.index("attempt", subject), "at": now}
    )


async def _one(tx: Tx, condition: Any, **facts: object) -> Staff:
    row = await tx.row(select(staff).where(condition))
    if row is None:
        raise NotFound("staff_unknown", **facts)
    return _opened(tx, row)


def _opened(tx: Tx, row: Any) -> Staff:
    return Staff(
        row.id,
        row.structure_id,
        row.login,
        tx.vault.open("staff.name", row.id, row.name),
        row.role,
        row.disabled_at,
    )

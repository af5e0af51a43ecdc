"""Professionals' accounts. Who may see whom: `records.access`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, String, Table, or_, select

from records import erased, sign_in
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.errors import NotFound, Refused
from records.lines import one_line

ROLES = ("educator", "coordinator", "evaluator")
TEMPORARY = timedelta(days=7)  # how long a password that was made for somebody opens anything

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
    # A password that somebody else has seen opens nothing after this, and is to be changed.
    Column("password_until", Instant),
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


async def add(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int,
    login: str,
    name: str,
    role: str,
    password: str,
    temporary: bool = False,
) -> Staff:
    """Open an account; `password` is already hashed (`passwords.hash_password`), and `temporary`
    when its owner is not the one who chose it."""
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
            "password_until": now + TEMPORARY if temporary else None,
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
    await erased.note_disabled(tx, now, staff_id)
    await sign_in.end_all(tx, staff_id)


async def enable(tx: Tx, now: datetime, staff_id: int) -> None:
    """Open a closed account again, with the password and the second step that it had; the
    sessions that ended stay ended."""
    await tx.run(staff.update().where(staff.c.id == staff_id), {"disabled_at": None})
    await erased.note_enabled(tx, now, staff_id)


async def credentials(tx: Tx, now: datetime, login: str) -> tuple[int | None, str]:
    """Whose login this is and the hash of their password; for an account that is not there, is
    closed, or whose temporary password has had its time: no hash, which nothing matches."""
    row = await tx.row(
        select(staff.c.id, staff.c.password).where(
            staff.c.login == login.strip().lower(),
            staff.c.disabled_at.is_(None),
            or_(staff.c.password_until.is_(None), staff.c.password_until > now),
        )
    )
    return (row.id, row.password) if row else (None, "")


async def set_password(
    tx: Tx,
    now: datetime,
    staff_id: int,
    password: str,
    *,
    until: datetime | None = None,
    session: int | None = None,
) -> None:
    """A new password, already hashed; every session ends in the same commit, but the one in which
    its owner chose it. `until` for one that somebody else has seen."""
    values = {"password": password, "password_until": until}
    await tx.run(staff.update().where(staff.c.id == staff_id), values)
    await sign_in.end_all(tx, staff_id, but=session)
    await erased.note_password(tx, now, staff_id)


async def password_is_temporary(tx: Tx, staff_id: int) -> bool:
    until = select(staff.c.password_until).where(staff.c.id == staff_id)
    return await tx.value(until) is not None


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

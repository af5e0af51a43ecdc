"""The second factor: six digits that a phone computes (TOTP, RFC 6238), and recovery codes.

The secret is sealed. A code counts once: the step that it belongs to is kept, and neither it nor
an earlier one is taken again. The step before and the one after are taken too, for phones whose
clock is not quite right. Times are the real clock's.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

import pyotp
from sqlalchemy import BigInteger, Column, LargeBinary, Table, delete, func, select

from records import passwords, sign_in, staff, structure
from records.columns import Instant, key, link, new_id
from records.database import Tx, metadata
from records.staff import Staff
from records.vault import hashed

STEP = 30  # seconds
TOLERANCE = (0, -1, 1)  # steps, the likeliest first
CODES = 10
_GROUPS, _LENGTH = 4, 6  # 120 bits, so that a plain hash is enough (ASVS 5 § 6.5.2)

second_factor = Table(
    "second_factor",
    metadata,
    key(),
    link("staff_id", "staff", unique=True),
    Column("secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    key(),
    link("staff_id", "staff", index=True),
    Column("code", LargeBinary, nullable=False),
    Column("used_at", Instant),
)


def new_secret() -> str:
    """160 random bits, as authenticator apps take them."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What the QR code says. It names the product, never the structure."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name="Relais")


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, near enough to now."""
    totp, at = pyotp.TOTP(secret, interval=STEP), int(now.timestamp()) // STEP
    digits = _digits(code)
    return next(
        (at + n for n in TOLERANCE if compare_digest(totp.generate_otp(at + n), digits)), None
    )


async def since(tx: Tx, staff_id: int) -> datetime | None:
    """When this person set theirs up; None for whoever has none."""
    mine = second_factor.c.staff_id == staff_id
    found: datetime | None = await tx.value(select(second_factor.c.created_at).where(mine))
    return found


async def is_required(tx: Tx, who: Staff) -> bool:
    rule = (await structure.get(tx, who.structure_id)).second_factor
    return rule == "all" or (rule == "not_educators" and who.role != "educator")


async def owed(tx: Tx, who: Staff) -> list[str]:
    """What this person has to settle at sign-in, in order: a password that somebody else knows,
    then a second factor that their structure asks for."""
    found = ["password"] if await staff.password_is_temporary(tx, who.id) else []
    if await is_required(tx, who) and await since(tx, who.id) is None:
        found.append("second_factor")
    return found


async def enrol(
    tx: Tx, now: datetime, staff_id: int, secret: str, code: str
) -> Sequence[str] | None:
    """Take a secret into use once a first code proves that the phone has it; replaces an older
    one. Returns the recovery codes, which nobody can be shown again; None for a wrong code."""
    step = step_of(secret, code, now)
    if step is None:
        return None
    await remove(tx, staff_id)
    row = new_id()
    await tx.run(
        second_factor.insert(),
        {
            "id": row,
            "staff_id": staff_id,
            "secret": tx.vault.seal("second_factor.secret", row, secret),
            "last_step": step,
            "created_at": now,
        },
    )
    return await new_codes(tx, staff_id)


async def take_code(tx: Tx, now: datetime, staff_id: int, code: str) -> bool:
    """Whether this code is right now, and for the first time. One conditional UPDATE decides, so
    that of two at once only one comes in."""
    mine = second_factor.c.staff_id == staff_id
    row = await tx.row(select(second_factor).where(mine))
    if row is None:
        return False
    step = step_of(tx.vault.open("second_factor.secret", row.id, row.secret), code, now)
    if step is None:
        return False
    later = second_factor.update().where(mine, second_factor.c.last_step < step)
    return bool(await tx.run(later, {"last_step": step}))


async def take_recovery_code(tx: Tx, now: datetime, staff_id: int, code: str) -> bool:
    """Whether this is one of theirs that was never used; it is used now."""
    one = recovery_code.update().where(
        recovery_code.c.staff_id == staff_id,
        recovery_code.c.code == hashed(_plain(code)),
        recovery_code.c.used_at.is_(None),
    )
    return bool(await tx.run(one, {"used_at": now}))


async def new_codes(tx: Tx, staff_id: int) -> Sequence[str]:
    """Ten codes in place of all earlier ones."""
    await tx.run(delete(recovery_code).where(recovery_code.c.staff_id == staff_id))
    made = [passwords.groups(_GROUPS, _LENGTH) for _ in range(CODES)]
    rows = [{"id": new_id(), "staff_id": staff_id, "code": hashed(_plain(one))} for one in made]
    await tx.run(recovery_code.insert(), rows)
    return made


async def codes_left(tx: Tx, staff_id: int) -> int:
    unused = (recovery_code.c.staff_id == staff_id, recovery_code.c.used_at.is_(None))
    return int(await tx.value(select(func.count()).select_from(recovery_code).where(*unused)))


async def remove(tx: Tx, staff_id: int) -> bool:
    """False where there was none."""
    await tx.run(delete(recovery_code).where(recovery_code.c.staff_id == staff_id))
    return bool(await tx.run(delete(second_factor).where(second_factor.c.staff_id == staff_id)))


async def reset(tx: Tx, staff_id: int) -> bool:
    """The phone is lost: forget it, and end every session in the same commit."""
    await sign_in.end_all(tx, staff_id)
    return await remove(tx, staff_id)


def is_code(typed: str) -> bool:
    """Six digits, however they are spaced; what is longer is a recovery code."""
    return re.fullmatch(r"\d{6}", _digits(typed), re.ASCII) is not None


def _digits(typed: str) -> str:
    return re.sub(r"\s", "", typed).encode("ascii", "replace").decode()


def _plain(typed: str) -> str:
    """As it is hashed: however it was spaced or capitalised."""
    return re.sub(r"[\W_]", "", typed.lower())

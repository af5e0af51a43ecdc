"""The structure's own SMTP server: how its staff are written to, and how that goes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, select

from records.columns import Instant
from records.database import Tx, metadata
from records.errors import Refused
from records.lines import one_line
from records.mailbox import checked_address

SECURITY = ("starttls", "tls", "none")  # none: on this very machine only
UNTRIED = "untried"  # it was just set, or set anew: nobody knows yet
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
USUAL_PORT = {"starttls": 587, "tls": 465, "none": 25}

mail_server = Table(
    "mail_server",
    metadata,
    Column(
        "structure_id",
        BigInteger,
        ForeignKey("structure.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("host", String(253), nullable=False),
    Column("port", Integer, nullable=False),
    Column("security", String(8), nullable=False),
    Column("user", LargeBinary),
    Column("password", LargeBinary),
    Column("sender", String(254), nullable=False),
    Column("state", String(24), nullable=False),  # ok, untried, or the last failure's reason
    Column("state_at", Instant, nullable=False),  # since when
)


@dataclass(frozen=True, slots=True)
class MailServer:
    structure_id: int
    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    state: str = "ok"
    state_at: datetime | None = None

    def __repr__(self) -> str:
        """Never the password, wherever it may be printed."""
        return f"MailServer({self.host}:{self.port}, {self.security})"


async def of(tx: Tx, structure_id: int) -> MailServer | None:
    row = await tx.row(select(mail_server).where(mail_server.c.structure_id == structure_id))
    return None if row is None else _opened(tx, row)


async def keep(tx: Tx, now: datetime, given: MailServer) -> None:
    """Write through this server from now on. Raises `Refused` with what is wrong in it."""
    check(given)
    row = given.structure_id
    values = {
        "host": given.host,
        "port": given.port,
        "security": given.security,
        "user": _sealed(tx, "user", row, given.user),
        "password": _sealed(tx, "password", row, given.password),
        "sender": given.sender,
        "state": UNTRIED,
        "state_at": now,
    }
    first = tx.upsert(mail_server).values({"structure_id": row} | values)
    await tx.run(first.on_conflict_do_update(index_elements=["structure_id"], set_=values))
    await tx.announce()  # what waits for a better server may leave


async def forget(tx: Tx, structure_id: int) -> None:
    await tx.run(mail_server.delete().where(mail_server.c.structure_id == structure_id))


async def state(tx: Tx, structure_id: int) -> tuple[str, datetime]:
    """How it answers, and since when (the real clock); no_server while none is set."""
    row = await tx.row(
        select(mail_server.c.state, mail_server.c.state_at).where(
            mail_server.c.structure_id == structure_id
        )
    )
    return ("no_server", _LONG_AGO) if row is None else (row.state, row.state_at)


async def went(tx: Tx, now: datetime, structure_id: int, state: str) -> None:
    """How the last attempt went: ok, or a reason of the server's own. `state_at` is since when."""
    await tx.run(
        mail_server.update().where(
            mail_server.c.structure_id == structure_id, mail_server.c.state != state
        ),
        {"state": state, "state_at": now},
    )


def check(given: MailServer) -> None:
    if not given.host or one_line(given.host) != given.host or " " in given.host:
        raise Refused("smtp_host_unreadable")
    if given.security not in SECURITY:
        raise Refused("smtp_security_unknown", security=given.security, kinds=SECURITY)
    if not 1 <= given.port <= 65_535:
        raise Refused("smtp_port_range")
    if given.security == "none" and not is_this_machine(given.host):
        raise Refused("smtp_in_clear")
    if bool(given.user) != bool(given.password):
        raise Refused("smtp_half_account")
    checked_address(given.sender)


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _sealed(tx: Tx, name: str, row: int, text: str) -> bytes | None:
    return tx.vault.seal(f"mail_server.{name}", row, text) if text else None


def _opened(tx: Tx, row: Any) -> MailServer:
    secret = {
        name: tx.vault.open(f"mail_server.{name}", row.structure_id, value) if value else ""
        for name, value in (("user", row.user), ("password", row.password))
    }
    return MailServer(
        row.structure_id,
        row.host,
        row.port,
        row.security,
        **secret,
        sender=row.sender,
        state=row.state,
        state_at=row.state_at,
    )

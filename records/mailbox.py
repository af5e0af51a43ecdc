"""Where and when a professional is told by e-mail: an address, proved theirs, and their choices.

The address is personal data of a professional: it is sealed, and until a link sent to it has been
opened nothing else is written to it.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, select

from records.columns import Instant
from records.database import Tx, metadata
from records.errors import Refused
from records.lines import one_line
from records.vault import hashed

About = Literal["alert", "refusal", "unread"]
ABOUTS: tuple[About, ...] = ("alert", "refusal", "unread")
MOMENTS = ("now", "hours", "never")  # at once at any hour; in reading hours; not at all
UNREAD = ("after", "daily", "never")  # so long after a message; once a day, at an hour; not at all
AFTER_HOURS = (1, 48)
QUIET_MINUTES = (5, 240)  # between two e-mails about the same kind of thing
ADDRESS_LENGTH = 254  # RFC 5321, § 4.5.3.1.3, less its brackets
PROOF_LIFE = timedelta(days=2)
PROOF_PAUSE = timedelta(minutes=2)  # between two links: nobody's mailbox is flooded from here
# One address, as people have them; anything more exotic would reach nobody here. No line break,
# no separator: what is typed can never become a second recipient or a second header.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("address", LargeBinary),
    Column("proved_at", Instant),
    Column("proof", LargeBinary, unique=True),  # the hash of the link that was sent
    Column("proof_until", Instant),
    Column("proof_sent_at", Instant),
    Column("alerts", String(8), nullable=False),
    Column("refusals", String(8), nullable=False),
    Column("unread", String(8), nullable=False),
    Column("unread_after", Integer, nullable=False),  # hours
    Column("unread_at", String(5), nullable=False),  # local wall time, HH:MM
    Column("quiet", Integer, nullable=False),  # minutes
    Column("unread_told", Instant),  # what came in up to then has been told
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person wants to be told, and when."""

    alerts: str = "now"
    refusals: str = "now"
    unread: str = "after"
    unread_after: int = 4
    unread_at: str = "09:00"
    quiet: int = 15

    def moment(self, about: About) -> str:
        return {"alert": self.alerts, "refusal": self.refusals, "unread": self.unread}[about]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`address` is empty while none was given; nothing is sent to one that is not proved."""

    staff_id: int
    address: str
    proved_at: datetime | None
    proof_until: datetime | None
    choices: Choices
    unread_told: datetime | None = None

    @property
    def is_reached(self) -> bool:
        return bool(self.address) and self.proved_at is not None

    def wants(self, about: About) -> bool:
        return self.is_reached and self.choices.moment(about) != "never"


_CHOSEN = tuple(Choices.__slots__)


async def of(tx: Tx, staff_id: int) -> Mailbox:
    """A person's, with the usual choices while they made none."""
    return (await some(tx, [staff_id])).get(staff_id) or Mailbox(
        staff_id, "", None, None, Choices()
    )


async def some(tx: Tx, staff_ids: Iterable[int]) -> dict[int, Mailbox]:
    """Those of these people who gave an address or made a choice."""
    which = mailbox.c.staff_id.in_(list(staff_ids))
    return {row.staff_id: _opened(tx, row) for row in await tx.rows(select(mailbox).where(which))}


async def choose(tx: Tx, staff_id: int, **chosen: Any) -> Choices:
    """Keep what a person chose; what they did not speak of stays. Raises `Refused`."""
    choices = replace((await of(tx, staff_id)).choices, **chosen)
    check(choices)
    await _keep(tx, staff_id, {name: getattr(choices, name) for name in _CHOSEN})
    return choices


def check(choices: Choices) -> None:
    """Refuse what nobody can be told by; `Refused` names it."""
    for moment in (choices.alerts, choices.refusals):
        if moment not in MOMENTS:
            raise Refused("email_moment_unknown", moment=moment, moments=MOMENTS)
    if choices.unread not in UNREAD:
        raise Refused("email_moment_unknown", moment=choices.unread, moments=UNREAD)
    low, high = AFTER_HOURS
    if not low <= choices.unread_after <= high:
        raise Refused("email_hours_range", low=low, high=high)
    low, high = QUIET_MINUTES
    if not low <= choices.quiet <= high:
        raise Refused("email_quiet_range", low=low, high=high)
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", choices.unread_at):
        raise Refused("email_hour_unknown", hour=choices.unread_at)


def checked_address(text: str) -> str:
    """One address, or `Refused("email_unreadable")`."""
    address = one_line(text)
    if len(address) > ADDRESS_LENGTH or not _ADDRESS.fullmatch(address):
        raise Refused("email_unreadable")
    return address


async def give(tx: Tx, now: datetime, staff_id: int, text: str) -> str | None:
    """Keep an address and return the token of the link that proves it; None if it is proved
    already. A new address is told nothing until it is.

    Raises `Refused` with email_unreadable, or email_proof_too_soon.
    """
    address, known = checked_address(text), await of(tx, staff_id)
    if known.address == address and known.proved_at:
        return None
    sent = await tx.value(select(mailbox.c.proof_sent_at).where(mailbox.c.staff_id == staff_id))
    if sent is not None and sent > now - PROOF_PAUSE:
        raise Refused("email_proof_too_soon", minutes=int(PROOF_PAUSE.total_seconds() // 60))
    token = secrets.token_urlsafe(24)
    await _keep(
        tx,
        staff_id,
        {
            "address": tx.vault.seal("mailbox.address", staff_id, address),
            "proved_at": None,
            "proof": hashed(token),
            "proof_until": now + PROOF_LIFE,
        },
    )
    return token


async def proof_left(tx: Tx, now: datetime, staff_id: int) -> None:
    """The link is on its way: another waits a little."""
    await tx.run(mailbox.update().where(mailbox.c.staff_id == staff_id), {"proof_sent_at": now})


async def prove(tx: Tx, now: datetime, staff_id: int, token: str) -> bool:
    """The link was opened by the person who gave the address: it is theirs. Once."""
    changed = await tx.run(
        mailbox.update().where(
            mailbox.c.staff_id == staff_id,
            mailbox.c.proof == hashed(token),
            mailbox.c.proof_until > now,
        ),
        {"proved_at": now, "proof": None, "proof_until": None},
    )
    return bool(changed)


async def forget(tx: Tx, staff_id: int) -> None:
    """Take the address away; the choices stay for the next one."""
    await tx.run(
        mailbox.update().where(mailbox.c.staff_id == staff_id),
        {"address": None, "proved_at": None, "proof": None, "proof_until": None},
    )


async def told_unread(tx: Tx, staff_id: int, until: datetime) -> None:
    """What came in until then has been told of."""
    await tx.run(mailbox.update().where(mailbox.c.staff_id == staff_id), {"unread_told": until})


async def _keep(tx: Tx, staff_id: int, values: dict[str, Any]) -> None:
    usual = {name: getattr(Choices(), name) for name in _CHOSEN}
    first = tx.upsert(mailbox).values({"staff_id": staff_id} | usual | values)
    await tx.run(first.on_conflict_do_update(index_elements=["staff_id"], set_=values))


def _opened(tx: Tx, row: Any) -> Mailbox:
    address = row.address and tx.vault.open("mailbox.address", row.staff_id, row.address)
    return Mailbox(
        row.staff_id,
        address or "",
        row.proved_at,
        row.proof_until,
        Choices(*(getattr(row, name) for name in _CHOSEN)),
        row.unread_told,
    )

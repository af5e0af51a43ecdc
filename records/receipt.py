"""Receipts: the proof that a right was exercised, which names nobody.

Whoever asked keeps a short code; here remain its keyed hash, the act and the day. Whoever holds the
code can have it confirmed; nobody can tell from the row whose it was.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Date, LargeBinary, String, Table, select

from records.columns import key, new_id
from records.database import Tx, metadata
from records.errors import NotFound

ACTS = (
    "erased_all",
    "erased_answer",
    "erased_carnet",
    "erased_words",
    "corrected",
    "taken_away",
    "closed",
)
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # as codes of youths: said aloud without mistake
_LENGTH = 8

receipt = Table(
    "receipt",
    metadata,
    key(),
    Column("code", LargeBinary, nullable=False, unique=True),  # keyed hash
    Column("act", String(16), nullable=False),
    Column("given_on", Date, nullable=False),  # a day is enough to confirm, and pairs with nothing
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """`code` is shown once, when it is given: « K7QM-2XHD »."""

    code: str
    act: str
    on: date


async def give(tx: Tx, now: datetime, act: str) -> Receipt:
    """Write down that this was done, without saying for whom."""
    assert act in ACTS
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    given = Receipt(f"{drawn[:4]}-{drawn[4:]}", act, now.date())
    await tx.run(
        receipt.insert(),
        {"id": new_id(), "code": _hash(tx, drawn), "act": act, "given_on": given.on},
    )
    return given


async def find(tx: Tx, code: str) -> Receipt:
    """What a code proves; written as it was given, or without its dash, in any case."""
    plain = "".join(code.split()).replace("-", "").upper()
    row = await tx.row(select(receipt).where(receipt.c.code == _hash(tx, plain)))
    if row is None:
        raise NotFound("receipt_unknown")
    return Receipt(f"{plain[:4]}-{plain[4:]}", row.act, row.given_on)


def _hash(tx: Tx, plain: str) -> bytes:
    return tx.vault.lasting("receipt.code", plain)

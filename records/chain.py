"""The arithmetic of the access log's seals: what is bound to what, and nothing else.

A stretch of lines is summed up by a keyed digest, the digest stands in a seal, and each seal bears
the mark of the one before. So a line that is altered, taken away, put in or moved no longer fits
its digest, and a seal that is missing no longer fits its neighbour. When retention takes the lines
away, digest and mark stay: the chain still holds.

Everything is keyed, so that whoever has only the database can neither make a seal nor guess from a
kept one what its lines said. Dates and bytes are written in one way, whatever the database.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from records.vault import Vault

_CODE = 10  # bytes of a mark that people write down: 80 bits, sixteen letters


@dataclass(frozen=True, slots=True)
class Seal:
    """One stretch of the log: `lines` lines dated from `since` to `until`, sealed on `at`.

    `mark` binds all the rest and the mark before; `dropped` proves that retention took the lines.
    """

    number: int
    day: date
    lines: int
    since: datetime
    until: datetime
    at: datetime
    digest: bytes
    mark: bytes
    dropped: bytes | None = None


def digest(vault: Vault, lines: Sequence[Any]) -> bytes:
    """What sums up these rows of the log, in this order."""
    return vault.chained("access.lines", b"\n".join(_canonical(line) for line in lines))


def mark(vault: Vault, before: bytes, of: Seal) -> bytes:
    """What binds a seal to the one before it; the first is bound to nothing, b""."""
    facts = [of.number, of.day.isoformat(), of.lines, *map(_utc, (of.since, of.until, of.at))]
    return vault.chained("access.seal", before + of.digest + orjson.dumps(facts))


def dropping(vault: Vault, of_mark: bytes) -> bytes:
    """What proves that the lines of the seal of this mark were let go by retention."""
    return vault.chained("access.dropped", of_mark)


def code(of: Seal | None) -> str:
    """A seal as people write it down: « 1234-K7QX-4M2A-ZZPL-Q6RT »; « 0 » before the first."""
    if of is None:
        return "0"
    letters = base64.b32encode(of.mark[:_CODE]).decode()
    return "-".join([str(of.number), *(letters[at : at + 4] for at in range(0, 16, 4))])


def _canonical(line: Any) -> bytes:
    youth = None if line.youth_index is None else bytes(line.youth_index).hex()
    return orjson.dumps([line.id, line.staff_id, line.action, youth, line.about, _utc(line.at)])


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

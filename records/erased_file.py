"""A copy of the list of what was taken back (`records.erased`), in a file beside the database.

A restored backup replaces the database and with it the list, so a copy must outlive it. One line
of the file is one line of the list, sealed. It is appended and put on the disk right after the
commit of the deed: the file never says more than what is true, and after a crash in between it
says less only until the next start, night or backup, each of which adds whatever is missing.
Every machine that runs a part of Relais keeps a file of its own, and each becomes whole in that
way. The same line twice is one, and a line broken off by a crash is none.
"""

import asyncio
import logging
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from records import erased
from records.database import Database
from records.erased import Erased
from records.errors import Unusable
from records.vault import Vault

log = logging.getLogger("relais.erased")


class Beside:
    """The file of one database (`Database.keeper`)."""

    def __init__(self, database: Database, file: Path) -> None:
        self._database, self.file = database, file

    async def add(self, lines: list[Erased]) -> None:
        try:
            await asyncio.to_thread(_append, self.file, self._database.vault, lines)
        except OSError as failure:  # the deed is done and stays done: the night adds the line
            log.warning("the list of what was erased cannot be kept: %s", failure.strerror)

    async def catch_up(self) -> int:
        """Add the lines that the file has not. Returns how many. The file is made if need be, so
        that « nothing was ever erased » is told from « the list is lost »."""
        async with self._database.read() as tx:
            lines = await erased.listed(tx)
        return await asyncio.to_thread(_add, self.file, self._database.vault, lines)

    async def rewrite(self, oldest: datetime) -> None:
        """Seal every line with the first key, in a file that takes the place of this one; what
        is older than `oldest` is left out."""
        await asyncio.to_thread(_rewrite, self.file, self._database.vault, oldest)


def read(file: Path, vault: Vault) -> list[Erased]:
    """The lines of a file. Raises `Unusable("key_wrong")`, or `OSError` when it is not there."""
    found = (_opened(vault, written) for written in file.read_bytes().splitlines())
    return [line for line in found if line is not None]


def _rewrite(file: Path, vault: Vault, oldest: datetime) -> None:
    with _alone(file):
        kept = [line for line in read(file, vault) if line.at >= oldest]
        beside = file.with_name(f"{file.name}-new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        _write(descriptor, b"".join(_sealed(vault, line) for line in kept))
        beside.replace(file)
        sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Put on the disk that a file of this folder was made, or took another's place."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _add(file: Path, vault: Vault, lines: Sequence[Erased]) -> int:
    with _alone(file):
        known = {line.id for line in read(file, vault)} if file.exists() else set()
        missing = [line for line in lines if line.id not in known]
        if missing or not file.exists():
            _append_alone(file, vault, missing)
        return len(missing)


def _append(file: Path, vault: Vault, lines: Sequence[Erased]) -> None:
    with _alone(file):
        _append_alone(file, vault, lines)


def _append_alone(file: Path, vault: Vault, lines: Sequence[Erased]) -> None:
    is_new = not file.exists()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # The first line end closes a line that a crash broke off.
    _write(descriptor, b"".join([b"\n", *(_sealed(vault, line) for line in lines)]))
    if is_new:
        sync_folder(file.parent)


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _sealed(vault: Vault, line: Erased) -> bytes:
    facts = {"kind": line.kind, "what": line.what, "at": line.at.isoformat()}
    sealed = vault.seal_data("erased.file", line.id, facts)
    return b"%d %s\n" % (line.id, b64encode(sealed))


def _opened(vault: Vault, written: bytes) -> Erased | None:
    named, _, sealed = written.partition(b" ")
    try:
        row, value = int(named), b64decode(sealed, validate=True)
    except ValueError:
        return None
    if len(value) <= _SHORTEST:
        return None
    try:
        facts: dict[str, Any] = vault.open_data("erased.file", row, value)
    except Unusable as failure:
        if failure.code == "key_wrong":
            raise
        return None
    return Erased(row, facts["kind"], facts["what"], datetime.fromisoformat(facts["at"]))


_SHORTEST = (
    4 + 12 + 16
)  # bytes: a key's name, a nonce and a tag; a line with no more was broken off


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time writes into a file."""
    import fcntl

    with file.with_name(f"{file.name}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

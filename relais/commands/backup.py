"""relais backup: everything, sealed, into one file that SQLite and PostgreSQL can both read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from records import backup, migrations
from records.backup import Counts
from records.erased_file import sync_folder
from relais.command import Call, Said, UsageError, verb

STDOUT = "-"


def add_to(nouns: Any) -> None:
    one = verb(
        nouns,
        "backup",
        "sauvegarder la base dans un fichier scellé",
        save,
        epilog="La sauvegarde se fait pendant que Relais tourne. Elle ne s'ouvre qu'avec la clé\u00a0: "
        "gardez les deux séparément.",
    )
    one.add_argument(
        "file",
        metavar="FICHIER",
        help="le fichier à écrire\u00a0; «\u00a0-\u00a0»\u00a0: la sortie",
    )
    one.add_argument("--overwrite", action="store_true", help="remplacer un fichier qui existe")


async def save(call: Call) -> Said:
    if call.typed.file == STDOUT:
        counts = await _save(call, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        sys.stderr.write(f"{_sentence(counts)}\n")
        return Said(None, "")
    file = Path(call.typed.file)
    with _written(file, overwrite=call.typed.overwrite) as out:
        counts = await _save(call, out)
    facts = {"file": str(file), "rows": counts.rows}
    return Said(facts, f"{_sentence(counts)}\nGardez {file} et la clé dans deux endroits.")


@contextmanager
def _written(file: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that bears another name until it is whole and on the disk."""
    if file.exists() and not overwrite:
        raise UsageError(f"{file} existe déjà. Choisissez un autre nom, ou ajoutez --overwrite.")
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(file.absolute().parent)


async def _save(call: Call, out: BinaryIO) -> Counts:
    if call.database.keeper is not None:
        await call.database.keeper.catch_up()
    revision = list(migrations.revisions())[-1]
    async with call.database.snapshot() as tx:
        return await backup.save(tx, call.now, out, revision=revision)


def _sentence(counts: Counts) -> str:
    tables = sum(1 for count in counts.rows.values() if count)
    return f"{counts.total} lignes de {tables} tables sont sauvegardées."

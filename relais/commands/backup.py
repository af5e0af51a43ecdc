"""relais backup: everything, sealed, into one file that SQLite and PostgreSQL can both read."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from records import backup, migrations
from records.backup import Counts
from records.erased_file import sync_folder
from relais.clock import real_now
from relais.command import Call, Said, UsageError, call, verb
from relais.opening import prepared
from relais.settings import Settings

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
    one.set_defaults(run=run)


async def run(typed: argparse.Namespace) -> int:
    settings = Settings()
    if typed.file != STDOUT:
        await call(save, typed, settings)
        return 0
    async with prepared(settings) as database:  # and not one byte more than the backup is printed
        counts = await _save(Call(typed, settings, database, real_now()), sys.stdout.buffer)
    sys.stdout.buffer.flush()
    sys.stderr.write(f"{_sentence(counts)}\n")
    return 0


async def save(of: Call) -> Said:
    file = Path(of.typed.file)
    with _written(file, overwrite=of.typed.overwrite) as out:
        counts = await _save(of, out)
    facts = {"file": str(file), "rows": counts.rows}
    return Said(
        facts,
        f"{_sentence(counts)}\nGardez {file} et la clé à deux endroits différents, jamais ensemble.",
    )


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


async def _save(of: Call, out: BinaryIO) -> Counts:
    if of.database.keeper is not None:
        await of.database.keeper.catch_up()
    revision = list(migrations.revisions())[-1]
    async with of.database.snapshot() as tx:
        return await backup.save(tx, of.now, out, revision=revision)


def _sentence(counts: Counts) -> str:
    tables = sum(1 for count in counts.rows.values() if count)
    return f"{counts.total} lignes de {tables} tables sont sauvegardées."

"""relais restore: a backup put back, with everything that was taken back since taken back again."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.exc import DBAPIError

from records import backup, erased, erased_file, erasure, restore
from records.after_restore import Report
from records.backup import Verified
from records.database import Database
from records.erased import Erased
from records.errors import RecordsError
from records.vault import Vault
from relais import upkeep
from relais.clock import real_now
from relais.command import Said, UsageError, as_sentence, show
from relais.database_address import database_address
from relais.opening import erased_list
from relais.settings import Settings

MEANING = "restaurer une sauvegarde"
AGAIN = {  # what was done again, in words: one of them, several
    "youth": ("personne effacée", "personnes effacées"),
    "row": ("réponse ou mot effacé", "réponses ou mots effacés"),
    "hidden": ("réponse cachée", "réponses cachées"),
    "withdrawn": ("accord retiré", "accords retirés"),
    "unlinked": ("téléphone délié", "téléphones déliés"),
    "closed": ("accompagnement clos", "accompagnements clos"),
    "disabled": ("compte fermé", "comptes fermés"),
    "enabled": ("compte rouvert", "comptes rouverts"),
    "disagreed": ("accord de parent retiré", "accords de parents retirés"),
    "cover_ended": ("remplacement terminé", "remplacements terminés"),
    "transferred": ("jeune confié à un ou une collègue", "jeunes confiés à des collègues"),
    "password": ("mot de passe à refaire", "mots de passe à refaire"),
}


AFTERWARDS = (
    "Les sessions ouvertes au bureau ne reviennent pas : chacun se connecte de nouveau, et qui avait "
    "changé de mot de passe en reçoit un nouveau (relais staff password). Vérifiez les rendez-vous "
    "à venir\u00a0: ce qui a été prévu ou déplacé depuis la sauvegarde est perdu."
)

MOVED = (
    "Tout est passé d'une base à l'autre. Donnez la nouvelle à RELAIS_DATABASE, puis relancez Relais. "
    "Chacun se connecte de nouveau au bureau."
)


def add_to(nouns: Any) -> None:
    one = nouns.add_parser(
        "restore",
        help=MEANING,
        description=as_sentence(MEANING),
        epilog="Arrêtez Relais avant. Ce que les jeunes ont effacé ou retiré depuis la sauvegarde "
        "le reste. C'est aussi le chemin de SQLite vers PostgreSQL\u00a0: relais backup, puis relais "
        "restore --into postgresql://… --moved.",
    )
    one.add_argument("file", metavar="FICHIER", help="la sauvegarde")
    one.add_argument("--into", metavar="BASE", help="une autre base que RELAIS_DATABASE")
    one.add_argument(
        "--replace",
        action="store_true",
        help="remplacer ce que la base contient\u00a0; il est perdu",
    )
    one.add_argument(
        "--moved",
        action="store_true",
        help="Relais n'a pas tourné depuis la sauvegarde\u00a0: rien n'est tenu pour déjà envoyé",
    )
    one.add_argument(
        "--without-erasures",
        action="store_true",
        help="restaurer sans la liste de ce qui a été effacé\u00a0: des personnes effacées reviennent",
    )
    one.add_argument("--json", action="store_true", help="répondre en JSON")
    one.set_defaults(run=run)


async def run(typed: argparse.Namespace) -> int:
    settings = Settings()
    vault = Vault(settings["KEY"])
    with _opened(typed.file) as source:
        verified = backup.verify(source, vault)
        async with _stopped(_address(typed, settings), vault) as database:
            said = await _restored(typed, settings, database, source, verified)
    show(said, as_json=typed.json)
    return 0


def _opened(file: str) -> BinaryIO:
    return Path(file).open("rb")


def _address(typed: argparse.Namespace, settings: Settings) -> str:
    if not typed.into:
        return str(settings["DATABASE"])
    try:
        return database_address(typed.into)
    except ValueError as failure:
        raise UsageError(f"--into : {failure}.") from None


@asynccontextmanager
async def _stopped(address: str, vault: Vault) -> AsyncIterator[Database]:
    """The database, which no program is at work on."""
    database = Database(address, vault)
    try:
        if not database.is_sqlite and await database.others():
            raise UsageError("Relais est en route avec cette base. Arrêtez-le partout d'abord.")
        with database.speaking():
            yield database
    finally:
        await database.close()


async def _restored(
    typed: argparse.Namespace,
    settings: Settings,
    database: Database,
    source: BinaryIO,
    verified: Verified,
) -> Said:
    empty = await _is_empty(database)
    if not empty and not typed.replace:
        raise UsageError(
            "Cette base n'est pas vide. Ajoutez --replace pour la remplacer : ce qu'elle contient "
            "sera perdu."
        )
    lines = await _taken_back(typed, settings, database, empty=empty)
    now = real_now()
    if not typed.without_erasures:
        _require(lines, reaches_back=now - verified.made_at <= erased.KEPT)
    what = restore.Restoring(source, verified, lines or [], now, moved=typed.moved)
    report = await restore.into(database, what)
    await erasure.wipe(database)
    if file := erased_list(settings, database):
        database.keeper = erased_file.Beside(database, file)
    await upkeep.tidy(database, real_now)  # what has been kept long enough since goes now
    return _receipt(database, verified, report, moved=typed.moved)


async def _is_empty(database: Database) -> bool:
    if _is_absent(database):
        return True
    try:
        return await restore.is_empty(database)
    except DBAPIError as failure:
        if not database.is_sqlite or "not a database" not in f"{failure.orig}":
            raise
        return False  # a file that is spoilt: it may be replaced, not taken for nothing


def _is_absent(database: Database) -> bool:
    return database.is_sqlite and not Path(str(database.url.database)).exists()


async def _taken_back(
    typed: argparse.Namespace, settings: Settings, database: Database, *, empty: bool
) -> list[Erased] | None:
    """The list from wherever it can still be read: the database that is replaced, the one that
    is moved from, and the file beside either; None when it is nowhere."""
    lists = [] if empty else [await _list_in(database)]
    if typed.into and settings["DATABASE"] != _address(typed, settings):
        source = Database(settings["DATABASE"], database.vault)
        try:
            if not await _is_empty(source):
                lists.append(await _list_in(source))
            lists.append(_list_file(settings, source))
        finally:
            await source.close()
    lists.append(_list_file(settings, database))
    if all(one is None for one in lists):
        return None
    return list({line.id: line for one in lists for line in one or []}.values())


async def _list_in(database: Database) -> list[Erased] | None:
    try:
        async with database.read() as tx:
            return await erased.listed(tx)
    except (DBAPIError, RecordsError):
        return None  # spoilt, older than the list, or of another key


def _list_file(settings: Settings, database: Database) -> list[Erased] | None:
    file = erased_list(settings, database)
    return erased_file.read(file, database.vault) if file is not None and file.exists() else None


def _require(lines: list[Erased] | None, *, reaches_back: bool) -> None:
    means = (
        "des personnes effacées depuis reviendraient, et des accords retirés seraient de nouveau "
        "donnés. Ajoutez --without-erasures seulement si vous savez que personne n'a rien effacé "
        "ni retiré depuis."
    )
    if lines is None:
        raise UsageError(
            "La liste de ce qui a été effacé depuis la sauvegarde est introuvable : ni dans la "
            f"base, ni dans son fichier (RELAIS_ERASED). Sans elle, {means}"
        )
    if not reaches_back:
        raise UsageError(
            f"Cette sauvegarde est plus ancienne que la liste des effacements : {means}"
        )


def _receipt(database: Database, verified: Verified, report: Report, *, moved: bool) -> Said:
    facts = {
        "made_at": verified.made_at,
        "revision": verified.revision,
        "rows": verified.counts.rows,
        "taken_back_again": report.taken_back,
        "uncertain": report.uncertain,
        "dropped": report.dropped,
        "links_revoked": report.links,
        "left_out": list(backup.LEFT_OUT),
    }
    done = [
        f"Effacé ou retiré de nouveau : {count} {AGAIN[kind][count > 1]}."
        for kind, count in report.taken_back.items()
    ]
    begun = (
        f"La sauvegarde du {verified.made_at:%d/%m/%Y à %H:%M} (UTC) est restaurée dans {_where(database)} : "
        f"{verified.counts.total} lignes."
    )
    if moved:
        return Said(facts, "\n".join([begun, *done, MOVED]))
    told = [begun, *(done or ["Rien n'avait été effacé ni retiré depuis."])]
    return Said(facts, "\n".join([*told, *_about_messages(report), AFTERWARDS]))


def _where(database: Database) -> str:
    """As a person names it: neither how the program speaks to it, nor who signs in there."""
    url = database.url
    if database.is_sqlite:
        return f"le fichier {url.database}"
    return f"la base {url.database}" + (f", sur {url.host}" if url.host else "")


def _about_messages(report: Report) -> list[str]:
    told = []
    if report.uncertain or report.dropped:
        told.append(
            "Ce qui devait déjà être parti n'est pas renvoyé : "
            f"{report.dropped} abandonnés, {report.uncertain} à décider (relais queue)."
        )
    if report.links:
        told.append(f"Liens d'invitation à refaire : {report.links}.")
    return told

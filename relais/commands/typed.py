"""What people type, read once for every noun: names, codes, identifiers, days and hours.

What cannot be read is a `UsageError`, what does not exist the records' own `NotFound`.
"""

import re
import sys
from datetime import date, datetime, timedelta
from getpass import getpass

from admin.discretion import findings
from admin.french import folded, parse_day, parse_moment, parse_time
from admin.sentences import sentence
from records import structure, youth
from records.database import Tx
from records.errors import NotFound, Refused
from records.structure import Structure
from records.youth import Youth
from relais.command import UsageError

FARTHEST = 2  # years: nothing is planned beyond
_MAX_ID = 2**63 - 1
_DIGITS = len(str(_MAX_ID))  # beyond, Python itself refuses to read a number


async def structure_named(tx: Tx, name: str | None) -> Structure:
    """The structure of this name or identifier; without one, the only structure there is."""
    known = await structure.all_structures(tx)
    if name is not None:
        exact = [s for s in known if name in (s.name, str(s.id))]
        alike = exact or [s for s in known if folded(s.name) == folded(name)]
        if len(alike) != 1:
            raise NotFound("structure_unknown")
        return alike[0]
    if not known:
        raise UsageError("Aucune structure n'existe encore. Commencez par : relais structure add.")
    if len(known) > 1:
        names = ", ".join(s.name for s in known)
        raise UsageError(f"Il y a plusieurs structures. Précisez laquelle : {names}.")
    return known[0]


async def youth_named(tx: Tx, code: str, structure_name: str | None = None) -> Youth:
    """The youth of this code; a code that two structures share asks for `--structure`."""
    of = await structure_named(tx, structure_name) if structure_name is not None else None
    try:
        return await youth.by_code(tx, code, of.id if of else None)
    except Refused as shared:
        if shared.code != "youth_ambiguous":
            raise
        raise UsageError(
            f"Le code {code} existe dans plusieurs structures. Précisez --structure."
        ) from None


def identifier(text: str, unknown: str) -> int:
    """An identifier as it was listed; one that no row can have is `NotFound(unknown)`."""
    short = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    if not short or int(text) > _MAX_ID:
        raise NotFound(unknown)
    return int(text)


def moment(text: str, local_now: datetime) -> datetime:
    """A wall time in the zone of `local_now`: « 2026-11-24 14:30 », « 24/11/2026 14h30 »,
    « demain 14h30 », « 14h30 » (today); an ISO time with an offset is brought to that zone."""
    found = _iso(text, local_now) or parse_moment(text, local_now.date())
    if found is None and (at := parse_time(text)):
        found = datetime.combine(local_now.date(), at)
    if found is None and parse_day(text, local_now.date()):
        raise UsageError(
            f"Il manque l'heure : « {text} » dit seulement le jour. Écrivez par exemple "
            f"« {text.strip()} 14h30 »."
        )
    if found is None:
        raise UsageError(
            f"« {text} » n'est pas un moment qui existe. Écrivez par exemple "
            "« 2026-11-24 14:30 » ou « 24/11/2026 14h30 »."
        )
    _near(found.date(), local_now.date())
    if found.year < local_now.year:
        raise Refused("in_the_past", wall=found)
    return found


def _iso(text: str, local_now: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip()) if ":" in text else None
        if found is not None and found.tzinfo is not None:
            found = found.astimezone(local_now.tzinfo)
    except (ValueError, OverflowError):
        return None
    return found and found.replace(tzinfo=None, fold=0, second=0, microsecond=0)


def day(text: str, today: date, *, past: bool = False) -> date:
    """A day; `past` for one that has been: « hier », « lundi » mean the last one."""
    found = parse_day(text, today, past=past)
    if found is None:
        raise UsageError(
            f"« {text} » n'est pas un jour qui existe. Écrivez par exemple "
            "« 2026-11-24 » ou « 24/11/2026 »."
        )
    _near(found, today)
    return found


def _near(found: date, today: date) -> None:
    """What is past is for the caller to judge; what is too far ahead is refused here."""
    if found.year > today.year + FARTHEST:
        raise UsageError(
            f"{found.year}, c'est trop loin : rien ne se prévoit à plus de {FARTHEST} ans."
        )


def birth_month(text: str) -> str:
    """« 2010-05 » or « 05/2010 », as « 2010-05 »."""
    found = re.fullmatch(
        r"(?P<y>\d{4})-(?P<m>\d{1,2})|(?P<m2>\d{1,2})/(?P<y2>\d{4})", text.strip(), re.ASCII
    )
    year, month = (found["y"] or found["y2"], found["m"] or found["m2"]) if found else ("", "0")
    if not 1 <= int(month) <= 12:
        raise UsageError(f"« {text} » n'est pas un mois de naissance. Écrivez-le 2010-05.")
    return f"{year}-{int(month):02}"


def wall_now(local_now: datetime) -> datetime:
    """Now, as a wall time; in the hour that autumn repeats, the first that is not past."""
    wall = local_now.replace(tzinfo=None, second=0, microsecond=0, fold=0)
    return wall + timedelta(hours=1) if local_now.fold else wall


def check_discreet(text: str, of: Structure) -> None:
    """Refuse what must not show on a locked screen, naming the words."""
    if found := findings(text, of.name):
        hints = " ".join(finding.suggestion for finding in found)
        raise UsageError(f"{sentence('forbidden_words')} {hints}")


def secret_from_stdin(what: str) -> str:
    """One line that must not stay in the shell's history; asked for, unseen, at a terminal."""
    try:
        line = getpass(f"{what} : ") if sys.stdin.isatty() else sys.stdin.readline()
        line.encode()  # bytes that are no text come in as lone surrogates elsewhere
    except UnicodeError:
        raise UsageError(
            f"{what} : ce qui arrive sur l'entrée standard n'est pas du texte en UTF-8."
        ) from None
    except (EOFError, AttributeError):  # Ctrl-D, or an entry that was closed
        raise UsageError(f"{what} : rien n'est arrivé sur l'entrée standard.") from None
    return line.rstrip("\r\n")

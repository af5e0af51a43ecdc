"""What every command shares: its settings, an open database, and how it speaks.

A command is a coroutine `(Call) -> object`. What it returns is printed: with `--json` as JSON,
else by the sentence or table the command gives. Errors are one French sentence and exit status 2.
"""

import argparse
import json
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from admin.sentences import sentence
from content.library import ContentError
from records.database import Database, is_trouble
from records.errors import RecordsError
from relais.clock import real_now
from relais.opening import prepared
from relais.os_errors import database_sentence, in_french
from relais.settings import SettingError, Settings


class UsageError(Exception):
    """Something typed is wrong; the text is the sentence to print."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a command: what was typed, with the database open and the time of the call."""

    typed: argparse.Namespace
    settings: Settings
    database: Database
    now: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A command's result: `facts` for `--json`, `text` for people; `right` is False when what was
    looked at is not as it should be, and the exit status then 1."""

    facts: Any
    text: str
    right: bool = True


Command = Callable[[Call], Awaitable[Said]]


def noun(nouns: Any, name: str, meaning: str) -> Any:
    """Declare a noun; returns what its verbs are added to."""
    one = nouns.add_parser(name, help=meaning, description=as_sentence(meaning))
    return one.add_subparsers(dest="verb", required=True, metavar="VERBE")


def as_sentence(meaning: str) -> str:
    return f"{meaning[:1].upper()}{meaning[1:]}."


def verb(
    verbs: Any, name: str, meaning: str, command: Command, **options: Any
) -> argparse.ArgumentParser:
    """Declare a verb with its `--json`; `command` runs with the database open."""

    async def run(typed: argparse.Namespace) -> int:
        return await call(command, typed, Settings())

    one: argparse.ArgumentParser = verbs.add_parser(
        name, help=meaning, description=as_sentence(meaning), **options
    )
    one.add_argument("--json", action="store_true", help="répondre en JSON")
    one.set_defaults(run=run)
    return one


async def call(command: Command, typed: argparse.Namespace, settings: Settings) -> int:
    """Open the database, run the command, print what it said; the exit status."""
    async with prepared(settings) as database:
        said = await command(Call(typed, settings, database, real_now()))
    show(said, as_json=getattr(typed, "json", False))
    return 0 if said.right else 1


def show(said: Said, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(said.facts, ensure_ascii=False, indent=2, default=_plain))
    else:
        print(spaced(said.text))


def table(headings: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """Columns aligned for the eye; one sentence when there is nothing."""
    if not lines:
        return "Rien à montrer."
    cells = [list(headings), *([str(c) if c is not None else "–" for c in line] for line in lines)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def sentence_of(failure: Exception) -> str | None:
    """The sentence for an error that a person can mend; None for a bug."""
    if isinstance(failure, RecordsError):
        return sentence(failure.code, **failure.facts)
    if isinstance(failure, SettingError | UsageError | ContentError):
        return str(failure)
    if isinstance(failure, DBAPIError) and is_trouble(failure):
        return database_sentence(failure)
    if isinstance(failure, OSError):
        what = f" ({failure.filename})" if failure.filename else ""
        return f"La machine refuse\u00a0: {in_french(failure)}{what}. Réglez cela, puis réessayez."
    return None


def refuse(text: str) -> int:
    """Print one sentence where errors go; the exit status is 2."""
    sys.stderr.write(f"{spaced(f'relais : {text}')}\n")
    return 2


def spaced(text: str) -> str:
    """French spacing: what precedes « : ; ! ? » and what is inside « » does not break."""
    return re.sub(r"(?<=«) | (?=[:;!?»])", "\u00a0", text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)

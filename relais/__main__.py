"""The command line: `relais NOUN VERB …`, or one of run, bot, desk, deliver, migrate,
check, settings, backup, restore, demo."""

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module

from relais import __version__
from relais.french_argparse import Parser

ROOMS = (
    "operate",
    "demo",
    "structure",
    "staff",
    "cover",
    "youth",
    "appointment",
    "message",
    "course",
    "queue",
    "responses",
    "papers",
    "retention",
    "key",
    "backup",
    "restore",
    "audit",
)
log = logging.getLogger("relais")
OPERATING = ("run", "bot", "desk", "deliver", "migrate", "check", "settings")


@cache
def parser(noun: str = "") -> argparse.ArgumentParser:
    """The command line; each module of `relais.commands` adds its own nouns and verbs.

    Only the room of `noun` is imported when it has one, so that `relais run` starts quickly.
    """
    room = "operate" if noun in OPERATING else noun
    whole = Parser(prog="relais", description="Ce qui se passe entre deux rendez-vous.")
    whole.add_argument(
        "--version", action="version", version=f"relais {__version__}", help="la version, puis fin"
    )
    nouns = whole.add_subparsers(dest="noun", required=True, metavar="COMMANDE")
    for name in [room] if room in ROOMS else ROOMS:
        import_module(f"relais.commands.{name}").add_to(nouns)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 something is not right, 2 a sentence says what."""
    from relais.command import refuse, sentence_of

    arguments = sys.argv[1:] if arguments is None else arguments
    if not all(_readable(argument) for argument in arguments):
        return refuse("Je ne peux pas lire ce qui a été tapé : il faut de l'UTF-8.")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show « » or a QR code
    try:
        status = _run(arguments)
        sys.stdout.flush()  # here, where a full disk can still be said
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _let_go()
        return 0
    except Exception as failure:
        if (said := sentence_of(failure)) is None:
            raise
        log.debug("refused", exc_info=failure)
        if isinstance(failure, OSError):
            _let_go()
        return refuse(said)


def _run(arguments: Sequence[str]) -> int:
    from relais import logs
    from relais.loop import run
    from relais.settings import Settings

    typed = parser(arguments[0] if arguments else "").parse_args(arguments)
    logs.begin(Settings()["LOG_LEVEL"])
    return run(typed.run(typed)) or 0


def _let_go() -> None:
    """What could not be written is lost: Python shall not try again when it ends."""
    with contextlib.suppress(OSError, ValueError):  # a test's own stream has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _readable(argument: str) -> bool:
    """Whether it came in as text: bytes that are not UTF-8 arrive as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)


if __name__ == "__main__":
    sys.exit(main())

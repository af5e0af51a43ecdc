"""`relais demo`: the whole story on one page, with nothing real in it."""

import argparse
import logging
import os
from pathlib import Path
from typing import Any


def add_to(nouns: Any) -> None:
    one = nouns.add_parser("demo", help="voir toute l'histoire, sans rien de réel")
    one.add_argument("--fresh", action="store_true", help="repartir de zéro")
    one.add_argument("--port", type=_port, default=8080, help="le port de la page (8080)")
    one.add_argument(
        "--folder",
        type=Path,
        default=Path("demo-data"),
        metavar="DOSSIER",
        help="où la démo garde ses données (demo-data)",
    )
    one.set_defaults(run=run)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError("un port est un nombre de 0 à 65535")
    return int(text)


async def run(typed: argparse.Namespace) -> int:
    from relais.demo import demo

    if "RELAIS_LOG_LEVEL" not in os.environ:  # the demo speaks for itself
        logging.getLogger("relais").setLevel(logging.WARNING)
    await demo(typed.folder.resolve(), fresh=typed.fresh, port=typed.port)
    return 0

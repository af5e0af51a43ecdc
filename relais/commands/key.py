"""relais key: make a key, and change the one in use while everything runs."""

import argparse
import sys
import time
from typing import Any

import orjson

from records import erased, rotation
from records.erased_file import Beside
from records.vault import new_key
from relais.command import Call, Said, as_sentence, noun, show, spaced, table, verb

EVERY = 1.0  # seconds between two words on how far it is


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "key", "la clé qui scelle les données")
    meaning = "faire une nouvelle clé"
    one = verbs.add_parser("new", help=meaning, description=as_sentence(meaning))
    one.add_argument("--json", action="store_true", help="répondre en JSON")
    one.set_defaults(run=new)
    verb(
        verbs,
        "rotate",
        "tout sceller avec la nouvelle clé",
        rotate,
        epilog="Mettez d'abord la nouvelle clé devant l'ancienne dans RELAIS_KEY "
        "(NOUVELLE,ANCIENNE), et redémarrez Relais. Cette commande se lance ensuite à côté de "
        "lui\u00a0; interrompue, elle se relance et continue.",
    )


async def new(typed: argparse.Namespace) -> int:
    key = new_key()
    show(Said({"key": key}, key), as_json=typed.json)
    return 0


async def rotate(call: Call) -> Said:
    progress = Progress(as_json=call.typed.json)
    began = time.monotonic()
    done = await rotation.rotate(call.database, progress)
    if isinstance(call.database.keeper, Beside):
        await call.database.keeper.catch_up()
        await call.database.keeper.rewrite(call.now - erased.KEPT)
    old = list(call.database.vault.key_ids[1:])
    facts = {
        "tables": done.tables,
        "rows": sum(done.tables.values()),
        "longest_wait_ms": round(done.longest * 1000, 1),
        "seconds": round(time.monotonic() - began, 1),
        "keys_no_longer_needed": old,
    }
    return Said(facts, _text(done, old))


def _text(done: rotation.Done, old: list[str]) -> str:
    lines = [(name, _number(count)) for name, count in done.tables.items() if count]
    shown = table(("table", "lignes scellées de nouveau"), lines) if lines else "Rien n'attendait."
    waited = f"Personne n'a attendu plus de {done.longest * 1000:.0f} ms."
    if not old and not lines:
        return (
            "Rien à faire : faites d'abord une clé avec « relais key new », puis mettez la "
            "nouvelle devant l'ancienne."
        )
    if not old:
        return f"{shown}\n{waited}\nIl n'y a qu'une clé : rien à retirer de RELAIS_KEY."
    return (
        f"{shown}\n{waited}\nTout est scellé avec la nouvelle clé. Retirez l'ancienne de RELAIS_KEY "
        "et redémarrez Relais. Gardez-la au coffre aussi longtemps que les sauvegardes faites avec "
        "elle, et faites une sauvegarde maintenant."
    )


class Progress:
    """Says how far it is, now and then, where errors go: the result is printed apart."""

    def __init__(self, *, as_json: bool, every: float = EVERY) -> None:
        self._as_json, self._every, self._last = as_json, every, time.monotonic()

    def __call__(self, name: str, done: int, of: int) -> None:
        if time.monotonic() - self._last < self._every:
            return
        self._last = time.monotonic()
        line = (
            orjson.dumps({"table": name, "done": done, "of": of}).decode()
            if self._as_json
            else spaced(f"{name} : {_number(done)} sur {_number(of)}")
        )
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")

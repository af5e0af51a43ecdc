"""Running it: run, bot, desk, deliver, migrate, check, settings."""

import argparse
import time
from textwrap import fill
from typing import Any

from records import migrations
from relais.clock import real_now
from relais.command import Said, as_sentence, show, spaced, table
from relais.opening import prepared
from relais.settings import Settings

PROCESSES = {
    "run": "faire tourner le bot et le bureau, en un seul processus",
    "bot": "faire tourner le bot sans le bureau\u00a0: recevoir et envoyer (PostgreSQL)",
    "desk": "faire tourner le bureau sans le bot (PostgreSQL)",
    "deliver": "aider le bot à envoyer, autant de fois qu'il le faut (PostgreSQL)",
}


def add_to(nouns: Any) -> None:
    for name, meaning in PROCESSES.items():
        nouns.add_parser(name, help=meaning, description=as_sentence(meaning)).set_defaults(
            run=process
        )
    _plain(nouns, "migrate", "mettre la base à jour", migrate)
    one = _plain(
        nouns, "check", "vérifier base, clé, contenus, vacances, e-mail, horloge et Telegram", check
    )
    one.add_argument(
        "--test-email", metavar="IDENTIFIANT", default="", help="lui envoyer un e-mail d'essai"
    )
    _plain(nouns, "settings", "les réglages, leur sens et leur valeur", settings)


def _plain(nouns: Any, name: str, meaning: str, run: Any) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = nouns.add_parser(
        name, help=meaning, description=as_sentence(meaning)
    )
    one.add_argument("--json", action="store_true", help="répondre en JSON")
    one.set_defaults(run=run)
    return one


async def process(typed: argparse.Namespace) -> int:
    from relais import processes

    await getattr(processes, typed.noun)(Settings())
    return 0


async def migrate(typed: argparse.Namespace) -> int:
    async with prepared(Settings(), migrated=False) as database:
        if await migrations.current(database):
            await database.prove_key()  # a wrong key is refused before anything is written
        async with database.alone("migrate"):  # services that start together all begin by it
            done = await migrations.upgrade(database)
        await database.prove_key()
    text = f"Base mise à jour : révision {done[-1].split()[0]}." if done else ""
    show(Said({"applied": done}, text or "La base est déjà à jour."), as_json=typed.json)
    return 0


async def settings(typed: argparse.Namespace) -> int:
    shown = Settings().shown()
    text = "\n".join(f"{s['name']} = {s['value']}\n{_under(s['meaning'])}" for s in shown)
    show(Said(shown, text), as_json=typed.json)
    return 0


def _under(meaning: str) -> str:
    """Below its setting, in lines that a terminal shows whole; a « ; » stays with its word."""
    return fill(
        spaced(meaning), 78, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )


_MARKS = {True: "✓", False: "✗", None: "–"}


async def check(typed: argparse.Namespace) -> int:
    """Each check is one line; the exit status is 1 when one of them is not right. What could not
    be asked, marked « – », changes nothing to it."""
    from relais.checks import all_checks

    started, wanted = time.monotonic(), Settings()
    wanted.check()
    found = await all_checks(wanted, real_now(), test_email=typed.test_email)
    lines = [(_MARKS[c.right], c.name, c.sentence) for c in found]
    facts = [{"name": c.name, "right": c.right, "sentence": c.sentence} for c in found]
    text = f"{table(('', 'quoi', 'constat'), lines)}\n({time.monotonic() - started:.1f} s)"
    show(Said(facts, text), as_json=typed.json)
    return 1 if any(c.right is False for c in found) else 0

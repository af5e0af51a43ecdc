"""`relais check`: can this installation work? Each question has one sentence for an answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.telegram_chat import TelegramChat
from records import migrations, structure
from records.database import Database
from records.vault import Vault
from relais.command import sentence_of
from relais.settings import Settings

CLOCK_TOLERANCE = 30  # seconds: beyond, reminders and one-time codes go wrong


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    right: bool
    sentence: str


async def all_checks(settings: Settings, now: datetime) -> list[Check]:
    """Content, database and key, each bot, the clock."""
    found = [
        await _asked("contenus", _content, settings),
        await _asked("base et clé", _database, settings),
    ]
    if found[-1].right:
        found += await _bots(settings)
    return [*found, await _clock(settings, now)]


async def _asked(
    name: str, question: Callable[[Settings], Awaitable[str]], settings: Settings
) -> Check:
    try:
        return Check(name, True, await question(settings))
    except Exception as failure:
        if (said := sentence_of(failure)) is None:
            raise
        return Check(name, False, said)


async def _content(settings: Settings) -> str:
    library = content.load(settings["CONTENT"])
    return f"{len(library.catalogue())} scénarios lus, sans erreur."


async def _database(settings: Settings) -> str:
    database = Database(settings["DATABASE"], Vault(settings["KEY"]))
    try:
        await migrations.require_current(database)
        await database.prove_key()
    finally:
        await database.close()
    return "La base est à jour et la clé est la bonne."


async def _bots(settings: Settings) -> list[Check]:
    database = Database(settings["DATABASE"], Vault(settings["KEY"]))
    try:
        async with database.read() as tx:
            tokens = [bot.token for bot in await structure.bots(tx)]
    finally:
        await database.close()
    tokens = list(dict.fromkeys([*tokens, settings["TELEGRAM_TOKEN"]]))
    found = [await _bot(token, settings["TELEGRAM_API"]) for token in tokens if token]
    return found or [
        Check(
            "Telegram",
            False,
            "Aucun bot n'est connu\u00a0: donnez son jeton dans RELAIS_TELEGRAM_TOKEN.",
        )
    ]


async def _bot(token: str, api: str) -> Check:
    channel = TelegramChat(0, token, api)
    try:
        return Check("Telegram", True, f"Telegram répond\u00a0: @{await channel.username()}.")
    except Revoked:
        return Check(
            "Telegram",
            False,
            "Telegram refuse le jeton du bot\u00a0: demandez-en un nouveau à BotFather.",
        )
    except (Unreachable, TakenOver):
        return Check(
            "Telegram",
            False,
            "Telegram ne répond pas\u00a0: vérifiez le réseau et RELAIS_TELEGRAM_API.",
        )
    finally:
        await channel.close()


async def _clock(settings: Settings, now: datetime) -> Check:
    """Compares with the Date header of the Bot API server."""
    try:
        limit = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.get(settings["TELEGRAM_API"]) as answer,
        ):
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, OSError):
        return Check("horloge", True, "Non comparée\u00a0: le serveur ne dit pas l'heure.")
    gap = abs((theirs - now).total_seconds())
    if gap > CLOCK_TOLERANCE:
        return Check("horloge", False, f"L'horloge de la machine s'écarte de {gap:.0f} secondes.")
    return Check("horloge", True, "L'heure est juste.")

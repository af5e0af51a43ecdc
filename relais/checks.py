"""`relais check`: can this installation work? Each question has one sentence for an answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.telegram_chat import TelegramChat
from content.named import require_named
from records import structure
from relais.command import sentence_of
from relais.commands.calendars import school_gap
from relais.opening import prepared
from relais.settings import Settings

CLOCK_TOLERANCE = 30  # seconds: beyond, reminders and one-time codes go wrong


@dataclass(frozen=True, slots=True)
class Check:
    """One answer; `right` is None for what could not be asked."""

    name: str
    right: bool | None
    sentence: str


async def all_checks(settings: Settings, now: datetime) -> list[Check]:
    """Content, database and key, calendars, each bot, the clock."""
    found = [
        await _asked("contenus", _content, settings),
        await _asked("base et clé", _database, settings),
    ]
    if found[-1].right:
        found += [await _calendars(settings, now), *await _bots(settings)]
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
    require_named(library)
    return f"{len(library.catalogue())} scénarios lus, sans erreur."


async def _database(settings: Settings) -> str:
    async with prepared(settings):
        return "La base est à jour et la clé est la bonne."


async def _calendars(settings: Settings, now: datetime) -> Check:
    """Whether the school holidays of every structure are known for the weeks to come."""
    async with prepared(settings) as database, database.read() as tx:
        known = await structure.all_structures(tx)
    gaps = {of.name: school_gap(of, now.astimezone(of.tz).date()) for of in known}
    if told := [f"{name}\u00a0: {gap}" for name, gap in gaps.items() if gap]:
        return Check("vacances", None, " ".join(told))
    return Check("vacances", True, "Les vacances scolaires sont connues.")


async def _bots(settings: Settings) -> list[Check]:
    async with prepared(settings) as database, database.read() as tx:
        known = {bot.token: bot.state for bot in await structure.bots(tx)}
    tokens = dict.fromkeys([*known, settings["TELEGRAM_TOKEN"]])
    api = settings["TELEGRAM_API"]
    found = [await _bot(token, api, known.get(token, "ok")) for token in tokens if token]
    return found or [
        Check(
            "Telegram",
            False,
            "Aucun bot n'est connu\u00a0: donnez son jeton dans RELAIS_TELEGRAM_TOKEN.",
        )
    ]


# What « relais run » noted of a bot, and that asking for its name does not show.
_NOTED = {
    "conflict": "Mais un autre programme reçoit à la place de Relais\u00a0: arrêtez-le, "
    "relancez relais run, puis réessayez.",
    "revoked": "Mais son jeton a été refusé\u00a0: demandez-en un nouveau à BotFather, "
    "relancez relais run, puis réessayez.",
}


async def _bot(token: str, api: str, noted: str) -> Check:
    """Asks for its name only: receiving would take the bot from the program that runs."""
    channel = TelegramChat(0, token, api)
    try:
        said = f"Telegram répond\u00a0: @{await channel.username()}."
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
    more = _NOTED.get(noted)
    return Check("Telegram", more is None, f"{said} {more}" if more else said)


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
        return Check("horloge", None, "Non comparée\u00a0: le serveur ne dit pas l'heure.")
    gap = abs((theirs - now).total_seconds())
    if gap > CLOCK_TOLERANCE:
        return Check("horloge", False, f"L'horloge de la machine s'écarte de {gap:.0f} secondes.")
    return Check("horloge", True, "L'heure est juste.")

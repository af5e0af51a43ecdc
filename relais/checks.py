"""`relais check`: can this installation work? Each question has one sentence for an answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

import content
from bot.channel import Revoked, TakenOver, Unreachable
from bot.telegram_chat import TelegramChat
from content.named import require_named
from records import structure
from relais import hook
from relais.command import sentence_of
from relais.commands.calendars import school_gap
from relais.mail_check import all_servers
from relais.opening import prepared
from relais.settings import Settings

CLOCK_TOLERANCE = 30  # seconds: beyond, reminders and one-time codes go wrong


@dataclass(frozen=True, slots=True)
class Check:
    """One answer; `right` is None for what could not be asked."""

    name: str
    right: bool | None
    sentence: str


async def all_checks(settings: Settings, now: datetime, *, test_email: str = "") -> list[Check]:
    """Content, database and key, calendars, each bot, e-mail, the clock."""
    found = [
        await _asked("contenus", _content, settings),
        await _asked("base et clé", _database, settings),
    ]
    if found[-1].right:
        found += [await _calendars(settings, now), *await _bots(settings)]
        found += await _mail(settings, test_email)
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


async def _mail(settings: Settings, test_email: str) -> list[Check]:
    async with prepared(settings) as database:
        told = await all_servers(database, settings, test_email)
    return [Check("e-mail", right, sentence) for right, sentence in told]


async def _bots(settings: Settings) -> list[Check]:
    async with prepared(settings) as database, database.read() as tx:
        known = {bot.token: bot for bot in await structure.bots(tx)}
    tokens = dict.fromkeys([*known, settings["TELEGRAM_TOKEN"]])
    found = [
        check
        for token in tokens
        if token
        for check in await _bot(token, known.get(token), settings)
    ]
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


async def _bot(token: str, bot: structure.Bot | None, settings: Settings) -> list[Check]:
    """Asks without receiving: that would take the bot from the program that runs."""
    channel = TelegramChat(0, token, settings["TELEGRAM_API"])
    try:
        said, webhook = (
            f"Telegram répond\u00a0: @{await channel.username()}.",
            await channel.webhook(),
        )
    except Revoked:
        return [_lost("Telegram refuse le jeton du bot\u00a0: demandez-en un nouveau à BotFather.")]
    except (Unreachable, TakenOver):
        return [_lost("Telegram ne répond pas\u00a0: vérifiez le réseau et RELAIS_TELEGRAM_API.")]
    finally:
        await channel.close()
    more = _NOTED.get(bot.state) if bot else None
    public = settings["TELEGRAM_WEBHOOK"]
    ours = hook.address(public, bot.id) if public and bot else public
    return [
        Check("Telegram", more is None, f"{said} {more}" if more else said),
        _reception(ours, webhook),
    ]


def _lost(sentence: str) -> Check:
    return Check("Telegram", False, sentence)


def _reception(ours: str, webhook: dict[str, Any]) -> Check:
    """How what comes in comes in, and what Telegram says is wrong with it. `ours` is where it is
    to be posted, or empty."""
    theirs, waiting = str(webhook.get("url")), int(webhook.get("pending_update_count", 0))
    if not theirs:
        soon = f"Telegram livrera à {ours} dès que relais run sera lancé."
        return (
            _received(None, soon) if ours else _received(True, "Relais va chercher ce qui arrive.")
        )
    if not ours:
        said = f"Telegram livre encore à {theirs}\u00a0: relais run le lui dira, et ira chercher."
        return _received(None, said)
    if theirs != ours:
        said = f"Telegram livre ailleurs, à {theirs}\u00a0: arrêtez cet autre programme, puis "
        return _received(False, f"{said}relancez relais run.")
    wrong = webhook.get("last_error_message") if waiting else None
    if wrong:
        said = (
            f"Telegram n'arrive pas à livrer à {ours}, et {_waiting(waiting)}\u00a0: «\u00a0{wrong}"
        )
        more = "Voyez l'adresse, son certificat, et le serveur web devant Relais."
        return _received(False, f"{said}\u00a0». {more}")
    return _received(True, f"Telegram livre à {ours}\u00a0; {_waiting(waiting)}.")


def _waiting(count: int) -> str:
    return f"{count} en attente" if count else "rien n'attend"


def _received(right: bool | None, sentence: str) -> Check:
    return Check("réception", right, sentence)


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

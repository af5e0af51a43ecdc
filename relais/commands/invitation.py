"""`relais youth invite`: a link that works once, and its QR code to print or to show."""

import argparse
import io
from pathlib import Path

import segno

from admin.preview import rehearsal
from bot.channel import Revoked, TakenOver, Unreachable
from content import day_and_time
from records import invitation, structure
from records.errors import Refused
from records.structure import Bot, Structure
from records.youth import Youth
from relais.command import Call, Said, UsageError
from relais.commands.planned import local
from relais.commands.typed import youth_named
from relais.os_errors import in_french

_PICTURES = (".svg", ".png")


def declare(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--qr",
        type=Path,
        metavar="FICHIER",
        help="écrire le code QR dans ce fichier .svg ou .png, à imprimer ; "
        "avec --json, invitation-CODE.svg",
    )


async def invite(call: Call) -> Said:
    """Refused as the records refuse it, before Telegram is asked for anything."""
    from relais.wiring import deep_link

    picture: Path | None = call.typed.qr
    if picture is not None and picture.suffix.lower() not in _PICTURES:
        raise UsageError("Le code QR s'écrit dans un fichier .svg ou .png.")
    who, of, bot = await _ready(call)
    if picture is None and call.typed.json:  # a script cannot show what a terminal draws
        picture = Path(f"invitation-{who.code}.svg")
    username = bot.username or await _learn_name(call, bot)
    async with call.database.write() as tx:
        made = await invitation.invite(tx, call.now, who)
        link = deep_link(username, made.token)
        if picture is not None:
            _write(link, picture)  # within: a link that nobody could be given is not made
    until = local(made.expires_at, of)
    assert until is not None
    facts = {"token": made.token, "link": link, "expires_at": until}
    return Said(
        facts | ({"qr": str(picture)} if picture else {}),
        _words(who, link, day_and_time(until, today=call.now), picture),
    )


async def _ready(call: Call) -> tuple[Youth, Structure, Bot]:
    """Who is invited, where, and by which bot; the settings' bot seeds the first."""
    async with call.database.read() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
    try:
        async with rehearsal(call.database) as tx:
            await invitation.invite(tx, call.now, who)
    except Refused as refusal:
        if refusal.code != "alert_rule_missing":
            raise
        raise UsageError(
            "La structure n'a pas encore choisi sa règle d'alerte pour les mineurs. "
            "Choisissez-la d'abord : relais structure set --help."
        ) from None
    async with call.database.write() as tx:
        of = await structure.get(tx, who.structure_id)
        if of.bot_id is None and (token := call.settings["TELEGRAM_TOKEN"]):
            await structure.seed_bot(tx, call.now, token)
            of = await structure.get(tx, who.structure_id)
        bot = next((b for b in await structure.bots(tx) if b.id == of.bot_id), None)
    if bot is None:
        raise UsageError(
            "Aucun bot n'est connu. Donnez son jeton dans RELAIS_TELEGRAM_TOKEN, ou "
            "avec relais structure set --bot-token-stdin."
        )
    return who, of, bot


async def _learn_name(call: Call, bot: Bot) -> str:
    """Before the bot ever ran, Telegram alone knows its name, and the link needs it."""
    from bot.telegram_chat import TelegramChat

    channel = TelegramChat(bot.id, bot.token, call.settings["TELEGRAM_API"])
    try:
        username = await channel.username()
    except Revoked:
        raise UsageError(
            "Telegram refuse le jeton du bot. Demandez-en un nouveau à BotFather."
        ) from None
    except (Unreachable, TakenOver):
        raise UsageError(
            "Telegram ne répond pas, et le lien a besoin du nom du bot. Vérifiez le "
            "réseau et RELAIS_TELEGRAM_API, puis réessayez."
        ) from None
    finally:
        await channel.close()
    async with call.database.write() as tx:
        await structure.set_bot_state(tx, call.now, bot.id, "ok", username)
    return username


def _write(link: str, picture: Path) -> None:
    try:
        segno.make(link, error="m").save(str(picture), scale=8, border=4)
    except OSError as failure:
        raise UsageError(
            f"Le code QR ne s'écrit pas dans {picture} : {in_french(failure)}. "
            "Aucun lien n'a été fait : choisissez un autre fichier avec --qr."
        ) from None


def _words(who: Youth, link: str, until: str, picture: Path | None) -> str:
    shown = f"Code QR : {picture}\n" if picture else _drawn(link)
    return (
        f"Lien de {who.nickname} ({who.code}), valable une fois, jusqu'au "
        f"{until} :\n{link}\n\n{shown}\n"
        f"Quand le lien est ouvert, comparez les deux mots : relais youth show {who.code}"
    )


def _drawn(link: str) -> str:
    canvas = io.StringIO()
    segno.make(link, error="m").terminal(out=canvas, border=2, compact=True)
    return canvas.getvalue()

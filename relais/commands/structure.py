"""`relais structure`: who speaks, in which zone, within which hours, by which alert rule."""

import argparse
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from admin import alerts
from admin.french import WEEKDAYS
from content import clock_time, day_and_time, reading_hours
from records import alert, structure
from records.by_itself import WEEKLY
from records.contact import contact
from records.database import Tx
from records.errors import Refused
from records.hours import DEFAULT_WINDOWS, local_instant
from records.lines import one_line
from records.reminders import rungs_due
from records.structure import ALERT_CHOICES, CATEGORIES, MINOR_AGES, Bot, Structure
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import structure_options as options
from relais.commands import structure_smtp
from relais.commands.calendars import place_words, school_gap, school_words
from relais.commands.typed import secret_from_stdin, structure_named
from relais.settings import SettingError, Settings

LONG_BEFORE = timedelta(days=100)  # longer than any rung
_KINDS = {
    "csapa": "CSAPA",
    "caarud": "CAARUD",
    "cjc": "CJC",
    "prevention_specialisee": "prévention spécialisée",
    "autre": "autre",
}
_SECOND_FACTOR = {
    "nobody": "facultative",
    "not_educators": "demandée à la coordination et à l'évaluation",
    "all": "demandée à tout le monde",
}
_STRICTER = (
    " Les jeunes déjà inscrits gardent la règle qu'ils ont lue, jusqu'à ce que Relais leur dise "
    "la nouvelle, à leurs heures."
)
_STATES = {
    "unreachable": "ne répond pas",
    "revoked": "son jeton est refusé",
    "conflict": "un autre programme reçoit à sa place",
    "unheard": "Telegram n'arrive pas à livrer ce qui arrive",
}
_WINDOWS = {
    "school_day": "jours de classe (scolarisés)",
    "weekday": "autres jours de semaine",
    "saturday": "samedi",
}


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "structure", "les structures et leurs réglages")
    style = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": options.EXPLAINED}
    one = verb(verbs, "add", "ouvrir une structure", add, **style)
    one.add_argument("name", metavar="NOM")
    options.declare(one)
    one = verb(verbs, "set", "changer ses réglages", change, **style)
    one.add_argument("structure", metavar="NOM", nargs="?", help="inutile s'il n'y en a qu'une")
    one.add_argument("--name", metavar="NOUVEAU_NOM", help="un autre nom")
    options.declare(one)
    one = verb(verbs, "show", "tous ses réglages, et ce qui manque", show)
    one.add_argument("structure", metavar="NOM", nargs="?", help="inutile s'il n'y en a qu'une")
    verb(verbs, "list", "les structures", list_)
    structure_smtp.add_to(verbs)


async def add(call: Call) -> Said:
    typed = call.typed
    if typed.kind is None:
        raise UsageError(f"Précisez le type de structure : --kind {', '.join(structure.KINDS)}.")
    values, token = options.read(typed), _bot_token(typed)
    first = call.settings["TELEGRAM_TOKEN"]
    async with call.database.write() as tx:
        if first:
            await structure.seed_bot(tx, call.now, first)
        row = await structure.add(tx, call.now, typed.name, **values)
        more = await _give_bot(tx, call.now, row, token) if token else ""
        return await _said(tx, call.now, row, f"La structure est ouverte.{more}")


async def change(call: Call) -> Said:
    typed, token = call.typed, _bot_token(call.typed)
    async with call.database.write() as tx:
        of = await structure_named(tx, typed.structure)
        values = options.read(
            typed,
            windows=of.windows,
            alert_rule=of.alert_rule,
            controller=of.controller,
            checkins=of.checkins,
            surveys=of.surveys,
        )
        if typed.name is not None:
            values["name"] = await _free_name(tx, of, one_line(typed.name))
        if not values and not token:
            raise UsageError("Rien à changer. Donnez au moins un réglage, voir --help.")
        await structure.change(tx, of.id, **values)
        more = await _give_bot(tx, call.now, of.id, token) if token else ""
        if set(alert.rule_of(await structure.get(tx, of.id)).split()) - set(
            alert.rule_of(of).split()
        ):
            more += _STRICTER
        return await _changed(tx, of, f"C'est noté.{more}")


async def show(call: Call) -> Said:
    async with call.database.read() as tx:
        of = await structure_named(tx, call.typed.structure)
        return await _said(tx, call.now, of.id)


async def list_(call: Call) -> Said:
    async with call.database.read() as tx:
        bots = {bot.id: bot for bot in await structure.bots(tx)}
        known = await structure.all_structures(tx)
    lines = [
        (
            of.name,
            _KINDS.get(of.kind, of.kind),
            of.zone,
            _bot_words(bots.get(of.bot_id or 0)),
            "prête" if not _missing(of) else "à compléter",
        )
        for of in known
    ]
    return Said(
        [_facts(of, bots.get(of.bot_id or 0)) for of in known],
        table(("nom", "type", "fuseau", "bot", "état"), lines),
    )


def _bot_token(typed: argparse.Namespace) -> str | None:
    """The token as typed or read, checked as `RELAIS_TELEGRAM_TOKEN` is; never shown again."""
    token = secret_from_stdin("Jeton du bot") if typed.bot_token_stdin else typed.bot_token
    if token is None:
        return None
    try:
        checked: str = Settings({"RELAIS_TELEGRAM_TOKEN": token.strip()})["TELEGRAM_TOKEN"]
    except SettingError:
        checked = ""
    if not checked:
        raise UsageError(
            "Ce n'est pas un jeton de bot. BotFather le donne sous la forme 123456:ABC…"
        )
    return checked


async def _give_bot(tx: Tx, now: datetime, structure_id: int, token: str) -> str:
    """Give a structure its own bot; returns what to know about it."""
    bot_id = await structure.bot_with(tx, now, token)
    await structure.change(tx, structure_id, bot_id=bot_id)
    left_behind = select(contact.c.id).where(
        contact.c.structure_id == structure_id,
        contact.c.bot_id != bot_id,
        contact.c.state != "unlinked",
    )
    other = await tx.row(left_behind.limit(1)) is not None
    return " Le bot répondra quand « relais run » aura redémarré." + (
        " Les téléphones reliés au bot d'avant ont besoin d'un nouveau lien." if other else ""
    )


async def _free_name(tx: Tx, of: Structure, name: str) -> str:
    if any(
        other.name == name and other.id != of.id for other in await structure.all_structures(tx)
    ):
        raise Refused("structure_exists", name=name)
    return name


async def _said(tx: Tx, now: datetime, row: int, first: str = "") -> Said:
    of = await structure.get(tx, row)
    bot = next((b for b in await structure.bots(tx) if b.id == of.bot_id), None)
    today = now.astimezone(of.tz).date()
    parts = [
        first,
        _settings(of, bot),
        _rule(of),
        _example(of, today),
        *_todo(of),
        school_gap(of, today),
    ]
    return Said(_facts(of, bot), "\n\n".join(part for part in parts if part))


async def _changed(tx: Tx, before: Structure, first: str) -> Said:
    """What is not as it was; `structure show` says the whole."""
    of = await structure.get(tx, before.id)
    bots = {bot.id: bot for bot in await structure.bots(tx)}
    bot = bots.get(of.bot_id or 0)
    was = [*_lines(before, bots.get(before.bot_id or 0)), *_rule_lines(before)]
    now_ = [line for line in (*_lines(of, bot), *_rule_lines(of)) if line not in was]
    told = table(("réglage", "valeur"), [(name, ", ".join(rest)) for name, *rest in now_])
    parts = [first, told if now_ else "", *_todo(of)]
    return Said(_facts(of, bot), "\n\n".join(part for part in parts if part))


def _facts(of: Structure, bot: Bot | None) -> dict[str, Any]:
    return {
        "id": str(of.id),
        "name": of.name,
        "kind": of.kind,
        "bot": {"username": bot.username, "state": bot.state} if bot else None,
        "zone": of.zone,
        "school_zone": of.school_zone,
        "holidays": of.holidays or "none",
        "windows": DEFAULT_WINDOWS | of.windows,
        "reading_hours": of.reading_hours,
        "alert_rule": of.alert_rule,
        "alert_rule_chosen": of.alert_rule_is_chosen,
        "ladder": of.ladder,
        "weekly_budget": of.weekly_budget,
        "telegram_minimum_age": of.telegram_minimum_age,
        "consent_age": of.consent_age,
        "alert_minutes": of.alert_minutes,
        "form": of.form,
        "controller": of.controller,
        "second_factor": of.second_factor,
        "checkins": of.checkins,
        "surveys": of.surveys,
        "missing": _missing(of),
    }


def _missing(of: Structure) -> list[str]:
    """What keeps this structure from inviting."""
    return [
        name
        for name, there in (("alert_rule", of.alert_rule_is_chosen), ("bot", of.bot_id is not None))
        if not there
    ]


def _settings(of: Structure, bot: Bot | None) -> str:
    return table(("réglage", "valeur"), _lines(of, bot))


def _lines(of: Structure, bot: Bot | None) -> list[tuple[str, str]]:
    reading = reading_hours(of.reading_hours) if of.reading_hours else "pas d'heures fixes"
    return [
        ("nom", of.name),
        ("type", _KINDS.get(of.kind, of.kind)),
        ("bot", _bot_words(bot)),
        ("fuseau horaire", of.zone),
        ("zone scolaire", school_words(of)),
        ("jours fériés", place_words(of.holidays)),
        ("on lit", reading),
        *((f"envois, {words}", _window_words(of, name)) for name, words in _WINDOWS.items()),
        ("rappels d'un rendez-vous", ", ".join(map(_rung_words, of.ladder)) or "aucun"),
        ("messages non demandés", f"{of.weekly_budget} par jeune et par semaine au plus"),
        ("âge demandé par Telegram", f"{of.telegram_minimum_age} ans"),
        ("accord d'un parent", f"avant {of.consent_age} ans"),
        ("une alerte passe au relais", f"après {of.alert_minutes} min d'heures de lecture"),
        ("prises de nouvelles", _checkin_words(of)),
        ("questionnaires", _survey_words(of)),
        ("on dit", of.form),
        ("responsable du traitement", of.controller.get("name") or "à compléter"),
        ("deuxième étape de connexion", _SECOND_FACTOR[of.second_factor]),
    ]


def _window_words(of: Structure, name: str) -> str:
    span = (DEFAULT_WINDOWS | of.windows)[name]
    if not span:
        return "rien"
    start, end = (clock_time(datetime.strptime(at, "%H:%M")) for at in span)  # noqa: DTZ007
    return f"de {start} à {end}"


_CHECKINS = {
    "mood": "l'humeur, le",
    "week": "la semaine, le",
    "objective": "l'objectif, une semaine sur deux, le",
    "before": "avant un rendez-vous",
    "after": "après un rendez-vous",
}
_SURVEYS = {
    "satisfaction": "satisfaction, chaque trimestre",
    "meeting": "après un rendez-vous, une fois par trimestre",
    "end": "avant la fin prévue",
}


def _checkin_words(of: Structure) -> str:
    """« la semaine, le vendredi ; avant un rendez-vous », or that none comes by itself."""
    said = [
        f"{_CHECKINS[name]} {WEEKDAYS[day - 1]}" if name in WEEKLY else _CHECKINS[name]
        for name, day in of.checkins.items()
    ]
    return " ; ".join(said) or "aucune ne part seule"


def _survey_words(of: Structure) -> str:
    return " ; ".join(_SURVEYS[name] for name in of.surveys) or "aucun ne part seul"


def _rung_words(rung: str) -> str:
    """« la veille (1d) », « 3 h avant (3h) »: in words, and as it is typed."""
    if rung == "now":
        return "tout de suite (now)"
    if rung == "1d":
        return "la veille (1d)"
    return f"{rung[:-1]} {'jours' if rung.endswith('d') else 'h'} avant ({rung})"


def _bot_words(bot: Bot | None) -> str:
    if bot is None:
        return "aucun"
    name = f"@{bot.username}" if bot.username else "son nom sera appris au premier contact"
    return f"{name} ({_STATES[bot.state]})" if bot.state in _STATES else name


def _rule_lines(of: Structure) -> list[tuple[str, ...]]:
    return [
        (
            f"{alerts.CATEGORIES[category]} ({category})",
            *(of.alert_rule.get(f"{category}:{age}", "à choisir") for age in MINOR_AGES),
        )
        for category in CATEGORIES
    ]


def _rule(of: Structure) -> str:
    ages = [options.AGES_IN_WORDS[age] for age in MINOR_AGES]
    means = "\n".join(f"  {c} : {options.CHOICES_IN_WORDS[c]}." for c in ALERT_CHOICES)
    return "\n".join([table(["règle d'alerte", *ages], _rule_lines(of)), means])


def _example(of: Structure, today: date) -> str:
    """What these settings do to the reminders of one meeting, for each kind of youth."""
    wednesday = today + timedelta(days=(2 - today.weekday()) % 7 + 7)
    starts_at = local_instant(datetime.combine(wednesday, time(14, 30)), of.zone)
    later = [rung for rung in of.ladder if rung != "now"]
    lines = [
        f"Exemple, pour un rendez-vous {day_and_time(starts_at.astimezone(of.tz), today=today)} :"
    ]
    for school_aged, words in ((True, "jeune scolarisé"), (False, "autre jeune")):
        hours = of.hours(school_aged)
        due = rungs_due(later, starts_at - LONG_BEFORE, starts_at, hours).values()
        said = ", ".join(day_and_time(at.astimezone(of.tz), today=today) for at in due)
        lines.append(f"  {words} : {f'rappel {said}' if said else 'pas de rappel'}.")
    return "\n".join(lines)


def _todo(of: Structure) -> list[str]:
    """The next thing to do for each setting that still misses."""
    said = []
    if not of.alert_rule_is_chosen:
        said.append(
            "Il manque la règle d'alerte : les invitations sont refusées jusque-là. "
            "Voir : relais structure set --help."
        )
    if not (of.controller.get("name") and of.controller.get("contact")):
        said.append(
            "Il manque qui est responsable de ce qui est gardé, et à qui s'adresser : la notice des "
            "jeunes le dit. Voir : relais structure set --controller-name, --controller-contact."
        )
    if of.bot_id is None:
        said.append(
            "Il manque le bot : donnez son jeton avec --bot-token-stdin, ou dans "
            "RELAIS_TELEGRAM_TOKEN."
        )
    return said

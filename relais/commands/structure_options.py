"""The settings of a structure as they are typed, and turned into what the records keep."""

import argparse
import re
from collections.abc import Iterator
from typing import Any

from admin import alerts
from admin.french import WEEKDAYS, folded, parse_time
from records import by_itself
from records.calendars import PLACES, SCHOOL_ZONES
from records.errors import Refused
from records.hours import DEFAULT_WINDOWS
from records.lines import one_line
from records.reminders import check_ladder
from records.structure import ALERT_CHOICES, CATEGORIES, KINDS, MINOR_AGES, SECOND_FACTOR
from relais.command import UsageError

AGES_IN_WORDS = {"under_15": "moins de 15 ans", "15_17": "15 à 17 ans"}
CHOICES_IN_WORDS = {
    "ask": "rien ne se dit sans le oui du jeune",
    "tell": "l'éducateur est prévenu même après un non",
}
EXPLAINED = "\n".join(
    [
        "La règle d'alerte dit ce qui suit un « non », ou dix minutes de silence, quand ce qu'un mineur",
        "écrit inquiète. Elle se choisit pour chaque catégorie et chaque âge, par exemple :",
        "  --alert-rule all=ask --alert-rule suicide=tell --alert-rule violence:under_15=tell",
        "Rien n'est choisi d'avance, et personne n'est invité avant que tout le soit.",
        "",
        *(f"  {name:<16}{words}" for name, words in alerts.CATEGORIES.items()),
        *(f"  :{name:<15}{words}" for name, words in AGES_IN_WORDS.items()),
        *(f"  ={name:<15}{words}" for name, words in CHOICES_IN_WORDS.items()),
    ]
)

# Option, field, how it is read, what it means.
_PLAIN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--kind", {"choices": KINDS, "help": "le type de structure"}),
    ("--zone", {"help": "le fuseau horaire, par exemple Indian/Reunion (Europe/Paris)"}),
    (
        "--school-zone",
        {"metavar": "ZONE", "help": f"la zone scolaire : {', '.join(SCHOOL_ZONES)} (C)"},
    ),
    (
        "--holidays",
        {
            "choices": ("none", *PLACES),
            "metavar": "LIEU",
            "help": f"les jours fériés propres au lieu : none, {', '.join(PLACES)} (none)",
        },
    ),
    (
        "--weekly-budget",
        {"type": int, "metavar": "N", "help": "messages non demandés par jeune et par semaine (5)"},
    ),
    (
        "--telegram-minimum-age",
        {"type": int, "metavar": "ANS", "help": "l'âge que Telegram demande (18)"},
    ),
    (
        "--consent-age",
        {
            "type": int,
            "metavar": "ANS",
            "help": "avant cet âge, il faut aussi l'accord d'un parent (15)",
        },
    ),
    (
        "--second-factor",
        {
            "choices": SECOND_FACTOR,
            "help": "qui doit donner aussi un code de son téléphone pour se connecter : personne, "
            "la coordination et l'évaluation seulement, ou tout le monde (all)",
        },
    ),
    (
        "--alert-minutes",
        {
            "type": int,
            "metavar": "MINUTES",
            "help": "minutes d'heures de lecture avant qu'une alerte passe au relais (30)",
        },
    ),
    ("--form", {"choices": ("tu", "vous"), "help": "comment on s'adresse aux jeunes (tu)"}),
)
# Who answers for the data, as the papers and the notice say it (« relais papers »).
CONTROLLER = {
    "name": "le responsable du traitement, par exemple l'association gestionnaire",
    "address": "son adresse",
    "contact": "à qui adresser une demande, par exemple une adresse électronique de la structure",
    "dpo": "comment joindre le délégué à la protection des données",
    "host": "l'hébergeur, son pays, sa certification HDS",
}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add every setting as an option; one that is not typed stays None."""
    for option, how in _PLAIN:
        parser.add_argument(option, **how)
    for name, meaning in CONTROLLER.items():
        parser.add_argument(f"--controller-{name}", metavar="TEXTE", help=meaning)
    parser.add_argument(
        "--reading-hours",
        action="append",
        metavar='"JOURS HEURES"',
        help="quand on lit, par exemple « lun-ven 9:00-18:00 » ; à répéter ; none",
    )
    parser.add_argument(
        "--windows",
        action="append",
        metavar="JOUR=HEURES",
        help="quand les messages partent : school_day, weekday ou saturday, "
        "=17:00-19:30, =none ou =default ; à répéter",
    )
    parser.add_argument(
        "--alert-rule",
        action="append",
        metavar="CATÉGORIE[:ÂGE]=ask|tell",
        help="ce qui suit un « non » d'un mineur ; à répéter, voir plus bas",
    )
    parser.add_argument(
        "--checkins",
        action="append",
        metavar="NOM=JOUR",
        help="les prises de nouvelles qui partent seules : week, mood ou objective =JOUR (ven), before "
        "ou after =yes ; =none pour arrêter ; à répéter (aucune)",
    )
    parser.add_argument(
        "--surveys",
        action="append",
        metavar="NOM=yes|none",
        help="les questionnaires qui partent seuls : satisfaction (chaque trimestre), meeting "
        "(après un rendez-vous, une fois par trimestre), end (avant la fin prévue) ; à répéter (aucun)",
    )
    parser.add_argument(
        "--ladder",
        metavar="RAPPELS",
        help="les rappels d'un rendez-vous, par exemple now,1d,3h, ou none (1d)",
    )
    bot = parser.add_mutually_exclusive_group()
    bot.add_argument(
        "--bot-token",
        metavar="JETON",
        help="le bot de cette structure ; ce jeton reste dans l'historique du shell",
    )
    bot.add_argument(
        "--bot-token-stdin", action="store_true", help="lire ce jeton sur l'entrée standard"
    )


def read(
    typed: argparse.Namespace,
    *,
    windows: dict[str, Any] | None = None,
    alert_rule: dict[str, str] | None = None,
    controller: dict[str, str] | None = None,
    checkins: dict[str, int | bool] | None = None,
    surveys: dict[str, bool] | None = None,
) -> dict[str, Any]:
    """What was typed, by field; those that are changed in part come as they are now."""
    fields = (
        "kind",
        "zone",
        "weekly_budget",
        "telegram_minimum_age",
        "consent_age",
        "form",
        "second_factor",
        "alert_minutes",
    )
    found = {name: value for name in fields if (value := getattr(typed, name)) is not None}
    if found.get("zone") == "":
        raise UsageError("Il manque le fuseau horaire. Écrivez par exemple Europe/Paris.")
    if typed.school_zone == "":
        raise UsageError("Il manque la zone scolaire. Écrivez par exemple A, corse ou none.")
    if typed.school_zone is not None:
        zone = typed.school_zone.lower()
        found["school_zone"] = zone.upper() if len(zone) == 1 else zone
    if typed.holidays is not None:
        found["holidays"] = typed.holidays.replace("none", "")
    if typed.reading_hours is not None:
        found["reading_hours"] = reading_hours(typed.reading_hours)
    if typed.windows is not None:
        found["windows"] = _windows(typed.windows, windows or {})
    if typed.alert_rule is not None:
        found["alert_rule"] = _alert_rule(typed.alert_rule, alert_rule or {})
    found |= _by_itself(typed, checkins or {}, surveys or {})
    if typed.ladder is not None:
        found["ladder"] = ladder(typed.ladder)
    if told := _controller(typed):
        found["controller"] = (controller or {}) | told
    return found


def _controller(typed: argparse.Namespace) -> dict[str, str]:
    given = {name: getattr(typed, f"controller_{name}") for name in CONTROLLER}
    return {name: one_line(text)[:300] for name, text in given.items() if text is not None}


def _by_itself(
    typed: argparse.Namespace, checkins: dict[str, int | bool], surveys: dict[str, bool]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if typed.checkins is not None:
        found["checkins"] = _checkins(typed.checkins, checkins)
    if typed.surveys is not None:
        found["surveys"] = _surveys(typed.surveys, surveys)
    return found


def _checkins(texts: list[str], now: dict[str, int | bool]) -> dict[str, int | bool]:
    found = dict(now)
    for text in texts:
        name, _, given = text.partition("=")
        if name not in by_itself.SCRIPTS or (given in ("", "yes") and name in by_itself.WEEKLY):
            raise Refused("checkin_unknown", names=", ".join(by_itself.SCRIPTS))
        if given == "none":
            found.pop(name, None)
        else:
            found[name] = _weekday(given, text) if name in by_itself.WEEKLY else given == "yes"
    return found


def _surveys(texts: list[str], now: dict[str, bool]) -> dict[str, bool]:
    found = dict(now)
    for text in texts:
        name, _, given = text.partition("=")
        if name not in by_itself.SURVEYS or given not in ("yes", "none"):
            raise Refused("survey_unknown", names=", ".join(by_itself.SURVEYS))
        if given == "none":
            found.pop(name, None)
        else:
            found[name] = True
    return found


def ladder(text: str) -> list[str]:
    """« now,1d,3h » as its rungs; « none » for no reminder."""
    rungs = [] if text.strip() == "none" else [rung.strip() for rung in text.split(",")]
    if "" in rungs:
        raise UsageError("Il manque un rappel. Écrivez par exemple now,1d,3h, ou none pour aucun.")
    check_ladder(rungs)
    return list(dict.fromkeys(rungs))


def reading_hours(texts: list[str]) -> dict[str, list[str]]:
    """« lun-ven 9:00-18:00 » as ISO weekdays with the span of each; « none » for no hours."""
    if [t.strip() for t in texts] == ["none"]:
        return {}
    found: dict[str, list[str]] = {}
    for text in texts:
        days, _, hours = text.strip().partition(" ")
        weekdays, span = list(_weekdays(days, text)), _span(hours)
        for weekday in weekdays:
            if str(weekday) in found:
                raise UsageError(
                    f"{WEEKDAYS[weekday - 1].capitalize()} a déjà ses heures de "
                    "lecture : une seule plage par jour."
                )
            found[str(weekday)] = span
    return dict(sorted(found.items()))


def _weekdays(text: str, whole: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _weekday(first, whole), _weekday(last or first, whole)
        if start > end:
            raise UsageError(f"« {whole} » va à rebours : la semaine commence lundi.")
        yield from range(start, end + 1)


def _weekday(text: str, whole: str) -> int:
    """« lun », « lundi », « mon », « Monday » or 1."""
    said = folded(text)
    if said in list("1234567"):
        return int(said)
    for names in (WEEKDAYS, _ENGLISH):
        for number, name in enumerate(names, 1):
            if len(said) >= 3 and name.startswith(said):
                return number
    raise UsageError(f"« {whole} » ne se lit pas. Écrivez par exemple « lun-ven 9:00-18:00 ».")


_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> list[str]:
    """« 9h-18h30 » as ["09:00", "18:30"]."""
    times = [parse_time(part) for part in re.split("[-–]", text)]
    if len(times) != 2 or times[0] is None or times[1] is None or times[0] >= times[1]:
        raise UsageError(
            f"« {text} » n'est pas une plage d'heures. Écrivez par exemple 9:00-18:00."
        )
    return [f"{at:%H:%M}" for at in times if at]


def _windows(texts: list[str], now: dict[str, Any]) -> dict[str, Any]:
    found = dict(now)
    for text in texts:
        name, equals, hours = text.partition("=")
        if not equals or name not in DEFAULT_WINDOWS:
            raise UsageError(
                f"« {text} » ne se lit pas. Écrivez par exemple "
                f"school_day=17:00-19:30. Les jours : {', '.join(DEFAULT_WINDOWS)}."
            )
        if hours == "default":
            found.pop(name, None)
        else:
            found[name] = None if hours == "none" else _span(hours)
    return found


def _alert_rule(texts: list[str], now: dict[str, str]) -> dict[str, str]:
    found = dict(now)
    for text in texts:
        what, _, choice = text.partition("=")
        category, _, age = what.partition(":")
        categories = CATEGORIES if category == "all" else (category,)
        ages = (age,) if age else MINOR_AGES
        if (
            choice not in ALERT_CHOICES
            or not set(categories) <= set(CATEGORIES)
            or not set(ages) <= set(MINOR_AGES)
        ):
            raise UsageError(
                f"« {text} » ne se lit pas. Écrivez CATÉGORIE=ask ou CATÉGORIE:ÂGE=tell. "
                f"Catégories : all, {', '.join(CATEGORIES)}. Âges : {', '.join(MINOR_AGES)}."
            )
        found |= {f"{one}:{of_age}": choice for one in categories for of_age in ages}
    return found

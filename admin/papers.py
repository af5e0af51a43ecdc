"""The structure's papers: what youths and parents are told, the register entry, the impact
assessment. Each is filled with the structure's own settings and with what the program really does;
what only the structure can say is marked « à compléter ».

The notices are also a page without sign-in (`admin/notice.py`), in the very same words.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admin.alerts import CATEGORIES as ALERT_CATEGORIES
from admin.french import day
from content import reading_hours, span
from records.retention import Periods
from records.structure import CATEGORIES, MINOR_AGES, Structure

HERE = Path(__file__).parent / "papers"
NOTICES = {"12-14": "notice-jeunes-12-14", "15-25": "notice-jeunes-15-25"}
PAPERS = (*NOTICES.values(), "notice-parents", "registre", "aipd")
_CHOICES = {
    "ask": "rien sans le oui du jeune",
    "tell": "l'éducateur ou l'éducatrice est prévenu, le jeune le sait avant",
}
_ALERT_WORDS = {
    "ask": "Si ce que tu écris nous inquiète, on te montre des numéros, et on te demande avant de prévenir la personne qui t'accompagne.",
    "tell": "Si ce que tu écris montre un danger, la personne qui t'accompagne peut être prévenue même sans ton oui : on te le dit avant. C'est la règle de la structure pour ton âge.",
}
_ALERT_WORDS_FOR_PARENTS = {
    "ask": "si ce que votre enfant écrit inquiète, des numéros lui sont montrés, et l'équipe n'est prévenue que s'il ou elle dit oui",
    "tell": "si ce que votre enfant écrit montre un danger, la personne qui l'accompagne peut être prévenue même sans son oui ; votre enfant le sait avant",
}
# What is kept, and how long: {…} is a period of `records.retention`, as it is in force.
_KEPT = (
    ("Messages, dans les deux sens", "{messages}"),
    (
        "Réponses gardées pour soi (carnet)",
        "jusqu'à ce que le jeune les efface, ou la fin du suivi",
    ),
    ("Réponses montrées", "{answers} après la fin du suivi"),
    ("Code, prénom, rendez-vous, consentements", "{person} après la fin du suivi"),
    ("Lien avec le téléphone", "jusqu'à la fin du suivi"),
    ("Commentaires des questionnaires sans nom", "{comments} après la fin de la vague"),
    ("Journal des lectures", "{log}"),
    ("Alerte", "{alerts} après que quelqu'un s'en est occupé, ou la fin du suivi"),
    ("Détresse repérée, sans alerte", "dix minutes au plus"),
    ("Questionnaires sans nom", "gardés sans pouvoir être rattachés à quelqu'un"),
)
_KEPT_SIMPLY = (
    ("Tes messages, et ceux que tu reçois", "{messages}"),
    ("Tes réponses, gardées pour toi", "jusqu'à ce que tu les effaces, ou la fin de ton suivi"),
    ("Les réponses que tu montres", "{answers} après la fin de ton suivi"),
    ("Ton prénom, tes RDV, tes choix", "{person} après la fin de ton suivi"),
    ("Le lien avec ton téléphone", "jusqu'à la fin de ton suivi"),
    ("Qui a lu", "{log}"),
)
_KEPT_WITHOUT_PHONE = (
    ("Ton prénom, tes RDV, tes choix", "{person} après la fin de ton suivi"),
    ("Qui a lu", "{log}"),
)
_KEPT_FOR_PARENTS = (
    ("Ses messages, et ceux qu'il ou elle reçoit", "{messages}"),
    (
        "Ses réponses, gardées pour soi",
        "jusqu'à ce que votre enfant les efface, ou la fin du suivi",
    ),
    ("Les réponses que votre enfant montre", "{answers} après la fin du suivi"),
    ("Son prénom, ses rendez-vous, ses choix", "{person} après la fin du suivi"),
    ("Le lien avec son téléphone", "jusqu'à la fin du suivi"),
    ("Qui a lu", "{log}"),
)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for what is kept (RGPD, art. 13.1); what is not said yet is empty."""

    name: str = ""
    address: str = ""
    contact: str = ""
    dpo: str = ""
    host: str = ""

    @classmethod
    def of(cls, structure: Structure) -> "Controller":
        return cls(**structure.controller)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, filled: `html` is whole, ready to print; `missing` counts what is marked."""

    name: str
    html: str
    missing: int


def paper(name: str, of: Structure, today: date, kept: Periods, **page: str) -> Paper:
    """Fill one of `PAPERS`; `kept` are the periods in force. Printed as it is; `page` gives the
    facts of the page it stands in."""
    facts = {"layout": "paper.html"} | _facts(of, today, kept) | page
    html = _french(_templates().get_template(f"{name}.html").render(facts))
    return Paper(name, html, html.count("<mark>"))


def _facts(of: Structure, today: date, kept: Periods) -> dict[str, Any]:
    said = {name: span(period.days) for name, period in kept.items()}

    def lines(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
        return [(what, long.format(**said)) for what, long in rows]

    strictest = {age: _strictest(of, age) for age in MINOR_AGES}
    return {
        "of": of,
        "controller": Controller.of(of),
        "today": f"{day(today)} {today.year}",
        "reading": reading_hours(of.reading_hours) if of.reading_hours else "",
        "kept": lines(_KEPT),
        "kept_simply": lines(_KEPT_SIMPLY),
        "kept_without_phone": lines(_KEPT_WITHOUT_PHONE),
        "kept_for_parents": lines(_KEPT_FOR_PARENTS),
        "rule": [_rule_line(of, category) for category in CATEGORIES],
        "alert_words": {age: _ALERT_WORDS[rule] for age, rule in strictest.items()},
        "alert_words_for_parents": {
            age: _ALERT_WORDS_FOR_PARENTS[rule] for age, rule in strictest.items()
        },
    }


def _rule_line(of: Structure, category: str) -> tuple[str, ...]:
    chosen = (of.alert_rule.get(f"{category}:{age}", "") for age in MINOR_AGES)
    return (ALERT_CATEGORIES[category], *(_CHOICES.get(one, "") for one in chosen))


def _strictest(of: Structure, age: str) -> str:
    """Whoever reads it must know the most that may happen to them."""
    rules = {of.alert_rule.get(f"{category}:{age}", "ask") for category in CATEGORIES}
    return "tell" if "tell" in rules else "ask"


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _french(html: str) -> str:
    """What precedes « : ; ! ? » and what is inside « » does not break."""
    return re.sub(r"(?<=«) | (?=[:;!?»])", "\u00a0", html)

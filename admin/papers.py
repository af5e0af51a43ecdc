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
from markupsafe import Markup

from admin.alerts import CATEGORIES as ALERT_CATEGORIES
from admin.french import day
from content import reading_hours
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
KEPT = (  # what, how long; domain.md § 5.8
    ("Messages, dans les deux sens", "30 jours"),
    (
        "Réponses gardées pour soi (carnet)",
        "jusqu'à ce que le jeune les efface, ou la fin du suivi",
    ),
    ("Réponses montrées", "6 mois après la fin du suivi"),
    ("Lien avec le téléphone", "jusqu'à la fin du suivi"),
    ("Commentaires des questionnaires sans nom", "6 mois après la fin de la vague"),
    ("Journal des lectures", "12 mois"),
    ("Alerte, sans suite donnée par le jeune ni par la règle", "dix minutes au plus"),
    ("Totaux mensuels, sans code", "gardés pour les bilans"),
)
KEPT_SIMPLY = (
    ("Tes messages, et ceux que tu reçois", "30 jours"),
    ("Tes réponses, gardées pour toi", "jusqu'à ce que tu les effaces, ou la fin de ton suivi"),
    ("Les réponses que tu montres", "6 mois après la fin de ton suivi"),
    ("Le lien avec ton téléphone", "jusqu'à la fin de ton suivi"),
    ("Qui a lu", "12 mois"),
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


def paper(name: str, of: Structure, today: date, **page: str) -> Paper:
    """Fill one of `PAPERS`. Printed as it is; `page` gives the facts of the page it stands in."""
    facts = {"layout": "paper.html"} | _facts(of, today) | page
    html = _french(_templates().get_template(f"{name}.html").render(facts))
    return Paper(name, html, html.count("<mark>"))


def _facts(of: Structure, today: date) -> dict[str, Any]:
    return {
        "of": of,
        "controller": Controller.of(of),
        "today": f"{day(today)} {today.year}",
        "reading": reading_hours(of.reading_hours) if of.reading_hours else "",
        "kept": KEPT,
        "kept_simply": KEPT_SIMPLY,
        "rule": [_rule_line(of, category) for category in CATEGORIES],
        "alert_words": {age: _ALERT_WORDS[_strictest(of, age)] for age in MINOR_AGES},
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


def _french(html: str) -> Markup:
    """What precedes « : ; ! ? » and what is inside « » does not break."""
    return Markup(re.sub(r"(?<=«) | (?=[:;!?»])", "\u00a0", html))  # noqa: S704  rendered above, escaped

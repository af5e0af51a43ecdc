"""The calendars that a structure lives by, in words: its places, and what its zone does not know."""

from datetime import date, timedelta

from records.calendars import published_until
from records.structure import Structure

SOON = timedelta(days=60)  # a calendar that ends sooner is worth a word
_PLACES = {
    "": "ceux de toute la France",
    "alsace-moselle": "Alsace et Moselle",
    "corse": "Corse",
    "guadeloupe": "Guadeloupe",
    "martinique": "Martinique",
    "guyane": "Guyane",
    "reunion": "La Réunion",
    "mayotte": "Mayotte",
    "saint-pierre": "Saint-Pierre-et-Miquelon",
    "saint-barthelemy": "Saint-Barthélemy",
    "saint-martin": "Saint-Martin",
    "caledonie": "Nouvelle-Calédonie",
    "polynesie": "Polynésie française",
    "wallis": "Wallis-et-Futuna",
    "none": "aucune : chaque jour compte comme un jour de classe",
}


def place_words(place: str) -> str:
    """« La Réunion (reunion) »: in words, and as it is typed."""
    words = _PLACES.get(place, place)
    return words if place in ("", words) else f"{words} ({place})"


def school_words(of: Structure) -> str:
    """The school zone, and how far its holidays are known."""
    words, until = place_words(of.school_zone), published_until(of.school_zone)
    if of.school_zone == "none":
        return words
    known = f"connues jusqu'au {until:%d/%m/%Y}" if until else "inconnues"
    return f"{words}, vacances {known}"


def school_gap(of: Structure, today: date) -> str:
    """What becomes of school holidays that are unknown, from now or soon; empty otherwise."""
    until = published_until(of.school_zone)
    if of.school_zone == "none" or (until and until >= today + SOON):
        return ""
    known = f"ne sont connues que jusqu'au {until:%d/%m/%Y}" if until else "ne sont pas connues"
    return (
        f"Les vacances scolaires, zone {place_words(of.school_zone)}, {known}. Les autres jours comptent "
        "comme des jours de classe : les jeunes scolarisés ne reçoivent rien avant 17 h. Une "
        "version plus récente de Relais en sait peut-être plus ; sinon, le temps des vacances : "
        "relais structure set --windows school_day=10:00-19:30."
    )

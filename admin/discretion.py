"""What must not show on a locked screen: words on drugs, justice or health, a
surname, and the structure's name. Planned messages that hold one are refused; a live reply is only warned.

A list can only be a help: it errs on the side of a warning, and names the word it stopped at.
"""

import re
from dataclasses import dataclass

from admin.french import folded
from admin.wording import _, marked

# Folded (no accents, lower case); a star stands for any ending.
WORDS = {
    "drugs": """drogue* stup stups stupefiant* cannabis shit weed beuh joint joints resine cocaine
        coke heroine crack ecstasy mdma ketamine deal dealer* dealeur* trafic trafics trafiqu*
        trafiquant* conso consos consommation consommer addict* sevrage toxico* csapa caarud cjc
        overdose naloxone seringue* guetteur guetteuse""",
    "justice": """juge juges jugement tribunal tribunaux justice police policier* gendarm* avocat*
        prison prisons pjj spip cpip condamn* procureur* probation audience bracelet delit delits
        infraction* plainte* sursis detention incarcer* liberation garde-a-vue convocation
        convocations casier milad mildeca""",
    "health": """hopital hopitaux clinique medecin* docteur psy psys psychiatr* psycholog*
        traitement* therap* medicament* ordonnance* depress* depression suicid* urine urinaire
        diagnostic* vih sida hepatite* methadone subutex sante soins maladie* infirmier*
        infirmiere*""",
}
PHRASES = {
    "justice": (
        "garde a vue",
        "obligation de soins",
        "controle judiciaire",
        "suivi judiciaire",
        "mesure judiciaire",
    ),
}
_SUGGESTIONS = {
    "drugs": marked("« %(word)s » parle de drogues. Écrivez plutôt « ce dont on a parlé »."),
    "justice": marked(
        "« %(word)s » parle de justice. Écrivez plutôt « ton rendez-vous » ou « ta démarche »."
    ),
    "health": marked(
        "« %(word)s » parle de santé. Écrivez plutôt « ton rendez-vous » ou « comment tu vas »."
    ),
    "surname": marked("« %(word)s » ressemble à un nom de famille. Écrivez plutôt un prénom."),
    "structure": marked(
        "« %(word)s » est le nom de votre structure. Écrivez plutôt « au local » ou « ici »."
    ),
}
# A civil title and the name that follows: « Mme Durand », « monsieur de La Tour ».
_SURNAME = re.compile(
    r"\b(?:M\.|(?:Mme|Mlle|Mr|Monsieur|Madame|Mademoiselle|Maître|Me|Dr|monsieur|madame)\b)"
    r"\s+(?:(?:de|du|le|la|La|Le|De)\s+){0,2}(?:d['’])?[A-ZÀ-Þ][\w'’-]+"
)
_ARTICLES = ("le ", "la ", "les ", "l'", "un ", "une ")


@dataclass(frozen=True, slots=True)
class Finding:
    """A word as it was typed, and what it would betray."""

    word: str
    about: str

    @property
    def suggestion(self) -> str:
        return _(_SUGGESTIONS[self.about], word=self.word)


def findings(text: str, structure_name: str = "") -> list[Finding]:
    """The words of a text that would betray, each once, in order of reading."""
    plain, places = _folded_with_places(text)
    found: dict[str, tuple[int, Finding]] = {}
    for about, pattern in [*_PATTERNS.items(), *_named(structure_name)]:
        for match in pattern.finditer(plain):
            typed = text[places[match.start()] : places[match.end() - 1] + 1]
            found.setdefault(match[0], (match.start(), Finding(typed, about)))
    for match in _SURNAME.finditer(text):
        found.setdefault(match[0], (match.start(), Finding(match[0], "surname")))
    return [finding for _place, finding in sorted(found.values(), key=lambda pair: pair[0])]


def looks_like_a_surname(nickname: str) -> bool:
    """« Sami Benali », « DURAND »: two words with capitals, or one all in capitals. A help only:
    « Jean-Luc », « la Puce » and initials pass."""
    words = nickname.split()
    shouted = any(len(word) > 3 and word.isupper() for word in words)
    return shouted or sum(word[:1].isupper() and len(word) > 2 for word in words) > 1


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text as compared, and for each of its characters the place of the typed one."""
    letters, places = [], []
    for place, character in enumerate(text):
        for letter in folded(character) or " ":
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _named(structure_name: str) -> list[tuple[str, re.Pattern[str]]]:
    name = folded(structure_name)
    for article in _ARTICLES:
        name = name.removeprefix(article)
    return [("structure", _pattern([name]))] if len(name) > 2 else []


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Whole words; « ci-joint » is not a « joint »."""
    shapes = [re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(shapes, key=len, reverse=True))})(?!\w)")


_PATTERNS = {
    about: _pattern([*words.split(), *PHRASES.get(about, ())]) for about, words in WORDS.items()
}

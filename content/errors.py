"""What can be wrong with a content file, told to its author: where, why, and what to do.

An author reads French, not Python: pydantic's errors are mapped by their type, YAML's by their
words, and each comes with a remedy.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. `line` counts from 1; `step` is empty outside the steps."""

    file: str
    line: int
    step: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        step = f"étape {quoted(self.step)}{NBSP}: " if self.step else ""
        return f"{self.file}:{self.line}: {step}{self.reason} Remède{NBSP}: {self.remedy}"


class ContentError(Exception):
    """The content cannot be used; `problems` says all that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class UnknownScript(KeyError):
    """No script has this name, or this version."""


def quoted(word: object) -> str:
    """« word », as French quotes it."""
    return f"«{NBSP}{word}{NBSP}»"


_TYPES = {
    "missing": ("il manque {field}.", "ajoutez {field}."),
    "string_type": ("{field} n'est pas un texte.", "mettez-le entre guillemets."),
    "string_too_long": (
        "{field} fait {length} caractères, plus de {max_length}.",
        "raccourcissez-le, ou coupez l'écran en deux.",
    ),
    "string_too_short": ("{field} est vide.", "écrivez-le, ou retirez la ligne."),
    "string_pattern_mismatch": (
        "{field} vaut {given}, ce qui n'est pas un nom.",
        "minuscules sans accent, chiffres, et « _ » au lieu d'espace.",
    ),
    "int_type": ("{field} n'est pas un nombre entier.", "écrivez un nombre, sans guillemets."),
    "int_parsing": ("{field} n'est pas un nombre entier.", "écrivez un nombre, sans guillemets."),
    "int_from_float": ("{field} n'est pas un nombre entier.", "retirez les décimales."),
    "greater_than_equal": ("{field} vaut {given}, moins de {ge}.", "donnez {ge} ou plus."),
    "less_than_equal": ("{field} vaut {given}, plus de {le}.", "donnez {le} ou moins."),
    "bool_type": ("{field} n'est ni « true » ni « false ».", "écrivez true ou false."),
    "bool_parsing": ("{field} n'est ni « true » ni « false ».", "écrivez true ou false."),
    "literal_error": ("{field} vaut {given}, inconnu ici.", "choisissez parmi {expected}."),
    "union_tag_invalid": ("la sorte d'étape {given} n'existe pas.", "choisissez parmi {expected}."),
    "union_tag_not_found": ("l'étape ne dit pas sa sorte.", "ajoutez « kind »."),
    "too_short": ("{field} compte {actual_length} éléments, moins de {min_length}.", "ajoutez-en."),
    "too_long": (
        "{field} compte {actual_length} éléments, plus de {max_length}.",
        "retirez-en, ou faites deux écrans.",
    ),
    "tuple_type": ("{field} n'est pas une liste.", "écrivez un élément par ligne, après un tiret."),
    "dict_type": (
        "{field} n'est pas une suite de « nom : valeur ».",
        "écrivez un nom par ligne, suivi de deux-points.",
    ),
    "model_attributes_type": (
        "l'étape n'est pas une suite de « nom : valeur ».",
        "écrivez un nom par ligne, suivi de deux-points.",
    ),
    "model_type": (
        "{field} n'est pas une suite de « nom : valeur ».",
        "écrivez un nom par ligne, suivi de deux-points.",
    ),
    "extra_forbidden": ("le champ {field} est inconnu ici.", "retirez-le{guess}."),
}
_FIELDS = (
    "name version kind title minutes ages skill technique source anonymous first steps text "
    "next go skip options save columns required at_most points value label recalled mark"
).split()


_OTHER = ("{field} a une valeur refusée ({kind}).", "comparez avec un autre script.")
_DEAD_END = (
    "impasse : rien ne suit cette étape, il manque {field}.",
    "ajoutez {field} avec le nom d'une étape, ou faites-en une fin (kind: end).",
)
_ALWAYS = frozenset({"required", "notice", "skip", "skippable", "optional"})
_FREE_TEXT = (
    "un texte libre peut toujours se passer, et l'avis le précède toujours.",
    "retirez {field}, ou nommez une étape après « skip ».",
)
_CUT = (
    "le champ {field} est inconnu ici.",
    "une virgule a coupé un texte : mettez ce texte entre guillemets.",
)


def french(error: Any) -> tuple[str, str]:
    """The reason and the remedy of one of pydantic's errors, by its type."""
    kind, where = error["type"], [part for part in error["loc"] if part != "[key]"]
    reason, remedy = _TYPES.get(kind, _OTHER)
    if kind == "missing" and where[-1] == "next":
        reason, remedy = _DEAD_END
    elif kind == "extra_forbidden" and error["input"] is None:
        reason, remedy = _CUT
    elif where[-2:-1] == ["words"] and where[-1] in _ALWAYS:
        reason, remedy = _FREE_TEXT
    facts = dict(error.get("ctx") or {})
    given = facts.get("tag", error["input"])
    facts |= {
        "kind": kind,
        "field": quoted(where[-1]) if where else "le fichier",
        "given": quoted(given),
        "guess": _guess(where),
        "expected": str(facts.get("expected") or facts.get("expected_tags")).replace(
            "' or '", "', '"
        ),
        "length": len(given) if isinstance(given, str) else 0,
    }
    return (spaced(reason).format(**facts), spaced(remedy).format(**facts))


def _guess(where: list[Any]) -> str:
    near = get_close_matches(str(where[-1]), _FIELDS, n=1) if where else []
    return f", ou corrigez en {quoted(near[0])}" if near else ""


def spaced(sentence: str) -> str:
    """With the non-breaking spaces of « » and of the colon."""
    return sentence.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»").replace(" : ", f"{NBSP}: ")


def unreadable(failure: OSError) -> tuple[str, str]:
    """The reason and the remedy of a file that the system does not give."""
    if isinstance(failure, IsADirectoryError):
        return ("c'est un dossier, pas un fichier.", "renommez-le, ou retirez-le.")
    if isinstance(failure, FileNotFoundError):
        return ("ce fichier n'existe pas.", "remettez-le, ou retirez le lien qui y mène.")
    return ("ce fichier ne se lit pas.", "vérifiez ses droits.")


NOT_UTF8 = ("le fichier n'est pas en UTF-8.", "enregistrez-le en UTF-8.")
NOT_GETTEXT = (
    "ce n'est pas un catalogue gettext qui se lit.",
    "vérifiez les guillemets autour d'ici, et l'en-tête.",
)

_YAML = {
    "mapping values are not allowed": (
        "un deux-points est de trop, ou la ligne est mal alignée.",
        "mettez le texte entre guillemets, alignez la ligne sur ses voisines.",
    ),
    "cannot start any token": (
        "un caractère ne peut pas commencer ici.",
        "remplacez les tabulations par des espaces, mettez le texte entre guillemets.",
    ),
    "unexpected end of stream": (
        "un guillemet ou une accolade reste ouvert jusqu'à la fin.",
        "fermez-le.",
    ),
    "expected ':'": ("il manque un deux-points après un nom.", "ajoutez-le."),
    "expected ',' or": (
        "une liste ou une accolade est mal fermée.",
        "vérifiez les virgules et la fermeture.",
    ),
    "did not find expected": ("la ligne est mal alignée.", "alignez-la sur ses voisines."),
}


def french_yaml(words: str) -> tuple[str, str]:
    """The reason and the remedy of what the YAML reader said in English."""
    for known, told in _YAML.items():
        if known in words:
            return told
    return (
        "le fichier ne se lit pas à partir d'ici.",
        "vérifiez l'alignement, les guillemets et les deux-points.",
    )

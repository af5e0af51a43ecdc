"""« Vous » instead of « tu », where a structure or one youth is addressed so.

It is French in other words: a catalogue like those of translators, `locale/fr_vous.po`, whose keys
are the French texts. What addresses nobody needs no entry. A script is said so when all of it can
be, and with « tu » until then: nobody is told « tu » and « vous » in one exercise.
"""

import re

FORMAL = "fr_vous"
"""What stands for a language wherever words are asked for."""

_TU = re.compile(r"\b(?:tu|te|toi|ton|ta|tes|tien(?:ne)?s?)\b|\b[tT]['’]", re.IGNORECASE)
_ORDERS = (  # those that a third person rarely says at the head of a clause
    "active appelle attends bouge cherche choisis classe coche commence compare coupe décoche demande "
    "dis donne écoute écris efface essaie évite fais ferme finis garde glisse imagine inspire lâche "
    "laisse lis mets montre note ouvre parle pense pose prends raconte refais regarde relis repère "
    "réponds respire retiens reviens serre souffle supprime tiens touche trouve viens vois"
).split()
_ORDER = re.compile(
    r"(?:\A|[.!?…:;,\n•(]\s*|\b(?:puis|et|ou)\s+)(?:ne\s+|n['’])?"
    rf"(?:{'|'.join(_ORDERS)})(?:\b|-)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"«[^»]*»")


def spoken(language: str, *forms: str | None) -> str:
    """In which words somebody is spoken to: their language; in French, by the first form of address
    that is set (« tu » or « vous »)."""
    form = next(filter(None, forms), "tu")
    return FORMAL if (language, form) == ("fr", "vous") else language


def says_tu(words: str) -> bool:
    """Whether a French text says « tu » to whoever reads it. What somebody else says, between
    « and », is theirs."""
    own = _QUOTED.sub("", words)
    return bool(_TU.search(own) or _ORDER.search(own))

"""How many syllables a French word has when it is read aloud.

Counted as a reader of ten says them: a final « e » is silent (« porte » has one, « portes » too),
« -ent » is silent in verbs (« ils parlent ») and sounded elsewhere (« souvent »), and two vowels
written side by side make one sound (« eau », « oi », « ieu ») unless a mark parts them (« maïs »,
« réel »). No rule tells « ils content » from « content »: the commoner word wins.
"""

import re
from functools import lru_cache

_VOWEL = "aàâäeéèêëiîïoôöuùûüyÿ"
_GROUP = re.compile(f"[{_VOWEL}]+")
_SOUNDED_ENT = frozenset(
    "absent accent accident adolescent agent apparent argent arpent ascendant cent client compétent "
    "content continent couvent dent différent diligent évident excellent expédient fréquent gent "
    "imprudent incident indifférent innocent insolent intelligent inconvénient lent négligent "
    "occident orient parent patient pertinent permanent présent président prudent récent résident "
    "serpent souvent talent torrent transparent urgent vent violent".split()
)
"""Words in « -ent » that are not verbs; those in « -ment » need no list."""
_VERBS_IN_MENT = frozenset(
    "affirment aiment animent arment calment confirment consomment dorment endorment enferment "
    "enflamment entament estiment expriment ferment filment forment fument impriment informent "
    "nomment rament riment sèment suppriment transforment réclament referment rythment".split()
)
_ONE_SOUND = re.compile("eau|oeu|oei|eui|uei|aoû|aou|eu|eû|au|ou|où|oû|oi|oî|ai|aî|ei|oy|ay|ey|uy")
_GLIDE = re.compile(f"(?:ou|[iuy])(?=[{_VOWEL}])")  # « pied », « nuit », « oui »: one sound
_HELD_APART = re.compile("(?<=[bcdfgptv][lr])i(?=[aeéèo])")  # « ouvrier », « oublier »


@lru_cache(4096)
def syllables(word: str) -> int:
    """Of a word; of several joined by hyphens or apostrophes, all of theirs together."""
    parts = [part for part in re.split(r"[-'’]", word.lower()) if len(part) > 1]
    return max(1, sum(map(_of_one, parts)))


def _of_one(word: str) -> int:
    word = word.replace("œ", "oe").replace("æ", "e")
    said = _without_silent_end(re.sub(r"qu", "k", re.sub("gu(?=[eéèêiîy])", "g", word)))
    said = re.sub("ge(?=[aoâô])", "j", said)
    said = re.sub(f"(?<=[aou])y(?=[{_VOWEL}])", "i-i", said)  # « voyage » is « voi-iage »
    said = _HELD_APART.sub("i-", said)
    return max(1, sum(map(_sounds, _GROUP.findall(said))))


def _without_silent_end(word: str) -> str:
    bare = word.removesuffix("ent")
    if bare != word and _GROUP.search(bare) and not _sounds_its_ent(word):
        return f"{bare}-" if bare.endswith(("i", "u")) else bare
    bare = re.sub("es?$", "", word)
    return bare if _GROUP.search(re.sub("[gq]u$", "", bare)) else word


def _sounds_its_ent(word: str) -> bool:
    return word in _SOUNDED_ENT or (word.endswith("ment") and word not in _VERBS_IN_MENT)


def _sounds(vowels: str) -> int:
    """In one run of vowels: digraphs and glides are one sound, a marked vowel is one more."""
    return len(_ONE_SOUND.sub("o", _GLIDE.sub("", vowels)))

"""The questions by which consents are asked, by purpose and version: what the ledger's number means.

`consents.yaml` holds every version's whole wording, and the newest one is what is asked. A version
that was published never changes: its fingerprint is kept beside those of the scripts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from content.errors import quoted
from content.source import Source, Where

FILE = "consents.yaml"
ENROLMENT = "enrolment"  # the key of the question that the way in asks
SAVED = "consent_"  # what the way in saves begins so, and goes on with the purpose
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PLACES = 36**5


@dataclass(frozen=True, slots=True)
class Consents:
    """Each purpose's wordings by version: the interface's own keys, and `enrolment`."""

    source: Source
    wordings: Mapping[str, Mapping[int, Mapping[str, str]]]

    @property
    def newest(self) -> dict[str, int]:
        """The version of each purpose's question that is asked now."""
        return {purpose: max(versions) for purpose, versions in self.wordings.items()}

    def asked(self) -> Iterator[tuple[Where, str, str]]:
        """What is asked now, outside the way in: where it stands, its key, its words."""
        for purpose, version in self.newest.items():
            for key, words in self.wordings[purpose][version].items():
                if key != ENROLMENT:
                    yield (purpose, version, key), key, words

    def read_as(self, purpose: str, words: str) -> int | None:
        """The newest version whose question of the way in reads so."""
        alike = [
            version
            for version, said in self.wordings.get(purpose, {}).items()
            if said.get(ENROLMENT, "").strip() == words.strip()
        ]
        return max(alike, default=None)

    def fingerprints(self) -> dict[str, str]:
        """Of every version, by `consent:purpose@version`."""
        return {
            f"consent:{purpose}@{version}": _fingerprint(said)
            for purpose, versions in self.wordings.items()
            for version, said in versions.items()
        }


def mark(version: int, entry: int | None) -> str:
    """Which question a button answers: its text's version, and the ledger's last line before it.

    A yes counts only while both are still so: whoever said otherwise since, or would be asked in
    other words today, is asked anew. At most eight characters, for a button holds 64 bytes.
    """
    rest, short = (entry or 0) % _PLACES, ""
    for _ in range(5):
        rest, digit = divmod(rest, 36)
        short = _DIGITS[digit] + short
    return f"{version}.{short}"


def read_from(source: Source) -> Consents:
    return Consents(source, source.data if isinstance(source.data, dict) else {})


def findings(source: Source) -> Iterator[tuple[Where, str, str]]:
    """What is wrong with the file's shape: nothing is built from it before this is empty."""
    data: Any = source.data
    if not isinstance(data, dict) or not data:
        yield (), "il manque les questions.", "reprenez le fichier d'origine."
        return
    for purpose, versions in data.items():
        if not isinstance(versions, dict) or not versions:
            yield (purpose,), f"{quoted(purpose)} n'a pas de version.", "ajoutez la version 1."
            continue
        for version, said in versions.items():
            if not isinstance(version, int) or not 1 <= version <= 99:
                yield (
                    (purpose, version),
                    f"{quoted(version)} n'est pas un numéro de version.",
                    "donnez un nombre entier, de 1 à 99.",
                )
            elif not isinstance(said, dict) or not all(
                isinstance(words, str) and words.strip() for words in said.values()
            ):
                yield (
                    (purpose, version),
                    f"la version {version} de {quoted(purpose)} n'est pas faite de textes.",
                    "donnez un texte entre guillemets à chaque clé.",
                )


def _fingerprint(said: Mapping[str, str]) -> str:
    meant = {key: words.strip() for key, words in said.items()}
    return sha256(json.dumps(meant, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

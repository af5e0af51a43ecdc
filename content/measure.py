"""How well distress is heard: precision and recall by category, on lists of invented sentences.

A list is a YAML file: under each category of `content.distress` the sentences that speak of it,
and under « nothing » what is ordinary. A sentence that speaks of two things stands under both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from content.distress import categories, heard
from content.errors import ContentError, Problem
from content.library import PACKAGED
from content.source import read

ORDINARY = "nothing"
LISTS = PACKAGED.parent / "tests" / "content" / "distress"

Told = dict[str, frozenset[str]]
"""Each sentence, and all that it speaks of: nothing, when it is ordinary."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one category: the sentences that speak of it, in how many of them it was heard, and in
    how many others. `name` is empty for the whole: any card for any grave sentence."""

    name: str
    told: int
    right: int
    wrong: int

    @property
    def recall(self) -> float:
        return self.right / self.told if self.told else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def told_in(path: Path) -> Told:
    """Raises ContentError."""
    data, known = read(path, path.name).data, {*categories(), ORDINARY}
    if not isinstance(data, dict) or not data.keys() <= known:
        reason = "ce n'est pas une liste de phrases par catégorie."
        remedy = f"prenez pour catégories : {', '.join(sorted(known))}."
        raise ContentError([Problem(path.name, 1, "", reason, remedy)])
    told: dict[str, set[str]] = {}
    for name, sentences in data.items():
        for sentence in sentences:
            told.setdefault(str(sentence), set()).update({name} - {ORDINARY})
    return {sentence: frozenset(of) for sentence, of in told.items()}


def measured(told: Told) -> Iterator[Measure]:
    """The whole first, then each category."""
    found = {sentence: frozenset(heard(sentence)) for sentence in told}
    yield _one(
        "", {s: bool(of) for s, of in told.items()}, {s: bool(of) for s, of in found.items()}
    )
    for name in categories():
        yield _one(
            name,
            {s: name in of for s, of in told.items()},
            {s: name in of for s, of in found.items()},
        )


def _one(name: str, told: dict[str, bool], found: dict[str, bool]) -> Measure:
    return Measure(
        name,
        sum(told.values()),
        sum(told[sentence] and found[sentence] for sentence in told),
        sum(found[sentence] and not told[sentence] for sentence in told),
    )


def table(paths: Sequence[Path]) -> str:
    """One table a list, in French. Raises ContentError."""
    return "\n\n".join(_table(path.stem, told_in(path)) for path in paths)


def _table(name: str, told: Told) -> str:
    ordinary = sum(not of for of in told.values())
    lines = [
        f"{name} : {len(told)} phrases, dont {ordinary} ordinaires",
        f"  {'':16} phrases  entendues  rappel  en trop  précision",
    ]
    lines += (
        f"  {one.name or 'ensemble':16} {one.told:7}  {one.right:9}  {_figure(one.recall)}"
        f"  {one.wrong:7}       {_figure(one.precision)}"
        for one in measured(told)
    )
    return "\n".join(lines)


def _figure(share: float) -> str:
    return f"{share:6.2f}".replace(".", ",")


def golden_lists() -> list[Path]:
    """The lists of the repository; none where only the program is installed."""
    return sorted(LISTS.glob("*.yaml"))

"""« Évaluation »: satisfaction by item, without a person, and nothing under five (domain.md § 5.9).

A hidden figure says « masqué », never « moins de 5 »: some are hidden only so that their smaller
neighbour cannot be worked out.
"""

import csv
import io
from dataclasses import dataclass, field
from itertools import groupby

from starlette.responses import Response

from admin.scripts import asked, script
from admin.visit import Visit
from admin.wording import _
from records import audit, survey
from records.survey import ItemCount

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Item:
    """One question of one wave; `cells` are label and count, None where a rule hides it."""

    question: str
    cells: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def largest(self) -> int:
        return max((count or 0 for _label, count in self.cells), default=0) or 1


@dataclass(frozen=True, slots=True)
class Wave:
    title: str
    version: int
    wave: str
    items: list[Item]


async def show(visit: Visit) -> Response:
    async with visit.database.read() as tx:
        counted = await survey.counts(tx, visit.me.structure_id)
    return visit.page("evaluation.html", waves=waves(counted), threshold=survey.THRESHOLD)


async def table(visit: Visit) -> Response:
    """The same figures as CSV: UTF-8 with its mark and semicolons, as spreadsheets here expect."""
    async with visit.database.write() as tx:
        counted = await survey.counts(tx, visit.me.structure_id)
        await audit.note(tx, visit.now, visit.me.id, "exported")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        [
            _("questionnaire"),
            _("version"),
            _("vague"),
            _("question"),
            _("réponse"),
            _("valeur"),
            _("nombre"),
        ]
    )
    for one in counted:
        question, label = words(one)
        shown = _("masqué") if one.count is None else str(one.count)
        writer.writerow(
            [
                as_text(cell)
                for cell in (
                    one.instrument,
                    str(one.version),
                    one.wave,
                    question,
                    label,
                    one.value,
                    shown,
                )
            ]
        )
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="satisfaction.csv"'},
    )


def waves(counted: list[ItemCount]) -> list[Wave]:
    """Latest wave first; questions and answers in the order and words of their version."""
    found = []
    ordered = sorted(counted, key=lambda c: (c.wave, c.instrument, c.version), reverse=True)
    for (wave, instrument, version), cells in groupby(
        ordered, key=lambda c: (c.wave, c.instrument, c.version)
    ):
        of = script(instrument, version)
        items: dict[str, dict[str, int | None]] = {}
        for cell in cells:
            items.setdefault(cell.item, {})[cell.value] = cell.count
        found.append(
            Wave(
                of.title if of else instrument,
                version,
                wave,
                [
                    _item(instrument, version, name, items[name])
                    for name in _in_order(instrument, version, items)
                ],
            )
        )
    return found


def words(one: ItemCount) -> tuple[str, str]:
    """The question and the answer as youths read them."""
    question, labels = _labels(one.instrument, one.version, one.item)
    return question, labels.get(one.value, one.value)


def as_text(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula stays text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _item(instrument: str, version: int, name: str, cells: dict[str, int | None]) -> Item:
    question, labels = _labels(instrument, version, name)
    order = [*labels, *(value for value in cells if value not in labels)]
    return Item(
        question, [(labels.get(value, value), cells[value]) for value in order if value in cells]
    )


def _labels(instrument: str, version: int, item: str) -> tuple[str, dict[str, str]]:
    """The question of an item and its possible answers, in their order."""
    questions = asked(script(instrument, version), item)
    labels = {value: label for _question, known in questions for value, label in known.items()}
    return (questions[0][0] if questions else item), labels


def _in_order(instrument: str, version: int, items: dict[str, dict[str, int | None]]) -> list[str]:
    of = script(instrument, version)
    order = [getattr(step, "save", None) for step in of.steps.values()] if of else []
    return sorted(items, key=lambda name: order.index(name) if name in order else len(order))

"""« Évaluation »: satisfaction by item, without a person, and nothing under five.

A hidden figure says « masqué », never « moins de 5 »: some are hidden only so that their smaller
neighbour cannot be worked out.
"""

import csv
import io
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from admin.scripts import asked, script
from admin.visit import Visit
from admin.wording import _
from records import audit, survey
from records.survey import Asked, ItemCount

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Item:
    """One question of one wave; `cells` are label and count, None where a rule hides it. No cell
    at all when too few answered."""

    question: str
    cells: list[tuple[str, int | None]]

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
        counted = await survey.counts(tx, visit.me.structure_id, questions)
    return visit.page("evaluation.html", waves=waves(counted), threshold=survey.THRESHOLD)


async def table(visit: Visit) -> Response:
    """The same figures as CSV: UTF-8 with its mark and semicolons, as spreadsheets here expect."""
    async with visit.database.write() as tx:
        counted = await survey.counts(tx, visit.me.structure_id, questions)
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


def questions(instrument: str, version: int) -> dict[str, Asked]:
    """What a questionnaire asks with answers to choose, in its own order; comments are left out."""
    of = script(instrument, version)
    found: dict[str, Asked] = {}
    if of is None:
        return found
    for name, step in of.steps.items():
        item, values = getattr(step, "save", None), [o.value for o in of.options_of(name)]
        if item and values:
            before = found.get(item, Asked(()))
            found[item] = Asked(
                (*before.values, *(v for v in values if v not in before.values)),
                before.several or step.kind == "several",
            )
    return found


def waves(counted: list[ItemCount]) -> list[Wave]:
    """Latest wave first; questions and answers in the order and words of their version."""
    found = []
    ordered = sorted(counted, key=lambda c: (c.wave, c.instrument, c.version), reverse=True)
    for (wave, instrument, version), lines in groupby(
        ordered, key=lambda c: (c.wave, c.instrument, c.version)
    ):
        of = script(instrument, version)
        items = [_item(list(cells)) for _name, cells in groupby(lines, key=lambda c: c.item)]
        found.append(Wave(of.title if of else instrument, version, wave, items))
    return found


def words(one: ItemCount) -> tuple[str, str]:
    """The question and the answer as youths read them."""
    known = asked(script(one.instrument, one.version), one.item)
    labels = {value: label for _question, options in known for value, label in options.items()}
    return (known[0][0] if known else one.item), labels.get(one.value, one.value)


def as_text(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula stays text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _item(lines: list[ItemCount]) -> Item:
    question, _label = words(lines[0])
    return Item(question, [(words(one)[1], one.count) for one in lines if one.value])

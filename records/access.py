"""Who may see what: the whole matrix, role × page × object × state, as two tables to read.

It is asked by the desk's guard and by `records.sight`, which knows in which state a youth is for
one reader, and tried cell by cell over HTTP (`tests/admin/test_matrix.py`). A page has one line; a
page without a line is refused when the desk is opened. Each role sees what it needs to know.

What a cell says:

    open     the page, whole
    since    what a covering educator needs, and nothing from before: meetings and messages since
             the cover began (or the alert), words that nobody had read by then or that came since, answers
             shared since; what is planned, the phone and the consents as they stand
    empty    the page, with no answer on it
    .        the same 404 as for what does not exist, and a line in the access log

A page about a youth is named as its address names it. `object` is what its address or its content
names besides: a meeting, a message or an alert must be this youth's, and an answer is shown only while the
consent to sharing stands. States, for one reader and one youth, at one instant:

    own, own_withdrawn          in their caseload, also when transferred to them; the same without
                                consent to sharing
    covered, covered_withdrawn  of the colleague whom they cover for now; the same without it
    passed_on                   of a colleague, who did not take up an alert in time: it was passed
                                on to them (`records.alert`)
    cover_to_come, cover_ended  of a colleague whom they will cover for, or have covered for
    transferred                 was theirs, and is a colleague's now
    colleague                   of a colleague
    elsewhere                   of another structure
    closed, erased              nobody's any more

Whose account is closed is nobody. Lines that begin with « relais- » are those commands that somebody
runs in a person's name (`--as`): they show what that person may see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from records.staff import ROLES as STAFF_ROLES
from records.staff import Staff

NOBODY = "nobody"
ROLES = (*STAFF_ROLES, NOBODY)
OPEN, SINCE, EMPTY, SHUT = CELLS = ("open", "since", "empty", ".")
WITHDRAWN = "_withdrawn"

_PAGES = """
page                   educator  coordinator  evaluator  nobody
static                 open      open         open       open
notice.show            open      open         open       open
takeaway.show          open      open         open       open
signin.sign_in         open      open         open       open
signin.sign_out        open      open         open       open
second_step.code_page  open      open         open       open
account.show           open      open         open       .
prove.show             open      open         open       .
account.password       open      open         open       .
factor.show            open      open         open       .
factor.remove          open      open         open       .
factor.renew_codes     open      open         open       .
mail.show              open      open         .          .
mail.confirm           open      open         .          .
mail.test              open      open         .          .
mail.forget            open      open         .          .
account.close          open      open         open       .
account.close_others   open      open         open       .
today.home             open      open         open       .
library.show           open      open         open       .
library.play           open      open         open       .
youths.caseload        open      .            .          .
youths.add             open      .            .          .
team.show              .         open         .          .
readmission.show       .         open         .          .
evaluation.show        .         .            open       .
evaluation.table       .         .            open       .
"""

# Each line is for the role that it names; to every other role the page does not exist.
_ABOUT_A_YOUTH = """
page                object   role         own   own_withdrawn  covered  covered_withdrawn  passed_on  cover_to_come  cover_ended  transferred  colleague  elsewhere  closed  erased
youth.show          youth    educator     open  open           since    since              since      .              .            .            .          .          .       .
youth.confirm       youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
youth.unlink        youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
youth.invite        youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
youth.agreement     youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
endings.change      youth    educator     open  open           open     open               .          .              .            .          .          .          .       .
youth.disagreement  youth    educator     open  open           open     open               .          .              .            .          .          .          .       .
alerts.answer       alert    educator     open  open           open     open               open       .              .            .            .          .          .       .
conversation.show   youth    educator     open  open           since    since              since      .              .            .            .          .          .       .
conversation.reply  youth    educator     open  open           since    since              since      .              .            .            .          .          .       .
answers.show        answers  educator     open  empty          since    empty              .          .              .            .            .          .          .       .
meetings.add        youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
meetings.move       meeting  educator     open  open           since    since              .          .              .            .            .          .          .       .
meetings.cancel     meeting  educator     open  open           since    since              .          .              .            .            .          .          .       .
messages.write      youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
messages.offer      youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
courses.show        youth    educator     open  open           since    since              .          .              .            .            .          .          .       .
courses.propose     youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
courses.change      youth    educator     open  open           open     open               .          .              .            .            .          .          .       .
messages.cancel     message  educator     open  open           since    since              .          .              .            .            .          .          .       .
messages.decide     message  educator     open  open           since    since              .          .              .            .            .          .          .       .
relais-responses    answers  educator     open  empty          since    empty              .          .              .            .            .          .          .       .
relais-youth-export youth    educator     open  open           open     open               .          .              .            .          .          .          open     .
relais-youth-export youth    coordinator  .     .              .        .                  .          .              .            .          open       .          open     .
relais-youth-agree  youth    educator     open  open           open     open               .          open           open         open         open       .          .       .
relais-youth-agree  youth    coordinator  .     .              .        .                  .          .              .            .            open       .          .       .
"""


class Unlisted(LookupError):
    """A page that the matrix does not know."""

    def __init__(self, page: str) -> None:
        super().__init__(
            f"« {page} » has no line in records/access.py: say there who may see it, in which state"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One page: what its address names, and what each role finds there in each state. A page about
    nobody in particular has the one state « »."""

    page: str
    object: str
    cells: dict[tuple[str, str], str]

    def cell(self, role: str, state: str = "") -> str:
        return self.cells.get((role, state), SHUT)

    def lets_in(self, role: str) -> bool:
        """Whether there is any state in which the page opens for this role."""
        return any(of == role and cell != SHUT for (of, _), cell in self.cells.items())


def line(page: str) -> Line:
    """A page's line, or `Unlisted`."""
    if page not in MATRIX:
        raise Unlisted(page)
    return MATRIX[page]


def role_of(reader: Staff | None) -> str:
    return NOBODY if reader is None or reader.disabled_at is not None else reader.role


def every_cell() -> Iterator[tuple[Line, str, str, str]]:
    """The whole matrix: page, role, state, and what is found there."""
    for of in MATRIX.values():
        for role in ROLES:
            for state in STATES if of.object else ("",):
                yield of, role, state, of.cell(role, state)


def _rows(table: str) -> Iterator[dict[str, str]]:
    heading, *rows = table.split("\n")[1:-1]
    for row in rows:
        yield dict(zip(heading.split(), row.split(), strict=True))


def _read() -> dict[str, Line]:
    found: dict[str, Line] = {}
    for row in _rows(_PAGES):
        page = row.pop("page")
        found[page] = Line(page, "", {(role, ""): cell for role, cell in row.items()})
    for row in _rows(_ABOUT_A_YOUTH):
        page, about, role = (row.pop(name) for name in ("page", "object", "role"))
        known = found.setdefault(page, Line(page, about, {}))
        known.cells.update({(role, state): cell for state, cell in row.items()})
    return found


STATES = tuple(next(_rows(_ABOUT_A_YOUTH)))[3:]
MATRIX = _read()
assert all(cell in CELLS for of in MATRIX.values() for cell in of.cells.values())

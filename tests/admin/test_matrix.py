"""Who may see what, cell by cell: each role at each page for a youth in each state, over HTTP, with
the right identifiers and with forged ones. The expectation is the matrix itself (`records.access`);
what its words mean is said here: which secrets are on the page, and that a refusal changes nothing.
"""

import re
from collections.abc import Awaitable

import httpx
import pytest
from sqlalchemy import select
from starlette.routing import Mount, Route

from admin.app import page, routes
from admin.visit import Visit
from records import access, sight, staff
from records.access import EMPTY, MATRIX, NOBODY, OPEN, SHUT, SINCE, Unlisted
from records.database import Database, metadata
from records.errors import NotFound
from tests.admin import situations
from tests.admin.cells import COMMANDS, PAGES, READERS, Desk, Try, cells, forged
from tests.admin.house import House, words
from tests.admin.situations import Life
from tests.cast import NOW, Cast

NO_SUCH_PAGE = "Cette page n'existe pas"
UNTRACED = {"access_log", "session"}  # a refusal is noted there, and a session kept awake
# The pages that show a life, and which of its secrets when nothing is hidden.
SHOWN = {
    "youth.show": {"nickname", "place", "planned", "said_before", "said_since"},
    "conversation.show": {"words", "unread", "said_before", "said_since"},
    "answers.show": {"answer"},
}


@pytest.fixture
async def desk(house: House) -> Desk:
    lives = await situations.settle(house.database, house.cast)
    visitors = {login: await house.visitor(login) for login in READERS}
    homes = {"nadia": f"/jeunes/{lives[0].who.id}", "claire": "/equipe", "omar": "/evaluation"}
    for login, home in homes.items():
        await visitors[login].get(home)
        assert visitors[login].csrf
    return Desk(house, lives, visitors)


async def test_every_cell_is_as_the_matrix_says(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = [*cells(desk.lives), *forged(desk.lives)]
    refused = [one for one in tries if one.cell == SHUT]
    shown = [one for one in tries if one.cell != SHUT and one.method != "POST"]
    done = [one for one in tries if one.cell != SHUT and one.method == "POST"]
    before = await _everything(desk.house.database)
    for one, answer in await desk.all(refused):
        _is_refused(desk, one, answer)
    assert await _everything(desk.house.database) == before, "a refusal changed something"
    for one, answer in await desk.all(shown):
        _is_shown(desk, one, answer)
    for one, answer in await desk.all([one for one in done if MATRIX[one.page].object]):
        assert answer.status_code in (200, 303), (one, answer.status_code)
        _keeps_what_is_hidden(desk, one, answer)
    with capsys.disabled():
        print(f"\n{desk.tried} cells of the matrix tried, {len(refused)} of them refused")


def _is_refused(desk: Desk, one: Try, answer: httpx.Response) -> None:
    expected = {404}
    if one.login == "":
        expected = {401} if one.method == "POST" else {303}
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/connexion"), one
    assert answer.status_code in expected, (one, answer.status_code)
    assert answer.status_code != 404 or not answer.text or NO_SUCH_PAGE in words(answer), one
    assert desk.told(answer) == set(), one


def _is_shown(desk: Desk, one: Try, answer: httpx.Response) -> None:
    wanted = {200, 303} if one.page in ("today.home", "signin.sign_in") else {200}
    assert answer.status_code in wanted, (one, answer.status_code)
    if not MATRIX[one.page].object:
        for secret in desk.told(answer):
            _may_be_listed(desk, one, desk.secrets[secret], secret)
        return
    _keeps_what_is_hidden(desk, one, answer)
    if one.method == "GET" and one.cell != EMPTY:
        assert _shown_here(one, desk.told(answer)), one


def _keeps_what_is_hidden(desk: Desk, one: Try, answer: httpx.Response) -> None:
    """Nothing of anybody else; under a cover nothing from before; no answer without consent."""
    told = desk.told(answer)
    assert told <= one.life.secrets, one
    if one.cell != OPEN or one.life.state.startswith("covered"):
        assert not told & set(one.life.old.values()), one
    if one.cell == EMPTY or one.page != "answers.show":
        answers = {one.life.old["answer"], one.life.new["answer"]}
        assert not told & answers, one


def _shown_here(one: Try, told: set[str]) -> bool:
    """The page is there for something: what this reader may see of this life is on it."""
    names = SHOWN.get(one.page, set())
    seen = one.life.always | one.life.new | ({} if one.cell == SINCE else one.life.old)
    return {secret for name, secret in seen.items() if name in names} <= told


def _may_be_listed(desk: Desk, one: Try, of: Life, secret: str) -> None:
    """A list names those whose page opens, and no more of them than that page would."""
    cell = MATRIX["youth.show"].cell(READERS[one.login], of.state)
    assert cell != SHUT, (one, of.state)
    assert cell == OPEN or secret not in of.old.values(), (one, of.state)


async def _everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the traces that a refusal leaves."""
    async with database.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in await tx.rows(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in UNTRACED
        }


async def test_what_is_posted_would_change_something_where_it_may(desk: Desk) -> None:
    """Or the refusals above would prove nothing."""
    mine = [one for one in cells(desk.lives[:1]) if one.login == "nadia" and one.method == "POST"]
    idle = []
    about = [one for one in mine if MATRIX[one.page].object]
    for one in sorted(about, key=lambda of: of.page == "youth.unlink"):  # ends what is planned
        before = await _everything(desk.house.database)
        answer = await desk.send(one)
        if await _everything(desk.house.database) == before:
            idle.append((one.page, answer.status_code))
    assert idle == []


async def test_a_command_asks_the_same_matrix(database: Database, cast: Cast) -> None:
    """`relais responses --as` and `relais youth agree --as`: every cell, in every role."""
    lives = await situations.settle(database, cast)
    readers = {"educator": cast.nadia, "coordinator": cast.claire, "evaluator": cast.omar}
    async with database.read() as tx:
        for line in MATRIX.values():
            if not line.page.startswith(COMMANDS):
                continue
            for role, reader in readers.items():
                for life in lives:
                    state = life.state if role == "educator" else _seen_by(life)
                    found = await _cell_of(sight.by_id(tx, NOW, reader, line.page, life.who.id))
                    assert found == line.cell(role, state), (line.page, role, life.state)


def _seen_by(life: Life) -> str:
    """For somebody who accompanies nobody, a youth is a colleague's unless they are nobody's."""
    return life.state if life.state in ("elsewhere", "closed", "erased") else "colleague"


async def _cell_of(looked: Awaitable[sight.Sight]) -> str:
    try:
        return (await looked).cell
    except NotFound:
        return SHUT


async def test_a_closed_account_is_nobody_even_if_a_session_of_it_was_left(desk: Desk) -> None:
    visitor = desk.visitors["nadia"]
    async with desk.house.database.write() as tx:
        await tx.run(
            staff.staff.update().where(staff.staff.c.login == "nadia"), {"disabled_at": NOW}
        )
        closed = await staff.by_login(tx, "nadia")
        assert access.role_of(closed) == NOBODY
        with pytest.raises(NotFound):
            await sight.by_id(tx, NOW, closed, "youth.show", desk.lives[0].who.id)
        assert await sight.caseload(tx, NOW, closed) == []
    tries = [one for one in cells(desk.lives) if one.login == "nadia" and one.cell != SHUT]
    for one, answer in await desk.all(tries):
        if MATRIX[one.page].cell(NOBODY) == SHUT:
            assert answer.status_code in (303, 401), one
        assert desk.told(answer) == set(), one
    assert visitor.csrf


def test_every_address_of_the_desk_has_a_line_and_every_line_an_address() -> None:
    named = {str(of.name) for of in routes() if isinstance(of, Route | Mount)}
    lines = {name for name in MATRIX if not name.startswith(COMMANDS)}
    assert named == lines
    rows = set(re.findall(r"\{(\w+):row\}", " ".join(r.path for r in PAGES.values())))
    assert rows == {"youth_id", "meeting_id", "message_id"}, "an object that nobody forges yet"


def test_a_page_without_a_line_is_refused_with_a_sentence() -> None:
    async def unheard_of(_visit: Visit) -> httpx.Response:  # type: ignore[empty-body]
        ...

    with pytest.raises(Unlisted, match=r"« .*unheard_of » has no line in records/access.py"):
        page("/jamais-vu", unheard_of)  # type: ignore[arg-type]


def test_what_is_not_written_in_the_matrix_is_shut() -> None:
    for line, role, _state, cell in access.every_cell():
        if line.object and role in ("evaluator", NOBODY):
            assert cell == SHUT
    assert access.line("youth.show").cell("coordinator", "own") == SHUT
    assert access.line("youth.show").cell("educator", "a state of later") == SHUT

"""The list of what was taken back: written with the deed, looked up by a keyed hash."""

from content.answers import in_own_words
from records import erased, retention
from records.database import Database
from tests.cast import NOW, Cast


async def test_an_erased_youth_is_known_and_another_is_not(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
        assert await erased.is_erased(tx, cast.sami.id)
        assert not await erased.is_erased(tx, cast.ines.id)


async def test_the_list_tells_what_to_do_again_and_keeps_its_order(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await erased.note_withdrawn(tx, NOW, cast.sami.id, "reminders")
        await erased.note_rows(tx, NOW, "response", [4, 5])
        await erased.note_hidden(tx, NOW, [6])
        await erased.note_unlinked(tx, NOW, 7)
        await erased.note_closed(tx, NOW, cast.ines.id)
        lines = await erased.listed(tx)
    assert [(line.kind, line.what) for line in lines] == [
        ("withdrawn", {"youth": cast.sami.id, "purpose": "reminders"}),
        ("row", {"table": "response", "row": 4}),
        ("row", {"table": "response", "row": 5}),
        ("hidden", {"row": 6}),
        ("unlinked", {"row": 7}),
        ("closed", {"youth": cast.ines.id}),
    ]


async def test_two_lists_become_one_and_the_same_line_is_one(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
        there = await erased.listed(tx)
        elsewhere = erased.Erased(there[0].id + 1, "youth", {"youth": cast.ines.id}, NOW)
        assert await erased.merge(tx, [*there, elsewhere]) == 1
        assert await erased.is_erased(tx, cast.ines.id)
        assert len(await erased.listed(tx)) == 2


async def test_a_line_is_kept_longer_than_any_backup(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
    for at, kept in ((NOW + erased.KEPT * 0.99, True), (NOW + erased.KEPT, False)):
        await retention.carry_out(database, at, in_own_words)
        async with database.read() as tx:
            assert await erased.is_erased(tx, cast.sami.id) is kept

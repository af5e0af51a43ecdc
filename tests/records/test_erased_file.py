"""The list kept beside the database: sealed, whole after a crash, the same line twice is one."""

from pathlib import Path

import pytest

from records import contact, erased
from records.database import Database
from records.erased_file import Beside, read
from records.errors import Unusable
from records.vault import Vault, new_key
from tests.cast import NOW, Cast, link_phone
from tests.conftest import KEY

# A file beside the database: which database it is makes no difference to it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def beside(database: Database, tmp_path: Path) -> Beside:
    database.keeper = Beside(database, tmp_path / "list")
    return database.keeper


async def test_a_line_is_in_the_file_as_soon_as_the_deed_is_done(
    database: Database, cast: Cast, beside: Beside
) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
        assert not beside.file.exists()  # it is not true yet
    [line] = read(beside.file, database.vault)
    assert (line.kind, line.what) == ("youth", {"youth": cast.sami.id})


async def test_what_is_rolled_back_is_not_in_the_file(
    database: Database, cast: Cast, beside: Beside
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as tx:
            await erased.note(tx, NOW, cast.sami.id)
            raise ZeroDivisionError
    assert not beside.file.exists()


async def test_nothing_in_the_file_can_be_read_without_the_key(
    database: Database, cast: Cast, beside: Beside
) -> None:
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, cast.sami, "5001")
        await contact.unlink_all(tx, NOW, cast.sami.id)
        await erased.note_withdrawn(tx, NOW, cast.sami.id, "reminders")
    raw = beside.file.read_bytes()
    for clear in (str(cast.sami.id), "withdrawn", "reminders", "2026-11"):
        assert clear.encode() not in raw
    assert beside.file.stat().st_mode & 0o077 == 0
    with pytest.raises(Unusable, match="key_wrong"):
        read(beside.file, Vault(new_key()))


async def test_it_catches_up_with_what_a_crash_kept_from_it(
    database: Database, cast: Cast, beside: Beside
) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
    whole = beside.file.read_bytes()
    for cut in range(len(whole)):
        beside.file.write_bytes(whole[:cut])
        await beside.catch_up()
        assert [line.what for line in read(beside.file, database.vault)] == [
            {"youth": cast.sami.id}
        ]
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.ines.id)
    assert len(read(beside.file, database.vault)) == 2
    assert await beside.catch_up() == 0


async def test_an_empty_list_is_a_file_too(database: Database, cast: Cast, beside: Beside) -> None:
    await beside.catch_up()
    assert read(beside.file, database.vault) == []


async def test_rewritten_it_is_sealed_with_the_first_key_and_forgets_what_is_old(
    database: Database, cast: Cast, beside: Beside
) -> None:
    async with database.write() as tx:
        await erased.note(tx, NOW - erased.KEPT * 1.1, cast.sami.id)
        await erased.note(tx, NOW, cast.ines.id)
    new = new_key()
    both = Database(database.url.render_as_string(hide_password=False), Vault(f"{new},{KEY}"))
    await Beside(both, beside.file).rewrite(NOW - erased.KEPT)
    await both.close()
    assert [line.what for line in read(beside.file, Vault(new))] == [{"youth": cast.ines.id}]


async def test_a_file_that_cannot_be_written_undoes_nothing(
    database: Database, cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database.keeper = Beside(database, tmp_path / "nowhere" / "list")
    async with database.write() as tx:
        await erased.note(tx, NOW, cast.sami.id)
    async with database.read() as tx:
        assert await erased.is_erased(tx, cast.sami.id)
    assert "cannot be kept" in caplog.text

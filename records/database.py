"""The database: the one file that knows the dialects, and how a transaction begins and ends.

SQLite runs with WAL, `synchronous=FULL`, foreign keys and `BEGIN IMMEDIATE` for writes, which
queue behind one first-come-first-served lock a process; reads take a plain `BEGIN` and wait for
nobody. PostgreSQL runs READ COMMITTED and locks rows where a verb says so.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    Executable,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    event,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from records import sqlite_driver
from records.errors import Unusable
from records.session import session
from records.sole import sole_speaker
from records.vault import Vault

log = logging.getLogger("relais.database")
LOOK = 1.0  # seconds between two looks at whether another process changed a SQLite file
_CHANGED = "relais_changed"  # what PostgreSQL's NOTIFY is called
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
)

note = Table(
    # What the installation remembers about itself: the keys' proofs, the demo's clock.
    "note",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("row", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

Values = Mapping[str, Any]
TURN = 1.0  # seconds


_PROOFS = ("key", "index", "lasting")
_SPEAKS_WITH = "speaks_with"  # the note that tells which keys the one who speaks has
_CONNECTED = text(
    "SELECT application_name FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name LIKE :like"
)


class Tx:
    """One transaction: a connection, the vault, and the few ways to ask it something."""

    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        self.connection = connection
        self.vault = vault
        self.dialect = connection.dialect.name
        self.taken_back: list[Any] = []  # what `records.erased` wrote down here
        self._announced = False

    async def run(self, statement: Executable, values: Values | Sequence[Values] = ()) -> int:
        """Execute for its effect; many value sets go as one batch. Returns the rows touched."""
        result = await self.connection.execute(statement, values or None)
        return int(result.rowcount)

    async def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        return (await self.connection.execute(statement, values)).all()

    async def row(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        return (await self.connection.execute(statement, values)).first()

    async def value(self, statement: Executable, values: Values | None = None) -> Any:
        row = await self.row(statement, values)
        return None if row is None else row[0]

    async def announce(self) -> None:
        """Wake those who `watch`, in every process, once this is committed: something may be due
        earlier than they think. SQLite needs no word: its file tells."""
        if self.dialect != "sqlite" and not self._announced:
            self._announced = True
            await self.connection.exec_driver_sql(f"NOTIFY {_CHANGED}")

    async def alone(self, what: str) -> None:
        """Wait until no other transaction holds `what`, and hold it until this one ends. On
        SQLite only one writes anyway."""
        if self.dialect != "sqlite":
            held = text("SELECT pg_advisory_xact_lock(hashtext(:what))")
            await self.connection.execute(held, {"what": f"relais:{what}"})

    def upsert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that knows ON CONFLICT, in the dialect at hand."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)


class Keeper(Protocol):
    """Whoever keeps the list of what was taken back outside the database."""

    async def add(self, lines: list[Any]) -> None: ...

    async def catch_up(self) -> int: ...


class Database:
    """An open database. `write()` and `read()` are the only ways in.

    `patience`: the seconds that SQLite waits for another program's transaction to end.
    `keeper` keeps a copy of what was taken back, once that is committed (`records.erased_file`).
    """

    def __init__(self, url: str, vault: Vault, patience: float = 10.0) -> None:
        self.url = make_url(url)
        self.vault = vault
        self.keeper: Keeper | None = None
        self._patience = patience
        self._address = self.url.render_as_string(hide_password=False)
        self._own = secrets.token_hex(3)  # tells us from the others that are connected
        # How we are called where PostgreSQL lists who is connected: with which keys.
        name = " ".join(("relais", self._own, *vault.key_ids))
        self.engine = _engine(self._address, min(patience, TURN), name)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = asyncio.Lock()  # asyncio's lock is fair: first come, first served

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """Commits when the block ends, rolls back when it raises."""
        async with self._writing() as tx:
            yield tx
        if tx.taken_back and self.keeper is not None:
            await self.keeper.add(tx.taken_back)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Tx]:
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield Tx(connection, self.vault)
            return
        async with self._writers, self.engine.connect() as connection:
            await self._begin(connection)
            yield Tx(connection, self.vault)
            await connection.commit()

    async def _begin(self, connection: AsyncConnection) -> None:
        """SQLite's own waiting cannot be called off: it is done in short turns, so that a program
        that is told to stop does."""
        began = time.monotonic()
        while True:
            try:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as failure:
                over = time.monotonic() - began >= self._patience
                if over or "database is locked" not in str(failure.orig):
                    raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        async with self.engine.connect() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("BEGIN")
            yield Tx(connection, self.vault)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        """A long read of one moment, which keeps nobody from writing."""
        async with self.engine.connect() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("BEGIN")
            else:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield Tx(connection, self.vault)

    def require_file(self) -> None:
        """Refuse a SQLite file that is not there: merely connecting would make an empty one.

        Raises `Unusable("database_missing")`.
        """
        if not self.is_sqlite:
            return
        file = Path(self.url.database or "")
        if file.absolute().parent.is_dir() and not file.exists():
            raise Unusable("database_missing", file=str(file))

    def speaking(self) -> AbstractContextManager[None]:
        """Whoever speaks from a SQLite file is alone; on PostgreSQL any number may.

        Raises `Unusable("already_speaking")`.
        """
        return sole_speaker(str(self.url.database)) if self.is_sqlite else nullcontext()

    async def close(self) -> None:
        await self.engine.dispose()

    async def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever another process committed something that may matter; no end.

        On SQLite a number is asked for once a second, and no table is read. On PostgreSQL a
        session listens; when it is cut it is opened again, and `changed` called for what was
        missed meanwhile.
        """
        once = self._watch_file if self.is_sqlite else self._listen
        while True:
            try:
                await once(changed)
            except Exception as failure:
                if not is_trouble(failure):
                    raise
                log.warning("changes are not seen: %s", type(failure).__name__)
            await asyncio.sleep(LOOK)

    async def _watch_file(self, changed: Callable[[], None]) -> None:
        """The pragma compares with what its own connection saw before, so one is kept for it."""
        async with self.engine.connect() as watcher:
            seen = None
            while True:
                version = (await watcher.exec_driver_sql("PRAGMA data_version")).scalar_one()
                if seen is not None and version != seen:
                    changed()
                seen = version
                await asyncio.sleep(LOOK)

    async def _listen(self, changed: Callable[[], None]) -> None:
        async with session(self._address) as listening:
            await listening.listen(_CHANGED, changed)
            changed()
            await listening.lost.wait()
        log.warning("the connection that listens was cut")

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[asyncio.Event]:
        """Wait until no other process holds `what`, and hold it while the block runs.

        Yields an event that is set if the hold is lost. On SQLite there is no other process.
        """
        if self.is_sqlite:
            yield asyncio.Event()
            return
        async with session(self._address) as holding:
            await holding.hold(f"relais:{what}")
            yield holding.lost

    async def others(self) -> list[list[str]]:
        """The keys, by name, of each other program that is at work on this database now.

        On SQLite only who speaks counts; on PostgreSQL whoever is connected.
        """
        if self.is_sqlite:
            try:
                with self.speaking():
                    return []
            except Unusable:
                async with self.read() as tx:
                    return [(await recall(tx, _SPEAKS_WITH) or "").split()]
        async with self.read() as tx:
            rows = await tx.rows(_CONNECTED, {"like": "relais %"})
        named = {row.application_name: row.application_name.split()[1:] for row in rows}
        return [keys for own, *keys in named.values() if own != self._own]

    async def prove_key(self) -> None:
        """Refuse a wrong key before anything is read or written; leave a proof the first time.

        Two things are proved: that what is sealed opens, and that what is hashed is found. The
        proofs are made again with the first key as soon as it is another one: a program that has
        only the key before it would write what nobody can read after, and is refused from then on.
        Raises `Unusable("key_wrong")`, or `Unusable("database_unreachable")`.
        """
        try:
            async with self.write() as tx:
                await prove(tx)
        except OperationalError as failure:
            raise Unusable("database_unreachable", reason=str(failure.orig)) from None


async def prove(tx: Tx) -> None:
    """`Database.prove_key`, in a transaction that is open."""
    kept = await tx.rows(select(note.c.name, note.c.value).where(note.c.name.in_(_PROOFS)))
    proofs = {row.name: bytes(row.value) for row in kept}
    hashes = tx.vault.indexes("note.index", "relais")
    if proofs.get("index", hashes[0]) not in hashes:
        raise Unusable("key_wrong")
    if "lasting" in proofs:
        tx.vault.adopt_lasting("note.lasting", proofs["lasting"])
    else:
        await _remember(tx, "lasting", tx.vault.seal_lasting("note.lasting"))
    if "key" in proofs:
        tx.vault.open("note.key", 0, proofs["key"])
    if "key" not in proofs or not tx.vault.is_current(proofs["key"]):
        await _remember(tx, "key", tx.vault.seal("note.key", 0, "relais"))
    if "index" not in proofs:
        await _remember(tx, "index", hashes[0])


async def prove_again(tx: Tx) -> None:
    """Leave the proofs with the first key: nothing needs the others any more."""
    await _remember(tx, "lasting", tx.vault.seal_lasting("note.lasting"))
    await _remember(tx, "key", tx.vault.seal("note.key", 0, "relais"))
    await _remember(tx, "index", tx.vault.index("note.index", "relais"))


def is_trouble(failure: BaseException) -> bool:
    """Whether the database itself failed (gone, locked, full, overloaded, a deadlock): what was
    asked is right and may be asked again. SQLSTATE classes: PostgreSQL, appendix A."""
    if isinstance(failure, OperationalError | InterfaceError | PoolTimeout | OSError):
        return True
    if not isinstance(failure, DBAPIError) or isinstance(failure, DataError | IntegrityError):
        return False
    state = str(getattr(failure.orig, "sqlstate", None) or "")
    return failure.connection_invalidated or not state or state[:2] in ("08", "40", "53", "57")


async def say_keys(tx: Tx) -> None:
    """Who speaks from a SQLite file leaves word of which keys it has (`Database.others`)."""
    await remember(tx, _SPEAKS_WITH, " ".join(tx.vault.key_ids))


async def remember(tx: Tx, name: str, text_: str) -> None:
    """Keep a small fact about the installation, replacing the one of the same name."""
    await _remember(tx, name, text_.encode())


async def _remember(tx: Tx, name: str, value: bytes) -> None:
    statement = tx.upsert(note).values(name=name, row=0, value=value)
    await tx.run(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value}
        )
    )


async def recall(tx: Tx, name: str) -> str | None:
    value = await tx.value(select(note.c.value).where(note.c.name == name))
    return None if value is None else bytes(value).decode()


async def wipe_freed_pages(
    database: Database, tables: Sequence[str], *, rewrite: bool = True
) -> None:
    """Overwrite what deleted rows left behind. Outside any transaction.

    SQLite already zeroes deleted cells (`secure_delete`), so truncating the WAL is enough;
    PostgreSQL rewrites the tables, which keeps everybody else out of them, or only takes the dead
    rows out of their pages while others go on.
    """
    async with database.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        if database.is_sqlite:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            return
        for table in tables:
            await connection.execute(text(f'VACUUM {"FULL " if rewrite else ""}"{table}"'))


def _engine(url: str, patience: float, name: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        named = {"server_settings": {"application_name": name}}
        return create_async_engine(
            url,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=named,
        )
    engine = create_async_engine(
        url,
        pool_size=5,
        max_overflow=20,
        hide_parameters=True,  # an error shall not repeat what was to be written
        connect_args={"async_creator_fn": sqlite_driver.connect},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `write` and `read` say
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={int(patience * 1000)}",
            "foreign_keys=ON",
            "secure_delete=ON",
            # Pages of the log before it is copied into the file: a busy hour writes the same pages
            # again and again, and copying them each time was a third of the database's work.
            "wal_autocheckpoint=10000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine

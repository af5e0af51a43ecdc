"""A PostgreSQL session kept for itself: it hears what others commit, and holds what only one may.

Connections of the pool can do neither: they come and go, and what is heard or held belongs to one
of them. Nothing here runs inside a transaction, so that an hour of listening keeps no old rows
alive. Only `records.database` knows that this exists.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

STANDING_BY = 2.0  # seconds between two tries to hold what another process holds
GOODBYE = 1.0  # seconds that the server has to answer it, where somebody waits
# A machine that vanished says no goodbye: the server asks after it, and lets go of what it held.
_ASK_AFTER_THE_OTHER = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)


class Session:
    """One open session; `lost` is set when its connection ends, whoever ends it."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection, self._driver = connection, driver
        self.lost = asyncio.Event()
        driver.add_termination_listener(lambda _driver: self.lost.set())

    async def listen(self, channel: str, heard: Callable[[], None]) -> None:
        """Call `heard` at each NOTIFY on this channel, from now on."""
        await self._driver.add_listener(channel, lambda *_what: heard())

    async def hold(self, what: str) -> None:
        """Wait until no other session holds `what`, then hold it until this one ends.

        Asked again and again rather than once for long: a statement that waits for days would
        keep PostgreSQL from clearing away what others deleted meanwhile.
        """
        asked = text("SELECT pg_try_advisory_lock(hashtext(:what))")
        while not (await self._connection.execute(asked, {"what": what})).scalar_one():  # noqa: ASYNC110  another process's lock
            await asyncio.sleep(STANDING_BY)


@asynccontextmanager
async def session(url: str) -> AsyncIterator[Session]:
    """A session of its own while the block runs."""
    engine = create_async_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    connection = await engine.connect()
    try:
        driver = (await connection.get_raw_connection()).driver_connection
        for setting in _ASK_AFTER_THE_OTHER:
            await connection.exec_driver_sql(setting)
        yield Session(connection, driver)
    finally:
        await _leave(connection)


async def _leave(connection: AsyncConnection) -> None:
    """Say goodbye. A process that ends may tell its tasks so twice: a goodbye that is broken off
    in the middle would fill the log with a traceback at every stop."""
    closing = asyncio.create_task(_close(connection))
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait({closing}, timeout=GOODBYE)
        raise


async def _close(connection: AsyncConnection) -> None:
    with suppress(DBAPIError, OSError):  # it may be the connection itself that has gone
        await connection.close()

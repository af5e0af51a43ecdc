"""Whole programs, each a process of its own: `python -m tests.journeys.working` forks them.

Requests come as JSON lines on standard input: the settings of one more worker, answered by its
number; or a worker's number and the signal that it gets, answered by how it ended. Forking after
the imports makes a new worker cost a tenth of a second.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from records.database import is_trouble
from records.errors import Unusable
from relais.clock import Clock
from relais.opening import prepared
from relais.processes import told_to_stop
from relais.settings import Settings
from relais.wiring import Program
from tests.journeys.crashing import warm

LEASE = timedelta(seconds=3)


class Workers:
    """The process that forks them, as the test sees it."""

    def __init__(self, process: asyncio.subprocess.Process, settings: dict[str, str]) -> None:
        self._process, self._settings = process, settings
        self.alive: list[int] = []

    async def begin(self) -> None:
        self.alive.append(await self._ask(self._settings))

    async def end(self, worker: int, how: signal.Signals) -> int:
        """Returns its exit status: negative when a signal ended it."""
        self.alive.remove(worker)
        return await self._ask({"worker": worker, "signal": int(how)})

    async def _ask(self, request: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return int(await self._process.stdout.readline())


@asynccontextmanager
async def workers(settings: dict[str, str]) -> AsyncIterator[Workers]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journeys.working",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    opened = Workers(process, settings)
    try:
        yield opened
    finally:
        for worker in list(opened.alive):
            await opened.end(worker, signal.SIGKILL)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def work(settings: Settings) -> None:
    """The program without its desk, until told to stop."""
    told = told_to_stop()
    async with (
        prepared(settings) as database,
        Program(database, Clock(), settings, lease=LEASE).speaking(),
    ):
        await told.wait()


def live(settings: Settings) -> None:
    """A start that falls on a connection being cut is tried again, as a service would be."""
    while True:
        try:
            asyncio.run(work(settings))
        except Exception as failure:
            if not (isinstance(failure, Unusable) or is_trouble(failure)):
                raise
            continue
        return


def main() -> None:
    warm()
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        if "signal" in request:
            os.kill(request["worker"], request["signal"])
            _, status = os.waitpid(request["worker"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if child == 0:
            live(Settings(request))
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()

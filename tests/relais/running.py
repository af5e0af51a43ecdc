"""The program at work in a process of its own, for as long as a block lasts."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import KEY
from tests.relais.test_as_a_process import ROOT


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """One life of `relais run`, once it says that it is there; killed if it outlives the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "relais", "run"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "RELAIS_KEY": KEY,
            **{f"RELAIS_{name}": value for name, value in settings.items()},
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            before = ""
            while "Relais est en route" not in (said := (await process.stdout.readline()).decode()):
                assert said, before  # it has ended
                before += said
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()

"""`relais demo`: one command, one page, a clock that keeps its place, a clean end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from records.database import Database
from records.vault import Vault
from relais.demo import kept_ahead

ROOT = Path(__file__).parents[2]


class Demo:
    """A demo that runs as its own process, as a newcomer would start it."""

    def __init__(self, process: asyncio.subprocess.Process, page: str, said: str) -> None:
        self.process, self.page, self.said = process, page, said
        self.origin = page.removesuffix("/demo")

    async def clock(self) -> str:
        async with httpx.AsyncClient(base_url=self.origin, timeout=30) as client:
            return str((await client.get("/demo/about")).json()["clock"])

    async def jump(self, by: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.origin, timeout=60) as client:
            return await client.post(
                "/demo/clock", json={"by": by}, headers={"Origin": self.origin}
            )


@asynccontextmanager
async def started(folder: Path, *options: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "relais",
        "demo",
        "--port",
        "0",
        "--folder",
        str(folder),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
    )
    said = ""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            while "Ctrl-C" not in said:
                line = (await process.stdout.readline()).decode()
                assert line, f"the demo ended early:\n{said}"
                said += line
        page = next(word for word in said.split() if word.endswith("/demo"))
        yield Demo(process, page, said)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        rest = (await process.stdout.read()).decode()
        await process.wait()
    assert process.returncode == 0, rest
    assert "Traceback" not in said + rest


async def test_the_demo_keeps_its_data_and_clock_until_it_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    async with started(folder) as demo:
        assert "nadia" in demo.said
        async with httpx.AsyncClient(base_url=demo.origin, timeout=30) as client:
            assert (await client.get("/demo/")).status_code == 200
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert "relais_messages" in (await client.get("/metrics")).text
            framed = (await client.get("/connexion")).headers["content-security-policy"]
        assert "frame-ancestors 'self'" in framed
        assert (await demo.jump("day")).status_code == 200
        ahead = await demo.clock()
    async with started(folder) as demo:
        assert "histoire commence" not in demo.said
        assert (await demo.clock()).split(",")[0] == ahead.split(",")[0]
        (folder / "mine.txt").write_text("kept")
    async with started(folder, "--fresh") as demo:
        assert "histoire commence" in demo.said
        assert (await demo.clock()).split(",")[0] != ahead.split(",")[0]
    assert (folder / "mine.txt").read_text() == "kept"
    (folder / "unfinished").touch()  # what stands there until the first story is told
    async with started(folder) as demo:
        assert "a été interrompu" in demo.said
        assert "histoire commence" in demo.said
        assert not (folder / "unfinished").exists()


async def test_jumps_bring_each_message_and_stop_when_nothing_will_leave(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    async with started(folder) as demo:
        assert (await demo.jump("next")).status_code == 200
        async with httpx.AsyncClient(base_url=demo.origin, timeout=30) as client:
            metrics = (await client.get("/metrics")).text
        assert 'relais_messages{state="claimed"} 0.0' in metrics
        youths = json.loads(await typed(folder, "youth", "list", "--json"))
        tom = next(one["code"] for one in youths if one["nickname"] == "Tom")  # no phone
        await typed(folder, "message", "schedule", tom, "Bonne semaine", "--weekly")
        answer = await demo.jump("next")
        for _ in range(10):
            if answer.status_code != 200:
                break
            answer = await demo.jump("next")
        assert "Aucun message ne partira" in answer.text
        ahead = (await clock_ahead(folder)).total_seconds()
    assert ahead < 14 * 86_400


async def typed(folder: Path, *words: str) -> str:
    """A command on the demo's own database, as a curious person would type it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "relais",
        *words,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "RELAIS_KEY": f"file:{folder / 'key'}",
            "RELAIS_DATABASE": f"sqlite:///{folder / 'relais.db'}",
        },
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def clock_ahead(folder: Path) -> timedelta:
    """How far the demo's clock was set ahead."""
    database = Database(
        f"sqlite+aiosqlite:///{folder / 'relais.db'}", Vault((folder / "key").read_text())
    )
    try:
        return await kept_ahead(database)
    finally:
        await database.close()


async def test_a_taken_port_is_one_sentence_and_status_two(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "relais",
        "demo",
        "--port",
        str(port),
        "--folder",
        str(tmp_path / "demo"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    server.close()
    assert process.returncode == 2
    assert f":{port} n'est pas libre" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_ctrl_c_in_the_middle_of_the_first_story_stops_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "relais",
        "demo",
        "--port",
        "0",
        "--folder",
        str(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while "histoire commence" not in (await process.stdout.readline()).decode():
            pass
        process.send_signal(signal.SIGINT)
        rest = (await process.stdout.read()).decode()
        await process.wait()
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert (folder / "unfinished").exists(), "the next start begins anew"

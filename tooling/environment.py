"""The virtual environment: made once, repaired when an installation was cut short.

A stamp in `.venv` says what was installed, for which Python and which folder. It is written last,
so that whatever stops half-way (Ctrl-C, no network, a full disk) is begun again from nothing.
What is said meanwhile goes to the error output: `dev.py relais … --json` stays readable by a program.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "relais.stamp"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)
UNFINISHED = "unfinished"


def say(sentence: str) -> None:
    print(f"dev.py: {sentence}", file=sys.stderr, flush=True)


def stop(sentence: str, status: int) -> NoReturn:
    say(sentence)
    raise SystemExit(status)


def complaint(version: tuple[int, int], find: Callable[[str], object]) -> str | None:
    """Why this Python cannot be used, in one sentence; `find` finds a module or returns None."""
    name = f"{version[0]}.{version[1]}"
    if version < OLDEST:
        return f"Relais needs Python 3.11 or newer, and this is Python {name}."
    if not (find("venv") and find("ensurepip")):
        return (
            f"this Python {name} cannot make a virtual environment. "
            f"On Debian or Ubuntu, install the missing part: apt-get install python{name}-venv"
        )
    return None


def python() -> str:
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def pyproject() -> dict[str, Any]:
    import tomllib  # Python 3.11's own: an older one must get as far as its refusal

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def wanted_stamp() -> str:
    """First line: what the environment stands on. Second line: what is to be installed in it."""
    tables = pyproject()
    packaging = [tables["build-system"], tables["project"], tables["tool"]["setuptools"]]
    packages = sorted(found.parent.name for found in ROOT.glob("*/__init__.py"))
    home = f"Python {sys.version_info[0]}.{sys.version_info[1]} for {ROOT}"
    return f"{home}\n{digest(LOCK.read_text('utf-8'), packaging, packages)}"


def found_stamp() -> str:
    return STAMP.read_text("utf-8") if STAMP.is_file() else ""


def next_step(found: str, wanted: str, *, alive: bool) -> str:
    """`keep`, `install` over what is there, or `remake`: broken, cut short, moved, older Python."""
    if found == wanted and alive:
        return "keep"
    elsewhere = bool(found) and found.splitlines()[0] != wanted.splitlines()[0]
    return "remake" if elsewhere or not alive else "install"


def ensure() -> None:
    """Everything that is locked is installed when this returns; else the program has ended."""
    if next_step(found_stamp(), wanted_stamp(), alive=Path(python()).exists()) == "keep":
        return
    with one_at_a_time():
        wanted = wanted_stamp()
        step = next_step(found_stamp(), wanted, alive=pip_answers())
        if step == "remake":
            make()
        if step != "keep":
            install(wanted)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two terminals on a new machine: the second waits. The lock ends with its process."""
    if sys.platform == "win32":
        yield
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another dev.py is installing; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def pip_answers() -> bool:
    if not Path(python()).exists():
        return False
    asked = subprocess.run([python(), "-m", "pip", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def make() -> None:
    say(f"making .venv with Python {sys.version.split()[0]}")
    run_or_show(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        "the virtual environment could not be made (the reason is above)",
    )


def install(stamp: str) -> None:
    began = time.monotonic()
    STAMP.write_text(UNFINISHED, "utf-8")
    say("installing the locked packages (a minute or two, the first time)")
    pip("--require-hashes", "--requirement", str(LOCK))
    say("installing relais itself")
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(stamp, "utf-8")
    say(f"installed in {time.monotonic() - began:.0f} s")


def pip(*arguments: str) -> None:
    command = [python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run_or_show([*command, *arguments], "pip could not install (its own words are above)")


def run_or_show(command: Sequence[str], sentence: str) -> None:
    """Quiet but for a sign of life every ten packages; every line of it, should it fail."""
    lines = []
    fetched = 0
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % 10 == 0:
                    say(f"  {fetched} fetched")
            elif fetched and line.startswith("Installing collected packages"):
                say("  unpacking")
    if process.returncode:
        sys.stderr.writelines(lines)
        stop(sentence, 1)

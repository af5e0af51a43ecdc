"""The peers' own environment, made from their own lock the first time that the benchmark runs.

`python -m bench.peers.environment [--upgrade]` renews `requirements.lock` from `requirements.in`,
the way `dev.py lock` does for the project: versions and hashes, no registry's address.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tooling.environment import digest, run_or_show, say
from tooling.lock import compiled

HERE = Path(__file__).parent
LISTS, LOCK, VENV = HERE / "requirements.in", HERE / "requirements.lock", HERE / ".venv"
STAMP = VENV / "peers.stamp"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def seal() -> str:
    """The lock's first line: what it was made from."""
    return f"# From the list {digest(LISTS.read_text('utf-8').split())}"


def ensure() -> Path:
    """The peers' Python, with everything that is locked installed."""
    wanted = digest(LOCK.read_text("utf-8"), sys.version, str(VENV))
    if STAMP.is_file() and STAMP.read_text("utf-8") == wanted and PYTHON.exists():
        return PYTHON
    say("making the peers' environment (half a minute, the first time)")
    run_or_show([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv could not make it")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run_or_show(
        [*pip, "--require-hashes", "--requirement", str(LOCK)], "pip could not install the peers"
    )
    STAMP.write_text(wanted, "utf-8")
    return PYTHON


def renew(options: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "lock.txt")
        if LOCK.exists():
            shutil.copyfile(LOCK, target)
        found = compiled(LISTS, target, options)
    LOCK.write_text(f"{seal()}\n{''.join(found.values())}", "utf-8")
    say(f"{len(found)} packages locked for the peers")


if __name__ == "__main__":
    renew(sys.argv[1:])

"""`requirements.lock`: every package that Relais may install, by version and hash, in one file.

What runs comes first, what only develops after it, so that a server installs the first part. The
file carries a seal of the lists that it was made from: whether it is up to date is answered
without a network, and no registry's address is written in it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tooling.environment import LOCK, ROOT, digest, pyproject, python, run_or_show, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

DEVELOPMENT = "# ---- development only ----"
PIN = re.compile(r"^(?=[A-Za-z0-9][\w.-]*(?:\[[\w,]+\])?==)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """Each locked package's name, with its block: version, hashes, and who asked for it."""
    blocks = (block.split(DEVELOPMENT)[0] for block in PIN.split(lock)[1:])
    return {re.split(r"[\[=]", block, maxsplit=1)[0]: block for block in blocks}


def seal(tables: Mapping[str, Any]) -> str:
    project = tables["project"]
    lists = [project[key] for key in ("dependencies", "optional-dependencies", "requires-python")]
    return f"# From the lists {digest(tables['build-system']['requires'], *lists)}"


def required_names(tables: Mapping[str, Any]) -> list[str]:
    project = tables["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    bare = (re.split(r"[^\w.-]", one, maxsplit=1)[0] for many in lists for one in many)
    return [re.sub(r"[-_.]+", "-", name).lower() for name in bare]


def complaint(lock: str, tables: Mapping[str, Any]) -> str | None:
    """What is wrong with this lock, in one sentence."""
    if seal(tables) not in lock.splitlines():
        return "requirements.lock was made from other lists than pyproject.toml's: dev.py lock"
    locked = pins(lock)
    missing = [name for name in required_names(tables) if name not in locked]
    return f"requirements.lock lacks {', '.join(missing)}: dev.py lock" if missing else None


def compiled(source: Path, target: Path, options: Sequence[str]) -> dict[str, str]:
    """uv keeps the versions that `target` already has, unless told to upgrade."""
    how = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet"]
    command = [python(), "-m", "uv", "pip", "compile", *how, "--python-version", "3.11"]
    run_or_show([*command, *options, "-o", str(target), str(source)], "uv found no solution")
    return pins(target.read_text("utf-8"))


def renew(options: Sequence[str]) -> None:
    tables = pyproject()
    with tempfile.TemporaryDirectory() as folder:
        full, lean, lists = (Path(folder, name) for name in ("full.txt", "lean.txt", "lists.in"))
        shutil.copyfile(LOCK, full)
        locked = compiled(ROOT / "pyproject.toml", full, ["--extra", "dev", *options])
        running = tables["project"]["dependencies"] + tables["build-system"]["requires"]
        lists.write_text("\n".join(running), "utf-8")
        needed = compiled(lists, lean, ["--constraint", str(full)])
    LOCK.write_text(written(locked, needed, seal(tables)), "utf-8")
    say(f"{len(locked)} packages locked, {len(needed)} of them for running")


def written(locked: Mapping[str, str], needed: Mapping[str, str], seal_line: str) -> str:
    """The file's text. The server's part is all that stands before the DEVELOPMENT line."""
    parts = [
        "# Made by `python3 dev.py lock`, never by hand.\n",
        f"{seal_line}\n",
        *(block for name, block in locked.items() if name in needed),
        f"{DEVELOPMENT}\n",
        *(block for name, block in locked.items() if name not in needed),
    ]
    return "".join(parts)


def command(arguments: list[str]) -> int:
    if arguments != ["--check"]:
        renew(arguments)
        return 0
    found = complaint(LOCK.read_text("utf-8"), pyproject())
    print(found or "requirements.lock is up to date")
    return 1 if found else 0

"""Every check but the tests: all are run even if one fails, and a table closes the account."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tooling.environment import ROOT, python, say, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

# import-linter has no `python -m`; its script's name differs between systems.
IMPORT_LINTER = "from importlinter.cli import lint_imports_command as go; go()"
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "--output-format", "concise", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "--output-format", "concise", "."],
    "mypy --strict": ["-m", "mypy"],
    "import rules": ["-c", IMPORT_LINTER, "--no-logo"],
    "dependencies": ["-m", "deptry", "--no-ansi", "."],
    "migrations up to date": ["-m", "records.migrations", "check"],
    "lock up to date": ["dev.py", "lock", "--check"],
    "translations up to date": ["-m", "admin.catalogue", "check"],
    "content": ["-m", "content", "check"],
    "content catalogue": ["-m", "content", "catalogue", "--check"],
    "content schema": ["-m", "content", "schema", "--check"],
}


class Result(NamedTuple):
    name: str
    passed: bool
    seconds: float


def run(name: str, words: Sequence[str]) -> Result:
    """Runs one check to its end, and shows its words only if it failed."""
    say(f"{name} …")
    began = time.monotonic()
    done = subprocess.run(
        [python(), *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(f"\n---- {name}\n{done.stdout}", flush=True)
    return Result(name, done.returncode == 0, time.monotonic() - began)


def table(results: Sequence[Result]) -> str:
    width = max(len(result.name) for result in results)
    return "\n".join(
        f"{'✓' if result.passed else '✗'} {result.name:<{width}} {result.seconds:6.1f} s"
        for result in results
    )


def command(names: list[str]) -> int:
    """All of them, or those that are named."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        stop(f"no such check: {', '.join(unknown)}. There are: {', '.join(CHECKS)}", 2)
    results = [run(name, CHECKS[name]) for name in names or CHECKS]
    # A console that cannot draw ✓ must not turn a good result into a traceback.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    print(f"\n{table(results)}")
    return 0 if all(result.passed for result in results) else 1

"""The project's one door: `python3 dev.py COMMAND`, from any directory, with nothing installed.

Makes `.venv` with what is locked when it is missing or out of date, then runs the command in it.
Needs Python 3.11 and its standard library; an older Python must still be able to read this file
and `tooling/`, so that it can be told why it is refused.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tooling import checks, lock
from tooling.environment import ROOT, complaint, ensure, python, say, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


class Command(NamedTuple):
    usage: str
    meaning: str
    run: Callable[[list[str]], int]


def hand_over(command: list[str]) -> NoReturn:
    """Becomes the command: Ctrl-C and the exit status are then its own affair."""
    sys.stdout.flush()
    if os.name == "nt":
        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


def module(*words: str) -> Callable[[list[str]], int]:
    """A command that is a Python module, run at the project's root."""

    def run(arguments: list[str]) -> int:
        os.chdir(ROOT)
        hand_over([python(), "-m", *words, *arguments])

    return run


def relais(*words: str) -> Callable[[list[str]], int]:
    """A command of the program itself, run where its user stands: relative paths are theirs."""

    def run(arguments: list[str]) -> int:
        hand_over([python(), "-m", "relais", *words, *arguments])

    return run


def install(_: list[str]) -> int:
    say("everything is installed")
    return 0


def show_help(_: list[str]) -> int:
    width = max(len(command.usage) for command in COMMANDS.values())
    lines = (f"  {command.usage:<{width}}  {command.meaning}" for command in COMMANDS.values())
    print("python3 dev.py COMMAND\n", *lines, sep="\n")
    return 0


COMMANDS = {
    command.usage.split()[0]: command
    for command in (
        Command(
            "demo [--fresh] [--port N]",
            "a phone and the educator's desk, side by side, on this machine",
            module("relais", "demo"),
        ),
        Command(
            "test [PYTEST...]",
            "the whole test suite, under 8 minutes",
            module("pytest", "-n", "2", "--dist", "worksteal", "-m", "not prove"),
        ),
        Command("prove [PYTEST...]", "the long proofs", module("pytest", "-m", "prove", "-s")),
        Command("check [NAME...]", "every check but the tests, or those named", checks.command),
        Command(
            "bench [MEASURE...] [--quick]",
            "what it costs, beside what the usual libraries cost",
            module("bench"),
        ),
        Command("run", "the real thing, with settings from the environment", relais("run")),
        Command("relais ARGUMENTS", "any command of the program", relais()),
        Command("screenshots", "a picture of every page", module("tests.screenshots")),
        Command("lock [--check] [--upgrade]", "renew requirements.lock", lock.command),
        Command("install", "only make .venv and install", install),
        Command("help", "this page", show_help),
    )
}


def main(words: list[str]) -> int:
    refusal = complaint((sys.version_info[0], sys.version_info[1]), importlib.util.find_spec)
    if refusal:
        stop(refusal, 2)
    name, *arguments = words or ["help"]
    command = COMMANDS.get({"-h": "help", "--help": "help"}.get(name, name))
    if command is None:
        stop(f"there is no command '{name}'; see: python3 dev.py help", 2)
    if command.run is not show_help:
        ensure()
    return command.run(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        stop("stopped; the next start takes up where this one left off", 130)

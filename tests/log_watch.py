"""The whole suite's log is searched for every secret that the suite made.

Heard is what the program would write at its most talkative (`relais.logs`, RELAIS_LOG_LEVEL=DEBUG),
before anything is struck out where it is our own; what a test's child processes write to their
standard error; and log lines among what they print. Secrets are collected where they are made:
whatever is sealed, looked up by its hash, drawn as a token, said by a simulated person. At the end
of the run, of each process under xdist, the one is searched for the other, and a single find fails
the run.
"""

import asyncio.subprocess
import base64
import functools
import logging
import os
import re
import secrets
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from records.vault import Vault
from relais import logs
from simulator.persons import Person
from simulator.telegram import Telegram
from tests.log_book import Book, Leak

BOOK = Book()
_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} |\s+File \"|relais")
_KEY = "log_watch"


class Listener(logging.Handler):
    """Keeps what would be written."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] != "relais":
            BOOK.hear(now(), logs.Discreet().format(record))
            return
        failure = record.exc_info[1] if record.exc_info else None
        told = logs.told(failure) if failure else ()
        BOOK.hear(now(), "\n".join([record.getMessage(), *told]))


class Watch:
    """The plugin. Under xdist each worker searches its own, and the controller tells."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._output: dict[str, Any] | None = getattr(config, "workeroutput", None)
        self._shares = bool(getattr(config.option, "numprocesses", None))
        self.lines, self.secrets, self.leaks = 0, 0, list[Leak]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What a test's processes wrote to standard error, where nobody else read it."""
        if not self._shares:
            hear_child(report.capstderr)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended, and says what it found."""
        lines, many, leaks = getattr(node, "workeroutput", {}).get(_KEY, (0, 0, ()))
        self._add(lines, many, [Leak(*leak) for leak in leaks])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._shares:
            self._add(BOOK.count, BOOK.secrets, BOOK.leaks())
        if self._output is not None:
            self._output[_KEY] = (self.lines, self.secrets, [tuple(leak) for leak in self.leaks])
        if self.leaks:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        found = f"{len(self.leaks)} found" if self.leaks else "none found"
        terminalreporter.section("log", sep="=")
        terminalreporter.line(
            f"{self.lines} log lines searched for {self.secrets} secrets: {found}"
        )
        for leak in self.leaks[:20]:
            terminalreporter.line(f"{leak.what} in the log: {leak.secret!r}", red=True)
            terminalreporter.line(f"  {leak.test}\n  {leak.line[:500]}")

    def _add(self, lines: int, many: int, leaks: list[Leak]) -> None:
        self.lines += lines
        self.secrets += many
        self.leaks += leaks


def now() -> str:
    """The test under way."""
    return os.environ.get("PYTEST_CURRENT_TEST", "between two tests")


def hear_child(said: str | bytes | None, *, only_log: bool = False) -> None:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said or ""
    for line in text.splitlines():
        if line.strip() and (not only_log or _LINE.match(line)):
            BOOK.hear(now(), line)


def begin(config: pytest.Config) -> None:
    """Listen and collect, from now on and in this whole process."""
    config.pluginmanager.register(Watch(config), _KEY)
    logging.getLogger().addHandler(Listener())
    logging.getLogger("relais").setLevel(logging.DEBUG)
    _observe(Vault, "__init__", lambda _, __, keys: BOOK.token(keys))
    _observe(Vault, "seal", lambda _, __, of, ___, text: BOOK.sealed(of, text))
    _observe(Vault, "index", _looked_up)
    _observe(secrets, "token_urlsafe", lambda token, *_: BOOK.token(token))
    _observe(Person, "say", lambda _, __, words, *___: BOOK.written(words))
    _observe(Telegram, "person", _met)
    _observe(
        asyncio.subprocess.SubprocessStreamProtocol,
        "pipe_data_received",
        lambda _, __, pipe, data: hear_child(data, only_log=pipe == 1),
    )
    _observe(subprocess.Popen, "communicate", _ended)


def _looked_up(made: bytes, _vault: Vault, of: str, value: str) -> None:
    BOOK.sealed(of, value)
    if of == "bot.webhook":
        BOOK.token(base64.urlsafe_b64encode(made).decode().rstrip("="))


def _met(person: Person, _telegram: Telegram, name: str) -> None:
    BOOK.names.add(name)
    BOOK.token(str(person.id))


def _ended(said: tuple[Any, Any], *_: Any, **__: Any) -> None:
    out, err = said
    hear_child(out, only_log=True)
    hear_child(err)


def _observe(owner: Any, name: str, note: Callable[..., None]) -> None:
    """Have `note` told what each call returned and was given; the call itself is as it was."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def noted(*given: Any, **named: Any) -> Any:
        result = original(*given, **named)
        note(result, *given, **named)
        return result

    setattr(owner, name, noted)

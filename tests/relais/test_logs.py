"""What reaches the log: nothing that a person wrote, is called or holds, whatever went wrong."""

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from records.database import Database
from records.errors import Refused
from records.vault import new_key
from relais import logs
from tests.cast import TOKEN
from tests.relais.test_as_a_process import ROOT

LINK = "Xk3vQ9-tLr2mWz8bNc4yHs7dGf1jPa6e"
WORDS = "je suis triste"
SECRETS = {
    "a bot's address": f"https://api.telegram.org/bot{TOKEN}/sendMessage",
    "a bot's address, quoted": f"POST /bot{TOKEN.replace(':', '%3A')}/getMe HTTP/1.1",
    "a key": f"RELAIS_KEY={new_key()}",
    "an invitation": "https://t.me/un_bot?start=abcdefgh-ijkl",
    "an invitation, typed": "/start abcdefghijkl",
    "a webhook's header": "X-Telegram-Bot-Api-Secret-Token: abcdefgh",
    "a webhook's setting": '{"url": "https://r.example/telegram/1", "secret_token": "abcdefgh"}',
    "a session": "Cookie: __Host-relais=abcdefgh; other=1",
    "a chat": "chat_id=5001002003",
    "a chat, in JSON": '{"chat_id": 5001002003}',
    "a database's password": "postgresql://relais:abcdefgh@db.example/relais",
    "an address of somebody's": "nadia.martin@asso.example refused",
    "a random link": f"no such link: {LINK}",
}
HIDDEN = [
    TOKEN.partition(":")[2], "rk1_", "abcdefgh", "5001002003", "nadia.martin", LINK, "relais:abc",
]  # fmt: skip


def record(name: str, said: str, *values: Any, failure: BaseException | None = None) -> str:
    trouble = None if failure is None else (type(failure), failure, failure.__traceback__)
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, said, values, trouble)
    return logs.Discreet().format(made)


def raised(deed: Callable[[], object]) -> BaseException:
    try:
        deed()
    except Exception as failure:  # noqa: BLE001  any of them
        return failure
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("said", SECRETS.values(), ids=SECRETS.keys())
def test_what_looks_like_a_secret_is_struck_out(said: str) -> None:
    for written in (
        record("relais.desk", "%s", said),
        record("relais.desk", "failed", failure=RuntimeError(said)),
        record("aiohttp.client", said),
    ):
        assert logs.STRUCK in written
        assert not [secret for secret in HIDDEN if secret in written]


@pytest.mark.parametrize(
    "said",
    [
        "bot @relais_bot is ready",
        "the database answers again, after 12 s",
        "a message was refused (400): Bad Request: message is too long",
        "2026-11-23 10:00:00,123 127.0.0.1:8080 took 383807076816994320",
        "the access log's day 2026-11-22 ends with seal 1234-K7QX-4M2A-ZZPL-Q6RT",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(said: str) -> None:
    assert logs.redacted(said) == said


@pytest.mark.parametrize(
    "deed",
    [
        lambda: int(WORDS) + 1,
        lambda: {"Sami": 1}[WORDS],
        lambda: (WORDS + chr(0xD800)).encode() + b"",
        lambda: TypeAdapter(int).validate_python(WORDS),
    ],
)
def test_an_error_that_repeats_what_was_handled_tells_only_its_type(
    deed: Callable[[], object],
) -> None:
    failure = raised(deed)
    assert "triste" in f"{failure} {getattr(failure, 'object', '')}"
    written = record("relais.deliver", "a round failed", failure=failure)
    assert f".{type(failure).__qualname__}" in written
    assert "in <lambda>" in written, "where it happened"
    assert "triste" not in written


def test_an_error_of_our_own_tells_its_code_and_what_led_to_it() -> None:
    def deed() -> None:
        try:
            int("Sami")
        except ValueError as failure:
            raise Refused("too_late", nickname="Sami") from failure

    written = record("relais", "refused", failure=raised(deed))
    assert written.index("builtins.ValueError") < written.index("records.errors.Refused: too_late")
    assert "'Sami'" not in written


def test_errors_together_are_each_told() -> None:
    group = ExceptionGroup("Sami", [KeyError("Sami"), OSError(28, "No space left")])
    written = record("relais", "failed", failure=group)
    assert "builtins.KeyError" in written
    assert "No space left" in written
    assert "Sami" not in written


async def test_an_error_of_the_database_repeats_no_value(database: Database) -> None:
    statement = text("INSERT INTO note (name, row, value) VALUES (:name, 'Sami', :value)")
    values = {"name": "Inès", "value": b"je suis triste"}
    failure: BaseException = ValueError()
    try:
        async with database.write() as tx:
            await tx.run(statement, values)
            await tx.run(statement, values)
    except DBAPIError as refused:
        failure = refused
    assert isinstance(failure, DBAPIError)
    assert not [word for word in ("Inès", "triste") if word in str(failure)]
    written = record("relais", "failed", failure=failure)
    assert "sqlalchemy.exc." in written
    assert not [word for word in ("Inès", "triste", "'Sami'") if word in written]


def test_of_a_library_only_the_first_line_is_kept() -> None:
    written = record("asyncio", "Task exception was never retrieved\nfuture: <Task 'Sami'>")
    assert written.endswith("asyncio WARNING Task exception was never retrieved")


GOES_WRONG = """
import asyncio, gc, logging, threading
from relais import logs
logs.begin("DEBUG")
logging.getLogger("aiosqlite").info("INSERT Sami")
logging.getLogger("relais.desk").debug("a page was looked at")

async def lost():
    async def fails():
        raise ValueError("Sami")
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
    gc.collect()

def fails():
    raise ValueError("Sami")

class Odd:
    def __del__(self):
        raise ValueError("Sami")

asyncio.run(lost())
thread = threading.Thread(target=fails)
thread.start()
thread.join()
Odd()
raise KeyError("Sami")
"""


def test_a_process_that_goes_wrong_in_every_way_names_nobody() -> None:
    ran = subprocess.run(
        [sys.executable, "-"],
        input=GOES_WRONG,
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert ran.returncode == 1
    said = ran.stderr
    assert "a page was looked at" in said
    assert "Task exception was never retrieved" in said
    for ending in (
        "a thread ended on an error",
        "something ended",
        "the program ended on an error",
    ):
        assert ending in said
    assert said.count("builtins.ValueError") == 3
    assert "builtins.KeyError" in said
    assert "Sami" not in said


def test_each_line_begins_with_its_moment_and_offset_from_utc() -> None:
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} relais ", record("relais", "said"))

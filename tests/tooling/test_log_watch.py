"""The search of the suite's log finds what is planted, wherever it is; else it would prove nothing."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.log_book import Book
from tests.log_watch import Listener
from tooling.environment import ROOT

WORDS = "Je crois que mon frère va avoir des problèmes"


def found(book: Book) -> list[tuple[str, str]]:
    return [(leak.what, leak.secret) for leak in book.leaks()]


@pytest.mark.parametrize(
    "line",
    [
        f"saved: {WORDS}",
        f"saved: {WORDS[:25]}…",
        "SAVED: JE CROIS QUE MON FRÈRE",
        "saved: ['crois', 'que', 'mon', 'frère']",
        repr(WORDS),
    ],
)
def test_a_sentence_is_found_whole_or_in_part_however_it_is_written(line: str) -> None:
    book = Book()
    book.sealed("inbox.text", WORDS)
    book.hear("a test", line)
    assert found(book) == [("words", WORDS)]


def test_words_within_what_was_sealed_as_json_are_found() -> None:
    book = Book()
    book.sealed("message.params", '{"text": "Bonne chance pour demain", "kind": ["text"]}')
    book.hear("a test", "sending Bonne chance pour…")
    assert found(book) == [("words", "Bonne chance pour demain")]


def test_json_without_a_bottom_is_read_as_it_stands() -> None:
    book = Book()
    book.sealed("set_aside.payload", "[" * 100_000 + f'"{WORDS}"')
    book.hear("a test", WORDS)
    assert len(book.leaks()) == 1


def test_a_name_is_found_as_a_word_of_its_own() -> None:
    book = Book()
    book.sealed("youth.nickname", "Sami")
    book.hear("a test", "a message for Sami was refused")
    assert found(book) == [("a name", "Sami")]
    book = Book()
    book.sealed("youth.nickname", "Sami")
    book.hear("a test", "tests/cast.py, in sami: Samia is not him")
    assert found(book) == []


@pytest.mark.parametrize(
    ("secret", "line"),
    [
        ("777000:test-token-on-loopback-only", "POST /bot777000:test-token-on-loopback-only/getMe"),
        ("7100000001", "chat 7100000001 is gone"),
        ("rk1_one,rk1_another", "RELAIS_KEY=rk1_another"),
    ],
)
def test_a_token_a_chat_or_one_of_several_keys_is_found(secret: str, line: str) -> None:
    book = Book()
    book.token(secret)
    book.hear("a test", line)
    assert [what for what, _ in found(book)] == ["a token, a key or a chat"]


@pytest.mark.parametrize("said", ["hope", "ma-meteo", "yes|no", "RDV", "Elle est là", "Plus tard"])
def test_what_the_program_itself_says_and_choices_are_no_secret(said: str) -> None:
    book = Book()
    book.sealed("response.value", said)
    book.hear("a test", f"the choice {said} was stored")
    assert found(book) == []


def test_a_leak_tells_the_test_that_logged_it_and_the_line() -> None:
    book = Book()
    book.written(WORDS)
    for test in ("the first", "the second"):
        book.hear(test, f"lost: {WORDS}")
    [leak] = book.leaks()
    assert (leak.test, leak.line, book.count) == ("the first", f"lost: {WORDS}", 2)


def test_our_own_lines_are_heard_before_anything_is_struck_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Book()
    monkeypatch.setattr("tests.log_watch.BOOK", heard)
    for name in ("relais.desk", "a.library"):
        record = logging.LogRecord(name, logging.INFO, "", 1, "/bot777000:abcdefghij/", (), None)
        Listener().emit(record)
    [ours, theirs] = heard.heard
    assert "abcdefghij" in ours
    assert "abcdefghij" not in theirs


PLANTED = """
import logging, subprocess, sys
import pytest
from records.vault import Vault, new_key

log = logging.getLogger("relais.desk")
WRITE = "import sys; sys.stderr.write(sys.argv[1])"

def written(words, **options):
    subprocess.run([sys.executable, "-c", WRITE, words], **options)

LEAKS = {
    "Karim m'attend devant le collège": lambda words: log.debug("stored %s", words),
    "Elle a encore crié hier soir": lambda words: log.error("failed", exc_info=OSError(words)),
    "Mon cousin cherche du travail": written,
    "Personne ne sait où aller": lambda words: written(words, capture_output=True),
    "Tout va bien depuis lundi": lambda words: log.info("stored"),
}

@pytest.mark.parametrize("words", LEAKS)
def test_leak(words):
    Vault(new_key()).seal("inbox.text", 1, words)
    LEAKS[words](words)
"""
LEAKS = ("Karim", "Elle", "Mon", "Personne")


def planted(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """A run of its own, watched like this one."""
    (folder / "test_planted.py").write_text(PLANTED, "utf-8")
    (folder / "conftest.py").write_text(
        "from tests import log_watch\n\ndef pytest_configure(config):\n    log_watch.begin(config)\n"
    )
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_whatever_is_planted_fails_the_run_and_is_named(tmp_path: Path) -> None:
    ran = planted(tmp_path)
    assert "5 passed" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 1
    for first in LEAKS:
        assert re.search(f"words in the log: ['\"]{first} ", ran.stdout), first
    assert ran.stdout.count("words in the log") == len(LEAKS)


def test_it_fails_a_run_of_several_processes_too(tmp_path: Path) -> None:
    ran = planted(tmp_path, "-n", "1", "-k", "Karim")
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert "words in the log: \"Karim m'attend" in ran.stdout


def test_a_run_without_a_leak_says_what_was_searched_and_passes(tmp_path: Path) -> None:
    ran = planted(tmp_path, "-k", "Tout")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 log lines searched for 2 secrets: none found" in ran.stdout

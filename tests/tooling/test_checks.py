"""`dev.py check`: all are run, a failure shows its words, and the table closes the account."""

import pytest

from tooling import checks
from tooling.checks import Result


def test_a_failed_check_shows_its_words_and_a_passed_one_is_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert checks.run("fails", ["-c", "raise SystemExit('no good')"]).passed is False
    assert checks.run("passes", ["-c", "print('chatter')"]).passed is True
    shown = capsys.readouterr().out
    assert "no good" in shown
    assert "chatter" not in shown


def test_a_module_that_does_not_exist_fails_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.run("absent", ["-m", "not_written_yet"]).passed is False
    assert "No module named not_written_yet" in capsys.readouterr().out


def test_one_failure_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "CHECKS", {"one": ["-c", "1/0"], "two": ["-c", ""]})
    assert checks.command([]) == 1
    last = capsys.readouterr().out.splitlines()[-2:]
    assert [line[:5] for line in last] == ["✗ one", "✓ two"]


def test_the_table_is_aligned() -> None:
    drawn = checks.table([Result("ruff", True, 0.14), Result("mypy --strict", False, 12.3)])
    assert drawn == "✓ ruff             0.1 s\n✗ mypy --strict   12.3 s"


def test_an_unknown_check_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        checks.command(["ruf"])
    assert "no such check: ruf. There are: ruff check" in capsys.readouterr().err

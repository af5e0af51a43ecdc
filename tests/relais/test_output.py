"""What cannot be written or read, at the two ends of a command, is one sentence in French."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.relais.conftest import CommandLine
from tests.relais.test_as_a_process import ROOT

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("settings",), ("key", "new", "--json")])
def test_a_full_disk_is_one_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with FULL.open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "relais", *arguments],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": ""},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
        )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "le disque est plein" in ran.stderr


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    ran = subprocess.run(
        f"{sys.executable} -m relais settings --json | true; echo ${{PIPESTATUS[0]}}",
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"},
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (ran.stdout.strip(), ran.stderr) == ("0", "")


def test_a_password_that_is_not_text_is_one_sentence(cli: CommandLine) -> None:
    raw = io.TextIOWrapper(io.BytesIO(b"mot de passe \xff\xfe"), encoding="utf-8")
    account = ("ana", "--name", "Ana", "--role", "educator", "--password-stdin")
    refused = cli.refused("staff", "add", *account, stdin=raw)
    assert "Mot de passe : ce qui arrive sur l'entrée standard n'est pas du texte" in refused

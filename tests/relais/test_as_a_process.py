"""The same command line as a process of its own, the way a set-up script calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.relais.conftest import PASSWORD, SETTINGS, TOKEN

ROOT = Path(__file__).parents[2]


def relais(
    folder: Path, *arguments: str, stdin: str = "", **settings: str
) -> "subprocess.CompletedProcess[str]":
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {f"RELAIS_{setting}" for setting in SETTINGS}
    }
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    environment |= {f"RELAIS_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "relais", *arguments],
        cwd=folder,
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        encoding="utf-8",
    )


def test_a_script_sets_up_an_installation_from_nothing(tmp_path: Path) -> None:
    key = relais(tmp_path, "key", "new").stdout.strip()

    def ask(*arguments: str, stdin: str = "") -> "dict[str, str]":
        ran = relais(tmp_path, *arguments, stdin=stdin, KEY=key)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
        found: dict[str, str] = json.loads(ran.stdout)
        return found

    assert relais(tmp_path, "migrate", KEY=key).returncode == 0
    ask(
        "structure",
        "add",
        "Les Passerelles",
        "--kind",
        "cjc",
        "--alert-rule",
        "all=ask",
        "--bot-token-stdin",
        "--json",
        stdin=TOKEN,
    )
    ask(
        "staff",
        "add",
        "nadia",
        "--name",
        "Nadia",
        "--role",
        "educator",
        "--password-stdin",
        "--json",
        stdin=PASSWORD,
    )
    made = ask(
        "youth", "add", "--educator", "nadia", "--nickname", "Inès", "--born", "2007-05", "--json"
    )
    assert made["nickname"] == "Inès"
    assert (tmp_path / "relais.db").exists()


def test_a_missing_setting_is_one_sentence_and_status_two(tmp_path: Path) -> None:
    ran = relais(tmp_path, "run")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "RELAIS_KEY" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.iterdir())

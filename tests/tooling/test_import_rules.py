"""The rules on who may import whom, each broken once in a copy of the house to see it caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tooling.checks import IMPORT_LINTER
from tooling.environment import ROOT, pyproject

PACKAGES = pyproject()["tool"]["importlinter"]["root_packages"]

BROKEN = [
    ("layers", "dialogs", "import content"),
    ("layers", "content", "import bot"),
    ("layers", "content", "import simulator"),
    ("layers", "bot", "import admin"),
    ("layers", "admin", "import bot"),
    ("layers", "simulator", "import bot"),
    ("layers", "bot", "import relais"),
    ("records", "records", "import dialogs"),
    ("records", "records", "import relais"),
    ("remembering", "dialogs", "import records"),
    ("remembering", "content", "import records"),
    ("remembering", "simulator", "import records"),
    ("telegram", "bot", "from telegram.error import TelegramError"),
    ("telegram", "relais", "import telegram.ext"),
    ("telegram", "simulator", "import telegram"),
    ("web", "bot", "from starlette.routing import Route"),
    ("web", "records", "import starlette"),
    ("mail", "relais", "import aiosmtplib"),
    ("mail", "admin", "import aiosmtplib"),
    ("database", "dialogs", "import sqlalchemy"),
    ("database", "content", "from sqlalchemy.ext.asyncio import AsyncEngine"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The packages' own Python files, and the rules."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        for source in (ROOT / package).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def verdict(house: Path, *options: str) -> tuple[int, str]:
    linting = [sys.executable, "-c", IMPORT_LINTER, "--no-logo", "--no-cache", *options]
    done = subprocess.run(linting, cwd=house, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_house_keeps_its_own_rules(house: Path) -> None:
    status, words = verdict(house)
    assert status == 0, words


@pytest.mark.parametrize(("rule", "package", "line"), BROKEN)
def test_a_forbidden_import_is_caught(house: Path, rule: str, package: str, line: str) -> None:
    (house / package / "intruder.py").write_text(f"{line}\n", "utf-8")
    status, words = verdict(house, "--contract", rule)
    assert status == 1, words
    assert "intruder" in words


def test_every_rule_is_broken_by_some_test() -> None:
    rules = {contract["id"] for contract in pyproject()["tool"]["importlinter"]["contracts"]}
    assert {rule for rule, _, _ in BROKEN} == rules


def test_the_adapters_own_files_may_import_telegram(house: Path) -> None:
    for name in ("telegram_chat.py", "telegram_http.py"):
        with (house / "bot" / name).open("a", encoding="utf-8") as adapter:
            adapter.write("\nimport telegram\n")
    status, words = verdict(house, "--contract", "telegram")
    assert status == 0, words

"""What the documents promise about commands and packaging is what there is."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dev
from tooling.environment import ROOT, pyproject

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"dev\.py ([a-z]+)\b", document.read_text("utf-8"))
    assert set(named) <= set(dev.COMMANDS)


def test_ci_calls_the_test_command_then_the_checks() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.search(r"python3 dev\.py test .*python3 dev\.py check ", script, re.DOTALL)
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_ci_is_valid_bash() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    subprocess.run([bash, "-n", str(ROOT / ".ci" / "run")], check=True)


def test_a_wheel_carries_every_page_sentence_and_catalogue(tmp_path: Path) -> None:
    packages = [
        name
        for name in pyproject()["tool"]["importlinter"]["root_packages"]
        if (ROOT / name / "__init__.py").is_file()
    ]
    for name in [*packages, "pyproject.toml", "LICENSE"]:
        copying = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copying(ROOT / name, tmp_path / name)
    (tmp_path / "README.md").touch()
    building = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([sys.executable, "-m", *building, "."], cwd=tmp_path, check=True)
    carried = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for name in packages
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - carried == set()

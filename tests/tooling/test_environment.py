"""`dev.py` on a new machine: what it refuses, what it installs, and what it repairs."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import dev
from tooling import environment
from tooling.environment import ROOT, UNFINISHED, complaint, next_step

HERE = "Python 3.11 for /here"


def found(_: str) -> object:
    return True


def test_an_older_python_is_refused_in_one_sentence() -> None:
    refusal = complaint((3, 10), found)
    assert refusal == "Relais needs Python 3.11 or newer, and this is Python 3.10."


def test_a_debian_without_ensurepip_is_told_which_package_to_install() -> None:
    refusal = complaint((3, 12), lambda name: None if name == "ensurepip" else name)
    assert refusal
    assert "apt-get install python3.12-venv" in refusal


def test_a_python_that_has_all_is_accepted() -> None:
    assert complaint((3, 11), found) is None


@pytest.mark.parametrize(
    "source", [ROOT / "dev.py", *(ROOT / "tooling").glob("*.py")], ids=lambda path: path.name
)
def test_an_older_python_can_read_its_own_refusal(source: Path) -> None:
    ast.parse(source.read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("stamp", "alive", "step"),
    [
        (f"{HERE}\nlists", True, "keep"),
        (f"{HERE}\nlists", False, "remake"),  # the Python under it was removed
        (f"{HERE}\nolder lists", True, "install"),
        ("", True, "install"),  # made by hand
        ("", False, "remake"),
        (UNFINISHED, True, "remake"),
        ("Python 3.11 for /elsewhere\nlists", True, "remake"),  # scripts carry absolute paths
        ("Python 3.10 for /here\nlists", True, "remake"),
    ],
)
def test_the_stamp_says_what_is_to_be_done(stamp: str, alive: bool, step: str) -> None:
    assert next_step(stamp, f"{HERE}\nlists", alive=alive) == step


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n  {command.usage}" in listed for command in dev.COMMANDS.values())


def test_an_unknown_command_is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        dev.main(["dance"])
    assert (
        capsys.readouterr().err == "dev.py: there is no command 'dance'; see: python3 dev.py help\n"
    )


# A project of its own, so small that it installs without a network: dev.py as it is, nothing
# locked, and a build backend of a few lines that can be made to wait.
BACKEND = """
import pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    while pathlib.Path("wait").exists():
        time.sleep(0.05)
    name, info = "relais-0-py3-none-any.whl", "relais-0.dist-info"
    files = {
        "relais.pth": str(pathlib.Path.cwd()),
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: relais\\nVersion: 0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "relais"
version = "0"
[tool.setuptools]
"""
PROGRAM = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd()}))
sys.exit(7)
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all the stories below: each virtual environment takes seconds to make."""
    project = tmp_path_factory.mktemp("home") / "small project"
    shutil.copytree(ROOT / "tooling", project / "tooling")
    shutil.copyfile(ROOT / "dev.py", project / "dev.py")
    texts = {
        "pyproject.toml": PROJECT,
        "backend.py": BACKEND,
        "requirements.lock": "# nothing\n",
        "relais/__init__.py": "",
        "relais/__main__.py": PROGRAM,
    }
    for name, text in texts.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, "utf-8")
    return project


def dev_py(project: Path, *words: str, folder: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(project / "dev.py"), *words],
        cwd=folder or project,
        env={**os.environ, "HOME": str(project.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def unfinished(project: Path) -> bool:
    stamp = project / ".venv" / environment.STAMP.name
    return stamp.is_file() and stamp.read_text("utf-8") == UNFINISHED


@pytest.mark.skipif(os.name == "nt", reason="signals and folder locks are POSIX")
def test_an_installation_cut_short_is_begun_again_while_another_terminal_waits(
    small: Path,
) -> None:
    (small / "wait").touch()
    killed = dev_py(small, "install")
    until(lambda: unfinished(small))
    os.killpg(killed.pid, signal.SIGKILL)
    end_of(killed)
    (small / ".venv" / "half-made").touch()

    first = dev_py(small, "install")
    until(lambda: not (small / ".venv" / "half-made").exists())
    second = dev_py(small, "install")
    assert second.stderr
    assert second.stderr.readline() == "dev.py: another dev.py is installing; waiting for it\n"
    (small / "wait").unlink()
    assert end_of(first)[0] == 0
    assert end_of(second) == (0, "", "dev.py: everything is installed\n")


def test_it_installs_once_and_passes_on_arguments_folder_and_status(
    small: Path, tmp_path: Path
) -> None:
    assert end_of(dev_py(small, "install"))[0] == 0
    status, out, err = end_of(dev_py(small, "relais", "youth", "--json", folder=tmp_path))
    assert (status, err) == (7, "")
    assert json.loads(out) == {"arguments": ["youth", "--json"], "folder": str(tmp_path)}


def test_what_pip_says_is_shown_when_it_fails(small: Path) -> None:
    assert end_of(dev_py(small, "install"))[0] == 0
    (small / "requirements.lock").write_text("not = a requirement\n", "utf-8")
    status, _, err = end_of(dev_py(small, "install"))
    (small / "requirements.lock").write_text("# nothing\n", "utf-8")
    assert status == 1
    assert "Invalid requirement" in err
    assert err.endswith("dev.py: pip could not install (its own words are above)\n")
    assert unfinished(small)

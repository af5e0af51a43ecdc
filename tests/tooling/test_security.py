"""`docs/security.md` names every requirement of ASVS 5.0, levels 1 and 2, once, and only what exists."""

import re
from functools import cache

import pytest

from tooling.environment import ROOT

# Section and its requirements of level 1 or 2; those of level 3 are left out.
NUMBERS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6
3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12
6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2
8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2
10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1
13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7 16.1:1 16.2:1-5
16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
STATES = {"met", "n/a", "**exception**"}
EXCEPTIONS = 12
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.+) \|$", DOCUMENT, re.MULTILINE)


def required() -> list[str]:
    found = []
    for section, _, span in (group.partition(":") for group in NUMBERS.split()):
        first, _, last = span.partition("-")
        found += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return found


@cache
def defined() -> set[str]:
    texts = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {
        name
        for text in texts
        for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)
    }


def named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_requirement_is_there_once_in_order() -> None:
    assert len(required()) == 253
    assert [number for number, *_ in ROWS] == required()
    assert {state for _, _, state, _ in ROWS} == STATES


def test_every_file_that_is_named_exists() -> None:
    files = [one for one in named(DOCUMENT) if re.fullmatch(r"[\w@.-]+(/[\w@.-]+)+\.\w+", one)]
    assert len(files) > 60
    assert [one for one in files if not (ROOT / one).exists()] == []


def test_every_test_that_is_named_exists() -> None:
    asked = {one for one in named(DOCUMENT) if re.fullmatch(r"test_\w+", one)}
    assert len(asked) > 60
    assert asked - defined() == set()


@pytest.mark.parametrize("state", sorted(STATES))
def test_each_state_says_what_it_has_to(state: str) -> None:
    """What is met says where; what is not says why, and what stands instead."""
    least = {"met": 3, "n/a": 3, "**exception**": 60}[state]
    assert [number for number, _, of, where in ROWS if of == state and len(where) < least] == []


def test_the_exceptions_are_those_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    found = [number for number, _, state, _ in ROWS if state == "**exception**"]
    with capsys.disabled():
        print(f"\nASVS 5.0 level 2: {len(found)} exceptions of {len(ROWS)}: {', '.join(found)}")
    assert len(found) == EXCEPTIONS

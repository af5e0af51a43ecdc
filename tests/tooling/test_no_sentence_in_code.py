"""Every sentence that a youth reads is in `content/`: none is written in what speaks to them.

Looked at in the syntax trees, and not in the text: docstrings, log lines and what developers read
when something is broken are for others than youths.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
FRENCH = re.compile(
    r"\b(le|la|les|l'|un|une|des|du|de|et|ou|est|pas|tu|ton|ta|tes|te|t'|que|qu'|qui|pour|dans|avec"
    r"|sur|ce|cette|c'|il|elle|on|je|j'|ne|n'|mon|ma|mes|nous|vous|votre|merci|bonjour|oui|non)\b"
    r"|[éèêàçùôîœ«»]",
    re.IGNORECASE,
)
PHRASE = re.compile(r"[^\W\d_]+[ \u00a0]+\S*[^\W\d_]")  # two words at least
FOR_DEVELOPERS = (ast.Raise, ast.Assert)
LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# What is no sentence to a youth, and whose reader it has.
EXEMPT = {
    "records/words.py": "the lists of which two words are drawn: the desk and the phone show them",
    "records/access.py": "what is wrong with a page without its line: for whoever adds one",
    "records/erasure.py": "why a table stays: for whoever reads the code",
    "records/rights.py": "why a column is left out: for whoever reads the code",
    "records/migrations": "statements of the database",
}
# `relais` speaks French to whoever installs and administers, on their terminal and in its settings.
TERMINAL = (
    "__main__.py checks.py command.py commands database_address.py french_argparse.py logs.py "
    "mail_check.py os_errors.py processes.py settings.py web.py wiring.py opening.py smtp.py"
).split()
DEMO = ("demo.py", "demo_people.py")  # what invented persons say, and what its terminal prints


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The literals of two words or more that are French, each with its line."""
    tree = ast.parse(source)
    aside = {id(one) for node in ast.walk(tree) for one in _not_for_youths(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in aside and PHRASE.search(node.value) and FRENCH.search(node.value):
            yield node.lineno, node.value


def _not_for_youths(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value  # a docstring
    elif isinstance(node, FOR_DEVELOPERS) or _is_logging(node):
        yield from ast.walk(node)


def _is_logging(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute)
        and called.attr in LOGGING
        and isinstance(called.value, ast.Name)
        and called.value.id == "log"
    )


def rooms(package: str) -> list[Path]:
    apart = {"relais": (*TERMINAL, *DEMO)}.get(package, ())
    return [
        path
        for path in sorted((HOUSE / package).rglob("*.py"))
        if path.relative_to(HOUSE / package).parts[0] not in apart
        and not any(path.is_relative_to(HOUSE / exempt) for exempt in EXEMPT)
    ]


@pytest.mark.parametrize("package", ["bot", "dialogs", "records", "relais"])
def test_no_sentence_that_a_youth_could_read_is_written_in_code(package: str) -> None:
    looked_at = rooms(package)
    found = [
        f"{path.relative_to(HOUSE)}:{line}: {text!r}"
        for path in looked_at
        for line, text in sentences(path.read_text("utf-8"))
    ]
    assert len(looked_at) > 5
    assert found == []


def test_every_room_named_apart_is_there() -> None:
    named = [*EXEMPT, *(f"relais/{name}" for name in (*TERMINAL, *DEMO))]
    assert [name for name in named if not (HOUSE / name).exists()] == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ('visit.tell("C\'est effacé, merci")', True),
        ('Screen(f"Bonjour {name}, ça va ?")', True),
        ('Button("Garder pour moi", act)', True),
        ('text = "Tu veux montrer ça ?"', True),
        ('"""C\'est une docstring, en français."""', False),
        ('raise ValueError("un bouton ne tient pas")', False),
        ('log.warning("le message est perdu")', False),
        ('visit.say("carnet.title")', False),
        ('reason = "cancelled by staff"', False),
    ],
)
def test_the_look_can_fail(code: str, *, seen: bool) -> None:
    assert bool(list(sentences(code))) is seen

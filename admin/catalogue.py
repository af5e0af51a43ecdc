"""The desk's sentences as a gettext template: `python -m admin.catalogue update|check`.

`update` reads them from the code and the pages into locale/desk.pot, and brings the French
catalogue along; `check` ends with 1 and a sentence when the template is not up to date.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
TEMPLATE = HERE / "locale" / "desk.pot"
FRENCH = HERE / "locale" / "fr" / "LC_MESSAGES" / "desk.po"
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
_OPTIONS = {
    "**.html": {
        "trimmed": "true",
        "newstyle_gettext": "true",
        "silent": "false",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
    }
}
_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)  # a date would change the file with each update
_KEYWORDS = {"_": None, "marked": None, "counted": (1, 2), "gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every sentence, in the order of its identifier, with the files that say it."""
    found = Catalog(project="Relais", charset="utf-8", fuzzy=False)
    places: dict[str | tuple[str, ...], set[str]] = {}
    for file, _line, sentence, _comments, _context in extract_from_dir(
        HERE, _METHODS, _OPTIONS, keywords=_KEYWORDS
    ):
        places.setdefault(sentence, set()).add(file)
    for sentence in sorted(places, key=str):
        found.add(sentence, locations=[(file, 0) for file in sorted(places[sentence])])
    return found


def written(catalogue: Catalog, *, header: bool = False) -> str:
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=not header, include_lineno=False, width=100)
    return out.getvalue().decode()


def update() -> int:
    TEMPLATE.write_text(written(extracted()), "utf-8")
    french = Catalog(
        locale="fr",
        project="Relais",
        version="1",
        fuzzy=False,
        header_comment="# Relais.",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=_UNDATED,
        revision_date=_UNDATED,
    )
    if FRENCH.exists():
        for kept in read_po(io.BytesIO(FRENCH.read_bytes()), locale="fr"):
            if kept.id:
                french[kept.id] = kept
    french.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    french.obsolete.clear()
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    FRENCH.write_text(written(french, header=True), "utf-8")
    print(f"{len(extracted())} phrases dans {TEMPLATE.name}.")
    return 0


def check() -> int:
    kept = TEMPLATE.read_text("utf-8") if TEMPLATE.exists() else ""
    if kept == written(extracted()):
        print("Le catalogue des phrases est à jour.")
        return 0
    print("Le catalogue des phrases n'est pas à jour. Lancez : python -m admin.catalogue update")
    return 1


def main(words: list[str]) -> int:
    todo = {"update": update, "check": check}.get(words[0] if len(words) == 1 else "")
    if todo is None:
        print("Usage : python -m admin.catalogue update|check")
        return 2
    return todo()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

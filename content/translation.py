"""One gettext catalogue, read as a whole: a line that gettext would pass over loses a translation."""

import re
from io import StringIO
from pathlib import Path

from content.errors import NOT_GETTEXT, ContentError, Problem
from content.source import read_text

_LINE = re.compile(
    r"\s*(?:#.*)?"  # nothing, or a remark
    r'|\s*(?:(?:msgid|msgid_plural|msgctxt|msgstr|msgstr\[\d\])\s+)?"(?:[^"\\]|\\.)*"\s*'
)


def catalogue_of(path: Path, shown: str) -> dict[str, str]:
    """The finished entries by their French text. Raises ContentError, with the line where known."""
    from babel.messages.pofile import PoFileError, read_po

    text = read_text(path, shown)
    for number, line in enumerate(text.split("\n"), 1):
        if not _LINE.fullmatch(line):
            raise ContentError([Problem(shown, number, "", *NOT_GETTEXT)])
    try:
        return {
            str(entry.id): str(entry.string)
            for entry in read_po(StringIO(text), abort_invalid=True)
            if entry.id and entry.string and not entry.fuzzy
        }
    except PoFileError as wrong:
        raise ContentError([Problem(shown, wrong.lineno + 1, "", *NOT_GETTEXT)]) from wrong
    except Exception as wrong:  # Babel's own bare classes, for a header that it cannot read
        raise ContentError([Problem(shown, 1, "", *NOT_GETTEXT)]) from wrong

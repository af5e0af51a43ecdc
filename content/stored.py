"""What is stored about a youth, in their words: the same for the chat, the page and the terminal.

Tables and columns come with their names in the records; `interface.yaml` says them in words. One
that it does not know is shown under its own name: nothing that is stored is left unsaid. What only
serves the machine (`TECHNICAL`) is in the file, and the page says so.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from content import answers
from content.dates import NBSP, clock_time, day, month, span
from content.library import library
from dialogs.script import Script

TECHNICAL = frozenset(
    "id appointment_id conversation_id zone wall revision priority unasked edits attempts repeated "
    "mark moment held_by not_after useful_until repeat channel_id channel_message_id update_id "
    "variable version ladder entry question next_at told_rule wakes_at position run_id".split()
)
IN_BULK = ("channel_message", "message")  # the bot's own replies: their words are gone already
_CODED = frozenset(
    "purpose answer name channel direction form kind language raised_by reason regime state status visibility".split()
)
_FAMILIES = {
    "name": "objective",
    "purpose": "consent",
    "raised_by": "stored.by",
    "reason": "stored.why",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored row, line by line: what it is, and what it says."""

    id: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of one kind; `kept` says how long."""

    name: str
    title: str
    kept: str
    entries: Sequence[Entry]


def shelves(
    sections: Iterable[tuple[str, Sequence[Row]]],
    read_by: Sequence[Row],
    language: str,
    periods: Mapping[str, timedelta],
) -> list[Shelf]:
    """The stored rows of each table, then who read; `read_by` has « at », « by » and « kind ».
    `periods` are those in force, by name."""
    kept = {name: span(period.days, language) for name, period in periods.items()}
    found = [_shelf(table, rows, language, kept) for table, rows in sections]
    readers = [
        Entry(
            "",
            (
                (_label("by", language), row["by"] or _phrase("stored.is.installation", language)),
                _pair("kind", row["kind"], language),
                _pair("at", row["at"], language),
            ),
        )
        for row in read_by
    ]
    return [*found, Shelf("read_by", *_heading("read_by", language, kept), readers)]


def _shelf(table: str, rows: Sequence[Row], language: str, kept: Mapping[str, str]) -> Shelf:
    bulk = [row for row in rows if table in IN_BULK and not row.get("purpose")]
    single = [row for row in rows if row not in bulk] if bulk else rows
    entries = [_entry(table, row, language) for row in single]
    if bulk:
        entries.append(Entry("", ((_label(f"bulk_{table}", language), str(len(bulk))),)))
    return Shelf(table, *_heading(table, language, kept), entries)


def _heading(table: str, language: str, kept: Mapping[str, str]) -> tuple[str, str]:
    title = _phrase(f"stored.table.{table}", language) or table
    return title, _phrase(f"stored.kept.{table}", language, **kept)


def _entry(table: str, row: Row, language: str) -> Entry:
    which = str(row.get("id", ""))
    of = answers.script(row["script"], row["version"], language) if "script" in row else None
    if table == "response":
        return Entry(which, _response(of, row, language))
    lines = [
        _pair(column, value, language, of)
        for column, value in row.items()
        if column not in TECHNICAL and value not in (None, "", [], {})
    ]
    return Entry(which, [line for line in lines if line[1]])


def _response(of: Script | None, row: Row, language: str) -> list[tuple[str, str]]:
    own = _label("own_words", language)
    return [
        _pair("script", row["script"], language, of),
        answers.in_words(of, row["variable"], str(row["value"]), own),
        _pair("visibility", row["visibility"], language),
        _pair("at", row["at"], language),
    ]


def _pair(column: str, value: Any, language: str, of: Script | None = None) -> tuple[str, str]:
    return _label(column, language), _said(column, value, language, of)


def _said(column: str, value: Any, language: str, of: Script | None) -> str:
    if column == "params":
        return _content(value, language)
    for kind, words in _BY_TYPE.items():
        if isinstance(value, kind):
            return words(value, language, of)
    return _coded(column, str(value), language, of)


def _coded(column: str, value: str, language: str, of: Script | None) -> str:
    """What the records write as a code, in words; anything else as it is."""
    if column == "birth_month":
        return month(value, language)
    if column == "script" and of is not None:
        return of.title
    family = _FAMILIES.get(column, "stored.is")
    known = _phrase(f"{family}.{value}", language) if column in _CODED else ""
    return known or value


def _content(params: Mapping[str, Any], language: str) -> str:
    """An educator's own words, the title of what was offered; what makes up any other message
    only serves the machine."""
    if "text" in params:
        return str(params["text"])
    offered = answers.script(params["script"], None, language) if "script" in params else None
    return offered.title if offered else ""


def _data(value: Mapping[str, Any], language: str, of: Script | None) -> str:
    """A script's answers so far; anything else as it is."""
    if isinstance(value.get("answers"), dict) and of is not None:
        own = _label("own_words", language)
        said = [
            answers.in_words(of, k, str(v), own)
            for k, v in value["answers"].items()
            if k.rstrip("=@") not in of.recall  # it stands where it was said
        ]
        return " · ".join(f"{question} {answer}" for question, answer in said)
    return json.dumps(value, ensure_ascii=False)


_BY_TYPE: dict[type, Callable[[Any, str, Script | None], str]] = {
    bool: lambda value, language, _of: _label("yes" if value else "no", language),
    datetime: lambda value, language, _of: (
        f"{day(value, language)}{NBSP}{value.year}, {clock_time(value, language)}"
    ),
    date: lambda value, language, _of: f"{day(value, language)}{NBSP}{value.year}",
    list: lambda value, _language, _of: ", ".join(map(str, value)),
    dict: _data,
}


def _label(name: str, language: str) -> str:
    return _phrase(f"stored.label.{name}", language) or name


def _phrase(key: str, language: str, **facts: str) -> str:
    known = library()
    return known.phrase(key, language, **facts) if key in known.interface else ""

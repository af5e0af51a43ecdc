"""A backup: all rows of one moment, in a sealed file that any of the two databases can read.

It is a line that begins each table, with its columns and their kinds, and a line a row; a last line
counts them. What was sealed stays sealed inside. The rows are those of one snapshot, read a page at
a time, so that a big table takes no more memory than a small one and nobody who writes waits.

Left out is what would be wrong to bring back: open sessions, failed sign-ins, links for a quarter
of an hour, questions that wait ten minutes for an answer, and how fast each bot has been speaking.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

import orjson
import sqlalchemy as sa

from records import envelope
from records.columns import Instant
from records.database import Tx, metadata
from records.errors import Unusable
from records.vault import Vault

LEFT_OUT = ("session", "sign_in_doorstep", "sign_in_attempt", "takeaway", "question", "pace")
PAGE = 500  # rows read at once


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a column are written into JSON, and read again."""

    column: Callable[[], sa.types.TypeEngine[Any]]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


KINDS = {
    "instant": Kind(
        Instant,
        lambda at: at.astimezone(UTC).isoformat(timespec="microseconds"),
        datetime.fromisoformat,
    ),
    "date": Kind(sa.Date, date.isoformat, date.fromisoformat),
    "bytes": Kind(sa.LargeBinary, lambda value: b64encode(value).decode(), b64decode),
    "json": Kind(sa.JSON, _same, _same),
    "bool": Kind(sa.Boolean, bool, bool),
    "number": Kind(sa.BigInteger, int, int),
    "text": Kind(sa.String, str, str),
}


@dataclass(frozen=True, slots=True)
class Begin:
    """A table begins: its rows follow."""

    table: str
    columns: dict[str, str]  # name → kind


@dataclass(slots=True)
class Counts:
    """How many rows of each table were written, or read."""

    rows: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.rows.values())


async def save(tx: Tx, now: datetime, out: BinaryIO, *, revision: str) -> Counts:
    """Write everything into `out`. The transaction must be a snapshot (`Database.snapshot`)."""
    facts = {"made_at": now.isoformat(), "revision": revision}
    writer, counts = envelope.Writer(out, tx.vault, facts), Counts()
    for table in metadata.sorted_tables:  # whatever is referred to comes first
        if table.name not in LEFT_OUT:
            counts.rows[str(table.name)] = await _save_table(tx, table, writer)
    writer.write(_line({"rows": counts.rows}))
    writer.close()
    return counts


async def _save_table(tx: Tx, table: sa.Table, writer: envelope.Writer) -> int:
    # orjson wants plain texts, and a name that SQL must quote is a text of a kind of its own.
    columns = {str(column.name): kind_of(column) for column in table.columns}
    writer.write(_line({"table": str(table.name), "columns": columns}))
    writes = [KINDS[kind].write for kind in columns.values()]
    done, last = 0, None
    while rows := await tx.rows(_page(table, last)):
        for row in rows:
            values = zip(writes, row, strict=True)
            writer.write(_line([v if v is None else write(v) for write, v in values]))
        done, last = done + len(rows), rows[-1]
    return done


def _page(table: sa.Table, last: Any) -> sa.Select[Any]:
    key = list(table.primary_key.columns)
    page = sa.select(table).order_by(*key).limit(PAGE)
    if last is None:
        return page
    return page.where(sa.tuple_(*key) > sa.tuple_(*(last._mapping[column] for column in key)))


def kind_of(column: sa.Column[Any]) -> str:
    kind = column.type
    for name, python in (
        ("instant", Instant),
        ("date", sa.Date),
        ("bytes", sa.LargeBinary),
        ("json", sa.JSON),
        ("bool", sa.Boolean),
        ("number", sa.Integer),
        ("text", sa.String),
    ):
        if isinstance(kind, python):
            return name
    raise TypeError(f"{column} cannot be saved")


def _line(data: Any) -> bytes:
    return orjson.dumps(data) + b"\n"


def read(source: BinaryIO, vault: Vault) -> Iterator[Begin | list[Any]]:
    """A backup from its beginning: where each table begins, and its rows, as values.

    Raises `Unusable` as `envelope.opened` does; also with backup_altered when rows are missing.
    """
    counts, table, reads = Counts(), "", list[Callable[[Any], Any]]()
    for line in envelope.lines(envelope.opened(source, vault)):
        said = orjson.loads(line)
        if isinstance(said, list):
            counts.rows[table] += 1
            yield [v if v is None else read(v) for read, v in zip(reads, said, strict=True)]
        elif "table" in said:
            table = said["table"]
            counts.rows[table], reads = 0, [KINDS[kind].read for kind in said["columns"].values()]
            yield Begin(table, said["columns"])
        elif said["rows"] != counts.rows:
            raise Unusable("backup_altered")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a backup that is whole says of itself."""

    made_at: datetime
    revision: str
    counts: Counts


def verify(source: BinaryIO, vault: Vault) -> Verified:
    """Read the whole file, and nothing but the file, before anything is touched."""
    source.seek(0)
    facts, _head = envelope.facts_of(source)
    source.seek(0)
    counts, table = Counts(), ""
    for said in read(source, vault):
        if isinstance(said, Begin):
            table = said.table
            counts.rows[table] = 0
        else:
            counts.rows[table] += 1
    return Verified(datetime.fromisoformat(facts["made_at"]), facts["revision"], counts)

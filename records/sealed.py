"""Which columns are sealed, which are hashes, and which are neither: known from the tables.

A binary column is sealed under its own name, « table.column », and bound to its row's identifier,
unless it is named here. Rotation, backup and the proofs read this list; a test fills every table
and refuses a column that is none of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Column, LargeBinary, Table

from records import erased
from records.database import metadata
from records.vault import Vault

# SHA-256 of something random and long: there is no key to change.
DIGESTS = (
    "invitation.token",
    "mailbox.proof",
    "recovery_code.code",
    "session.token",
    "sign_in_doorstep.token",
    "takeaway.token",
)
# Keyed hashes that could not be made anew, and so come from the secret that lasts.
LASTING = (
    "access_log.youth_index",  # under a seal
    "access_seal.digest",
    "access_seal.mark",
    "access_seal.dropped",
    "receipt.code",  # only the youth has the code
)
# Keyed hashes that are over within the hour: nothing is lost when they are no longer found.
PASSING = ("sign_in_attempt.subject",)
# What the installation notes about itself: proofs of the key, which the rotation writes last.
NOTES = ("note.value",)


# Keyed hashes of what is sealed in the same row: the field's name, and the sealed column.
BESIDE: Mapping[str, tuple[str, str]] = {
    "contact.address_index": ("contact.address", "address"),
    "bot.token_index": ("bot.token", "token"),
    "erased.about": ("erased.about", "what"),
}
# Keyed hashes of a youth's identifier, by the field's name.
OF_YOUTHS: Mapping[str, str] = {
    "survey_completion.person": "survey.person",
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed column; its values are bound to `field` and to their row's identifier."""

    table: Table
    column: Column[Any]

    @property
    def field(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def row(self) -> Column[Any]:
        [key] = self.table.primary_key.columns
        return key


def sealed_columns() -> dict[str, list[Sealed]]:
    """Every sealed column, by table."""
    named = {*NOTES, *DIGESTS, *LASTING, *PASSING, *BESIDE, *OF_YOUTHS}
    found: dict[str, list[Sealed]] = {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            one = Sealed(table, column)
            if isinstance(column.type, LargeBinary) and one.field not in named:
                found.setdefault(table.name, []).append(one)
    return found


def column_named(name: str) -> Column[Any]:
    table, _, column = name.partition(".")
    return metadata.tables[table].columns[column]


def made_anew(vault: Vault, sealed: Sequence[Sealed], row: Mapping[Any, Any]) -> dict[str, Any]:
    """The sealed columns of one row, and the hashes beside them, made with the first key."""
    which = row[sealed[0].row]
    opened = {
        one.column.name: vault.open(one.field, which, row[one.column])
        for one in sealed
        if row[one.column] is not None
    }
    made: dict[str, Any] = {one.column.name: None for one in sealed}
    for one in sealed:
        if one.column.name in opened:
            made[one.column.name] = vault.seal(one.field, which, opened[one.column.name])
    for name, (field, source) in BESIDE.items():
        table, _, column = name.partition(".")
        if table == sealed[0].table.name and source in opened:
            made[column] = vault.index(field, _said(name, row, opened[source]))
        elif table == sealed[0].table.name:
            made[column] = None
    return made


def _said(name: str, row: Mapping[Any, Any], opened: str) -> str:
    """What a hash is made of: the words themselves, but for the list of what was taken back."""
    return erased.about(row["kind"], orjson.loads(opened)) if name == "erased.about" else opened

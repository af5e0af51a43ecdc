"""Anonymous satisfaction: answers that nobody can be found in.

Answers carry structure, wave, instrument version, week and a random key; completions say who
answered a wave, without a time, so that one reminder can be sent. Every hour, and always before
answers become visible, both are deleted and inserted again in a shuffled order, in one commit,
and the old pages are wiped; the week becomes the wave's latest, for all alike. Answers become
visible in batches of at least five, item by item; an item that was passed says so (`SKIPPED`).

Every instrument has quarters for waves, and one answer a youth and wave. The one about meetings
carries none of them: whoever had the only meeting of a week is one of the wave's all the same.
"""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
)

from records.columns import Identifier, link, random_id
from records.database import Database, Tx, metadata, recall, remember, wipe_freed_pages

GRACE = timedelta(days=30)  # a wave may still be answered so long after its quarter
BATCH = 5  # answers become visible together, at least so many
THRESHOLD = 5  # below, nothing is shown
SKIPPED = "~skipped"  # an item that was passed: no value of a script is written so
FRESH = "survey:fresh"  # something was handed in since the last shuffle
TABLES = ("survey_answer", "survey_completion")

survey_answer = Table(
    "survey_answer",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=False),  # random: tells no order
    link("structure_id", "structure"),
    Column("respondent", BigInteger, nullable=False),  # random; ties the items of one answer
    Column("instrument", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("wave", String(12), nullable=False),
    Column("week", String(8), nullable=False),  # ISO, 2026-W48
    Column("item", String(48), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("visible", Boolean, nullable=False),
    Index("ix_survey_answer_wave", "structure_id", "instrument", "wave"),
)

survey_completion = Table(
    "survey_completion",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=False),
    link("structure_id", "structure"),
    Column("person", LargeBinary, nullable=False),  # keyed hash of the youth
    Column("instrument", String(48), nullable=False),
    Column("wave", String(12), nullable=False),
    Index("uq_survey_completion", "person", "instrument", "wave", unique=True),
)


async def hand_in(
    tx: Tx,
    *,
    structure_id: int,
    youth_id: int,
    instrument: str,
    version: int,
    wave: str,
    week: str,
    answers: dict[str, str],
) -> bool:
    """Write one anonymous answer and, apart, that this youth has answered. False if already."""
    person, *before = persons_of(tx, youth_id)
    if before and await has_completed(tx, youth_id, instrument, wave):
        return False  # under a key that is being replaced
    done = tx.upsert(survey_completion).on_conflict_do_nothing(
        index_elements=["person", "instrument", "wave"]
    )
    if not await tx.run(
        done,
        {
            "id": random_id(),
            "structure_id": structure_id,
            "person": person,
            "instrument": instrument,
            "wave": wave,
        },
    ):
        return False
    respondent = random_id()
    rows = []
    for item, value in answers.items():
        row = random_id()
        rows.append(
            {
                "id": row,
                "structure_id": structure_id,
                "respondent": respondent,
                "instrument": instrument,
                "version": version,
                "wave": wave,
                "week": week,
                "item": item,
                "value": tx.vault.seal("survey_answer.value", row, value),
                "visible": False,
            }
        )
    if rows:
        await tx.run(survey_answer.insert(), rows)
    await remember(tx, FRESH, "yes")
    return True


def persons_of(tx: Tx, youth_id: int) -> tuple[bytes, ...]:
    """The keyed hash by which completions are known: one a key while keys rotate."""
    return tx.vault.indexes("survey.person", str(youth_id))


async def has_completed(tx: Tx, youth_id: int, instrument: str, wave: str) -> bool:
    return (
        await tx.row(
            select(survey_completion.c.id).where(
                survey_completion.c.person.in_(persons_of(tx, youth_id)),
                survey_completion.c.instrument == instrument,
                survey_completion.c.wave == wave,
            )
        )
        is not None
    )


def wave_of(day: date) -> str:
    """The quarter's wave of a local day: « 2026-T4 »."""
    return f"{day.year}-T{(day.month - 1) // 3 + 1}"


def is_wave(text: str) -> bool:
    """Whether this is a wave as we write them, « 2026-T4 »."""
    return re.fullmatch(r"20\d\d-T[1-4]", text, re.ASCII) is not None


def wave_end(wave: str) -> date:
    """The first day after a quarter's wave, « 2026-T4 »."""
    year, quarter = int(wave[:4]), int(wave[-1])
    return date(year + quarter // 4, quarter * 3 % 12 + 1, 1)


def is_over(wave: str, day: date) -> bool:
    """Whether a quarter's wave ended more than `GRACE` ago."""
    return day >= wave_end(wave) + GRACE


async def shuffle(database: Database) -> int:
    """Rewrite both tables in a random order, release full batches, wipe old pages.

    Returns how many respondents became visible. Call it within the hour of any answer.
    """
    async with database.write() as tx:
        fresh = await recall(tx, FRESH)
        released = await _release(tx, await _rewritten(tx, survey_answer))
        await _rewritten(tx, survey_completion)
    # Where the answers were while they were being given, too: deleted rows keep their bytes.
    await wipe_freed_pages(database, (*TABLES, "conversation") if fresh else TABLES)
    if fresh:
        async with database.write() as tx:
            await remember(tx, FRESH, "")
    return released


def _level(rows: list[dict[str, Any]]) -> None:
    """One week for a whole wave, its latest: beside the weeks in which each youth was proposed the
    survey, or was last seen, weeks of their own would pair answers with youths."""
    latest: dict[tuple[int, str, str], str] = {}
    for row in rows:
        wave = row["structure_id"], row["instrument"], row["wave"]
        latest[wave] = max(latest.get(wave, ""), row["week"])
    for row in rows:
        row["week"] = latest[row["structure_id"], row["instrument"], row["wave"]]


async def _rewritten(tx: Tx, table: Table) -> list[tuple[dict[str, Any], str]]:
    """Every row anew, each with what it says."""
    taken = delete(table).returning(*table.c)  # what comes in meanwhile is left where it is
    rows = [dict(row._mapping) for row in await tx.rows(taken)]
    secrets.SystemRandom().shuffle(rows)
    told = [""] * len(rows)
    for place, row in enumerate(rows):
        fresh = random_id()
        if table is survey_answer:
            told[place] = tx.vault.open("survey_answer.value", row["id"], row["value"])
            row["value"] = tx.vault.seal("survey_answer.value", fresh, told[place])
        row["id"] = fresh
    if table is survey_answer:
        _level(rows)
    if rows:
        await tx.run(insert(table), rows)
    return list(zip(rows, told, strict=True))


_BATCHED = ("structure_id", "instrument", "version", "wave", "item")


async def _release(tx: Tx, rows: list[tuple[dict[str, Any], str]]) -> int:
    """Make the hidden answers to an item visible once they are at least a batch. Item by item, and
    without those who passed it: between two looks, five answers more, never one."""
    hidden = [row for row, said in rows if not row["visible"] and said != SKIPPED]
    groups = Counter(tuple(row[name] for name in _BATCHED) for row in hidden)
    ready = {group for group, size in groups.items() if size >= BATCH}
    for group in ready:
        these = (survey_answer.c[name] == at for name, at in zip(_BATCHED, group, strict=True))
        await tx.run(survey_answer.update().where(*these), {"visible": True})
    shown = {
        (row["structure_id"], row["respondent"])
        for row in hidden
        if tuple(row[name] for name in _BATCHED) in ready
    }
    return len(shown)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of an instrument: all that may be answered, in order. `several`: one person
    may tick more than one."""

    values: tuple[str, ...]
    several: bool = False


Instrument = Callable[[str, int], Mapping[str, Asked]]
"""What a version of an instrument asks, item by item; free comments are not part of it."""


@dataclass(frozen=True, slots=True)
class ItemCount:
    """How often one value was chosen; `count` None where a rule hides it. A whole item that too
    few answered is one line, with an empty `value`."""

    instrument: str
    version: int
    wave: str
    item: str
    value: str
    count: int | None


async def counts(tx: Tx, structure_id: int, asked: Instrument) -> list[ItemCount]:
    """Visible counts by item, over all that could be answered: nothing under five, nor what
    subtraction would give away (`suppressed`).

    A value that nobody chose and one that four chose look the same, and so do an item that
    nobody answered and one that four did. That somebody passed a question is not hidden.
    """
    chosen: dict[tuple[str, int, str], dict[str, list[list[str]]]] = {}
    for r in await tx.rows(
        select(survey_answer).where(
            survey_answer.c.structure_id == structure_id, survey_answer.c.visible
        )
    ):
        told = tx.vault.open("survey_answer.value", r.id, r.value)
        if told == SKIPPED:
            continue
        said = told.split("|")
        answers = chosen.setdefault((r.instrument, r.version, r.wave), {})
        answers.setdefault(r.item, []).append(said)
    return [
        ItemCount(*which, item, value, count)
        for which, answers in sorted(chosen.items())
        for item, question in asked(which[0], which[1]).items()
        for value, count in _shown(question, answers.get(item, [])).items()
    ]


def _shown(question: Asked, answers: list[list[str]]) -> dict[str, int | None]:
    if len(answers) < THRESHOLD:
        return {"": None}
    tally = Counter(value for said in answers for value in set(said))
    cells = {value: tally[value] for value in question.values}
    return suppressed(cells, len(answers) if question.several else None)


def suppressed(cells: dict[str, int], people: int | None = None) -> dict[str, int | None]:
    """Hide every cell under the threshold, zeros included, and with them all that share the
    smallest count above it. `people`: how many answered, where one may tick several values; then
    those who did not tick are a cell as well.

    Why nothing can be worked out, even by someone who knows the total and this rule: it looks at
    counts only, never at which value has them. So whatever counts are hidden, any exchange of
    them between the hidden values would be shown in the same way; and among them is at least one
    under five and one of five or more, unless nothing at all is shown.
    """
    weight = {
        value: count if people is None else min(count, people - count)
        for value, count in cells.items()
    }
    small = {value for value, size in weight.items() if size < THRESHOLD}
    next_up = min((size for size in weight.values() if size >= THRESHOLD), default=None)
    hidden = {value for value, size in weight.items() if value in small or size == next_up}
    return {value: None if small and value in hidden else count for value, count in cells.items()}

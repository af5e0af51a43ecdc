"""Free comments of the satisfaction surveys, and who answered: both go some months after a wave.

They are anonymous, so that their age is the wave's, never a person's.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from records.database import Tx
from records.survey import is_wave, survey_answer, survey_completion, wave_end

IsComment = Callable[[str, int, str], bool]


async def count(tx: Tx, at: datetime, kept: timedelta, is_comment: IsComment) -> int:
    """How many comments the night of `at` lets go."""
    which = await _due(tx, at, kept, is_comment)
    return 0 if which is None else len(await tx.rows(select(survey_answer.c.id).where(which)))


async def drop(tx: Tx, at: datetime, kept: timedelta, is_comment: IsComment) -> int:
    """Delete them, and the completions of waves as old; the old pages are for the caller to wipe."""
    waves = await tx.rows(select(survey_completion.c.wave).distinct())
    over = [row.wave for row in waves if _is_due(row.wave, at, kept)]
    if over:
        await tx.run(survey_completion.delete().where(survey_completion.c.wave.in_(over)))
    which = await _due(tx, at, kept, is_comment)
    return 0 if which is None else await tx.run(survey_answer.delete().where(which))


async def _due(
    tx: Tx, at: datetime, kept: timedelta, is_comment: IsComment
) -> ColumnElement[bool] | None:
    of = survey_answer.c
    asked = (of.instrument, of.version, of.item, of.wave)
    found = [
        and_(*(column == value for column, value in zip(asked, row, strict=True)))
        for row in await tx.rows(select(*asked).distinct())
        if _is_due(row.wave, at, kept) and is_comment(row.instrument, row.version, row.item)
    ]
    return or_(*found) if found else None


def _is_due(wave: str, at: datetime, kept: timedelta) -> bool:
    """A wave that is no quarter of ours never ends."""
    return is_wave(wave) and datetime.combine(wave_end(wave), time(), UTC) <= at - kept

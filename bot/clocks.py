"""Clocks that are rows, and send nothing by themselves: a question's ten minutes, an alert's wait,
the silence in the middle of a script.

Delivery looks at them with the messages that are due, whether or not its bots may speak: nothing
of it depends on Telegram. Between two due times nothing is read.
"""

import time
from collections.abc import Callable
from datetime import datetime

import content
from content import offered_purpose
from records import question, silence, unanswered
from records.database import Database, Tx

EACH = 1.0  # seconds between two looks, while there is other work


class Clocks:
    """`now` is the product's clock. What ran out in one process is over in all of them."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._look_at = 0.0

    async def run(self, *, busy: bool) -> bool:
        """Do what is due; while there is other work, look once a second only. True when there
        was anything."""
        moment = time.monotonic()
        if busy and moment < self._look_at:
            return False
        self._look_at = moment + EACH
        return await self.run_now()

    async def run_now(self) -> bool:
        async with self._database.read() as tx:
            due = await self.next_due(tx)
        if due is None or due > self._now():
            return False
        async with self._database.write() as tx:
            silent = await question.run_out(tx, self._now())
            waited = await unanswered.pass_on(tx, self._now())
            left = await silence.run_out(tx, self._now(), _nudged_under)
        return bool(silent or waited or left)

    async def next_due(self, tx: Tx) -> datetime | None:
        """The earliest of them."""
        dues = [await clock.next_due(tx) for clock in (question, unanswered, silence)]
        return min((due for due in dues if due is not None), default=None)


def _nudged_under(script: str) -> str | None:
    """The consent under which a youth is told that their place is kept; none for a survey, which
    has a reminder of its own, nor for what is not here any more."""
    known = content.library()
    kind = known.script(script).kind if known.has(script) else ""
    return offered_purpose(kind) if kind in ("exercise", "checkin") else None

"""Clocks that are rows, and send nothing by themselves: a question's ten minutes, an alert's wait.

Delivery looks at them with the messages that are due, whether or not its bots may speak: nothing
of it depends on Telegram. Between two due times nothing is read.
"""

import time
from collections.abc import Callable
from datetime import datetime

from records import question, unanswered
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
        return bool(silent or waited)

    async def next_due(self, tx: Tx) -> datetime | None:
        """The earliest of them."""
        dues = [await question.next_due(tx), await unanswered.next_due(tx)]
        return min((due for due in dues if due is not None), default=None)

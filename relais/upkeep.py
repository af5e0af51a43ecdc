"""What is done by the clock: anonymous answers shuffled within the hour, and the nightly tidying.

APScheduler wakes it, in memory only: everything due is a row, so a missed night costs nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from records import alert, contact, conversation, inbox, message, notification, reception, survey
from records.database import Database
from relais.clock import real_now

log = logging.getLogger("relais.upkeep")
SHUFFLE_MINUTES = 30
NIGHT_HOUR = 3


def scheduled(database: Database, now: Callable[[], datetime]) -> AsyncIOScheduler:
    """A scheduler, not yet started. Late jobs run once; two of a kind never overlap."""
    scheduler = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(
        shuffle, "interval", minutes=SHUFFLE_MINUTES, args=[database], next_run_time=real_now()
    )
    scheduler.add_job(tidy, "cron", hour=NIGHT_HOUR, args=[database, now])
    return scheduler


async def shuffle(database: Database) -> None:
    """Keep the order of anonymous answers from telling anything (domain.md § 5.9)."""
    released = await survey.shuffle(database)
    if released:
        log.info("%d anonymous answers became visible", released)


async def tidy(database: Database, now: Callable[[], datetime]) -> None:
    """Forget what has been kept long enough (domain.md § 5.8)."""
    async with database.write() as tx:
        await reception.tidy(tx, now())
        await contact.tidy(tx, now())
        await inbox.tidy(tx, now())
        await alert.tidy(tx, now())
        await message.tidy(tx, now())
        await conversation.tidy(tx, now())
        await notification.tidy(tx, now())

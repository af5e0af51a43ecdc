"""What is done by the clock: anonymous answers shuffled within the hour, and the nightly tidying and
asking again.

APScheduler wakes it, in memory only: everything due is a row, so a missed night costs nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from records import asking, contact, conversation, inbox, message, reception, survey
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
    scheduler.add_job(
        ask_again, "cron", hour=NIGHT_HOUR, args=[database, now], next_run_time=real_now()
    )
    return scheduler


async def shuffle(database: Database) -> None:
    """Keep the order of anonymous answers from telling anything (domain.md § 5.9)."""
    released = await survey.shuffle(database)
    if released:
        log.info("%d anonymous answers became visible", released)


async def ask_again(database: Database, now: Callable[[], datetime]) -> None:
    """Put the question to whoever's yes no longer counts (domain.md § 5.2)."""
    asked = await asking.ask_whoever_must(database, now())
    if asked:
        log.info("%d youths are asked again for a consent", asked)


async def tidy(database: Database, now: Callable[[], datetime]) -> None:
    """Forget what has been kept long enough (domain.md § 5.8)."""
    async with database.write() as tx:
        await reception.tidy(tx, now())
        await contact.tidy(tx, now())
        await inbox.tidy(tx, now())
        await message.tidy(tx, now())
        await conversation.tidy(tx, now())

"""What is done by the clock: the access log sealed each minute, anonymous answers shuffled within
the hour, and the nightly tidying and asking again.

APScheduler wakes it, in memory only: everything due is a row, so a missed night costs nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from content.answers import in_own_words
from records import asking, chain, checkins, retention, sealing, sign_in, survey, told_rule
from records.database import Database, is_trouble
from relais.clock import real_now

log = logging.getLogger("relais.upkeep")
SEAL_SECONDS = 60
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
    scheduler.add_job(
        seal,
        "interval",
        seconds=SEAL_SECONDS,
        args=[database, real_now],  # seals never use the demo's clock
        next_run_time=real_now(),
    )
    scheduler.add_job(tidy, "cron", hour=NIGHT_HOUR, args=[database, now])
    # By night only: it looks at everyone, and would hold up a start or a stop.
    scheduler.add_job(ask_again, "cron", hour=NIGHT_HOUR, args=[database, now])
    scheduler.add_job(tell_rule, "cron", hour=NIGHT_HOUR, args=[database, now])
    scheduler.add_job(plan, "cron", hour=NIGHT_HOUR, args=[database, now])
    return scheduler


async def plan(database: Database, now: Callable[[], datetime]) -> None:
    """Check-ins and surveys that come by themselves, for two days ahead."""
    await checkins.plan(database, now())


async def shuffle(database: Database) -> None:
    """Keep the order of anonymous answers from telling anything."""
    released = await survey.shuffle(database)
    if released:
        log.info("%d anonymous answers became visible", released)


async def seal(database: Database, now: Callable[[], datetime]) -> None:
    """Put the access log's new lines under their seal (`records.sealing`).

    The last seal of a day that is over goes to the program's own log, which is kept elsewhere: it
    is a head to check against (`relais audit verify --head`).
    """
    try:
        over = await sealing.seal_new(database, now())
    except Exception as failure:
        if not is_trouble(failure):
            raise
        return  # others say that the database is away; lines wait a minute more
    for head in over:
        log.info("the access log's day %s ends with seal %s", head.day, chain.code(head))


async def ask_again(database: Database, now: Callable[[], datetime]) -> None:
    """Put the question to whoever's yes no longer counts."""
    asked = await asking.ask_whoever_must(database, now())
    if asked:
        log.info("%d youths are asked again for a consent", asked)


async def tell_rule(database: Database, now: Callable[[], datetime]) -> None:
    """Tell those whom a rule for minors made stricter does not bind yet."""
    told = await told_rule.tell_whoever_must(database, now())
    if told:
        log.info("%d youths are told of a rule that changed", told)


async def tidy(database: Database, now: Callable[[], datetime]) -> None:
    """Let go of what has been kept long enough, by the schedule that
    `relais retention` shows."""
    done, receipts = await retention.carry_out(database, now(), in_own_words)
    for going in done:
        log.info("%s: %d let go", going.name, going.count)
    for code in receipts:
        log.info("a closed accompaniment was erased whole, receipt %s", code)
    async with database.write() as tx:
        await sign_in.tidy(tx, real_now())  # sessions never use the demo's clock
    if database.keeper is not None:
        await database.keeper.catch_up()

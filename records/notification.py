"""Telling staff by e-mail that something waits: each due e-mail is a row, without any content.

A row says who is told and of which kind of thing, never of whom, what or how many. Several causes
while one waits, or within the quiet interval that the person chose, are one e-mail. Before it
leaves its meaning is asked again (`records.mailing`): what was read meanwhile is told no more.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
    text,
)

from records import cover, mailbox, structure
from records.columns import Instant, key, link, new_id
from records.cover import Cover
from records.database import Tx, metadata
from records.mailbox import About, Mailbox
from records.reading import next_read
from records.staff import staff
from records.youth import youth

# An alert stays worth an e-mail for two days; a refusal for the day that it is about.
LIFE = {
    "alert": timedelta(hours=48),
    "refusal": timedelta(hours=12),
    "unread": timedelta(hours=24),
}
_COVER = "cover"
_AT_BEGINNING: tuple[About, ...] = ("alert", "unread")
ALERTS_QUIET = timedelta(minutes=5)  # an alert never waits longer for the one before it

notification = Table(
    "notification",
    metadata,
    key(),
    link("structure_id", "structure"),
    link("staff_id", "staff"),
    Column("about", String(8), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("unique_key", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # waiting|claimed|sent|refused|dropped|uncertain
    Column("reason", String(24)),
    Column("attempts", Integer, nullable=False),
    Column("repeated", Boolean, nullable=False),  # it may have left before
    Column("claim", BigInteger),
    Column("claimed_until", Instant),
    Column("sent_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("unique_key"),
    Index(
        "ix_notification_due",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_notification_claimed",
        "claimed_until",
        sqlite_where=text("state = 'claimed'"),
        postgresql_where=text("state = 'claimed'"),
    ),
    Index("ix_notification_staff", "staff_id", "about", "id"),
)


async def tell(tx: Tx, now: datetime, staff_id: int, about: About) -> None:
    """Queue an e-mail, in the commit of its cause, as this person chose; none if they chose none.

    One that waits already says it all; one that left just now makes the next wait a little.
    """
    theirs = await mailbox.of(tx, staff_id)
    if not theirs.wants(about) or await _waits(tx, staff_id, about):
        return
    of = await structure.get(tx, await _structure_of(tx, staff_id))
    due_at = await _after_quiet(tx, now, theirs, about)
    if about != "unread" and theirs.choices.moment(about) == "hours":
        due_at = next_read(of.reading_hours, of.zone, of.holidays, due_at) or due_at
    await _queue(tx, now, of.id, staff_id, about, due_at)


async def tell_who_follows(tx: Tx, now: datetime, youth_id: int, about: About) -> None:
    """Tell whoever accompanies this youth now: the educator, and while they are away the colleague
    who covers for them instead; both of an alert."""
    educator_id = await tx.value(select(youth.c.educator_id).where(youth.c.id == youth_id))
    covers = await cover.of(tx, now, educator_id)
    covering = [one.covering_id for one in covers if one.is_active(now)]
    told = [*covering, educator_id] if about == "alert" or not covering else covering
    for staff_id in told:
        await tell(tx, now, staff_id, about)


async def tell_when_it_begins(tx: Tx, now: datetime, which: Cover) -> None:
    """Whoever covers is told, as it begins, of what waits by then: alerts, and words that nobody
    has read. Whether there are any, and whether they wish to be told, is asked when it is due."""
    theirs = await mailbox.of(tx, which.covering_id)
    of = await structure.get(tx, which.structure_id)
    for about in _AT_BEGINNING:
        due_at = max(now, which.starts_at)
        if theirs.choices.moment(about) == "hours":
            due_at = next_read(of.reading_hours, of.zone, of.holidays, due_at) or due_at
        key_ = f"{about}:{_COVER}:{which.id}"
        await _queue(tx, now, of.id, which.covering_id, about, due_at, key_)


async def _queue(
    tx: Tx,
    now: datetime,
    structure_id: int,
    staff_id: int,
    about: About,
    due_at: datetime,
    key_: str = "",
) -> None:
    """The key of one that waits is its person's and kind's: a second of them cannot be; that of a
    cover to come is its own, for it may wait for weeks."""
    values = {
        "id": new_id(),
        "structure_id": structure_id,
        "staff_id": staff_id,
        "about": about,
        "due_at": due_at,
        "not_after": due_at + LIFE[about],
        "unique_key": key_ or waiting_key(staff_id, about),
        "state": "waiting",
        "attempts": 0,
        "repeated": False,
        "created_at": now,
    }
    queued = tx.upsert(notification).values(values)
    await tx.run(queued.on_conflict_do_nothing(index_elements=["unique_key"]))
    await tx.announce()


def waiting_key(staff_id: int, about: str) -> str:
    return f"{about}:{staff_id}"


async def _waits(tx: Tx, staff_id: int, about: About) -> bool:
    same = (notification.c.staff_id == staff_id, notification.c.about == about)
    to_come = notification.c.unique_key.like(f"{about}:{_COVER}:%")
    one = select(notification.c.id).where(*same, notification.c.state == "waiting", ~to_come)
    return await tx.row(one.limit(1)) is not None


async def _after_quiet(tx: Tx, now: datetime, theirs: Mailbox, about: About) -> datetime:
    """Now, or once the interval since the last one of this kind is over."""
    last: datetime | None = await tx.value(
        select(notification.c.sent_at)
        .where(
            notification.c.staff_id == theirs.staff_id,
            notification.c.about == about,
            notification.c.sent_at > now - timedelta(days=1),
        )
        .order_by(notification.c.id.desc())
        .limit(1)
    )
    if last is None:
        return now
    quiet = timedelta(minutes=theirs.choices.quiet)
    return max(now, last + (min(quiet, ALERTS_QUIET) if about == "alert" else quiet))


async def _structure_of(tx: Tx, staff_id: int) -> int:
    return int(await tx.value(select(staff.c.structure_id).where(staff.c.id == staff_id)))


async def counts(tx: Tx) -> dict[str, int]:
    """How many e-mails are in each state; for the metrics."""
    rows = await tx.rows(
        select(notification.c.state, func.count().label("total")).group_by(notification.c.state)
    )
    return {row.state: row.total for row in rows}

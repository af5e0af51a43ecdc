"""Retention: what is kept, how long, and the one schedule that lets it go.

The schedule is data. The dry run counts, for a night to come, what that night's own job would
delete, by the same conditions: the two cannot disagree. Periods are set for the installation, none
above two years; those that follow from the channel or from the law of the product are fixed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, select

from records import (
    alert,
    audit,
    comments,
    ending,
    erased,
    erasure,
    survey,
    youth,
)
from records.contact import MESSAGE_IDS_KEPT, channel_message
from records.conversation import ANONYMOUS_KEPT, conversation
from records.course_record import course_element, course_run
from records.database import Database, Tx, recall, remember, wipe_freed_pages
from records.errors import Refused
from records.inbox import HELD, KEPT, inbox
from records.invitation import invitation
from records.message import TRACELESS, message
from records.receipt import receipt
from records.reception import ACCEPTED_KEPT, SET_ASIDE_KEPT, accepted_update, set_aside
from records.response import PRIVATE, response
from records.takeaway import takeaway

CEILING = 730  # days: two years
HALF_A_YEAR = 183


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept, in days; `fixed` where nobody may choose."""

    name: str
    days: float
    fixed: bool = False


PERIODS = {
    period.name: period
    for period in (
        Period("messages", KEPT.days),
        Period("answers", HALF_A_YEAR),
        Period("person", HALF_A_YEAR),
        Period("alerts", KEPT.days),
        Period("comments", HALF_A_YEAR),
        Period("invitations", 30),
        Period("set_aside", SET_ASIDE_KEPT.days),
        Period("log", 365),
        Period("receipts", CEILING),
        Period("closing", 7),
        Period("updates", ACCEPTED_KEPT.days, fixed=True),
        Period("message_ids", MESSAGE_IDS_KEPT.days, fixed=True),
        Period("held", HELD.days, fixed=True),
        Period("half_answered", ANONYMOUS_KEPT.days, fixed=True),
        Period("erased", erased.KEPT.days, fixed=True),
        Period("at_once", 0, fixed=True),
    )
}

Periods = Mapping[str, timedelta]
IsComment = Callable[[str, int, str], bool]
"""Whether an item of a version of an instrument holds free words."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table that go, or are emptied, so long after an instant of theirs."""

    name: str
    period: str
    table: Table
    since: ColumnElement[Any]
    which: ColumnElement[bool] | None = None
    emptied: Mapping[str, Any] = field(default_factory=dict)  # set, instead of deleting the row

    def due(self, at: datetime, periods: Periods) -> ColumnElement[bool]:
        before: Any = at - periods[self.period]
        if self.table is receipt:
            before = before.date()
        old = self.since <= before
        return old if self.which is None else and_(self.which, old)

    async def count(self, tx: Tx, at: datetime, periods: Periods) -> int:
        found = select(func.count()).select_from(self.table).where(self.due(at, periods))
        return int(await tx.value(found))

    async def act(self, tx: Tx, at: datetime, periods: Periods) -> int:
        due = self.due(at, periods)
        if self.emptied:
            return await tx.run(self.table.update().where(due), dict(self.emptied))
        return await tx.run(self.table.delete().where(due))


def _closed(of: Table) -> ColumnElement[Any]:
    """When the accompaniment that a row belongs to was closed; never, while it is open."""
    return (
        select(youth.youth.c.closed_at).where(youth.youth.c.id == of.c.youth_id).scalar_subquery()
    )


_LEFT = func.coalesce(message.c.sent_at, message.c.created_at)
_ENDED = message.c.state.in_(("sent", "refused", "dropped"))

SCHEDULE: Sequence[Rule] = (
    Rule("updates", "updates", accepted_update, accepted_update.c.at),
    Rule("set_aside", "set_aside", set_aside, set_aside.c.at),
    Rule("message_ids", "message_ids", channel_message, channel_message.c.at),
    Rule("held", "held", inbox, inbox.c.at, inbox.c.kind == "held"),
    Rule("inbox", "messages", inbox, inbox.c.at, inbox.c.kind != "held"),
    Rule(
        "traces",
        "at_once",
        message,
        message.c.created_at,
        and_(message.c.kind.in_(TRACELESS), message.c.state.in_(("refused", "dropped"))),
    ),
    Rule(
        "replies",
        "messages",
        message,
        _LEFT,
        and_(_ENDED, message.c.purpose.is_(None), message.c.kind.not_in(TRACELESS)),
    ),
    Rule(
        "words",
        "messages",
        message,
        _LEFT,
        and_(_ENDED, message.c.purpose.is_not(None), message.c.params.is_not(None)),
        {"params": None},
    ),
    Rule(
        "undecided",
        "messages",
        message,
        _LEFT,
        message.c.state == "uncertain",
        {"state": "dropped", "reason": "left_uncertain", "params": None},
    ),
    Rule(
        "half_answered",
        "half_answered",
        conversation,
        conversation.c.touched_at,
        conversation.c.anonymous,
    ),
    Rule("begun", "at_once", conversation, _closed(conversation), ~conversation.c.anonymous),
    Rule("steps", "at_once", course_element, _closed(course_element)),
    Rule("courses", "at_once", course_run, _closed(course_run)),
    Rule("alerts", "alerts", alert.alert, alert.alert.c.taken_at),  # an open one waits
    Rule("carnet", "at_once", response, _closed(response), response.c.visibility.in_(PRIVATE)),
    Rule("answers", "answers", response, _closed(response), response.c.visibility.not_in(PRIVATE)),
    Rule("invitations", "invitations", invitation, invitation.c.expires_at),
    Rule("takeaways", "at_once", takeaway, takeaway.c.expires_at),
    Rule("receipts", "receipts", receipt, receipt.c.given_on),
    Rule("erased", "erased", erased.erased, erased.erased.c.at),
)


@dataclass(frozen=True, slots=True)
class Going:
    """So many of one kind go in the night of `at`."""

    name: str
    at: datetime
    count: int


async def periods(tx: Tx) -> dict[str, timedelta]:
    """What is in force: the defaults, or what was set."""
    found = {}
    for period in PERIODS.values():
        kept = None if period.fixed else await recall(tx, f"kept:{period.name}")
        found[period.name] = timedelta(days=float(kept or period.days))
    return found


async def set_period(tx: Tx, name: str, days: int) -> None:
    """Keep something longer or shorter; `Refused` above two years, or for what nobody may choose."""
    period = PERIODS.get(name)
    if period is None or period.fixed:
        names = ", ".join(p.name for p in PERIODS.values() if not p.fixed)
        raise Refused("period_unknown", names=names)
    if not 1 <= days <= CEILING:
        raise Refused("period_range", low=1, high=CEILING)
    await remember(tx, f"kept:{name}", str(days))


async def foresee(tx: Tx, nights: Sequence[datetime], is_comment: IsComment) -> list[Going]:
    """What goes in each of these nights, if nothing changes until then."""
    kept = await periods(tx)
    found = []
    for name, count in _counts(tx, kept, is_comment).items():
        if not await count(nights[-1]):
            continue
        gone = 0
        for night in nights:
            total = await count(night)
            if total > gone:
                found.append(Going(name, night, total - gone))
            gone = total
    return sorted(found, key=lambda going: going.at)


def _counts(
    tx: Tx, kept: Periods, is_comment: IsComment
) -> dict[str, Callable[[datetime], Awaitable[int]]]:
    def of(rule: Rule) -> Callable[[datetime], Awaitable[int]]:
        return lambda at: rule.count(tx, at, kept)

    async def said(at: datetime) -> int:
        return await comments.count(tx, at, kept["comments"], is_comment)

    async def log(at: datetime) -> int:
        return await audit.count_before(tx, _log_day(at, kept))

    async def persons(at: datetime) -> int:
        return len(await _lapsed(tx, at, kept))

    async def closures(at: datetime) -> int:
        return len(await ending.due(tx, at, kept["closing"].days))

    return {rule.name: of(rule) for rule in SCHEDULE} | {
        "comments": said,
        "log": log,
        "person": persons,
        "closing": closures,
    }


async def carry_out(
    database: Database, now: datetime, is_comment: IsComment
) -> tuple[list[Going], list[str]]:
    """Let go of all that is due, each kind in its own commit, whole persons last; then wipe what
    they leave on the disk. Also the receipts of the persons."""
    async with database.read() as tx:
        kept = await periods(tx)
    done = {}
    for rule in SCHEDULE:
        async with database.write() as tx:
            done[rule.name] = await rule.act(tx, now, kept)
    async with database.write() as tx:
        done["comments"] = await comments.drop(tx, now, kept["comments"], is_comment)
    async with database.write() as tx:
        done["log"] = await audit.drop_days(tx, _log_day(now, kept))
    receipts = await _erase_lapsed(database, now, kept)
    done["person"] = len(receipts)
    async with database.write() as tx:
        done["closing"] = await ending.close_due(tx, now, kept["closing"].days)
        await ending.announce(tx, now, kept["closing"].days)
    await _wipe(database, done)
    return [Going(name, now, count) for name, count in done.items() if count], receipts


def _log_day(at: datetime, kept: Periods) -> date:
    """The access log goes by whole days, in UTC, so that each keeps its chain."""
    return (at - kept["log"]).astimezone(UTC).date()


async def _lapsed(tx: Tx, at: datetime, kept: Periods) -> list[int]:
    rows = await tx.rows(
        select(youth.youth.c.id)
        .where(youth.youth.c.closed_at <= at - kept["person"])
        .order_by(youth.youth.c.id)
    )
    return [row.id for row in rows]


async def _erase_lapsed(database: Database, now: datetime, kept: Periods) -> list[str]:
    async with database.read() as tx:
        lapsed = await _lapsed(tx, now, kept)
    receipts = []
    for youth_id in lapsed:
        async with database.write() as tx:
            receipts.append((await erasure.erase_all(tx, now, youth_id)).code)
    return receipts


async def _wipe(database: Database, done: Mapping[str, int]) -> None:
    if any(done.values()):
        await erasure.wipe(database)
    if done["comments"]:
        await wipe_freed_pages(database, survey.TABLES)

"""What becomes of all that waits for a youth, foreseen together: for previews and for queues."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count

from records.due import Due, week_start
from records.hours import next_week
from records.message import TEXT_LIFE
from records.sending import Facts, Verdict, foresee

Sent = Counter[tuple[int, datetime]]  # unasked messages by youth and local week


def foresee_all(waiting: Sequence[Due], now: datetime) -> list[tuple[Due, Verdict]]:
    """What becomes of all that waits, in the order of leaving.

    A message that leaves unasked counts in the budget of its week for those that leave after it,
    as it will at delivery; one that repeats counts again each week, as far as the last that waits.
    """
    sent: Sent = Counter()
    for due in waiting:
        sent[due.youth.id, week_start(now, due.structure)] = due.facts.sent_this_week
    last = max((due.facts.due_at for due in waiting), default=now)
    turn, own = count(), {due.id: due.wall for due in waiting}
    queue = [(*_place(due, due.facts.due_at), next(turn), due) for due in waiting]
    heapify(queue)
    found = []
    while queue:
        *_known, due = heappop(queue)
        verdict = foresee(due.facts, now, partial(_as_of, due, sent))
        place = _place(due, verdict.at or due.facts.due_at)
        if verdict.at and queue and place > queue[0][:3]:
            heappush(queue, (*place, next(turn), due))  # others leave first, and may take its place
            continue
        if due.facts.unasked and verdict.at and verdict.action == "send":
            sent[due.youth.id, week_start(verdict.at, due.structure)] += 1
        if due.wall == own[due.id]:
            found.append((due, verdict))
        if due.repeat and (again := _a_week_later(due)).facts.due_at <= last + timedelta(days=7):
            heappush(queue, (*_place(again, again.facts.due_at), next(turn), again))
    return found


def _place(due: Due, at: datetime) -> tuple[datetime, int, int]:
    return at, due.priority, due.id


def _as_of(due: Due, sent: Sent, at: datetime) -> Facts:
    week = week_start(at, due.structure)
    return replace(
        due.facts,
        sent_this_week=sent[due.youth.id, week],
        week_ends_at=week + timedelta(days=7),
    )


def _a_week_later(due: Due) -> Due:
    wall, at = next_week(due.wall or "", due.structure.zone)
    return replace(due, wall=wall, facts=replace(due.facts, due_at=at, not_after=at + TEXT_LIFE))

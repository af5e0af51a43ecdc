"""What becomes of all that waits for a youth, foreseen together: for previews and for queues."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count

from records.consent import outgrown
from records.consent import regime as regime_on
from records.due import Due, week_start
from records.hours import next_week
from records.message import TEXT_LIFE
from records.sending import Facts, Verdict, foresee

Sent = Counter[tuple[int, datetime]]  # unasked messages by youth and local week
Turn = tuple[int, int]  # rows that wait, by identifier; then the weeks to come, not yet rows
Place = tuple[datetime, int, datetime, Turn]  # instant, priority, due: as delivery claims


def foresee_all(waiting: Sequence[Due], now: datetime) -> list[tuple[Due, Verdict]]:
    """What becomes of all that waits, in the order of leaving.

    A message that leaves unasked counts in the budget of its week for those that leave after it,
    as it will at delivery; one that repeats counts again each week, as far as the last that waits.
    """
    sent: Sent = Counter()
    for due in waiting:
        sent[due.youth.id, week_start(now, due.structure)] = due.facts.sent_this_week
    planned = [due.facts.due_at for due in waiting if due.kind != "again"]  # some are years away
    horizon = max(planned, default=now) + timedelta(days=7)
    queue = [(_place(due, Verdict("later"), (0, due.id)), due) for due in waiting]
    heapify(queue)
    coming, found = count(), []
    while queue:
        (*_, turn), due = heappop(queue)
        verdict = foresee(due.facts, now, partial(_as_of, due, sent))
        place = _place(due, verdict, turn)
        if verdict.at and queue and place > queue[0][0]:
            heappush(queue, (place, due))  # others leave first, and may take its place
            continue
        if due.facts.unasked and verdict.at and verdict.action == "send":
            sent[due.youth.id, week_start(verdict.at, due.structure)] += 1
        if turn[0] == 0:
            found.append((due, verdict))
        if due.repeat and (again := _a_week_later(due)).facts.due_at <= horizon:
            heappush(queue, (_place(again, Verdict("later"), (1, next(coming))), again))
    return found


def _place(due: Due, verdict: Verdict, turn: Turn) -> Place:
    """Where a message stands in the queue; one that is held is due when the wait is over."""
    at = verdict.at or due.facts.due_at
    return at, due.priority, at if verdict.reason else due.facts.due_at, turn


def _as_of(due: Due, sent: Sent, at: datetime) -> Facts:
    week = week_start(at, due.structure)
    day = at.astimezone(due.structure.tz).date()
    rule = regime_on(due.youth.birth_month, due.structure.consent_age, day)
    facts = due.facts
    past = {p for p, given_under in facts.regimes.items() if outgrown(given_under, rule)}
    again = bool(past) if facts.kind == "again" else facts.purpose in past
    return replace(
        facts,
        given={p: said for p, said in facts.given.items() if p not in past},
        to_ask_again=facts.to_ask_again or again,
        sent_this_week=sent[due.youth.id, week],
        week_ends_at=week + timedelta(days=7),
        regime_satisfied=facts.regime_satisfied or rule != "parental",
    )


def _a_week_later(due: Due) -> Due:
    wall, at = next_week(due.wall or "", due.structure.zone)
    return replace(due, wall=wall, facts=replace(due.facts, due_at=at, not_after=at + TEXT_LIFE))

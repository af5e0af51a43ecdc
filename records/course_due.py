"""Whether a step of a course still means something, asked at the second of sending and by previews.

Only where some message is of a course is anything asked, and then for all of them at once. What
counts as done is what staff are told: begun and ended after it was proposed; in a course of the
youth's own, since it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from records import consent, message, response
from records.conversation import conversation
from records.course_record import KEY, Element, course_element, course_run
from records.database import Tx
from records.reasons import Dropped
from records.youth import age_on

Key = tuple[int, str]  # youth, script


async def lost(
    tx: Tx, now: datetime, rows: Sequence[Any], zones: Mapping[int, Any], ages: Mapping[int, int]
) -> dict[int, Dropped]:
    """Why each of these message rows would not be sent, where its course says so. `zones` and
    `ages` are those of each structure: its time zone, its age of consent."""
    mine = {
        int(row.unique_key.removeprefix(KEY)): row for row in rows if row.unique_key.startswith(KEY)
    }
    if not mine:
        return {}
    steps = await _steps(tx, mine)
    known = await _Known.of(tx, mine.values(), steps)
    told: dict[int, Dropped] = {}
    for which, row in mine.items():
        why = _why(which, row, steps, known, now, zones[row.structure_id], ages[row.structure_id])
        if why:
            told[row.id] = why
    return told


async def done(tx: Tx, youth_ids: Iterable[int]) -> dict[Key, datetime]:
    """When each script was last done to its end."""
    rows = await tx.rows(
        select(conversation.c.youth_id, conversation.c.script, conversation.c.touched_at).where(
            conversation.c.youth_id.in_(set(youth_ids)), conversation.c.status == "done"
        )
    )
    found: dict[Key, datetime] = {}
    for row in rows:
        at = found.get((row.youth_id, row.script))
        found[row.youth_id, row.script] = max(row.touched_at, at) if at else row.touched_at
    return found


class _Step:
    """A step beside the course that it belongs to."""

    def __init__(self, row: Any) -> None:
        self.one = Element(**{name: row._mapping[name] for name in Element.__slots__})
        self.own, self.state, self.started_at = row.own, row.state, row.started_at


async def _steps(tx: Tx, mine: Mapping[int, Any]) -> dict[int, _Step]:
    """The steps asked about, and all others of their courses, which conditions may name."""
    e, r = course_element.c, course_run.c
    runs = select(e.run_id).where(e.id.in_(mine))
    rows = await tx.rows(
        select(*(e[name] for name in Element.__slots__), r.own, r.state, r.started_at)
        .join_from(course_element, course_run, r.id == e.run_id)
        .where(e.run_id.in_(runs))
    )
    return {row.id: _Step(row) for row in rows}


class _Known:
    """What conditions look at, of all these youths at once."""

    def __init__(self) -> None:
        self.done: dict[Key, datetime] = {}
        self.sent: dict[str, datetime] = {}
        self.said: dict[int, dict[tuple[str, str], str]] = {}
        self.agreed: dict[int, dict[str, consent.Standing]] = {}

    @classmethod
    async def of(cls, tx: Tx, rows: Iterable[Any], steps: Mapping[int, _Step]) -> "_Known":
        known, people = cls(), {row.youth_id for row in rows}
        known.done = await done(tx, people)
        m = message.message.c
        keys = [step.one.key for step in steps.values()]
        for row in await tx.rows(
            select(m.unique_key, m.sent_at).where(m.unique_key.in_(keys), m.sent_at.is_not(None))
        ):
            known.sent[row.unique_key] = row.sent_at
        answered, agreeing = dict[int, set[tuple[str, str]]](), set[int]()
        owner = {row.unique_key: row.youth_id for row in rows}
        for step in steps.values():
            who = owner.get(step.one.key)
            if who is not None and "answered" in step.one.needs:
                script, variable, _values = step.one.needs["answered"]
                answered.setdefault(who, set()).add((script, variable))
            if who is not None and "agreed" in step.one.needs:
                agreeing.add(who)
        for who, wanted in answered.items():
            found = await response.latest(tx, who, wanted)
            known.said[who] = {at: kept.value for at, kept in found.items()}
        if agreeing:
            known.agreed = await consent.of_youths(tx, sorted(agreeing))
        return known


def _why(
    which: int,
    row: Any,
    steps: Mapping[int, _Step],
    known: _Known,
    now: datetime,
    zone: Any,
    consent_age: int,
) -> Dropped | None:
    step = steps.get(which)
    if step is None or step.state == "stopped":
        return "course_stopped"
    if step.state == "paused":
        return "course_paused"
    finished = known.done.get((row.youth_id, step.one.script))
    in_turn = not step.one.anchor  # a check-in beside a meeting may come again
    if step.one.skipped or (in_turn and finished and finished >= step.started_at):
        return "moved_on"
    day = max(now, row.due_at).astimezone(zone).date()
    held = (
        step.one.ages[0] <= age_on(row.birth_month, day) <= step.one.ages[1]
        and _is_done(row, step, steps, known)
        and _has_answered(row, step, known)
        and _agrees(row, step, known, consent.regime(row.birth_month, consent_age, day))
    )
    return None if held else "condition_unmet"


def _is_done(row: Any, step: _Step, steps: Mapping[int, _Step], known: _Known) -> bool:
    """The earlier step that this one waits for."""
    name = step.one.needs.get("done")
    if name is None:
        return True
    for other in steps.values():
        if other.one.run_id == step.one.run_id and other.one.step == name:
            since = step.started_at if step.own else known.sent.get(other.one.key)
            at = known.done.get((row.youth_id, other.one.script))
            return bool(since and at and at >= since)
    return False


def _has_answered(row: Any, step: _Step, known: _Known) -> bool:
    if "answered" not in step.one.needs:
        return True
    script, variable, values = step.one.needs["answered"]
    said = known.said.get(row.youth_id, {}).get((script, variable), "")
    return not set(values).isdisjoint(said.split("|"))


def _agrees(row: Any, step: _Step, known: _Known, rule: str) -> bool:
    purpose = step.one.needs.get("agreed")
    if purpose is None:
        return True
    return bool(consent.holding(known.agreed.get(row.youth_id, {}), rule).get(purpose))

"""What a youth will see and when, said to people and to scripts.

The rule is the one of delivery, and so are the words: `leaving.foreseen` and `screen_of` come to
what the bot itself asks at the second of sending.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import content
from admin import scripts
from admin.outcomes import next_step, reason_words, status
from admin.preview import kind_words
from content import day_and_time, screen_of
from dialogs.screen import Screen
from records import leaving
from records.database import Tx
from records.due import Due
from records.outgoing import PRIVATE_KINDS, STAFF_KINDS, Message
from records.sending import Verdict
from records.structure import Structure
from records.youth import Youth
from relais.command import Call
from relais.settings import Settings

AT_MOST = 1000
NOT_AS_IT_STANDS = "En l'état, ne partira pas"


@dataclass(frozen=True, slots=True)
class Planned:
    """A message that waits, and what becomes of it."""

    due: Due
    verdict: Verdict
    now: datetime

    @property
    def leaves(self) -> bool:
        return self.verdict.action != "drop"

    @property
    def leaves_at(self) -> datetime | None:
        """Local to the structure; None when it will not leave, or nobody knows when."""
        return local(self.verdict.at, self.due.structure) if self.leaves else None

    @property
    def sentence(self) -> str:
        why = reason_words(self.verdict.reason) if self.verdict.reason else ""
        if self.leaves_at is None:
            return f"{'Attend' if self.leaves else NOT_AS_IT_STANDS} : {why}"
        soon = self.leaves_at <= self.now
        when = "tout de suite" if soon else day_and_time(self.leaves_at, today=self.now)
        return f"Part {when}{f' : {why}' if why else '.'}"

    @property
    def screen(self) -> Screen | None:
        """As the phone will show it; None when it will not leave, or is the youth's own."""
        if not self.leaves or self.due.kind in PRIVATE_KINDS:
            return None
        at = self.verdict.at or max(self.now, self.due.facts.due_at)
        return screen_of(self.due, at, asks_consent=self.verdict.asks_consent)

    @property
    def neutral(self) -> dict[str, Any]:
        """All but the words."""
        due = self.due
        return {
            "id": str(due.id),
            "youth": due.youth.code,
            "kind": due.kind,
            "state": "waiting",
            "due_at": local(due.facts.due_at, due.structure),
            "leaves": self.leaves,
            "leaves_at": self.leaves_at,
            "not_after": local(due.facts.not_after, due.structure),
            "reason": self.verdict.reason or None,
            "sentence": self.sentence,
            "next": next_step(self.verdict.reason),
            "weekly": due.repeat == "weekly",
            "appointment": str(due.meeting.id) if due.meeting else None,
        }

    @property
    def facts(self) -> dict[str, Any]:
        screen = self.screen
        return self.neutral | {
            "text": screen.text if screen else None,
            "buttons": [b.label for row in screen.rows for b in row] if screen else [],
        }

    def lines(self) -> list[str]:
        """For people: when, then the words as the phone shows them."""
        weekly = ", puis chaque semaine" if self.due.repeat == "weekly" else ""
        lines = [f"  {kind_words(self.due.kind, self.due.params)}{weekly}. {self.sentence}"]
        if screen := self.screen:
            lines += [f"    │ {line}".rstrip() for line in screen.text.splitlines()]
            lines += ["    │ " + " ".join(f"[{b.label}]" for b in row) for row in screen.rows]
        return lines


async def waiting(
    tx: Tx,
    now: datetime,
    settings: Settings,
    *,
    youth_id: int | None = None,
    structure_id: int | None = None,
    kinds: Collection[str] = STAFF_KINDS,
    limit: int = AT_MOST,
) -> list[Planned]:
    """What staff planned and still waits, in the order of leaving."""
    content.load(settings["CONTENT"])
    found = await leaving.foreseen(
        tx, now, youth_id=youth_id, structure_id=structure_id, limit=limit
    )
    return [_planned(due, verdict, now) for due, verdict in found if due.kind in kinds]


def _planned(due: Due, verdict: Verdict, now: datetime) -> Planned:
    if due.kind == "offer" and scripts.script(due.params.get("script", "")) is None:
        verdict = Verdict("drop", "unrenderable")
    return Planned(due, verdict, now)


async def told_of_readers(tx: Tx, call: Call, people: Collection[Youth]) -> set[int]:
    """Whom the bot will tell who reads or accompanies; the others have no phone that receives, or
    want no messages."""
    found = set()
    for who in people:
        coming = await waiting(tx, call.now, call.settings, youth_id=who.id)
        found |= {who.id for one in coming if one.due.kind == "notice" and one.leaves}
    return found


def seen(planned: list[Planned], nickname: str) -> str:
    """« Ce que Sami verra », or that nothing is planned."""
    if not planned:
        return f"Rien ne partira vers {nickname}."
    if len({p.sentence for p in planned}) == 1 and not planned[0].leaves:
        return f"Vers {nickname} : {planned[0].sentence[:1].lower()}{planned[0].sentence[1:]}"
    return "\n".join(
        [f"Ce que {nickname} verra :", *(line for one in planned for line in one.lines())]
    )


def ended_facts(one: Message, code: str, of: Structure) -> dict[str, Any]:
    """How a message ended, or that it is on its way."""
    return {
        "id": str(one.id),
        "youth": code,
        "kind": one.kind,
        "state": one.state,
        "due_at": local(one.due_at, of),
        "sent_at": local(one.sent_at, of),
        "reason": one.reason,
        "sentence": status(one.state, one.reason),
        "next": next_step(one.reason),
    }


def local(at: datetime | None, of: Structure) -> datetime | None:
    """An instant in the structure's zone, to the second."""
    return at and at.astimezone(of.tz).replace(microsecond=0)

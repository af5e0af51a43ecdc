"""What a youth will see, and when: the same verbs, the same rule and the same words as delivery.

A preview is a rehearsal: the very verb that would save is run in a transaction that is then
undone, and what it queued is looked at. So the preview cannot disagree with what is saved.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import content
from admin.scripts import script
from admin.wording import _, marked
from dialogs.screen import Screen
from records import leaving
from records.database import Database, Tx
from records.due import Due
from records.outgoing import PRIVATE_KINDS, SHOWN_KINDS
from records.sending import Verdict

_KINDS = {
    "reminder": marked("Rappel du rendez-vous"),
    "changed": marked("Changement de rendez-vous"),
    "cancelled": marked("Annulation du rendez-vous"),
    "text": marked("Message"),
    "offer": marked("Proposition"),
    "notice": marked("Qui accompagne"),
    "plan": marked("Son plan"),
    "nudge": marked("Sa place est gardée"),
    "again": marked("Question à reposer"),
}


@asynccontextmanager
async def rehearsal(database: Database) -> AsyncIterator[Tx]:
    """A transaction whose effects can be looked at, and are always undone."""
    async with database.write() as tx:
        saved = await tx.connection.begin_nested()
        try:
            yield tx
        finally:
            await saved.rollback()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A message that waits: what becomes of it, when (`at`, local), and its words, if they may be
    read."""

    due: Due
    verdict: Verdict
    at: datetime | None
    screen: Screen | None

    @property
    def leaves(self) -> bool:
        return self.verdict.action == "send"

    @property
    def kind(self) -> str:
        return kind_words(self.due.kind, self.due.params)

    @property
    def of_course(self) -> bool:
        """A step of a course, which has its own calendar."""
        return "course" in self.due.params

    @property
    def due_local(self) -> datetime:
        return self.due.facts.due_at.astimezone(self.due.structure.tz)

    @property
    def is_shifted(self) -> bool:
        """Leaves later than it was asked to, by more than a minute."""
        return self.at is not None and (self.at - self.due_local).total_seconds() > 60


async def foreseen(tx: Tx, now: datetime, youth_id: int) -> list[Foreseen]:
    """All that waits for a youth in the week's budget, in the order of leaving: what staff planned,
    and that they planned something for themself."""
    return [
        _foreseen(due, verdict, now)
        for due, verdict in await leaving.foreseen(tx, now, youth_id=youth_id)
        if due.kind in SHOWN_KINDS
    ]


def only_new(before: Sequence[Foreseen], after: Sequence[Foreseen]) -> list[Foreseen]:
    """What an act would add to what was planned already."""
    known = {f.due.id for f in before}
    return [f for f in after if f.due.id not in known]


def _foreseen(due: Due, verdict: Verdict, now: datetime) -> Foreseen:
    at = verdict.at.astimezone(due.structure.tz) if verdict.at else None
    shown_at = at or max(now, due.facts.due_at).astimezone(due.structure.tz)
    return Foreseen(due, verdict, at, _screen(due, shown_at, verdict))


def _screen(due: Due, at: datetime, verdict: Verdict) -> Screen | None:
    """The words as they will be at the moment of sending; None when its script is gone, or when
    they are private."""
    if due.kind in PRIVATE_KINDS:
        return None
    if due.kind == "offer" and script(due.params.get("script", "")) is None:
        return None
    return content.screen_of(due, at, asks_consent=verdict.asks_consent)


def kind_words(kind: str, params: dict[str, object]) -> str:
    """« Rappel du rendez-vous », « Proposition : Ma météo »."""
    words = _(_KINDS.get(kind, kind))
    offered = script(str(params.get("script", ""))) if kind == "offer" else None
    return _("%(kind)s : %(title)s", kind=words, title=offered.title) if offered else words

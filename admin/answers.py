"""The answers that a youth chose to show. Each reading is logged, and the youth can see who read."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from admin.scripts import in_words, script
from admin.visit import Visit
from records import consent, response
from records.response import Response as Answer
from records.structure import Structure

PAGE = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """One exercise as it was answered: questions and answers in the words of its version."""

    title: str
    at: datetime
    answers: list[tuple[str, str]]


async def show(visit: Visit) -> Response:
    asked = visit.request.query_params.get("avant", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    async with visit.database.write() as tx:  # the reading itself is written down
        who, of = (await visit.sight(tx)).who, await visit.structure(tx)
        found = (
            await response.read_by(tx, visit.now, visit.me, who, before=before, limit=PAGE)
            if visit.is_looked_at
            else []
        )
        stands = (await consent.of(tx, who.id)).get("sharing")
    return visit.page(
        "answers.html",
        who=who,
        shown=_by_exercise(found, of),
        stands=stands,
        older=found[-1].id if len(found) == PAGE else None,
        local=visit.now.astimezone(of.tz),
    )


def _by_exercise(found: list[Answer], of: Structure) -> list[Shown]:
    """The answers of one occasion are one exercise: the same script done twice is two."""
    shown: dict[int, Shown] = {}
    for answer in found:
        kept = script(answer.script, answer.version)
        occasion = shown.setdefault(
            answer.conversation_id,
            Shown(kept.title if kept else answer.script, answer.at.astimezone(of.tz), []),
        )
        occasion.answers.insert(0, in_words(kept, answer.variable, answer.value))
    return list(shown.values())

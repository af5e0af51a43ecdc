"""One exercise as a youth did it once, opened for them; and what it takes to show some of it."""

from dataclasses import dataclass

import content
from bot import carnet, consenting, memory
from bot.taps import number
from bot.visit import Visit
from content import answers as in_words
from dialogs.script import Script
from records import carnet as kept
from records import conversation, inbox
from records.conversation import Conversation
from records.response import Response


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of one exercise, opened."""

    id: int
    of: Script | None
    said: list[Response]
    talk: Conversation | None
    known: dict[str, str]

    @property
    def end(self) -> str | None:
        over = self.talk is not None and self.talk.status == "done"
        return str(self.talk.state.get("step", "")) or None if over and self.talk else None

    @property
    def values(self) -> dict[str, str]:
        return {one.variable: one.value for one in self.said}


async def opened(visit: Visit, which: str) -> Entry | None:
    """This youth's, or nothing: someone else's is never found."""
    youth_id, occasion = visit.who.youth.id, number(which) or 0
    said = await kept.answers(visit.tx, youth_id, occasion)
    if not said:
        return None
    held = await conversation.get(visit.tx, occasion, youth_id)
    of = in_words.script(said[0].script, said[0].version, visit.language)
    known = await memory.said_again(visit, of, held)
    return Entry(occasion, of, said, held, known)


def heading(visit: Visit, found: Entry) -> list[str]:
    last = found.said[-1]
    name = found.of.title if found.of is not None else last.script
    day = content.day(carnet.local(visit, last.at), visit.language)
    return [visit.say("carnet.title"), visit.say("carnet.entry", title=name, day=day)]


def is_open(visit: Visit, one: Response) -> bool:
    return one.visibility == "educator" and bool(visit.who.given.get("sharing"))


async def agreed(visit: Visit, mark: str, yes: tuple[str, ...], no: tuple[str, ...]) -> bool:
    """Whether answers may be shown; else the question is put. Whoever had said no and says yes
    again shows what they choose now, and nothing of before."""
    if visit.who.given.get("sharing"):
        return True
    refused = visit.who.given.get("sharing") is False
    if not mark or not await consenting.agree(visit, "sharing", mark):
        consenting.ask(visit, "sharing", yes, no, old=bool(mark))
        return False
    if refused:
        await kept.close_all(visit.tx, visit.now, visit.who.youth.id)
    return True


async def announce(visit: Visit) -> None:
    """There is something to read, said once until somebody has."""
    who = visit.who.youth
    await inbox.add_once(
        visit.tx, visit.now, structure_id=who.structure_id, youth_id=who.id, kind="shared"
    )

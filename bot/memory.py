"""What a script takes from earlier ones, and leaves for later: answers that it recalls, a plan to
read again. Both are shown to this youth, and to nobody else."""

import content
from bot.visit import Visit
from content import answers, offered_purpose
from dialogs.engine import Remind
from dialogs.script import Script
from records import plan, response
from records.conversation import Conversation


async def recalled(visit: Visit, script: Script) -> dict[str, str]:
    """The facts that `script` may name: of each answer its value, its words, and its row, so that
    it goes from here too once it is erased (`records.conversation`)."""
    if not script.recall:
        return {}
    of = visit.who.youth
    wanted = {(earlier.script, earlier.variable) for earlier in script.recall.values()}
    found = await response.latest(visit.tx, of.id, wanted)
    known: dict[str, str] = {}
    for alias, earlier in script.recall.items():
        if kept := found.get((earlier.script, earlier.variable)):
            known |= {f"{alias}=": kept.value, f"{alias}@": str(kept.id)}
            words = answers.recalled(
                kept.script, kept.version, kept.variable, kept.value, visit.language
            )
            known |= {alias: words} if words is not None else {}
    return known


def remind(visit: Visit, script: Script, talk: Conversation, asked: Remind) -> None:
    """Plan it, in this same commit; a second tap of the same turn plans nothing more."""
    draft = plan.remind(
        visit.now,
        visit.who.youth,
        visit.who.structure,
        days=asked.days,
        text=asked.text,
        purpose=offered_purpose(script.kind),
        key=f"plan:{talk.id}:{talk.state['turn']}",
    )
    visit.writings.drafts.append(draft)
    visit.writings.note(visit.who.youth.id)
    day = draft.due_at.astimezone(visit.who.structure.tz)
    visit.notice("plan.noted", day=content.day(day, visit.language))

"""What a script takes from earlier ones, and leaves for later: answers that it recalls, a plan to
read again, the wording that was read last. Shown to this youth, and to nobody else."""

import content
from bot.taps import number
from bot.visit import Visit
from content import answers, offered_purpose, wordings
from content.rules import OBJECTIVE
from dialogs.engine import Remind
from dialogs.script import Script
from records import objective, plan, response, wording
from records.conversation import Conversation


async def recalled(visit: Visit, script: Script) -> dict[str, str]:
    """The facts that `script` may name: of each answer its value, its words, and its row, so that
    it goes from here too once it is erased (`records.conversation`)."""
    if not script.recall:
        return {}
    wanted = {(earlier.script, earlier.variable) for earlier in script.recall.values()}
    found = await response.latest(visit.tx, visit.who.youth.id, wanted)
    known: dict[str, str] = {}
    for alias, earlier in script.recall.items():
        if kept := found.get((earlier.script, earlier.variable)):
            known |= _named(alias, kept, visit.language)
    return known


async def said_again(
    visit: Visit, script: Script | None, talk: Conversation | None
) -> dict[str, str]:
    """The same facts for a script that is over: of the answers that it recalled, those that are
    still kept."""
    came_from = talk.state.get("answers", {}) if talk is not None else {}
    known: dict[str, str] = {}
    for alias in script.recall if script is not None else ():
        row = number(str(came_from.get(f"{alias}@", ""))) or 0
        kept = await response.one_of(visit.tx, visit.who.youth.id, row) if row else None
        if kept is not None:
            known |= _named(alias, kept, visit.language)
    return known


def _named(alias: str, kept: response.Response, language: str) -> dict[str, str]:
    known = {f"{alias}=": kept.value, f"{alias}@": str(kept.id)}
    words = answers.recalled(kept.script, kept.version, kept.variable, kept.value, language)
    return known | ({alias: words} if words is not None else {})


def remind(visit: Visit, script: Script, talk: Conversation, asked: Remind) -> None:
    """Plan it, in this same commit; a second tap of the same turn plans nothing more."""
    _plan(visit, script, talk.id, str(talk.state["turn"]), asked)


def plan_again(visit: Visit, script: Script, occasion: int, days: int, text: str) -> None:
    """From the carnet, where none waits."""
    _plan(visit, script, occasion, f"again{visit.came.update_id}", Remind(days, text))


def _plan(visit: Visit, script: Script, occasion: int, turn: str, asked: Remind) -> None:
    draft = plan.remind(
        visit.now,
        visit.who.youth,
        visit.who.structure,
        days=asked.days,
        text=asked.text,
        purpose=offered_purpose(script.kind),
        occasion=occasion,
        turn=turn,
    )
    visit.writings.drafts.append(draft)
    visit.writings.note(visit.who.youth.id)
    day = draft.due_at.astimezone(visit.who.structure.tz)
    visit.notice("plan.noted", day=content.day(day, visit.language))


async def reworded(visit: Visit, name: str) -> int:
    """Which of its wordings a script begins with: not the one that this youth read last."""
    said = content.library().script(name).wordings
    if len(said) < 2:
        return 0
    who = visit.who.youth.id
    place = wordings.following(said, await wording.last(visit.tx, who, name, wording.BEGUN))
    await wording.note(visit.tx, who, name, wording.BEGUN, wordings.mark(said[place]))
    return place


async def followed(visit: Visit) -> dict[str, str]:
    """The objective that was asked about the longest ago, in words; the flow of `offer.begin` sees
    that there is one."""
    one = await objective.ask_about(visit.tx, visit.now, visit.who.youth.id)
    return {} if one is None else {OBJECTIVE: visit.say(f"objective.{one.name}")}

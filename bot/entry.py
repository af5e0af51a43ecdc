"""One page of the carnet: an exercise as it was done once, who may read each answer, its plan.

An answer is opened to the educator, or closed again, by one tap on it, and counts at once. The
first time, that tap puts the question of the consent instead.
"""

from dataclasses import dataclass

import content
from bot import carnet, consenting, memory
from bot.taps import number
from bot.visit import Visit, rows
from content import answers as in_words
from content.carnet import Page, label, page
from dialogs.drawing import filled
from dialogs.screen import Button, Screen
from dialogs.script import Plan, Script
from dialogs.state import State
from records import audit, conversation, inbox, plan, receipt, response, staff
from records import carnet as kept
from records.conversation import Conversation
from records.response import ONLY_ME, Response

WHOLE = 3500  # signs of what was said; the rest of a message is for who may read it
READINGS = 10


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
    of = in_words.script(said[0].script, said[0].version, visit.who.youth.language)
    known = await memory.said_again(visit, of, held)
    return Entry(occasion, of, said, held, known)


async def show(visit: Visit, which: str, wish: str = "") -> None:
    """The page; or what was wished of it: who read it, its reminder on or off, what to erase."""
    found = await opened(visit, which)
    if found is None:
        gone(visit)
    elif wish == "read":
        await _readers(visit, found)
    elif wish == "erase":
        _what_to_erase(visit, found)
    elif wish:
        await _remind(visit, found, wish)
    else:
        await _show(visit, found)


def gone(visit: Visit) -> None:
    visit.tell("erase.gone", rows([carnet.back(visit)]), edit=True)


async def of_answer(visit: Visit, row: str) -> None:
    """The page on which one answer stands."""
    one = await response.one_of(visit.tx, visit.who.youth.id, number(row) or 0)
    if one is None:
        gone(visit)
    else:
        await show(visit, str(one.conversation_id))


async def _show(visit: Visit, found: Entry) -> None:
    own = visit.say("stored.label.own_words")
    told = page(found.of, found.end, found.values, found.known, own)
    comes = (await plan.coming_back(visit.tx, visit.who.youth.id)).get(found.id)
    text = "\n\n".join([*_heading(visit, found), *_told(told)])[:WHOLE]
    parts = [text]
    if comes is not None:
        parts.append(carnet.coming(visit, comes))
    parts += _reading_rules(visit, found)
    lines = rows(
        *([_toggle(visit, found, one)] for one in found.said if one.visibility != ONLY_ME),
        *_plan_buttons(visit, found, told, waits=comes is not None),
        *_others(visit, found),
        [visit.button("carnet.erase", "entry", str(found.id), "erase"), carnet.back(visit)],
    )
    visit.show(Screen("\n\n".join(parts), lines, protect=True), edit=True)


def _heading(visit: Visit, found: Entry) -> list[str]:
    last = found.said[-1]
    name = found.of.title if found.of is not None else last.script
    day = content.day(carnet.local(visit, last.at), visit.who.youth.language)
    return [visit.say("carnet.title"), visit.say("carnet.entry", title=name, day=day)]


def _told(told: Page) -> list[str]:
    others = "\n".join(f"{question}\n→ {words}" for question, words in told.others)
    return [*told.cards, *([others] if others else [])]


def _reading_rules(visit: Visit, found: Entry) -> list[str]:
    """What the signs on the buttons mean, and what cannot be shown at all."""
    only = [one for one in found.said if one.visibility == ONLY_ME]
    parts = []
    if len(only) < len(found.said):
        refused = visit.who.given.get("sharing") is False
        parts.append(visit.say("answer.hidden_by_choice" if refused else "carnet.signs"))
    if only:
        own = visit.say("stored.label.own_words")
        asked = [in_words.in_words(found.of, one.variable, one.value, own)[0] for one in only]
        parts.append("\n".join([visit.say("carnet.only_me"), *asked]))
    return parts


def is_open(visit: Visit, one: Response) -> bool:
    return one.visibility == "educator" and bool(visit.who.given.get("sharing"))


def _toggle(visit: Visit, found: Entry, one: Response) -> Button:
    """Says who can read it; one tap says the contrary."""
    seen = is_open(visit, one)
    words = label(found.of, one.variable, one.value, visit.say("stored.label.own_words"))
    act = ("answer", str(one.id), "keep" if seen else "show")
    return Button(f"{'👁' if seen else '🔒'} {words}", act)


def _plan_buttons(visit: Visit, found: Entry, told: Page, *, waits: bool) -> list[list[Button]]:
    which = str(found.id)
    if waits:
        return [[visit.button("carnet.remind_no_more", "entry", which, "off")]]
    step = found.of.steps[told.plan] if found.of is not None and told.plan else None
    if not isinstance(step, Plan) or not visit.who.given.get("exercises"):
        return []
    return [
        [
            visit.button("script.tomorrow", "entry", which, "in1")
            if days == 1
            else visit.button("carnet.remind_in", "entry", which, f"in{days}", days=days)
        ]
        for days in step.days
    ]


def _others(visit: Visit, found: Entry) -> list[list[Button]]:
    """« Qui a lu », where there was something to read; « Reprendre », where it is not over."""
    lines = []
    if any(one.visibility == "educator" for one in found.said):
        lines.append([visit.button("me.readers", "entry", str(found.id), "read")])
    if found.talk is not None and found.talk.status == "away" and found.talk.state:
        lines.append([visit.button("script.resume", "resume", str(found.id))])
    return lines


async def answer(visit: Visit, row: str, said: str, mark: str = "") -> None:
    """Show or keep one single answer: it counts at once."""
    one = await response.one_of(visit.tx, visit.who.youth.id, number(row) or 0)
    if one is None or said not in ("show", "keep"):
        visit.notice("erase.gone")
        return
    if said == "show" and one.visibility == ONLY_ME:
        up = visit.button("carnet.back", "entry", str(one.conversation_id))
        visit.tell("answer.only_me", rows([up]), edit=True)
        return
    if said == "show" and not await agreed(
        visit, mark, ("answer", row, "show"), ("entry", str(one.conversation_id))
    ):
        return
    shown = said == "show"
    await response.show_one(visit.tx, visit.now, visit.who.youth.id, one.id, to_educator=shown)
    if shown:
        await announce(visit)
    needs = shown and await consenting.needs_parent(visit, "sharing")
    visit.notice("consent.needs_parent" if needs else f"answer.{'shown' if shown else 'kept'}")
    await show(visit, str(one.conversation_id))


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


async def _readers(visit: Visit, found: Entry) -> None:
    """Who read an answer of this page, with day and hour."""
    lines = await audit.readings_of(
        visit.tx, visit.who.youth.id, {one.id for one in found.said}, READINGS
    )
    names = await staff.names(visit.tx, {x.staff_id for x in lines if x.staff_id})
    said = [
        visit.say(
            "readers.line",
            name=names.get(x.staff_id or 0) or visit.say("stored.is.installation"),
            when=content.day_and_time(carnet.local(visit, x.at), visit.who.youth.language),
        )
        for x in lines
    ]
    text = "\n".join([visit.say("readers.list"), "", *said]) if said else visit.say("readers.none")
    up = visit.button("me.back", "entry", str(found.id))
    parts = [*_heading(visit, found), text]
    visit.show(Screen("\n\n".join(parts), rows([up]), protect=True), edit=True)


async def _remind(visit: Visit, found: Entry, wish: str) -> None:
    """Turn the reminder of this plan off, or have it come back on another day."""
    waits = (await plan.coming_back(visit.tx, visit.who.youth.id)).get(found.id)
    if wish == "off":
        off = await plan.call_off(visit.tx, visit.who.youth.id, found.id)
        visit.notice("carnet.reminder_off" if off else "carnet.no_reminder")
    elif waits is None:
        _plan_again(visit, found, wish)
        await visit.flush()
    await _show(visit, found)


def _plan_again(visit: Visit, found: Entry, wish: str) -> None:
    told = page(found.of, found.end, found.values, found.known, "")
    step = found.of.steps[told.plan] if found.of is not None and told.plan else None
    days = number(wish.removeprefix("in"))
    if (
        not isinstance(step, Plan)
        or days not in step.days
        or not visit.who.given.get("exercises")
        or found.of is None
    ):
        visit.notice("old_button")
        return
    state = State(told.plan, answers=found.known | found.values)
    text = filled(found.of, state, step.text)
    memory.plan_again(visit, found.of, found.id, days, text)


def _what_to_erase(visit: Visit, found: Entry) -> None:
    own = visit.say("stored.label.own_words")
    ones = [
        [Button(label(found.of, one.variable, one.value, own), _erasing("response", one.id))]
        for one in found.said
    ]
    whole = visit.button("carnet.erase_page", *_erasing("entry", found.id))
    up = visit.button("me.back", "entry", str(found.id))
    parts = [*_heading(visit, found), visit.say("carnet.what_to_erase"), visit.say("answer.redo")]
    lines = rows([whole], *(ones if len(ones) > 1 else []), [up])
    visit.show(Screen("\n\n".join(parts), lines, protect=True), edit=True)


def _erasing(what: str, which: int) -> tuple[str, ...]:
    return "erase", what, str(which), "ask"


async def erase(visit: Visit, what: str, which: str, said: str) -> None:
    """Two taps, then it is gone: from the desk at once, and from whatever is exported later."""
    youth_id, row = visit.who.youth.id, number(which) or 0
    if said != "yes":
        yes = visit.button("erase.yes", "erase", what, which, "yes")
        no = visit.button(
            "erase.no", *(("entry", which) if what == "entry" else ("one", what, which))
        )
        visit.tell("erase.sure", rows([yes], [no]), edit=True)
        return
    remove = kept.erase_occasion if what == "entry" else response.erase_one
    if not await remove(visit.tx, visit.now, youth_id, row):
        visit.notice("erase.gone")  # above the chat: a second tap leaves the receipt where it is
        return
    await carnet.forget_here(visit)
    given = await receipt.give(visit.tx, visit.now, "erased_answer")
    carnet.done(visit, "carnet.erased_page" if what == "entry" else "erase.answer_done", given)

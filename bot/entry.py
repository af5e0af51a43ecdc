"""One page of the carnet: an exercise as it was done once, who may read each answer, its plan.

An answer is opened to the educator, or closed again, by one tap on it, and counts at once. The
first time, that tap puts the question of the consent instead.
"""

import content
from bot import carnet, consenting, plans
from bot.occasion import Entry, agreed, announce, heading, is_open, opened
from bot.taps import number
from bot.visit import Visit, rows
from content import answers as in_words
from content.carnet import Page, label, page
from dialogs.screen import Button, Screen
from records import audit, plan, receipt, response, staff
from records import carnet as kept
from records.response import ONLY_ME, Response

WHOLE = 3500  # signs of what was said; the rest of a message is for who may read it
READINGS = 10


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
        await plans.remind(visit, found, wish)
        await _show(visit, found)
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
    text = "\n\n".join([*heading(visit, found), *_told(told)])[:WHOLE]
    parts = [text]
    if comes is not None:
        parts.append(carnet.coming(visit, comes))
    parts += _reading_rules(visit, found)
    lines = rows(
        *([_toggle(visit, found, one)] for one in found.said if one.visibility != ONLY_ME),
        *plans.buttons(visit, found, told, waits=comes is not None),
        *_others(visit, found),
        [visit.button("carnet.erase", "entry", str(found.id), "erase"), carnet.back(visit)],
    )
    visit.show(Screen("\n\n".join(parts), lines, protect=True), edit=True)


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


def _toggle(visit: Visit, found: Entry, one: Response) -> Button:
    """Says who can read it; one tap says the contrary."""
    seen = is_open(visit, one)
    words = label(found.of, one.variable, one.value, visit.say("stored.label.own_words"))
    act = ("answer", str(one.id), "keep" if seen else "show")
    return Button(f"{'👁' if seen else '🔒'} {words}", act)


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
            when=content.day_and_time(carnet.local(visit, x.at), visit.language),
        )
        for x in lines
    ]
    text = "\n".join([visit.say("readers.list"), "", *said]) if said else visit.say("readers.none")
    up = visit.button("me.back", "entry", str(found.id))
    parts = [*heading(visit, found), text]
    visit.show(Screen("\n\n".join(parts), rows([up]), protect=True), edit=True)


def _what_to_erase(visit: Visit, found: Entry) -> None:
    own = visit.say("stored.label.own_words")
    ones = [
        [Button(label(found.of, one.variable, one.value, own), _erasing("response", one.id))]
        for one in found.said
    ]
    whole = visit.button("carnet.erase_page", *_erasing("entry", found.id))
    up = visit.button("me.back", "entry", str(found.id))
    parts = [*heading(visit, found), visit.say("carnet.what_to_erase"), visit.say("answer.redo")]
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

"""A youth's rights over what is stored: all of it read here, page by page; corrected; taken away
through a link that keeps it out of the chat; erased, one by one or altogether."""

from dataclasses import replace

import content
from bot import carnet, entry
from bot.taps import number
from bot.visit import Visit, rows
from content import stored as in_words
from content.stored import Entry, Shelf
from dialogs.screen import Button, Screen
from records import (
    erasure,
    inbox,
    receipt,
    retention,
    rights,
    takeaway,
    youth,
)
from records.database import recall
from records.errors import Refused
from records.receipt import Receipt

A_PAGE = 4
LONGEST = 700  # characters of one stored row in a list; opened, it is whole
WHOLE = 3800  # what one message can hold
SINGLE = "inbox"  # what can be opened and erased one by one; answers are in the carnet


async def everything(visit: Visit) -> None:
    """The shelves that hold something: one button each."""
    held = [table.name for table in await rights.held(visit.tx, visit.who.youth.id)]
    kept = await retention.periods(visit.tx)
    titles = in_words.shelves([(name, ()) for name in held], (), visit.language, kept)
    lines = [[Button(shelf.title, ("stored", shelf.name, "0"))] for shelf in titles]
    text = "\n\n".join(map(visit.say, ("stored.all", "stored.choose", "stored.not_here")))
    visit.show(Screen(text, rows(*lines, [_back(visit)])), edit=True)


async def shelf(visit: Visit, name: str, page: str) -> None:
    """A page of one shelf, newest first; answers have a room of their own."""
    if name == "response":
        await carnet.turn(visit, "open")
        return
    found = await _shelf(visit, name)
    if found is None:
        await everything(visit)
        return
    at = min(number(page) or 0, max(0, (len(found.entries) - 1) // A_PAGE))
    shown = list(reversed(found.entries))[at * A_PAGE : (at + 1) * A_PAGE]
    parts = [found.title, found.kept, *(_told(entry)[:LONGEST] for entry in shown)]
    text = "\n\n".join(part for part in parts if part)
    if not shown:
        text = f"{text}\n\n{visit.say('stored.empty')}"
    singles = [
        [Button(_opening(entry), ("one", name, entry.id))] for entry in shown if name == SINGLE
    ]
    last = (at + 1) * A_PAGE >= len(found.entries)
    turns = [
        *([visit.button("stored.before", "stored", name, str(at - 1))] if at else []),
        *([] if last else [visit.button("stored.more", "stored", name, str(at + 1))]),
    ]
    up = Button(visit.say("stored.all"), ("stored", "all", "0"))
    lines = rows(*singles, *([turns] if turns else []), [up])
    visit.show(Screen(text, lines, protect=name == SINGLE), edit=True)


async def _shelf(visit: Visit, name: str) -> Shelf | None:
    language, who, of = visit.language, visit.who.youth, visit.who.structure
    kept = await retention.periods(visit.tx)
    if name == "read_by":
        read = await rights.readings(visit.tx, who, of)
        return in_words.shelves((), read, language, kept)[0]
    section = await rights.shelf(visit.tx, who, of, name)
    if section is None:
        return None
    return in_words.shelves([(name, section.rows)], (), language, kept)[0]


def _told(entry: Entry) -> str:
    return "\n".join(f"{label} : {words}".replace(" :", "\u00a0:") for label, words in entry.lines)


def _opening(entry: Entry) -> str:
    """What a stored row begins with: an answer by itself, a message by its words."""
    words = entry.lines[1][1] if len(entry.lines) > 1 else entry.lines[0][1]
    return words if len(words) <= 40 else f"{words[:39]}…"


async def one(visit: Visit, name: str, row: str) -> None:
    """One message, whole, with what can be done about it; an answer is on its page of the carnet."""
    if name == "response":
        await entry.of_answer(visit, row)
        return
    found = await _shelf(visit, name) if name == SINGLE else None
    kept = next((e for e in found.entries if e.id == row), None) if found else None
    if kept is None:
        visit.tell("erase.gone", rows([_back(visit)]), edit=True)
        return
    lines = [[visit.button("words.erase", "erase", name, row, "ask")], [_up(visit, name)]]
    visit.show(Screen(_told(kept)[:WHOLE], rows(*lines), protect=True), edit=True)


async def erase(visit: Visit, name: str, row: str, said: str) -> None:
    """Two taps, then it is gone: from the desk at once, and from whatever is exported later."""
    if name in ("response", "entry"):
        await entry.erase(visit, name, row, said)
    elif name != SINGLE:
        visit.notice("old_button")
    elif said != "yes":
        yes = visit.button("erase.yes", "erase", name, row, "yes")
        no = visit.button("erase.no", "one", name, row)
        visit.tell("erase.sure", rows([yes], [no]), edit=True)
    else:
        await _erase(visit, name, number(row) or 0)


async def _erase(visit: Visit, name: str, which: int) -> None:
    up = rows([_up(visit, name)])
    if not await inbox.erase_one(visit.tx, visit.now, visit.who.youth.id, which):
        visit.notice("erase.gone")  # above the chat: a second tap leaves the receipt where it is
        return
    given = await receipt.give(visit.tx, visit.now, "erased_words")
    text = f"{visit.say('erase.words_done')}\n\n{_receipt(visit, 'erase.receipt', given)}"
    visit.after.freed = True
    visit.show(Screen(text, up), edit=True)


async def erase_all(visit: Visit, said: str = "ask") -> None:
    """What goes and what stays is said first; after the second tap this phone is a stranger's."""
    if said != "yes":
        sure = said == "sure"
        word, label = ("all_sure", "all_yes") if sure else ("all_ask", "yes")
        yes = visit.button(f"erase.{label}", "erase_all", "yes" if sure else "sure")
        no = visit.button("erase.no", "me", "stored")
        visit.tell(f"erase.{word}", rows([yes], [no]), edit=True)
        return
    given = await erasure.erase_all(visit.tx, visit.now, visit.who.youth.id)
    goodbye = Screen(_receipt(visit, "erase.all_done", given), no_menu=True)
    visit.after.told[visit.came.address] = goodbye  # nothing is stored any more, not even this
    visit.after.erased.add(visit.who.youth.id)
    visit.after.freed = True


def _receipt(visit: Visit, key: str, given: Receipt) -> str:
    day = f"{content.day(given.on, visit.language)} {given.on.year}"
    return visit.say(key, day=day, code=given.code)


async def take(visit: Visit, said: str = "ask") -> None:
    """A link that lives a quarter of an hour; what is stored never passes through the chat."""
    desk_url = await recall(visit.tx, "desk_url") or ""
    back = rows([_back(visit)])
    if not desk_url.startswith("https:"):
        visit.tell("take.by_hand", back, edit=True)
    elif said != "yes":
        visit.tell(
            "take.ask", rows([visit.button("take.yes", "take", "yes")], [_back(visit)]), edit=True
        )
    else:
        token = await takeaway.offer(visit.tx, visit.now, visit.who.youth.id)
        visit.tell("take.link", back, edit=True, passing=True, link=f"{desk_url}/a-moi/{token}")


async def correct(visit: Visit) -> None:
    visit.tell("correct.how", rows([_back(visit)]), edit=True)


async def nickname(visit: Visit) -> None:
    """« /prenom Sam »: what follows the command is the new first name."""
    wanted = visit.came.text.strip().partition(" ")[2]
    try:
        await youth.correct(visit.tx, visit.now, visit.who.youth, nickname=wanted)
    except Refused:
        visit.tell("correct.refused", limit=youth.NICKNAME_LENGTH)
        return
    visit.who.youth = replace(visit.who.youth, nickname=" ".join(wanted.split()))
    given = await receipt.give(visit.tx, visit.now, "corrected")
    text = f"{visit.say('correct.done')}\n\n{_receipt(visit, 'erase.receipt', given)}"
    visit.show(Screen(text))


def _up(visit: Visit, name: str) -> Button:
    return Button(visit.say("me.back"), ("stored", name, "0"))


def _back(visit: Visit) -> Button:
    return visit.button("me.back", "me", "stored")

"""Mon carnet: what a youth said here and their plans, page by page, in their own chat.

One message, put in its own place at each tap. The desk reads the same rows, and only those that the
youth opened: `bot.entry` is one page of it, with who may read what.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import content
from bot.taps import number
from bot.visit import Visit, rows
from content import answers, carnet
from dialogs.screen import Button, Screen
from records import carnet as kept
from records import conversation, plan, receipt
from records.carnet import Occasion

A_PAGE = 5
MONTHS = 24  # on one screen: two years, and nothing is kept longer than an accompaniment
TITLE = 30  # signs of a title beside its day, on a button


async def open_it(visit: Visit) -> None:
    """From the menu: a message of its own, which cannot be copied on from its first moment."""
    await _list(visit, 0, edit=False)


async def turn(visit: Visit, to: str, said: str = "") -> None:
    """A page of it, counted in exercises; or the months, who reads, all of it erased."""
    if to == "months":
        await _months(visit)
    elif to == "who":
        _who_reads(visit)
    elif to == "all":
        await _erase_all(visit, said)
    else:
        await _list(visit, number(to) or 0, edit=to != "open")


async def _list(visit: Visit, first: int, *, edit: bool) -> None:
    """What was said last, first."""
    found = await kept.occasions(visit.tx, visit.who.youth.id)
    if not found:
        text = "\n\n".join([visit.say("carnet.title"), visit.say("carnet.empty")])
        visit.show(Screen(text, rows([_to_me(visit)]), protect=True), edit=edit)
        return
    at = min(first, (len(found) - 1) // A_PAGE * A_PAGE) if first >= len(found) else first
    shown = found[at : at + A_PAGE]
    coming = await plan.coming_back(visit.tx, visit.who.youth.id)
    parts = [visit.say("carnet.title"), visit.say("carnet.intro"), *_by_month(visit, shown, coming)]
    buttons = [[_opening(visit, one)] for one in shown]
    lines = rows(*buttons, *_turning(visit, found, at), _last_row(visit), [_to_me(visit)])
    visit.show(Screen("\n\n".join(parts), lines, protect=True), edit=edit)


def _by_month(visit: Visit, shown: Sequence[Occasion], coming: dict[int, datetime]) -> list[str]:
    """Under the name of each month, one line an exercise: its day, its title, who can read it."""
    return [
        "\n".join(
            [
                content.month(month, visit.language).capitalize(),
                *(_line(visit, one, coming.get(one.conversation_id)) for one in group),
            ]
        )
        for month, group in groupby(shown, lambda one: f"{local(visit, one.at):%Y-%m}")
    ]


def _line(visit: Visit, one: Occasion, comes_back: datetime | None) -> str:
    day = content.day(local(visit, one.at), visit.language)
    line = visit.say("carnet.line", day=day, title=title(visit, one), who=who_reads(visit, one))
    return line if comes_back is None else f"{line}\n{coming(visit, comes_back)}"


def who_reads(visit: Visit, one: Occasion) -> str:
    shown = one.shown if visit.who.given.get("sharing") else 0
    if not shown:
        return visit.say("carnet.mine")
    if shown == one.answers:
        return visit.say("carnet.shown")
    return visit.say("carnet.some", shown=shown, answers=one.answers)


def coming(visit: Visit, at: datetime) -> str:
    return visit.say("carnet.comes_back", day=content.day(local(visit, at), visit.language))


def local(visit: Visit, at: datetime) -> datetime:
    return at.astimezone(visit.who.structure.tz)


def title(visit: Visit, one: Occasion) -> str:
    """In the version that was answered; its name, where this installation has it no longer."""
    of = answers.script(one.script, one.version, visit.language)
    return of.title if of is not None else one.script


def _opening(visit: Visit, one: Occasion) -> Button:
    day = content.short_day(local(visit, one.at), visit.language)
    words = f"{day} · {carnet.cut(title(visit, one), TITLE)}"
    return Button(words, ("entry", str(one.conversation_id)))


def _turning(visit: Visit, found: Sequence[Occasion], at: int) -> list[list[Button]]:
    """Older and newer; and the months, once there are several pages of several months."""
    turns = []
    if at:
        turns.append(visit.button("stored.before", "carnet", str(max(0, at - A_PAGE))))
    if at + A_PAGE < len(found):
        turns.append(visit.button("stored.more", "carnet", str(at + A_PAGE)))
    months = {f"{local(visit, one.at):%Y-%m}" for one in found}
    by_month = [visit.button("carnet.months", "carnet", "months")]
    return [line for line in (turns, by_month if turns and len(months) > 1 else []) if line]


def _last_row(visit: Visit) -> list[Button]:
    return [
        visit.button("carnet.who", "carnet", "who"),
        visit.button("carnet.erase_all", "carnet", "all"),
    ]


def _to_me(visit: Visit) -> Button:
    return visit.button("me.back", "me", "")


def back(visit: Visit) -> Button:
    return visit.button("carnet.back", "carnet", "0")


async def _months(visit: Visit) -> None:
    """Where each month begins, the latest first."""
    found = await kept.occasions(visit.tx, visit.who.youth.id)
    begins: dict[str, tuple[int, int]] = {}
    for place, one in enumerate(found):
        first, count = begins.get(f"{local(visit, one.at):%Y-%m}", (place, 0))
        begins[f"{local(visit, one.at):%Y-%m}"] = first, count + 1
    buttons = [
        Button(f"{content.month(month, visit.language)} ({count})", ("carnet", str(first)))
        for month, (first, count) in list(begins.items())[:MONTHS]
    ]
    pairs = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    text = "\n\n".join([visit.say("carnet.title"), visit.say("carnet.choose_month")])
    visit.show(Screen(text, rows(*pairs, [back(visit)]), protect=True), edit=True)


def _who_reads(visit: Visit) -> None:
    """Who may read what, and that evaluation takes nothing from here."""
    parts = ["carnet.title", "carnet.who_me", "carnet.who_educator", "carnet.who_evaluation"]
    if visit.who.given.get("sharing") is False:
        parts.append("answer.hidden_by_choice")
    lines = rows([visit.button("me.readers", "me", "readers")], [back(visit)])
    visit.show(Screen("\n\n".join(map(visit.say, parts)), lines, protect=True), edit=True)


async def _erase_all(visit: Visit, said: str) -> None:
    """Two taps: what goes and what stays is said at the first."""
    if said != "yes":
        yes = visit.button("erase.all_yes", "carnet", "all", "yes")
        no = visit.button("erase.no", "carnet", "0")
        text = "\n\n".join(map(visit.say, ("carnet.title", "carnet.erase_all_ask")))
        visit.show(Screen(text, rows([yes], [no]), protect=True), edit=True)
        return
    if not await kept.erase_all(visit.tx, visit.now, visit.who.youth.id):
        visit.notice("erase.gone")  # above the chat: a second tap leaves the receipt where it is
        return
    await forget_here(visit)
    given = await receipt.give(visit.tx, visit.now, "erased_carnet")
    done(visit, "carnet.erased_all", given)


async def forget_here(visit: Visit) -> None:
    """What is under way may have held what was erased: it is read anew, and the disk wiped."""
    if visit.who.talk is not None:
        talk = visit.who.talk
        visit.who.talk = await conversation.get(visit.tx, talk.id, talk.youth_id)
    visit.after.freed = True


def done(visit: Visit, key: str, given: receipt.Receipt) -> None:
    """What was erased, with its receipt."""
    day = f"{content.day(given.on, visit.language)} {given.on.year}"
    proof = visit.say("erase.receipt", day=day, code=given.code)
    parts = [visit.say("carnet.title"), visit.say(key), proof]
    visit.show(Screen("\n\n".join(parts), rows([back(visit)])), edit=True)

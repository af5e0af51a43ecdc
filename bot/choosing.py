"""« Choisir »: answer by answer, what of one exercise is shown to the educator.

Ticks are kept beside the conversation, which is over, and open nothing: « C'est bon » does. Whoever
leaves it there has shown nothing more than before.
"""

from collections.abc import Sequence

from bot import consenting, occasion
from bot.occasion import Entry
from bot.taps import number
from bot.visit import Visit, rows
from content import answers
from content.carnet import label
from dialogs.screen import Button, Screen
from records import carnet as kept
from records import conversation
from records.response import ONLY_ME, Response


async def choose(visit: Visit, which: str, said: str = "", row: str = "") -> None:
    """Open the list, tick (`on`) or untick (`off`) one of its rows, or say that it is good (`done`;
    `row` is then the question of the consent that it answers)."""
    found = await occasion.opened(visit, which)
    can_show = [one for one in found.said if one.visibility != ONLY_ME] if found else []
    if found is None or found.talk is None or not can_show or found.talk.status != "done":
        visit.notice("old_button")
    elif said == "done":
        await _settle(visit, found, can_show, row)
    else:
        await _list(visit, found, can_show, await _ticked(visit, found, can_show, said, row))


async def _ticked(
    visit: Visit, found: Entry, can_show: list[Response], said: str, row: str
) -> set[int]:
    """The ticks after this tap. The list opens with what is shown now; a double tap counts once."""
    if said in ("on", "off"):
        before = _kept_ticks(found)
        change = {number(row) or 0}
        ticks = before | change if said == "on" else before - change
    else:
        ticks = {one.id for one in can_show if occasion.is_open(visit, one)}
    ticks &= {one.id for one in can_show}
    assert found.talk is not None
    if ticks != _kept_ticks(found):
        state = found.talk.state | {"ticked": [str(one) for one in sorted(ticks)]}
        await conversation.set_state(visit.tx, found.talk, state)
    return ticks


def _kept_ticks(found: Entry) -> set[int]:
    over = found.talk is not None and found.talk.status == "done"
    kept_ticks = found.talk.state.get("ticked", []) if over and found.talk else []
    return {number(one) or 0 for one in kept_ticks}


async def _list(visit: Visit, found: Entry, can_show: list[Response], ticks: set[int]) -> None:
    own, which = visit.say("stored.label.own_words"), str(found.id)
    boxes = []
    for one in can_show:
        on = one.id in ticks
        words = label(found.of, one.variable, one.value, own)
        act = ("choose", which, "off" if on else "on", str(one.id))
        boxes.append([Button(f"{'☑' if on else '☐'} {words}", act)])
    mark = consenting.mark(visit, "sharing")
    lines = rows(
        *boxes,
        [visit.button("share.choose_done", "choose", which, "done", mark)],
        [visit.button("share.no", "share", which, "no")],
    )
    only_me = len(found.said) - len(can_show)
    # The first « C'est bon » is also the consent: its question is read on this same screen.
    asked = [] if visit.who.given.get("sharing") else [visit.say("share.ask")]
    parts = [*asked, visit.say("share.choose_ask")]
    if only_me:
        parts.append(visit.say("share.choose_only_me"))
    visit.show(Screen("\n\n".join(parts), lines, protect=True), edit=True)


async def _settle(visit: Visit, found: Entry, can_show: list[Response], mark: str) -> None:
    """Those that are ticked are shown, and no others; none is the same as keeping all."""
    ticks, which = _kept_ticks(found) & {one.id for one in can_show}, str(found.id)
    if ticks and not await occasion.agreed(
        visit, mark, ("choose", which, "done"), ("share", which, "no")
    ):
        return
    await visit.flush()
    count = await kept.show_only(visit.tx, visit.now, visit.who.youth.id, found.id, ticks)
    if count:
        await occasion.announce(visit)
    if count and await consenting.needs_parent(visit, "sharing"):
        visit.tell("consent.needs_parent", edit=True)
        return
    told(visit, which, can_show, [one for one in can_show if one.id in ticks])


def nothing_told(visit: Visit, which: str) -> None:
    """Nothing is shown: what there is needs no look at the database."""
    lines = rows(
        [visit.button("share.yes", "share", which, "yes")],
        [visit.button("share.choose", "choose", which)],
        [visit.button("carnet.open", "entry", which)],
    )
    visit.show(Screen(visit.say("share.kept"), lines, protect=True), edit=True)


def told(visit: Visit, which: str, can_show: Sequence[Response], shown: Sequence[Response]) -> None:
    """What was decided, in one screen that decides otherwise: all, some, or nothing is shown."""
    if not shown:
        nothing_told(visit, which)
        return
    everything = len(shown) == len(can_show)
    if everything:
        text = visit.say("share.shared")
    else:
        text = visit.say("share.some", shown=len(shown), answers=len(can_show))
    if any(answers.in_own_words(one.script, one.version, one.variable) for one in shown):
        text = f"{text}\n\n{visit.about.reading_sentence}"
    lines = rows(
        [] if everything else [visit.button("share.yes", "share", which, "yes")],
        [visit.button("share.choose", "choose", which)] if len(can_show) > 1 else [],
        [visit.button("share.no", "share", which, "no")],
        [visit.button("carnet.open", "entry", which)],
    )
    visit.show(Screen(text, tuple(line for line in lines if line), protect=True), edit=True)

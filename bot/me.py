"""Moi: what the youth agreed to, pause, language, what is stored, who read it; and « tout arrêter ».

Every choice here takes effect in the same commit, on what is already planned too.
"""

from dataclasses import replace

import content
from bot import consenting, offer, talk
from bot.taps import number
from bot.visit import Visit, rows
from dialogs.screen import Button, Screen
from records import (
    appointment,
    audit,
    course_planning,
    course_run,
    inbox,
    question,
    response,
    retention,
    staff,
    youth,
)
from records.consent_text import PURPOSES

LANGUAGES = {"fr": "en", "en": "fr"}
READINGS = 10  # so many on one screen
THEN = ("me", "exercises", "again", "")  # where the question of a consent came from


async def show(visit: Visit) -> None:
    """The page of choices: one line a purpose, then the rest."""
    given = visit.who.given
    lines = [[_toggle(visit, purpose, given.get(purpose, False))] for purpose in PURPOSES]
    paused = visit.who.youth.paused_at is not None
    lines += [
        [
            visit.button(
                "me.unpause" if paused else "me.pause", "pause", "off" if paused else "on"
            ),
            visit.button("me.language", "language", LANGUAGES[visit.who.youth.language]),
        ],
        [visit.button("carnet.open", "carnet", "open")],
        [visit.button("me.stored", "me", "stored"), visit.button("me.readers", "me", "readers")],
        [visit.button("me.stop", "stop", "ask")],
    ]
    parts = [visit.say("me.title"), visit.say("me.explain")]
    if paused:
        parts.append(visit.say("me.paused"))
    if again := consenting.to_ask_again(visit):
        names = ", ".join(visit.say(f"consent.{purpose}") for purpose in again)
        parts.append(visit.say("me.again", purposes=names))
    if await consenting.needs_parent(visit):
        parts.append(visit.say("me.needs_parent"))
    visit.show(Screen("\n\n".join(parts), rows(*lines)), edit=True)


def _toggle(visit: Visit, purpose: str, given: bool) -> Button:
    label = f"{'✅' if given else '⬜'} {visit.say(f'consent.{purpose}')}"
    if given:
        return Button(label, ("consent", purpose, "no", "me", ""))
    return replace(yes_button(visit, purpose, "consent.yes", "me"), label=label)


def yes_button(visit: Visit, purpose: str, key: str, then: str) -> Button:
    """A line that gives a consent back, for whoever knows its question; else it leads there."""
    if consenting.has_read(visit, purpose):
        mark = consenting.mark(visit, purpose)
        return visit.button(key, "consent", purpose, "yes", then, mark)
    return visit.button(key, "ask", purpose, then)


async def ask(visit: Visit, purpose: str, then: str) -> None:
    """The question of one purpose, before its line counts."""
    if purpose not in PURPOSES or then not in THEN:
        visit.notice("old_button")
        return
    consenting.ask_from(visit, purpose, then)


async def ask_again(visit: Visit) -> None:
    """What is to be asked again, one question after another."""
    again = consenting.to_ask_again(visit)
    if again:
        consenting.ask_from(visit, again[0], "again")
    else:
        visit.tell("again.nothing", edit=True)


async def consent(visit: Visit, purpose: str, said: str, then: str, answered: str) -> None:
    """A yes or a no to one purpose; `then` is where the question came from, and `answered` which
    one it was."""
    if purpose not in PURPOSES or said not in ("yes", "no") or then not in THEN:
        visit.notice("old_button")
        return
    given = said == "yes"
    if not given:
        await _take_back(visit, purpose)
    elif not await consenting.agree(visit, purpose, answered):
        consenting.ask_from(visit, purpose, then, old=True)
        return
    await _answered(visit, purpose, given, then)


async def _take_back(visit: Visit, purpose: str) -> None:
    """Written each time it is said: no question of before a « non » can undo it."""
    await consenting.record(visit, purpose, given=False)
    await talk.leave(visit, purpose)


async def _answered(visit: Visit, purpose: str, given: bool, then: str) -> None:
    word = "consent.given" if given else "consent.refused"
    if given and await consenting.needs_parent(visit, purpose):
        word = "consent.needs_parent"
    if then == "again" and consenting.to_ask_again(visit):
        visit.notice(word)
        await ask_again(visit)
    elif then == "again":
        visit.tell("again.done" if word == "consent.given" else word, edit=True)
    elif then == "me":
        await show(visit)
        visit.notice(word)
    elif then == "exercises" and word == "consent.given":
        await offer.exercises(visit)
    else:
        visit.tell(word, edit=True)


async def pause(visit: Visit, said: str = "on") -> None:
    paused_at = visit.now if said == "on" else None
    await youth.change(visit.tx, visit.who.youth.id, paused_at=paused_at)
    visit.who.youth = replace(visit.who.youth, paused_at=paused_at)
    if said != "on":
        await course_planning.plan_again(visit.tx, visit.now, visit.who.youth.id)
    visit.tell("pause.on" if said == "on" else "pause.off", edit=True)


async def language(visit: Visit, chosen: str) -> None:
    if chosen not in LANGUAGES:
        visit.notice("old_button")
        return
    await youth.change(visit.tx, visit.who.youth.id, language=chosen)
    visit.who.youth = replace(visit.who.youth, language=chosen)
    visit.tell("language.set", with_menu=True)


async def stop(visit: Visit, said: str = "ask") -> None:
    """Two taps end everything: all consents are withdrawn and what was planned is dropped."""
    if said == "ask":
        visit.tell(
            "stop.ask",
            rows(
                [visit.button("stop.yes", "stop", "yes")], [visit.button("stop.no", "stop", "no")]
            ),
            edit=True,
        )
    elif said == "yes":
        for purpose in PURPOSES:
            await _take_back(visit, purpose)
        await course_run.stop_all(visit.tx, visit.now, visit.who.youth.id)
        if await question.refuse(visit.tx, visit.now, visit.who.youth, 0):  # nothing comes later
            visit.tell("distress.told")
        visit.tell("stop.done", edit=True)
    else:
        visit.tell("stop.kept", edit=True)


async def section(visit: Visit, which: str, before: str = "") -> None:
    if which == "stored":
        await _show_stored(visit)
    elif which == "readers":
        await _show_readers(visit, number(before))
    else:
        await show(visit)


async def _show_stored(visit: Visit) -> None:
    """What is kept, counted, with how long; the whole of it can be asked for."""
    who = visit.who.youth
    answers = await response.of_youth(visit.tx, who.id, limit=1000)
    kept = await retention.periods(visit.tx)
    facts = {
        "nickname": who.nickname,
        "kept": content.span(kept["messages"].days, who.language),
        "birth": content.month(who.birth_month, who.language),
        "meetings": len(await appointment.listed(visit.tx, youth_id=who.id)),
        "words": len(await inbox.of_youth(visit.tx, who.id, limit=1000)),
        "answers": len(answers),
        "shared": sum(a.visibility == "educator" for a in answers),
    }
    text = f"{visit.say('stored.title')}\n\n{visit.say('stored.list', **facts)}"
    lines = [
        [visit.button("me.rights.see", "stored", "all", "0")],
        [visit.button("carnet.open", "carnet", "open")],
        [visit.button("me.rights.correct", "correct"), visit.button("me.rights.take", "take", "")],
        [visit.button("me.rights.erase", "erase_all", "ask")],
        [visit.button("me.back", "me", "")],
    ]
    visit.show(Screen(text, rows(*lines)), edit=True)


async def _show_readers(visit: Visit, before: int | None) -> None:
    """Each reading with its name, day and hour: of whoever read, under a cover too, and even if
    they have left since."""
    who = visit.who.youth
    lines = await audit.readings(visit.tx, who.id, READINGS + 1, before=before)
    shown, older = lines[:READINGS], lines[READINGS:]
    names = await staff.names(visit.tx, {x.staff_id for x in shown if x.staff_id})
    said = [
        visit.say(
            "readers.line",
            name=names.get(x.staff_id or 0) or visit.say("stored.is.installation"),
            when=content.day_and_time(
                x.at.astimezone(visit.who.structure.tz), who.language, today=visit.now
            ),
        )
        for x in shown
    ]
    text = "\n".join([visit.say("readers.list"), "", *said]) if said else visit.say("readers.none")
    back = [visit.button("me.back", "me", "")]
    if older:
        back.insert(0, visit.button("readers.older", "me", "readers", str(shown[-1].id)))
    visit.show(Screen(text, rows(back)), edit=True)

"""Moi: what the youth agreed to, pause, language, what is stored, who read it; and « tout arrêter ».

Every choice here takes effect in the same commit, on what is already planned too (domain.md § 5.1).
"""

from dataclasses import replace

import content
from bot import consenting, offer, talk
from bot.taps import number
from bot.visit import Visit, rows
from dialogs.screen import Button, Screen
from records import appointment, audit, inbox, response, staff, youth
from records.consent import PURPOSES

LANGUAGES = {"fr": "en", "en": "fr"}
READINGS = 10  # so many on one screen


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
        [visit.button("me.stored", "me", "stored"), visit.button("me.readers", "me", "readers")],
        [visit.button("me.stop", "stop", "ask")],
    ]
    parts = [visit.say("me.title"), visit.say("me.explain")]
    if paused:
        parts.append(visit.say("me.paused"))
    if await consenting.needs_parent(visit):
        parts.append(visit.say("me.needs_parent"))
    visit.show(Screen("\n\n".join(parts), rows(*lines)), edit=True)


def _toggle(visit: Visit, purpose: str, given: bool) -> Button:
    label = f"{'✅' if given else '⬜'} {visit.say(f'consent.{purpose}')}"
    return Button(label, ("consent", purpose, "no" if given else "yes", "me"))


async def consent(visit: Visit, purpose: str, said: str, then: str = "") -> None:
    """A yes or a no to one purpose; `then` is where the question came from."""
    if purpose not in PURPOSES or said not in ("yes", "no"):
        visit.notice("old_button")
        return
    given = said == "yes"
    await consenting.record(visit, purpose, given)
    if not given:
        await talk.leave(visit, purpose)
    word = "consent.given" if given else "consent.refused"
    if given and await consenting.needs_parent(visit):
        word = "consent.needs_parent"
    if then == "me":
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
            await consenting.record(visit, purpose, False)
            await talk.leave(visit, purpose)
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
    facts = {
        "nickname": who.nickname,
        "birth": content.month(who.birth_month, who.language),
        "meetings": len(await appointment.listed(visit.tx, youth_id=who.id)),
        "words": len(await inbox.of_youth(visit.tx, who.id, limit=1000)),
        "answers": len(answers),
        "shared": sum(a.visibility == "educator" for a in answers),
    }
    text = f"{visit.say('stored.title')}\n\n{visit.say('stored.list', **facts)}"
    lines = [
        [visit.button("me.rights.see", "stored", "all", "0")],
        [visit.button("me.rights.answers", "stored", "response", "0")],
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
            name=names.get(x.staff_id or 0, "?"),
            when=content.day_and_time(x.at.astimezone(visit.who.structure.tz), who.language),
        )
        for x in shown
    ]
    text = "\n".join([visit.say("readers.list"), "", *said]) if said else visit.say("readers.none")
    back = [visit.button("me.back", "me", "")]
    if older:
        back.insert(0, visit.button("readers.older", "me", "readers", str(shown[-1].id)))
    visit.show(Screen(text, rows(back)), edit=True)

"""Mes RDV: what is planned, and the youth's answer to each meeting."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import content
from bot import talk
from bot.visit import Visit, rows
from content import render
from dialogs.screen import Button, Screen
from records import appointment, inbox
from records.appointment import ANSWERS, Appointment
from records.hours import local_instant

STILL_USEFUL = timedelta(hours=1)  # « en retard » is said after the start, too
SHOWN = 5


async def show_all(visit: Visit) -> None:
    """« Mes RDV »: the next meetings, and a way to ask for one."""
    planned = [
        a
        for a in await appointment.listed(
            visit.tx, youth_id=visit.who.youth.id, since=visit.now - STILL_USEFUL, limit=20
        )
        if a.state == "planned"
    ][:SHOWN]
    lines = [
        [visit.button("meeting.reminder", *_act(a, "show"), when=_when(visit, a))] for a in planned
    ]
    lines.append([visit.button("meeting.want", "want")])
    visit.tell("meeting.list" if planned else "meeting.none", rows(*lines), edit=True)


async def want(visit: Visit) -> None:
    """« Demander un rendez-vous »: reaches the educator at once, and once until it is seen."""
    await inbox.add_once(
        visit.tx,
        visit.now,
        structure_id=visit.who.structure.id,
        youth_id=visit.who.youth.id,
        kind="meeting_wanted",
    )
    await talk.put_away(visit)  # what is written next is for the educator
    visit.tell("meeting.wanted", edit=True)


async def answer(visit: Visit, key: str, revision: str, said: str) -> None:
    """One of the four answers, or « show » to see the meeting and its buttons again."""
    which = await _current(visit, key, revision)
    if which is None:
        visit.notice("meeting.old")
    elif said == "show":
        _show(visit, which)
    elif said == "change" and _open_slots(visit, which):
        _offer_slots(visit, which)
    elif said in ANSWERS:
        await appointment.answer(visit.tx, visit.now, which, said)
        await _thank(visit, which, said, f"meeting.thanks_{said}")
    else:
        visit.notice("old_button")


async def choose_slot(visit: Visit, key: str, revision: str, place: str) -> None:
    """Another moment among those that the educator offered, or none of them."""
    which = await _current(visit, key, revision)
    if which is None:
        visit.notice("meeting.old")
        return
    slots = dict(_open_slots(visit, which))
    if place == "none":
        await appointment.answer(visit.tx, visit.now, which, "change")
        await _thank(visit, which, "change", "meeting.thanks_change")
    elif place in slots:
        await appointment.answer(visit.tx, visit.now, which, "change", wish=which.slots[int(place)])
        when = content.day_and_time(slots[place], visit.language, today=visit.now)
        await _thank(visit, which, "change", "meeting.thanks_slot", slot=when)
    else:
        visit.notice("old_button")


async def _current(visit: Visit, key: str, revision: str) -> Appointment | None:
    """The meeting a button is about, if it is this youth's, unchanged and not over."""
    mine = [
        a
        for a in await appointment.listed(
            visit.tx, youth_id=visit.who.youth.id, since=visit.now - STILL_USEFUL, limit=200
        )
        if str(a.id) == key
    ]
    fresh = mine and mine[0].state == "planned" and str(mine[0].revision) == revision
    return mine[0] if fresh else None


def _show(visit: Visit, which: Appointment) -> None:
    visit.show(render("reminder", {}, _about(visit, which)), edit=True)


def _offer_slots(visit: Visit, which: Appointment) -> None:
    lines = [[_slot_button(visit, which, place, at)] for place, at in _open_slots(visit, which)]
    none = visit.button("meeting.no_slot", "slot", str(which.id), str(which.revision), "none")
    visit.tell("meeting.slots", rows(*lines, [none]), edit=True)


def _slot_button(visit: Visit, which: Appointment, place: str, at: datetime) -> Button:
    return Button(
        content.day_and_time(at, visit.language, today=visit.now),
        ("slot", str(which.id), str(which.revision), place),
    )


def _open_slots(visit: Visit, which: Appointment) -> list[tuple[str, datetime]]:
    """The offered moments that are still to come, by their place in the list."""
    found = []
    for place, wall in enumerate(which.slots):
        at = local_instant(datetime.fromisoformat(wall), which.zone)
        if at > visit.now:
            found.append((str(place), at.astimezone(ZoneInfo(which.zone))))
    return found


async def _thank(visit: Visit, which: Appointment, said: str, key: str, **facts: str) -> None:
    """« Changer » asks for a word: an open script then waits, so that the word reaches the desk."""
    if said == "change":
        await talk.put_away(visit)
    first = render("reminder", {}, _about(visit, which)).first_line
    answer = visit.say("meeting.said", answer=visit.say(f"meeting.{said}"))
    text = "\n\n".join([first, answer, visit.say(key, **facts)])
    again = visit.button("meeting.again", *_act(which, "show"))
    visit.show(Screen(text, rows([again])), edit=True)


def _about(visit: Visit, which: Appointment) -> content.About:
    return replace(
        visit.about,
        meeting=str(which.id),
        revision=which.revision,
        when=which.local,
        place=which.place,
        answer=which.answer,
    )


def _when(visit: Visit, which: Appointment) -> str:
    return content.day_and_time(which.local, visit.language, today=visit.now)


def _act(which: Appointment, said: str) -> tuple[str, ...]:
    return "meeting", str(which.id), str(which.revision), said

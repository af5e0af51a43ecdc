"""What each thing that came in leads to: the routing table from taps, commands and words to rooms.

`to_known` answers a linked phone, `to_stranger` anyone else. Reading the two tables below is
reading what the bot can do.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache

import content
from bot import (
    carnet,
    choosing,
    course,
    distress,
    ending,
    entry,
    me,
    meeting,
    offer,
    rights,
    talk,
    wiping,
)
from bot.channel import Incoming
from bot.taps import number
from bot.visit import Aftermath, Visit, rows
from content import About, help_card
from dialogs.screen import Screen
from records import alert, contact, inbox, staff
from records.database import recall
from records.youth import age_on

WORDS_LIMIT = 4096  # all that Telegram lets a person send at once

Room = Callable[..., Awaitable[None]]


async def to_known(visit: Visit) -> None:
    """Answer a phone that is linked. A tap is always closed, with a word or without."""
    if visit.came.kind not in ("blocked", "ignored"):
        await _reachable_again(visit)
    visit.heard = distress.heard_in(visit.came)
    if visit.heard:
        await distress.help_first(visit)
    await _answered(visit)
    if visit.heard and not await distress.ask(visit) and visit.addressed:
        _confirm_sent(visit)
    visit.close_tap()


async def _answered(visit: Visit) -> None:
    if visit.who.youth.closed_at is not None:
        await _after_closure(visit)
    elif visit.came.kind == "tap":
        await _tapped(visit)
    elif visit.came.kind in _ARRIVALS:
        await _ARRIVALS[visit.came.kind](visit)


async def _reachable_again(visit: Visit) -> None:
    """Whoever writes, taps or unblocks can be answered, whatever the channel said before."""
    if visit.who.contact.state == "unreachable":
        await contact.reachable_again(visit.tx, visit.now, visit.who.contact)
        visit.who.contact = replace(visit.who.contact, state="confirmed", reason=None)


async def _after_closure(visit: Visit) -> None:
    """Nothing is taken in any more; help answers anyone at any hour."""
    if visit.came.kind == "tap":
        visit.notice("old_button")
    elif visit.came.kind == "text" and (room := await _still_open(visit)) is not None:
        if room is not _help or not visit.heard:
            await room(visit)
    elif visit.came.kind in ("start", "text", "media", "forwarded"):
        visit.tell("closed")


async def _still_open(visit: Visit) -> Room | None:
    """What a closed youth may still ask for: the numbers, and an empty chat."""
    room = await _command(visit, visit.came.text.strip())
    return room if room in _ANYONES else None


async def _tapped(visit: Visit) -> None:
    verb, *arguments = visit.came.act or ("",)
    if verb == "step" and len(arguments) == 3:
        await talk.tapped(visit, *arguments)
        return
    room = _TAPS.get(verb) if visit.who.confirmed else None
    if room is None or len(arguments) not in room[1]:
        visit.notice("old_button")
        return
    await visit.flush()
    await room[0](visit, *arguments)


async def _wrote(visit: Visit) -> None:
    text = visit.came.text.strip()
    command = await _command(visit, text)
    if command is not None:
        await visit.flush()
        await command(visit)
    elif not visit.who.confirmed:
        visit.tell("words.waiting", words=visit.who.contact.words)
    elif not await talk.wrote(visit):
        await _to_educator(visit, text)


async def _command(visit: Visit, text: str) -> Room | None:
    """The room behind « /rdv », or behind the menu's own label in any language."""
    if text.startswith("/"):
        room = COMMANDS.get(_slash(text), _unknown)
    else:
        found = await _by_label(visit, text)
        if found is None:
            return None
        room = found
    return room if visit.who.confirmed or room in (*_ANYONES, _started) else _not_yet


def _slash(text: str) -> str:
    """« /Aide@le_bot s'il te plaît » is « /aide »."""
    return text.split(maxsplit=1)[0].partition("@")[0].lower() if text.strip() else ""


async def _by_label(visit: Visit, text: str) -> Room | None:
    """A label of the keyboard, word for word: anything else is meant for the educator."""
    fixed, naming = _labels(content.library())
    if text in fixed:
        return fixed[text]
    for before, after, room in naming:
        name = text.removeprefix(before).removesuffix(after)
        if before + name + after == text and await _is_staff(visit, name):
            return room
    return None


@lru_cache(4)
def _labels(of: content.Library) -> tuple[dict[str, Room], list[tuple[str, str, Room]]]:
    """The keyboard's labels in every language; those that name the educator, around the name."""
    fixed: dict[str, Room] = {}
    naming: list[tuple[str, str, Room]] = []
    for language in of.voices:
        for key, room in _MENU.items():
            before, names_one, after = of.phrase(key, language, educator="\0").partition("\0")
            if names_one:
                naming.append((before, after, room))
            else:
                fixed[before] = room
    return fixed, naming


async def _is_staff(visit: Visit, name: str) -> bool:
    """Keyboards outlive a change of educator: theirs is first, then anyone of the structure."""
    return name == visit.who.educator or name in {
        one.name for one in await staff.listed(visit.tx, visit.who.structure.id)
    }


async def _to_educator(visit: Visit, text: str) -> None:
    """Whatever a youth addresses to the educator reaches the inbox."""
    if not text:
        return
    if len(text) > WORDS_LIMIT:
        visit.tell("sent.too_long")
        return
    if talk.may_be_meant(visit):
        _hold(visit, text)
        return
    visit.address("words", text)
    visit.addressed = True
    if not visit.heard:  # else it is said with the question, and with no other message
        _confirm_sent(visit)


def _hold(visit: Visit, text: str) -> None:
    """In the middle of an exercise, words may have been meant for it: ask before anyone reads."""
    item = visit.address("held", text)
    visit.tell(
        "sent.held",
        rows(
            [visit.button("sent.held_yes", "held", str(item), "yes")],
            [visit.button("sent.held_no", "held", str(item), "no")],
        ),
    )


async def _release(visit: Visit, item: str, said: str) -> None:
    """The answer to « pour Nadia ? ». Words that waited too long are told to be gone."""
    became = await inbox.release(
        visit.tx, visit.who.youth.id, number(item) or 0, send=said == "yes"
    )
    if became == "sent":
        _confirm_sent(visit)
    elif became == "forgotten":
        visit.tell("sent.forgotten", edit=True)
    elif became == "gone":
        visit.tell("sent.held_gone", edit=True)


def _confirm_sent(visit: Visit) -> None:
    """« Transmis » is said only of what this same transaction stores."""
    if visit.who.youth.paused_at is not None:
        visit.tell(
            "sent.to_educator_paused", rows([visit.button("me.unpause", "pause", "off")]), edit=True
        )
    elif visit.who.given.get("messages"):
        hidden_once = visit.came.kind == "text"  # whoever writes again finds the keyboard again
        visit.tell("sent.to_educator", with_menu=hidden_once, edit=True)
    else:
        visit.tell(
            "sent.to_educator_without_messages",
            rows([me.yes_button(visit, "messages", "consent.yes", "")]),
            edit=True,
        )


async def _write(visit: Visit) -> None:
    """What comes next is for the educator: an open script waits at its place."""
    await talk.put_away(visit)
    visit.tell("write.invite")


async def _help(visit: Visit) -> None:
    """The numbers, at once; what was written after « /aide » may be for the educator."""
    if not visit.heard:
        visit.show_help()
    words = visit.came.text.strip().partition(" ")[2].strip()
    if words and visit.came.text.lstrip().startswith("/") and visit.who.confirmed:
        _hold(visit, words)


async def _not_yet(visit: Visit) -> None:
    visit.tell("words.waiting", words=visit.who.contact.words)


async def _unknown(visit: Visit) -> None:
    visit.tell("unknown_command", with_menu=True)


async def _started(visit: Visit) -> None:
    """« /start » from a linked phone: without a payload, the menu; with one, the link is judged."""
    if not visit.who.confirmed:
        await _not_yet(visit)
    elif visit.came.kind == "start" and visit.came.text:
        visit.tell("link.phone_already_linked")
    else:
        visit.tell("write.invite", with_menu=True)


async def _media(visit: Visit) -> None:
    visit.tell("media", once=visit.came.album)


async def _forwarded(visit: Visit) -> None:
    visit.tell("forwarded")


async def _edited(visit: Visit) -> None:
    if visit.who.confirmed:  # of an unconfirmed phone nothing was kept
        visit.tell("edited")


async def _blocked(visit: Visit) -> None:
    phone = visit.who.contact
    await contact.set_reachable(visit.tx, phone.id, "blocked")
    if phone.state == "confirmed":  # the same batch may hold what comes after
        visit.who.contact = replace(phone, state="unreachable", reason="blocked")


_ARRIVALS: dict[str, Room] = {
    "text": _wrote,
    "start": _started,
    "media": _media,
    "forwarded": _forwarded,
    "edited": _edited,
    "blocked": _blocked,
}

COMMANDS: dict[str, Room] = {
    "/start": _started,
    "/rdv": meeting.show_all,
    "/exercice": offer.exercises,
    "/aide": _help,
    "/moi": me.show,
    "/carnet": carnet.open_it,
    "/pause": me.pause,
    "/stop": me.stop,
    "/help": _help,
    "/prenom": rights.nickname,
    "/prénom": rights.nickname,
    "/efface": wiping.empty,
    "/cache": wiping.hide,
}
_ANYONES = (_help, wiping.empty, wiping.hide)  # whoever has a phone linked here

_MENU: dict[str, Room] = {
    "menu.meetings": meeting.show_all,
    "menu.exercise": offer.exercises,
    "menu.write": _write,
    "menu.help": _help,
    "menu.me": me.show,
    "menu.carnet": carnet.open_it,
    "menu.hide": wiping.hide,
}

_TAPS: dict[str, tuple[Room, tuple[int, ...]]] = {  # verb: room, how many arguments
    "meeting": (meeting.answer, (3,)),
    "slot": (meeting.choose_slot, (3,)),
    "want": (meeting.want, (0,)),
    "exercises": (offer.exercises, (1,)),
    "begin": (offer.begin, (1, 2, 3)),
    "decline": (offer.decline, (1,)),
    "later": (offer.later, (2,)),
    "resume": (offer.resume, (1, 2)),
    "leave": (offer.leave, (1,)),
    "courses": (course.listed, (0,)),
    "course": (course.show, (1,)),
    "course_about": (course.about, (1,)),
    "course_begin": (course.begin, (1,)),
    "course_do": (course.do, (2,)),
    "share": (ending.share, (2, 3)),
    "held": (_release, (2,)),
    "alert": (distress.answer, (3,)),
    "consent": (me.consent, (4,)),
    "ask": (me.ask, (2,)),
    "again": (me.ask_again, (0,)),
    "pause": (me.pause, (1,)),
    "language": (me.language, (1,)),
    "me": (me.section, (1, 2)),
    "stop": (me.stop, (1,)),
    "stored": (rights.shelf, (2,)),
    "one": (rights.one, (2,)),
    "carnet": (carnet.turn, (1, 2)),
    "entry": (entry.show, (1, 2)),
    "choose": (choosing.choose, (1, 3)),
    "answer": (entry.answer, (2, 3)),
    "erase": (rights.erase, (3,)),
    "erase_all": (rights.erase_all, (1,)),
    "take": (rights.take, (1,)),
    "correct": (rights.correct, (0,)),
}


def to_stranger(came: Incoming, after: Aftermath) -> None:
    """One neutral sentence, or the help numbers; nothing about a stranger is ever stored."""
    about = About()
    if came.kind == "tap" and came.tap_id:
        after.answers.append((came.tap_id, about.say("old_button")))
    elif heard := distress.heard_in(came):
        after.told[came.address] = replace(help_card(about, heard), no_menu=True)
    elif came.kind == "text" and _asks_for_help(came.text):
        after.told[came.address] = replace(help_card(about), no_menu=True)
    elif came.kind in ("text", "start", "media", "forwarded"):
        after.told.setdefault(came.address, Screen(about.say("stranger"), no_menu=True))


def _asks_for_help(text: str) -> bool:
    """« /aide », or the label that a keyboard of before still shows, in any language."""
    labels = {content.library().phrase("menu.help", of) for of in content.library().voices}
    return COMMANDS.get(_slash(text)) is _help or text.strip() in labels


async def enrol(visit: Visit) -> None:
    """An invitation was just accepted on this phone: the three screens and two questions."""
    rule = alert.may_follow(
        visit.who.structure, visit.who.youth.birth_month, visit.local_now.date()
    )
    hours = content.reading_hours(visit.who.structure.reading_hours, visit.language) or visit.say(
        "reading.unset"
    )
    await talk.open_script(
        visit,
        "enrolment",
        known={
            "reading_hours": hours,
            "alert_rule": visit.say(f"alert_rule.{rule}"),
            ending.TOLD_RULE: alert.rule_of(visit.who.structure),
        }
        | await _notice_link(visit)
        | ending.said_before(visit),
    )


async def _notice_link(visit: Visit) -> dict[str, str]:
    """The page that names who is responsible, for this age; none where the desk has no address that
    a phone could open: the paper says it then."""
    desk_url = await recall(visit.tx, "desk_url") or ""
    if not desk_url.startswith("https:"):
        return {}
    young = age_on(visit.who.youth.birth_month, visit.local_now.date()) < 15
    where = f"{desk_url}/information/{visit.who.structure.id}/{'12-14' if young else '15-25'}"
    return {"notice_link": where}


def link_refused(came: Incoming, code: str, after: Aftermath) -> None:
    """A link that is used, expired or unknown gets a kind sentence, and leaves no trace."""
    after.told[came.address] = Screen(About().say(f"link.{code.removeprefix('link_')}"))

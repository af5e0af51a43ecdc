"""From the meaning of a message to its screen: the one function for preview and delivery."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from content.about import About, Planned
from content.consents import mark
from content.dates import clock_time, day_and_time
from content.library import library
from content.wordings import invitation
from dialogs.screen import Button, Screen
from dialogs.script import Script

ANSWERS = ("coming", "late", "change", "no")


def render(kind: str, params: dict[str, Any], about: About) -> Screen:
    """The screen of a message of this kind (`records.message`), as things stand at `about.now`."""
    return _KINDS[kind](params, about)


def screen_of(message: Planned, at: datetime, *, asks_consent: bool = False) -> Screen:
    """The words of a planned message if it left at this instant: for delivery and for previews."""
    about = About.of(message, at, asks_consent=asks_consent)
    if worded := invitation(message):
        about = replace(about, invitation=worded[0])
    return render(message.kind, message.params, about)


def menu(about: About) -> tuple[tuple[str, ...], ...]:
    """The persistent keyboard's labels, in rows."""
    say = about.say
    return (
        (say("menu.meetings"), say("menu.exercise")),
        (say("menu.carnet"), say("menu.write")),
        (say("menu.help"), say("menu.me"), say("menu.hide")),
    )


def help_card(about: About, heard: Sequence[str] = ()) -> Screen:
    """The help numbers with their hours: all of them, or those for what was heard
    (`content.distress`). Never protected, so that a number can be copied."""
    numbers = help_lines(about, heard)
    if heard:
        parts = [about.say("distress.card"), numbers, about.say("distress.more")]
    else:
        parts = [about.say("help.title"), about.say("help.intro"), numbers]
    if about.educator or about.reading:  # a stranger is told nothing of a structure
        parts.append(about.say("help.reading"))
    return Screen("\n\n".join(parts))


def help_lines(about: About, heard: Sequence[str] = ()) -> str:
    """One line a number, with its hours; of several categories, the first to call for the gravest
    comes first."""
    kept = {n["number"]: n for n in _help()["numbers"]}
    chosen = dict.fromkeys(chain(*(_help()["distress"][one] for one in heard))) or kept
    return "\n".join(
        about.say(
            "help.line",
            number=number,
            use=_told(kept[number]["use"], about.language),
            hours=_told(kept[number]["hours"], about.language),
        )
        for number in chosen
    )


def meeting_buttons(about: About) -> tuple[tuple[Button, ...], ...]:
    buttons = [
        Button(about.say(f"meeting.{said}"), ("meeting", about.meeting, str(about.revision), said))
        for said in ANSWERS
    ]
    return tuple(buttons[:2]), tuple(buttons[2:])


def _reminder(_params: dict[str, Any], about: About) -> Screen:
    """Asks whether they come, or recalls what they said already."""
    if about.answer is None:
        return _about_meeting(about, _meeting_line(about), about.say("meeting.question"))
    said = about.say("meeting.said", answer=about.say(f"meeting.{about.answer}"))
    return _about_meeting(about, _meeting_line(about), said)


def _changed(params: dict[str, Any], about: About) -> Screen:
    was = _told_at(params["was"], about)
    first = about.say("meeting.changed", when=_when(about))
    return _about_meeting(
        about, first, about.say("meeting.was", was=was), about.say("meeting.question")
    )


def _cancelled(params: dict[str, Any], about: About) -> Screen:
    """Names the time that the youth last heard of, when a later one was never announced."""
    told = params.get("announced")
    when = _told_at(told, about) if told else _when(about)
    return Screen(
        "\n".join(
            [
                about.say("meeting.cancelled", when=when),
                about.say("meeting.cancelled_more"),
                *_repeated(about),
            ]
        )
    )


def _about_meeting(about: About, *lines: str) -> Screen:
    place = [about.say("meeting.place", place=about.place)] if about.place else []
    first, *others = lines
    return Screen("\n".join([first, *place, *others, *_repeated(about)]), meeting_buttons(about))


def _meeting_line(about: About) -> str:
    assert about.when is not None
    assert about.now is not None
    gap = about.when.date() - about.now.date()
    if gap == timedelta(0):
        return about.say("meeting.today", time=clock_time(about.when, about.language))
    key = "meeting.tomorrow" if gap == timedelta(days=1) else "meeting.reminder"
    return about.say(key, when=_when(about))


def _when(about: About) -> str:
    assert about.when is not None
    return day_and_time(about.when, about.language, today=about.now)


def _told_at(wall: str, about: About) -> str:
    return day_and_time(datetime.fromisoformat(wall), about.language, today=about.now)


def _repeated(about: About) -> list[str]:
    return [about.say("meeting.repeated")] if about.repeated else []


def _text(params: dict[str, Any], about: About) -> Screen:
    return Screen(f"{about.say('text.from', **_by(params))}\n\n{params['text']}")


def _by(params: dict[str, Any]) -> dict[str, str]:
    """Who writes, where it is not the youth's own educator."""
    return {"educator": params["from"]} if "from" in params else {}


def _offer(params: dict[str, Any], about: About) -> Screen:
    script = library().script(params["script"], language=about.language)
    parts = _opening(params, about, script)
    wave = params.get("wave") or ""
    if about.asks_consent:  # this « oui » is the consent itself, and leads straight in
        parts.append(about.say(f"ask.{offered_purpose(script.kind)}"))
        yes = Button(about.say("consent.yes"), ("begin", script.name, wave, _mark(script, about)))
        no = Button(about.say("consent.no"), ("decline", script.name))
    else:
        yes = Button(about.say("offer.begin"), ("begin", script.name, wave))
        no = Button(about.say("offer.later"), ("later", script.name, wave))
    mine = (
        [(Button(about.say("course.mine"), ("course", str(params["run"]))),)]
        if "run" in params
        else []
    )
    return Screen("\n\n".join(parts), ((yes,), (no,), *mine), protect=True)


def _opening(params: dict[str, Any], about: About, script: Script) -> list[str]:
    """The first lines of a proposal: by itself, or as a step of a course."""
    course = library().course(params.get("course", ""), about.language)
    if course is None:
        return _proposed(script, params, about)
    step = about.say("course.step", title=script.title, minutes=script.minutes)
    if not params["first"]:
        return [
            about.say("course.next"),
            f"{about.say('course.show', course=course.title)}\n{step}",
        ]
    invitation = about.say("course.invitation", course=course.title, invitation=course.invitation)
    first = about.say("course.first_own" if params["own"] else "course.first")
    return [first, invitation, step] + ([] if params["own"] else [about.say("course.seen_by")])


def _proposed(script: Script, params: dict[str, Any], about: About) -> list[str]:
    """A first line that says nothing to others, then what it is. What comes by itself is in nobody's
    name; what may come again is said otherwise each time."""
    if script.invitations:
        said = script.invitations[about.invitation % len(script.invitations)]
        by_itself = params.get("by_itself")
        return [said] if by_itself else [about.say(f"offer.{script.kind}", **_by(params)), said]
    more = "offer.survey_about" if script.anonymous else "offer.about"
    first = "offer.survey_again" if params.get("again") else f"offer.{script.kind}"
    told = [
        about.say(first, **_by(params)),
        about.say(more, title=script.title, minutes=script.minutes),
    ]
    return [*told, about.say("offer.survey_once")] if params.get("again") else told


def _mark(script: Script, about: About) -> str:
    version = library().consents.newest[offered_purpose(script.kind)]
    return mark(version, about.last_said)


def _plan(params: dict[str, Any], about: About) -> Screen:
    """What the youth planned, in their own words, under a line that says nothing to others."""
    return Screen(
        "\n\n".join([about.say("plan.title"), params["text"], *_repeated(about)]), protect=True
    )


def _nudge(params: dict[str, Any], about: About) -> Screen:
    """Whoever fell silent: their place is kept. Said once, under a line that says nothing to others."""
    known, name = library(), params["script"]
    title = known.script(name, language=about.language).title if known.has(name) else ""
    parts = [
        about.say("nudge.title"),
        about.say("nudge.more" if title else "nudge.unnamed", title=title),
        *_repeated(about),
    ]
    talk = str(params["talk"])
    resume = Button(about.say("script.resume"), ("resume", talk))
    leave = Button(about.say("nudge.leave"), ("leave", talk))
    return Screen("\n\n".join(parts), ((resume,), (leave,)), protect=True)


def _again(params: dict[str, Any], about: About) -> Screen:
    """There is a question: which one is looked up when it is wanted."""
    return Screen(
        about.say(f"again.{params['why']}"), ((Button(about.say("again.go"), ("again",)),),)
    )


def _rule(_params: dict[str, Any], about: About) -> Screen:
    """What may be told of them without a yes: as enrolment says it."""
    return Screen(about.say("rule.changed", rule=about.say("alert_rule.tell")))


def offered_purpose(script_kind: str) -> str:
    """The purpose whose consent a kind of script needs."""
    return {"exercise": "exercises", "checkin": "checkins", "survey": "surveys"}[script_kind]


def _phrase(params: dict[str, Any], about: About) -> Screen:
    return Screen(
        about.say(params["say"], **params.get("facts", {})),
        menu=menu(about) if params.get("menu") else (),
    )


def _notice(params: dict[str, Any], about: About) -> Screen:
    """Who reads, or who accompanies; the keyboard then names them."""
    facts = dict(params["facts"])
    if until := params.get("until"):
        facts["until"] = _told_at(until, about)
    return Screen(about.say(params["say"], **facts), menu=menu(about) if "menu" in params else ())


def _screen(params: dict[str, Any], _about: About) -> Screen:
    return Screen.from_json(params)


def _card(params: dict[str, Any], about: About) -> Screen:
    return help_card(about, params.get("heard", ()))


def _question(params: dict[str, Any], about: About) -> Screen:
    """« Je préviens Nadia ? », with what became of what was written; the rule, where it may still
    apply."""
    if params["addressed"]:
        parts = [about.say("sent.to_educator"), about.say("distress.ask_too")]
    else:
        parts = [f"{about.say('distress.ask')}\n{about.reading_sentence}"]
    parts.append(about.say("distress.rule" if params["warned"] else "distress.choose"))
    if params["set_aside"]:
        parts.append(about.say("distress.set_aside"))
    elif params["unnamed"]:
        parts.append(about.say("distress.handed_in"))
    asked = ("alert", str(params["question"]), params["seal"])
    lines = [tuple(Button(about.say(f"distress.{said}"), (*asked, said)) for said in ("yes", "no"))]
    if params["set_aside"]:
        resume = ("resume", str(params["set_aside"]))
        lines.append((Button(about.say("script.resume"), resume),))
    return Screen("\n\n".join(parts), tuple(lines))


def _wipe(params: dict[str, Any], about: About) -> Screen:
    """The last word in a chat that was emptied: an innocent one, or what remains and what to do."""
    if params["hide"]:
        return Screen(about.say("hide.done"), no_menu=True)
    parts = [about.say("wipe.done"), about.say("wipe.removed", removed=params.get("removed", 0))]
    if params.get("kept"):
        parts.append(about.say("wipe.kept", kept=params["kept"]))
    parts += [about.say("wipe.older"), about.say("wipe.stored")]
    # The message that had brought the keyboard is gone, and on most phones the keyboard with it.
    return Screen("\n\n".join(parts), menu=menu(about) if params["menu"] else ())


_KINDS: dict[str, Callable[[dict[str, Any], About], Screen]] = {
    "reminder": _reminder,
    "changed": _changed,
    "cancelled": _cancelled,
    "text": _text,
    "offer": _offer,
    "course": _offer,
    "plan": _plan,
    "nudge": _nudge,
    "again": _again,
    "rule": _rule,
    "notice": _notice,
    "phrase": _phrase,
    "screen": _screen,
    "passing": _screen,
    "card": _card,
    "question": _question,
    "wipe": _wipe,
}


@cache
def _help() -> dict[str, Any]:
    kept = Path(__file__).with_name("help.yaml").read_text("utf-8")
    return yaml.load(kept, Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def _told(french: str, language: str) -> str:
    return library().translated(french, language)

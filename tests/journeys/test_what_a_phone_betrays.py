"""What another's eyes may learn from a phone: what can be copied on, what a lock screen shows, and
what a link would fetch."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import content
from admin.discretion import findings
from content import About, Library, help_card, menu, render
from dialogs.drawing import filled
from dialogs.screen import Screen
from dialogs.script import NAMED, Script
from dialogs.state import State
from records import appointment, asking, contact, message, outgoing
from tests.journeys.thumb import begin, rows_of, say, script, tap, walk, wall
from tests.town import Town

FREE = "what was written by hand"
PLACE = "CSAPA Les Tilleuls"
# Every kind that the bot can send: whether it is protected. A screen is what it holds.
KINDS: dict[str, bool] = {
    "reminder": False,
    "changed": False,
    "cancelled": False,
    "text": False,
    "offer": True,
    "notice": False,
    "plan": True,
    "nudge": True,
    "rule": False,
    "course": True,
    "again": False,
    "screen": False,
    "phrase": False,
    "passing": False,
    "card": False,
    "question": False,
    "wipe": False,
}
PARAMS: dict[str, dict[str, Any]] = {
    "changed": {"was": "2026-11-26T14:30"},
    "text": {"text": "À mardi"},
    "again": {"why": "text"},
    "plan": {"text": "Si on insiste, alors je pars."},
    "nudge": {"talk": 1, "script": "argent-facile"},
    "rule": {"told": ""},
    "course": {"script": "dire-non", "course": "dire-non", "run": 1, "first": True, "own": False},
    "screen": Screen("C'est noté").to_json(),
    "phrase": {"say": "welcome", "menu": True},
    "passing": Screen("Merci").to_json(),
    "question": {
        "question": 1,
        "seal": "",
        "warned": True,
        "addressed": False,
        "set_aside": 0,
        "unnamed": False,
    },
    "wipe": {"hide": False, "menu": True},
    "notice": {
        "say": "notice.cover",
        "facts": {"absent": "Nadia", "covering": "Karim"},
        "until": "2026-11-27T18:00",
    },
}
ENGLISH = re.compile(
    r"\b(drugs?|weed|dealers?|dealing|traffick\w*|addict\w*|police|judges?|court|justice|prison|jail"
    r"|probation|lawyer|health|doctor|hospital|clinic|therap\w*|suicid\w*|depress\w*)\b",
    re.IGNORECASE,
)


def test_every_kind_of_message_has_its_line_in_this_table() -> None:
    assert set(KINDS) == set(outgoing.KINDS)


async def test_each_kind_is_protected_or_not_on_the_phone(town: Town) -> None:
    ines = town.cast.ines
    phone = await town.linked(ines)
    await town.agree(ines, "exercises")
    async with town.database.write() as tx:
        meeting = await appointment.add(tx, town.now(), ines, wall("2026-11-27 14:30"))
    params = PARAMS | {"offer": {"script": script().name}}
    for kind, protected in KINDS.items():
        async with town.database.write() as tx:
            at_issue = meeting.id if kind in ("reminder", "changed") else None
            draft = message.Draft(
                town.cast.structure_id,
                town.cast.bot_id,
                ines.id,
                kind,
                town.now(),
                town.now() + timedelta(hours=1),
                params.get(kind, {}),
                contact_id=await the_phone(town),
                appointment_id=at_issue,
            )
            if kind == "again":  # there is something to ask: a text has changed
                newest = content.library().consents.newest
                newer = {purpose: version + 1 for purpose, version in newest.items()}
                for texts in (newest, newer):
                    await asking.put_in_force(tx, town.now(), texts)
            if kind == "cancelled":
                await appointment.cancel(tx, town.now(), meeting)
            else:
                await message.queue(tx, town.now(), [draft])
        await town.pass_time(minutes=2)
        assert phone.last.protected is protected, f"{kind}: {phone.last.text}"


async def the_phone(town: Town) -> int:
    [linked] = await rows_of(town.database, contact.contact)
    return int(linked.id)


@pytest.mark.parametrize("kind", ["exercise", "checkin", "survey"])
async def test_every_screen_of_a_script_is_protected_and_what_frames_it_is_not(
    town: Town, kind: str
) -> None:
    phone = await town.linked(town.cast.ines)
    await town.agree(town.cast.ines, "exercises", "checkins", "surveys", "sharing")
    which = script(kind)
    if kind == "survey":
        async with town.database.write() as tx:
            await outgoing.schedule_offer(
                tx,
                town.now(),
                structure_id=town.cast.structure_id,
                bot_id=town.cast.bot_id,
                youth_id=town.cast.ines.id,
                created_by=town.cast.nadia.id,
                script=which.name,
                purpose="surveys",
                due_at=town.now(),
                wave="2026-T4",
            )
        await town.pass_time(hours=7)
        await tap(town, phone, "Commencer")
    else:
        await begin(town, phone, which)
    seen = await walk(town, phone, town.cast.ines)
    assert seen
    assert all(bubble.protected for bubble in seen)
    if kind != "survey":
        assert phone.last.protected  # the answers may come in its place, to be chosen from


async def test_no_message_lets_a_link_be_previewed(town: Town) -> None:
    phone = await town.enrol(town.cast.ines)
    await town.agree(town.cast.ines, "exercises")
    await town.write(town.cast.ines, "Regarde https://exemple.fr", "2026-11-23 12:00")
    await town.pass_time(hours=2)
    await begin(town, phone, script())
    await walk(town, phone, town.cast.ines)
    await say(town, phone, "/moi", "/aide", "/efface")
    town.telegram.person("Zoé").start(town.bot, "nobody-s-link")
    await town.quiet()
    calls = [
        call
        for method in ("sendMessage", "editMessageText")
        for call in town.telegram.transcript.accepted(method)
    ]
    assert len(calls) > 10
    assert all(call.parameters["link_preview_options"] == {"is_disabled": True} for call in calls)


def test_no_first_line_betrays_anybody() -> None:
    told = [
        f"{where}: {line}"
        for where, line in first_lines()
        if findings(line, PLACE) or (where.startswith("en ") and ENGLISH.search(line))
    ]
    assert len({where for where, _line in first_lines()}) > 150
    assert told == []


def test_the_check_of_first_lines_can_fail() -> None:
    assert findings("Ton rendez-vous au tribunal", PLACE)
    assert ENGLISH.search("Your court date")


def first_lines() -> Iterator[tuple[str, str]]:
    """Whatever a message may begin with, in every language: a sentence of the interface, a
    rendered kind, or any screen of a script, for each may come as a new message."""
    library = content.library()
    for language in library.languages:
        about = About(
            language=language,
            nickname="Inès",
            educator="Nadia",
            now=datetime(2026, 11, 23, 11),
            reading={"1": ["09:00", "18:00"]},
            when=datetime(2026, 11, 24, 14, 30),
            place="au local",
        )
        yield from _sentences(library, language)
        yield from _rendered(about)
        yield from _scripts(library, about)


def _sentences(library: Library, language: str) -> Iterator[tuple[str, str]]:
    for key in library.interface:
        parts = library.parts(key, language)
        yield f"{language} {key}", "".join(parts[0::2]).partition("\n")[0]


def _rendered(about: About) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        params = PARAMS | {"offer": {"script": script().name}}
        for when in (0, 1, 7):
            now = about.when and about.when - timedelta(days=when)
            screen = render(kind, params.get(kind, {}), replace(about, now=now))
            yield f"{about.language} {kind}", screen.first_line
    yield f"{about.language} help", help_card(about).first_line
    for row in menu(about):
        for label in row:
            yield f"{about.language} menu", label


def _scripts(library: Library, about: About) -> Iterator[tuple[str, str]]:
    every = [*library.catalogue(), library.script("enrolment")]
    for found in every:
        of = library.script(found.name, language=about.language)
        yield f"{about.language} {of.name}", of.title
        for name in of.steps:
            for answers in _said_before(of, of.text_of(name)):
                text = filled(of, State(name, answers=answers), of.text_of(name))
                yield f"{about.language} {of.name}.{name}", text.partition("\n")[0]


def _said_before(of: Script, text: str) -> Iterator[dict[str, str]]:
    """Nothing, for a line that names an answer is left out and the next one is the first; then
    each answer that this text may name. Free words stand for anything."""
    yield {}
    named = NAMED.findall(text)
    free = dict.fromkeys(named, FREE)
    for name in named:
        for step, at in of.steps.items():
            if getattr(at, "save", None) == name:
                free.pop(name, None) if of.options_of(step) else None
                for option in of.options_of(step):
                    yield dict.fromkeys(named, "…") | {name: option.value}
    if free:
        yield dict.fromkeys(named, "…") | free


def test_no_first_line_repeats_free_words() -> None:
    """Nobody knows what they say; a lock screen shows the first line to whoever stands there."""
    assert [where for where, line in first_lines() if FREE in line] == []

"""The deeds of the thumb, by the name that the phone page calls them."""

from __future__ import annotations

from collections.abc import Callable

from simulator.bubbles import Bubble
from simulator.model import CallbackQuery, Json
from simulator.persons import Person


def _read(person: Person, _given: Json) -> None:
    newest = max(person.chat.messages, default=0)
    if person.chat.read_up_to < newest:
        person.chat.read_up_to = newest
        person.telegram.changes.mark()


def _tap(person: Person, given: Json) -> CallbackQuery | None:
    return person.tap(str(given.get("label", "")), _message_of(given))


def _message_of(given: Json) -> int | None:
    number = given.get("message")
    return number if isinstance(number, int) else None


def _edit(person: Person, given: Json) -> Bubble:
    return person.edit(_message_of(given) or 0, _text(given))


def _text(given: Json) -> str:
    return str(given.get("text", ""))


DEEDS: dict[str, Callable[[Person, Json], Bubble | CallbackQuery | None]] = {
    "read": _read,
    "start": lambda person, _given: person.start(),
    "open": lambda person, given: person.open(str(given.get("link", ""))),
    "say": lambda person, given: person.say(_text(given)),
    "tap": _tap,
    "edit": _edit,
    "sticker": lambda person, given: person.sticker(str(given.get("emoji") or "👍")),
    "photo": lambda person, _given: person.photo(),
    "voice": lambda person, _given: person.voice(),
    "forward": lambda person, _given: person.forward("Tu as vu ça ?", "Un ami"),
    "block": lambda person, _given: person.block(),
    "unblock": lambda person, _given: person.unblock(),
    "group": lambda person, _given: _group(person),
}


def _group(person: Person) -> None:
    person.add_bot_to_group("Un groupe")

"""Updates that no client would send: real ones with parts broken, forged buttons, and rubbish.

Hypothesis draws a recipe an update (small, so that hundreds fit into one example); `made` bakes it.
"""

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from bot import reply
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN

VERBS = [*reply._TAPS, "step", "", "nothing", "delete", "~1"]
WORDS = (
    "yes no coming on off show none me stored readers ask late change exercises reminders messages "
    "checkins surveys sharing fr en xx respire enrolment satisfaction ma-meteo weekly"
).split()
NUMBERS = ["0", "1", "-1", "07", "٣", "9" * 18, "9" * 30, "~0", "~zz", "~", "~-1", "~" + "z" * 40]
LONG = "é" * 65_536
YEAR_2099 = 4_092_595_200  # seconds: in September of 2099


def deep(levels: int) -> Any:
    inner: Any = "the end"
    for _ in range(levels):
        inner = {"message": [inner]}
    return inner


RUBBISH: list[Any] = [
    *(None, True, False, 0, -1, 1 << 31, 1 << 53, 1 << 63, -(1 << 63) - 1, 1 << 80, 10**400),
    *(float("nan"), float("inf"), -0.0, 1e308, YEAR_2099, "2099-01-01T00:00:00Z"),
    *("", "\0", "\ud800", "a\0b\udfff", "💥" * 17_000, LONG, "/start " + "x" * 900, "/aide", "/\0"),
    *([], {}, [[]], [None] * 50, {"id": {}}, {"": None}, {"id": 1, "type": "private"}),
    *({"chat": {"id": 7}}, {"type": "group"}, ["private"], deep(40), deep(300)),
]
KINDS = [
    *("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll"),
    *("message_reaction", "business_message", "chat_boost", "something_of_2099", "update_id"),
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`base` is a real update, `who` a chat, `data` what a button carries; then what breaks:
    places in the tree, what is done there, and with which rubbish."""

    base: int
    who: int
    verb: int
    arguments: tuple[int, ...]
    breaks: tuple[tuple[int, int, int], ...]
    again: int  # 0: the number of an update before it


_SMALL = st.integers(0, 255)
_BREAK = st.tuples(_SMALL, st.integers(0, 4), _SMALL)
RECIPES = st.builds(
    Recipe,
    _SMALL,
    _SMALL,
    _SMALL,
    st.lists(_SMALL, max_size=4).map(tuple),
    st.lists(_BREAK, max_size=3).map(tuple),
    st.integers(0, 15),
)


def real_updates() -> list[dict[str, Any]]:
    """One of each kind, as the simulated Telegram reports what a person does."""
    telegram = Telegram(lambda: NOW, limits=False)
    bot = telegram.bot(TOKEN)
    phone = telegram.person("Quelqu'un")
    first = phone.start(bot, "a-link_of-somebody")
    written = phone.say("Salut")
    for text in ("/rdv", "/aide moi", "/moi", "/pause", "/stop", "/exercice", "Écrire à Nadia"):
        phone.say(text)
    for _ in range(12):  # most of what is forged is a tap
        phone.press(first, "me:")
    phone.edit(written, "Corrigé")
    phone.forward("Regarde")
    phone.sticker()
    phone.photo("Une légende")
    phone.voice()
    phone.block()
    phone.unblock()
    group = phone.add_bot_to_group()
    phone.say("@relais_demo_bot et ici ?", group)
    phone.remove_bot_from(group)
    return list(bot.updates.pending)


REAL = real_updates()
[OWN] = {u["message"]["from"]["id"] for u in REAL if "message" in u}


def made(recipe: Recipe, number: int, chats: Sequence[int], theirs: Sequence[str]) -> Any:
    """The update of a recipe, under this number. `theirs` are identifiers of other people's rows."""
    update = copy.deepcopy(REAL[recipe.base % len(REAL)])
    _move(update, chats[recipe.who % len(chats)])
    if "callback_query" in update:
        update["callback_query"]["data"] = _data(recipe, theirs)
    update["update_id"] = number - (recipe.again == 0)
    for place, deed, rubbish in recipe.breaks:
        _break(update, place, deed, copy.deepcopy(RUBBISH[rubbish % len(RUBBISH)]))
    return update


def _move(update: Any, chat: int) -> None:
    """As if this person had done it."""
    for holder, key, value in list(_places(update)):
        if key == "id" and value == OWN:
            holder[key] = chat


def _data(recipe: Recipe, theirs: Sequence[str]) -> str:
    words = [*theirs, *WORDS, *NUMBERS, *theirs]
    parts = [words[index % len(words)] for index in recipe.arguments]
    return ":".join([VERBS[recipe.verb % len(VERBS)], *parts])


def _places(tree: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Every (container, key, value) of a tree, that one can be changed in place."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield tree, key, value
        if isinstance(value, dict | list):
            yield from _places(value)


def _break(update: dict[str, Any], place: int, deed: int, rubbish: Any) -> None:
    places = list(_places(update))
    if not places:
        return
    holder, key, value = places[place % len(places)]
    if deed == 0:
        del holder[key]
    elif deed == 1:
        holder[key] = [value, value]
    elif deed == 2 and isinstance(holder, dict):
        holder[KINDS[place % len(KINDS)]] = holder.pop(key)
    else:
        holder[key] = rubbish


def as_sent(update: Any) -> Any:
    """As it comes off the wire."""
    return json.loads(json.dumps(update))

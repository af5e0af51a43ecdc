"""Updates that no client would send: real ones with parts broken, forged buttons, and rubbish.

Hypothesis draws bytes, thirteen an update, so that a hundred updates are one draw; `made` bakes one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import content
from bot import reply
from records.appointment import ANSWERS
from records.consent_text import PURPOSES
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN

SCRIPTS = [*(script.name for script in content.library().catalogue()), "enrolment", "nothing"]
LIKELY: dict[str, list[list[str]]] = {  # what each argument of a verb is when it is ours; [] a row
    "meeting": [[], ["1", "2"], [*ANSWERS, "show"]],
    "slot": [[], ["1", "2"], ["0", "1", "none"]],
    "step": [[], ["0", "1", "2", "3"], ["next", "yes", "no", "1", "2", "skip", "done", "stop"]],
    "resume": [[], ["", "1.00000"]],
    "share": [[], ["yes", "no"], ["1.00000", "yes"]],
    "held": [[], ["yes", "no"]],
    "alert": [[], ["yes", "no"]],
    "exercises": [["0", "1", "99"]],
    "begin": [SCRIPTS, ["", "2026-11"], ["1.00000", "yes", ""]],
    "decline": [SCRIPTS],
    "later": [SCRIPTS, ["1"]],
    "consent": [list(PURPOSES), ["yes", "no"], ["me", "exercises", "again", ""], ["1.00000", ""]],
    "ask": [list(PURPOSES), ["me", "exercises", "again", ""]],
    "again": [],
    "pause": [["on", "off"]],
    "language": [["fr", "en", "xx"]],
    "me": [["stored", "readers", ""]],
    "stop": [["ask", "yes", "no"]],
    "want": [],
    "stored": [["all", "response", "inbox", "message", "staff", ""], ["0", "1", "99"]],
    "one": [["response", "inbox", "youth"], []],
    "carnet": [["open", "0", "5", "99", "months", "who", "all", "-1"], ["yes", ""]],
    "entry": [[], ["read", "erase", "off", "in1", "in99", "x"]],
    "choose": [[], ["on", "off", "done"], ["1.00000", "1"]],
    "answer": [[], ["show", "keep", ""], ["1.00000", ""]],
    "erase": [["response", "inbox", "entry", "youth"], [], ["ask", "yes", ""]],
    "erase_all": [
        ["ask", "sure"]
    ],  # not « yes »: whoever plays here must still be there afterwards
    "leave": [[]],
    "courses": [],
    "course": [["1", "99", "x"]],
    "course_about": [["premiers-pas", "dire-non", "none"]],
    "course_begin": [["premiers-pas", "dire-non", "none"]],
    "course_do": [["1", "99", "x"], ["pause", "resume", "skip", "ask", "stop", "x"]],
    "take": [["", "ask", "yes"]],
    "correct": [],
}
assert set(LIKELY) == {*reply._TAPS, "step"}, "every verb that a button may carry"
VERBS = [*LIKELY, *LIKELY, "", "nothing", "~1"]
NUMBERS = ["0", "1", "-1", "07", "٣", "9" * 18, "9" * 30, "~0", "~zz", "~", "~-1", "~" + "z" * 40]
LONG = "é" * 65_536
VICTIM = 902  # somebody else, in whose chat nobody may act
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
    *(VICTIM, {"id": VICTIM}, {"id": VICTIM, "type": "private"}, VICTIM, {"id": VICTIM}),
]
KINDS = [
    *("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll"),
    *("message_reaction", "business_message", "chat_boost", "something_of_2099", "update_id"),
]


SIZE = 13  # bytes of a recipe


@dataclass(frozen=True, slots=True)
class Recipe:
    """`base` is a real update, `who` does it, `verb` and `arguments` are what a button carries;
    then what breaks: places in the tree, what is done there, and with which rubbish."""

    base: int
    who: int
    verb: int
    arguments: tuple[int, ...]
    breaks: tuple[tuple[int, int, int], ...]
    again: bool  # under the number of the update before it


def recipes(drawn: bytes) -> list[Recipe]:
    return [_recipe(drawn[at : at + SIZE]) for at in range(0, len(drawn), SIZE)]


def _recipe(drawn: bytes) -> Recipe:
    base, who, verb, first, second, third, counts, *broken = drawn
    arguments = (first, second, third, first ^ second)[: 1 + counts % 4]
    breaks = ((broken[0], broken[1], broken[2]), (broken[3], broken[4], broken[5]))
    return Recipe(base, who, verb, arguments, breaks[: counts // 4 % 3], again=counts > 240)


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
_REAL, _RUBBISH = ([json.dumps(one) for one in kept] for kept in (REAL, RUBBISH))
[OWN] = {u["message"]["from"]["id"] for u in REAL if "message" in u}


def made(recipe: Recipe, number: int, own: Mapping[int, list[str]], rows: list[str]) -> Any:
    """The update of a recipe, under this number. `own` are the rows of each chat that sends them,
    `rows` anybody's: a button is forged for one or the other."""
    update = json.loads(_REAL[recipe.base % len(_REAL)])
    chat = list(own)[recipe.who % len(own)]
    _move(update, chat)
    if "callback_query" in update:
        mine = own[chat] if recipe.arguments[-1] % 2 else []
        update["callback_query"]["data"] = _data(recipe, mine or rows)
    update["update_id"] = number - recipe.again
    for place, deed, rubbish in recipe.breaks:
        _break(update, place, deed % 5, json.loads(_RUBBISH[rubbish % len(_RUBBISH)]))
    return update


def _move(update: Any, chat: int) -> None:
    """As if this person had done it."""
    for key, value in update.items():
        if key == "id" and value == OWN:
            update[key] = chat
        elif isinstance(value, dict):
            _move(value, chat)


def _data(recipe: Recipe, rows: Sequence[str]) -> str:
    """Most often a button as ours are, on anybody's row; else with rubbish in it, cut or longer."""
    verb = VERBS[recipe.verb % len(VERBS)]
    likely = [choices or rows for choices in LIKELY.get(verb, [])]
    parts = [
        choices[drawn % len(choices)]
        for choices, drawn in zip(likely, recipe.arguments, strict=False)
    ]
    if sum(recipe.arguments) % 3 == 0:
        rubbish = [NUMBERS[drawn % len(NUMBERS)] for drawn in recipe.arguments]
        parts = [*parts[:1], *rubbish]
    return ":".join([verb, *parts])


def _break(update: dict[str, Any], place: int, deed: int, rubbish: Any) -> None:
    inner = next((value for key, value in update.items() if key != "update_id"), None)
    if not update:
        return
    whole = place % 12 == 0 or not inner or not isinstance(inner, dict)
    holder, key = _somewhere(update if whole else inner, place)
    if deed == 0:
        del holder[key]
    elif deed == 1:
        holder[key] = [holder[key]] * 2
    elif deed == 2 and isinstance(holder, dict):
        holder[KINDS[place % len(KINDS)]] = holder.pop(key)
    else:
        holder[key] = rubbish


def _somewhere(tree: Any, place: int) -> tuple[Any, Any]:
    """A container and a key of it: the deeper, the larger the number."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        place, chosen = divmod(place, len(keys))
        inner = tree[keys[chosen]]
        if not place or not inner or not isinstance(inner, dict | list):
            return tree, keys[chosen]
        tree = inner


def as_sent(update: Any) -> Any:
    """As it comes off the wire."""
    return json.loads(json.dumps(update))

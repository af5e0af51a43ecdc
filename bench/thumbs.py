"""What the youths do: taps and words through real exercises, then words to their educator.

Each conversation is opened beforehand, so that its identifier is known; the pure engine then says
which buttons each screen will have, and the updates can be written before anything runs. They are
those of many chats, mixed; each chat keeps its own order. The peers get the same plays, as screens
and deeds, and write their own buttons under them.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import content
from bench import updates
from bench.caseload import CHUNK, NOW, Linked
from bot.taps import packed
from dialogs import engine
from dialogs.screen import Button, Screen
from dialogs.script import Script
from records import conversation
from records.database import Database, Tx

SEED = 7
WORDS = (
    "Je suis bien rentré hier soir, merci.",
    "On se voit toujours au même endroit ?",
    "J'ai réfléchi à ce qu'on a dit.",
    "Je peux venir un peu plus tôt mardi ?",
)
THANKS = Screen("C'est transmis. Merci !")  # closes a peer's play
_AWAY = ("stop", "skip")
_LONGEST = 60  # steps: a script that turns round in circles is not walked for ever

EXERCISES = ("dire-non", "ma-meteo", "dire-je")  # the same from one version to the next


@dataclass(frozen=True, slots=True)
class Deed:
    """On `screen`, `button` is tapped; or `said` is written."""

    screen: Screen
    button: Button | None = None
    said: str = ""


@dataclass(slots=True)
class Doings:
    """All updates in the order they come, and what must be found afterwards."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)
    plays: list[dict[str, Any]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)  # whose turn it is: an index into `plays`


async def opened(database: Database, linked: Sequence[Linked]) -> Doings:
    """Open an exercise for everyone, each in turn, and write down what they will do with it."""
    exercises = [content.library().script(name) for name in EXERCISES]
    phrases = content.library().phrases("fr")
    dice, doings = random.Random(SEED), Doings()
    queues: list[list[dict[str, Any]]] = []
    for start in range(0, len(linked), CHUNK):
        async with database.write() as tx:
            for place, one in enumerate(linked[start : start + CHUNK], start):
                script = exercises[place % len(exercises)]
                key, turn = await _begin(tx, one, script, phrases)
                walked = list(_walk(script, phrases, key, turn, dice, doings.expected))
                queues.append([_update(one.chat, nth, deed) for nth, deed in enumerate(walked)])
                doings.plays.append(_play(one.chat, walked))
    doings.order = [nth for nth, queue in enumerate(queues) for _ in queue]
    dice.shuffle(doings.order)
    doings.updates = updates.mixed(queues, doings.order)
    return doings


async def _begin(
    tx: Tx, one: Linked, script: Script, phrases: engine.Phrases
) -> tuple[str, engine.Turn]:
    talk = await conversation.begin(
        tx,
        NOW,
        youth_id=one.who.id,
        structure_id=one.who.structure_id,
        script=script.name,
        version=script.version,
        state={},
    )
    turn = engine.begin(script, phrases, str(talk.id), {})
    await conversation.save(tx, NOW, [(talk.id, turn.state.to_json(), "open")])
    return str(talk.id), turn


def _walk(
    script: Script,
    phrases: engine.Phrases,
    key: str,
    turn: engine.Turn,
    dice: random.Random,
    expected: Counter[str],
) -> Iterator[Deed]:
    """Through the exercise to its end, « non » to sharing, and two messages to the educator."""
    expected["conversations"] += 1
    for _ in range(_LONGEST):
        if turn.outcome != "asking":
            break
        screen = turn.screen
        assert screen is not None
        if engine.waits_for_words(script, turn.state):
            said = dice.choice(WORDS)
            yield Deed(screen, said=said)
            turn = engine.step(script, turn.state, engine.Said(said), phrases, key)
            expected["script_words"] += 1
        else:
            button = _button(turn, dice)
            given = engine.Tap(int(button.act[2]), button.act[3])
            yield Deed(screen, button)
            turn = engine.step(script, turn.state, given, phrases, key)
            expected["taps"] += 1
    expected["answers"] += len(turn.state.answers)
    if turn.state.answers:
        no = Button("Non", ("share", key, "no"))
        expected["taps"] += 1
        yield Deed(Screen("Partager tes réponses avec ton éducateur ?", ((no,),)), no)
    for said in dice.sample(WORDS, 2):
        expected["words"] += 1
        yield Deed(THANKS, said=said)


def _button(turn: engine.Turn, dice: random.Random) -> Button:
    """Any answer; at a tick list one tick, then « done »; never « stop » nor « skip »."""
    assert turn.screen is not None
    buttons = {b.act[3]: b for row in turn.screen.rows for b in row if b.act[3] not in _AWAY}
    if "done" in buttons and turn.state.ticked:
        return buttons["done"]
    return dice.choice([b for name, b in buttons.items() if name != "done"])


def _update(chat: int, nth: int, deed: Deed) -> dict[str, Any]:
    if deed.button is None:
        return updates.words(chat, deed.said)
    keyboard = [[(b.label, packed(b)) for b in row] for row in deed.screen.rows]
    return updates.tap(chat, nth, deed.screen.text, keyboard, packed(deed.button))


def _play(chat: int, walked: Sequence[Deed]) -> dict[str, Any]:
    """The same, as a peer gets it: screens with their choices, and which one is taken."""
    screens = [(d.screen.text, [b.label for b in _buttons(d)]) for d in walked]
    return {
        "chat": chat,
        "screens": [*screens, (THANKS.text, [])],
        "deeds": [d.said if d.button is None else _buttons(d).index(d.button) for d in walked],
    }


def _buttons(deed: Deed) -> list[Button]:
    return [button for row in deed.screen.rows for button in row]

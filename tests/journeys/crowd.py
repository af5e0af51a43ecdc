"""Phones under way all the time: each does one thing after another, drawn by its own dice.

Words to the educator, « Mes RDV », help, an exercise with its branches and free text, an answer to
a reminder, an offer taken or left. A phone acts on what it sees, and writes down in `Done` what
must be found in the database afterwards.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import content
from bot.taps import unpacked
from dialogs import engine
from dialogs.script import Script, Words
from simulator.bubbles import Bubble, bubble
from simulator.persons import Person
from tests.journeys.witness import Witness

Acts = dict[tuple[str, ...], str]  # what a message's buttons mean, and what they send

LOOKED_AT = 60  # the newest messages of a chat: nobody scrolls further up
OFTEN, SOMETIMES = 0.8, 0.25
ASKED_ONCE = ("held", "share")


@dataclass
class Done:
    """What all phones did. Each text is unlike any other."""

    due: set[str] = field(default_factory=set)  # keys of the answers that are due
    words: set[str] = field(default_factory=set)  # each is once in the inbox, or once an answer
    forgotten: set[str] = field(default_factory=set)  # « Non, oublier »: nowhere
    answers: Counter[tuple[int, str, str]] = field(default_factory=Counter)  # talk, variable, value
    meetings: dict[int, str] = field(default_factory=dict)  # the last answer to each
    told: Counter[tuple[int, str]] = field(default_factory=Counter)  # meeting, kind in the inbox


# What goes round in a loop or comes back another day has journeys of its own.
PAGES = 10  # of the list of exercises, at most
WALKED = ("dire-non", "ma-meteo", "dire-je")


class Walk:
    """Where an exercise stands: the pure engine beside the real one."""

    def __init__(self, script: Script, key: str) -> None:
        self.script, self.key = script, key
        self.phrases = content.library().phrases("fr")
        self.turn = engine.begin(script, self.phrases, key, {})

    def on(self, given: engine.Tap | engine.Said) -> engine.Turn:
        return engine.step(self.script, self.turn.state, given, self.phrases, self.key)

    def shown_by(self, acts: Acts) -> bool:
        return any(act[:3] == ("step", self.key, str(self.turn.state.turn)) for act in acts)

    def ways_on(self, acts: Acts) -> list[tuple[engine.Turn, str]]:
        """Any button but « Arrêter », and where it leads."""
        found = [(self.on(engine.Tap(int(act[2]), act[3])), acts[act]) for act in acts]
        return [(turn, data) for turn, data in found if turn.outcome in ("asking", "done")]


class Phone:
    """`answer` is the beginning of the keys of all that answers an update."""

    def __init__(
        self, person: Person, bot_id: int, witness: Witness, dice: random.Random, done: Done
    ) -> None:
        self.person, self.chat, self.bot_id = person, person.id, bot_id
        self.witness, self.dice, self.done = witness, dice, done
        self.handled: set[int | str] = set()  # messages dealt with; questions asked but once
        self.walked: set[str] = set()
        self.written = 0

    async def live(self, over: Callable[[], bool]) -> None:
        """Until it is over; what was begun is brought to its end."""
        things = (self._write, self._write, self._look, self._exercise)
        while not over():
            if reminder := self._newest(["meeting"] * 4):
                await self._answer(*reminder)
            elif offer := self._newest(["begin", "later"]):
                await self._take_or_leave(*offer)
            else:
                await self.dice.choice(things)()

    # What a thumb does, and what eyes see

    def _say(self, words: str) -> str:
        self.person.say(words)
        return self._due()

    def _press(self, shown: Bubble, data: str) -> str:
        self.handled.add(shown.id)
        if data.startswith(ASKED_ONCE):
            self.handled.add(data)  # a copy of the question may come yet
        self.person.press(shown, data)
        return self._due()

    def _due(self) -> str:
        """What was just done is the newest update: its number names the answers to it."""
        answer = f"reply:{self.bot_id}:{self.person.bot.updates.next_id - 1}:"
        self.done.due.add(f"{answer}0")
        return answer

    async def _told(self, answer: str, nth: int = 0) -> None:
        await self.witness.told_of(self.chat, f"{answer}{nth}")

    def _seen(self) -> Iterator[tuple[Bubble, Acts]]:
        """What the bot sent, newest first."""
        chat = self.person.chat
        for one in list(chat.messages.values())[: -LOOKED_AT - 1 : -1]:
            if one.sender_id != self.chat:
                shown = bubble(chat, one)
                buttons = (b for row in shown.buttons for b in row if b.data)
                yield shown, {unpacked(b.data): b.data for b in buttons if b.data}

    def _newest(self, verbs: list[str]) -> tuple[Bubble, Acts] | None:
        """The newest message with just these buttons, unless it was dealt with."""
        for shown, acts in self._seen():
            dealt_with = self.handled & {shown.id, *acts.values()}
            if not dealt_with and [act[0] for act in acts] == verbs:
                return shown, acts
        return None

    def _a_text(self) -> str:
        self.written += 1
        text = f"Mot {self.written} de {self.person.name}."
        self.done.words.add(text)
        return text

    # What a youth comes for

    async def _write(self) -> None:
        """One to three in a row, without waiting."""
        for answer in [self._say(self._a_text()) for _ in range(self.dice.randint(1, 3))]:
            await self._told(answer)

    async def _look(self) -> None:
        if self.dice.random() < SOMETIMES:
            self._say("/aide")
        await self._told(self._say("/rdv"))

    async def _answer(self, reminder: Bubble, acts: Acts) -> None:
        """Once, or twice in a row: the last word counts."""
        answer = ""
        for act in self.dice.choices(list(acts), k=self.dice.choice((1, 1, 2))):
            meeting, word = int(act[1]), act[3]
            if word not in ("coming", self.done.meetings.get(meeting)):
                self.done.told[meeting, f"meeting_{word}"] += 1
            self.done.meetings[meeting] = word
            answer = self._press(reminder, acts[act])
        await self._told(answer)

    async def _take_or_leave(self, offer: Bubble, acts: Acts) -> None:
        take, leave = acts
        chosen = self.dice.choice((take, leave))
        await self._told(self._press(offer, acts[chosen]))
        if chosen == take:
            await self._walk(content.library().script(take[1]))

    async def _exercise(self) -> None:
        script = content.library().script(self.dice.choice(WALKED))
        await self._open(script)
        await self._walk(script)

    async def _open(self, script: Script) -> None:
        """From the list: begins it, or shows once more where it stands."""
        await self._told(self._say("/exercice"))
        wanted = ("begin", script.name, "")
        for _ in range(PAGES):
            listed = (one for one in self._seen() if any(act[0] == "exercises" for act in one[1]))
            shown, acts = next(listed, (None, {}))
            if shown is None:  # whoever may not begin any is shown no list
                return
            if wanted in acts:
                await self._told(self._press(shown, acts[wanted]))
                return
            more = next(act for act in acts if act[0] == "exercises")
            await self._told(self._press(shown, acts[more]))

    async def _walk(self, script: Script) -> None:
        """To its end, by any way."""
        _, acts = await self._screen(script, lambda acts: any(map(self._is_new, acts)))
        walk = Walk(script, next(act[1] for act in acts if self._is_new(act)))
        self.walked.add(walk.key)
        while walk.turn.outcome == "asking":
            shown, acts = await self._screen(script, walk.shown_by)
            at = script.steps[walk.turn.state.step]
            if (
                not isinstance(at, Words)
                or self.dice.random() > OFTEN
                or not await self._tell(walk)
            ):
                await self._choose(walk, shown, acts)

    def _is_new(self, act: tuple[str, ...]) -> bool:
        return act[0] == "step" and act[1] not in self.walked

    async def _screen(self, script: Script, fits: Callable[[Acts], bool]) -> tuple[Bubble, Acts]:
        """The screen to act on; asked for again when all copies of it were lost."""
        while True:
            for shown, acts in self._seen():
                if fits(acts):
                    return shown, acts
            await self._open(script)

    async def _choose(self, walk: Walk, shown: Bubble, acts: Acts) -> None:
        turn, data = self.dice.choice(walk.ways_on(acts))
        answer = self._press(shown, data)
        if self.dice.random() < SOMETIMES:
            self.person.press(shown, data)  # a double tap counts once
        await self._step(walk, turn, answer)

    async def _tell(self, walk: Walk) -> bool:
        """Words for the exercise: True if it took them. If the educator spoke meanwhile, it asks
        for whom they are; then the exercise goes on without."""
        text = self._a_text()
        turn, answer = walk.on(engine.Said(text)), self._say(text)
        await self._told(answer)
        if await self.witness.is_over(int(walk.key)):
            await self._step(walk, turn, answer)
            return True
        if asked := self._newest(["held", "held"]):
            yes, no = asked[1]
            chosen = self.dice.choice((yes, no))
            if chosen == no:
                self.done.words.remove(text)
                self.done.forgotten.add(text)
            await self._told(self._press(asked[0], asked[1][chosen]))
        return False

    async def _step(self, walk: Walk, turn: engine.Turn, answer: str) -> None:
        walk.turn = turn
        self.done.answers.update((int(walk.key), *saved) for saved in turn.saved)
        await self._told(answer)
        if turn.outcome == "done" and turn.state.answers:
            await self._told(answer, 1)
            asked = self._newest(["share", "choose", "share"]) or self._newest(["share", "share"])
            if asked:
                whole = [data for act, data in asked[1].items() if act[0] == "share"]
                await self._told(self._press(asked[0], self.dice.choice(whole)))

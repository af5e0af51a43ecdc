"""A youth who walks one script through the real bot: hasty, silent for days, on old buttons.

The pure engine walks beside (`Walker.turn`): what the phone shows, and what is kept in the end, is
what it says.
"""

from random import Random

import content
from bot.taps import unpacked
from dialogs import engine
from dialogs.engine import Said, Tap, Turn
from dialogs.script import Script, Words
from records import conversation, response
from records.conversation import Conversation
from records.youth import Youth
from simulator.bubbles import Bubble
from simulator.persons import Person
from tests.journeys.thumb import data_of, said, say, tap
from tests.town import Town

LONGEST = 60
WORDS = "Avec mes mots."
HABITS = ("on", "on", "on", "twice", "old", "stop", "silence", "aside")


class Walker:
    """One walk, drawn by its own dice; `saved` is what must be found among the answers."""

    def __init__(self, town: Town, phone: Person, who: Youth, script: Script, dice: Random) -> None:
        self.town, self.phone, self.who, self.dice = town, phone, who, dice
        self.script = content.library().script(script.name, language=who.language)
        self.saved: dict[str, str] = {}
        self.pressed: list[tuple[Bubble, str]] = []
        self.hurried = False  # enough was tried: to the end

    async def walk(self) -> None:
        """From where the script stands to an end."""
        talk = await self._talk()
        self.key, self.phrases = str(talk.id), content.About(educator="Nadia").phrases
        self.turn = Turn(engine.State.from_json(talk.state), "asking")
        for step in range(LONGEST):
            self.hurried = step > LONGEST // 2
            habit = "on" if self.hurried else self.dice.choice(HABITS)
            await getattr(self, f"_{habit}")()
            if self.turn.outcome == "done":
                return
            await self._is_as_it_should_be()
        raise AssertionError(f"no end in sight\n{self.phone}")

    async def _on(self) -> None:
        if isinstance(self.script.steps[self.turn.state.step], Words) and self.dice.random() < 0.5:
            await say(self.town, self.phone, WORDS)
            self._took(Said(WORDS))
            return
        label, given = self._any()
        self.pressed.append((self.screen, data_of(self.screen, label)))
        await self._tap(label)
        self._took(given)

    async def _twice(self) -> None:
        """Two taps on one button, before the first is answered."""
        label, given = self._any()
        shown = self.screen
        for _ in range(2):
            self.phone.tap(label, shown)
        await self.town.quiet()
        self._took(given)

    async def _old(self) -> None:
        """A button of long ago."""
        if not self.pressed:
            return
        shown, data = self.dice.choice(self.pressed)
        if unpacked(data)[2] != str(self.turn.state.turn):
            self.phone.press(shown, data)
            await self.town.quiet()
            assert self.phone.notices[-1].text == said("old_button")

    async def _stop(self) -> None:
        await self._tap(said("script.stop"))
        assert await self._open() is None
        assert said("script.stopped") in [shown.text for shown in self.phone.messages]
        await tap(self.town, self.phone, said("script.resume"))
        self._took(Tap(self.turn.state.turn, "stop"))

    async def _silence(self) -> None:
        """Days without a word: put away, and taken up where it stood."""
        await self.town.pass_time(days=self.dice.choice((3, 5)))
        assert await self._open() is None
        await say(self.town, self.phone, "/exercice")
        await tap(self.town, self.phone, said("exercise.resume", title=self.script.title))

    async def _aside(self) -> None:
        """Something else meanwhile: the screen stays, further up."""
        await say(self.town, self.phone, self.dice.choice(("/aide", "/rdv", "/moi", "/rien")))

    @property
    def screen(self) -> Bubble:
        """The newest message that carries the buttons of where the script stands."""
        now = ("step", self.key, str(self.turn.state.turn))
        return next(
            shown
            for shown in reversed(self.phone.messages)
            if any(unpacked(b.data or "")[:3] == now for row in shown.buttons for b in row)
        )

    async def _tap(self, label: str) -> None:
        self.phone.tap(label, self.screen)
        await self.town.quiet()

    def _any(self) -> tuple[str, Tap]:
        """Any button but « Arrêter », and what it means."""
        screen = engine.show(self.script, self.turn.state, self.phrases, self.key)
        offered = [b for row in screen.rows for b in row if b.act[3] != "stop"]
        ways_on = [b for b in offered if b.act[3] in ("done", "skip", "go")]
        chosen = self.dice.choice(ways_on if self.hurried and ways_on else offered)
        return chosen.label, Tap(int(chosen.act[2]), chosen.act[3])

    def _took(self, given: Tap | Said) -> None:
        turn = engine.step(self.script, self.turn.state, given, self.phrases, self.key)
        self.saved |= dict(turn.saved)
        self.turn = turn

    async def _is_as_it_should_be(self) -> None:
        talk = await self._talk()
        assert talk.state == self.turn.state.to_json()

    async def _open(self) -> Conversation | None:
        async with self.town.database.read() as tx:
            return (await conversation.open_of(tx, [self.who.id])).get(self.who.id)

    async def _talk(self) -> Conversation:
        talk = await self._open()
        assert talk is not None
        return talk

    async def kept(self) -> dict[str, str]:
        """The newest answer to each question."""
        async with self.town.database.read() as tx:
            newest_first = await response.of_youth(tx, self.who.id)
        return {a.variable: a.value for a in reversed(newest_first)}

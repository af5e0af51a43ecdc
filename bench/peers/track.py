"""What all peers share: the task, the stopwatch, and the steps that the phones play.

A play is one chat's way through one exercise, resolved beforehand: the screens that it sees, in
order, and what is done on each. So no peer pays for branching, which Relais computes.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import updates
from bench.task import PATIENCE, Clock, Done, Lap, Task


class Watch:
    """Counts outcomes; the first is cold, and the rate is that of the others."""

    def __init__(self, task: Task) -> None:
        self.finished = asyncio.Event()
        self.clock = Clock(task.now)
        self._count, self._so_far = task.count, 0
        self._began = self._cold = self._end = Lap()

    def one_more(self) -> None:
        self._so_far += 1
        if self._so_far == 1:
            self._cold = Lap()
        if self._so_far == self._count:
            self._end = Lap()
            self.finished.set()

    def done(self) -> Done:
        cold = self._cold.wall - self._began.wall
        done = self._cold.until(self._end, cold, self._count - 1)
        return replace(done, began=self.clock.began)


@dataclass(frozen=True, slots=True)
class Screen:
    text: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """`deeds[n]` is done on `screens[n]` and answered by the screen after it: the number of a
    choice that is tapped, or words."""

    chat: int
    screens: tuple[Screen, ...]
    deeds: tuple[int | str, ...]


DataOf = Callable[[Play, int, int], str]  # the callback data of a choice: play, step, choice


class Steps:
    """All plays, by chat."""

    def __init__(self, file: str) -> None:
        told = json.loads(Path(file).read_text("utf-8"))
        self._order = told["order"]
        self.plays = {
            one["chat"]: Play(
                one["chat"],
                tuple(Screen(text, tuple(choices)) for text, choices in one["screens"]),
                tuple(one["deeds"]),
            )
            for one in told["plays"]
        }

    def load(self, api: str, data_of: DataOf) -> None:
        """Have the updates ready at the server, and its ledger clean."""
        queues = [
            [_update(play, nth, data_of) for nth in range(len(play.deeds))]
            for play in self.plays.values()
        ]
        stream = json.dumps(updates.mixed(queues, self._order)).encode()
        for name, body in (("reset", b""), ("load", stream)):
            with urlopen(f"{api}/bench/{name}", body) as answer:
                answer.read()


def race(contender: Callable[[Task, Watch], Awaitable[None]]) -> None:
    """Run the contender with the task of the command line, and print its times as JSON."""

    async def timed(task: Task) -> Done:
        watch = Watch(task)
        async with asyncio.timeout(PATIENCE):
            await contender(task, watch)
        return watch.done()

    print(json.dumps(asdict(asyncio.run(timed(Task(**json.loads(sys.argv[1])))))))


def _update(play: Play, nth: int, data_of: DataOf) -> dict[str, Any]:
    screen, deed = play.screens[nth], play.deeds[nth]
    if isinstance(deed, str):
        return updates.words(play.chat, deed)
    keyboard = [[(c, data_of(play, nth, place))] for place, c in enumerate(screen.choices)]
    return updates.tap(play.chat, nth, screen.text, keyboard, keyboard[deed][0][1])

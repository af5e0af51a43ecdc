"""A small folder of contents with the steps that reach beyond one screen: a countdown, a plan, an
answer for oneself, and a script that recalls them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import content
from records.database import Database
from simulator.bubbles import Bubble
from simulator.persons import Person
from tests.cast import Cast
from tests.journeys.thumb import say, tap
from tests.town import Town

SECOND = 0.04  # how long one lasts in these countdowns
IN_ALL = 12 * SECOND
BREATHE = "Souffler"
BACK = "Et depuis"
SECRET = "Je pense à l'été"
PLAN = "Si on insiste, alors je pars"

SCRIPTS = {
    "souffler": """\
name: souffler
version: 1
kind: exercise
title: Souffler
minutes: 2
first: mood
steps:
  mood:
    kind: choice
    text: Ça va\u00a0?
    save: mood
    next: breathe
    options:
      - {value: good, label: Bien, recalled: plutôt bien}
      - {value: bad, label: Mal}
  breathe:
    kind: countdown
    text: On souffle.
    phases:
      - {label: Inspire, seconds: 3}
      - {label: Souffle, seconds: 3}
    rounds: 2
    finished: Voilà.
    next: secret
  secret:
    kind: words
    text: Pour toi seulement\u00a0?
    save: secret
    visibility: me
    next: plan
  plan:
    kind: plan
    text: |-
      Si on insiste, alors je pars
      Ça allait\u00a0: {mood}
    days: [1, 3, 6]
    next: card
  card: {kind: end, text: À bientôt.}
""",
    "et-depuis": """\
name: et-depuis
version: 1
kind: exercise
title: Et depuis
minutes: 2
recall:
  before: {script: souffler, variable: mood}
  words: {script: souffler, variable: secret}
first: which
steps:
  which:
    kind: branch
    cases:
      - {when: {before: bad}, next: hard}
    next: look
  hard: {kind: say, text: C'était dur., next: look}
  look:
    kind: say
    text: |-
      On reprend.
      Avant\u00a0: {before}
      Tes mots\u00a0: {words}
    next: card
  card: {kind: end, text: À bientôt.}
""",
}


def written(folder: Path, **scripts: str) -> Path:
    """The folder with these scripts in it, by file name."""
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    for name, text in scripts.items():
        (folder / "scripts" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


@asynccontextmanager
async def town_of(database: Database, cast: Cast, folder: Path) -> AsyncIterator[Town]:
    """The bot at work with these contents, in short seconds; back to the packaged ones after."""
    content.load(written(folder / "content", **SCRIPTS))
    try:
        async with Town(database, cast, second=SECOND).open() as town:
            yield town
    finally:
        content.load()


async def ready(town: Town) -> Person:
    """Sami, who agreed to exercises, on the phone."""
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    return phone


async def opened(town: Town, phone: Person, title: str = BREATHE) -> Bubble:
    await say(town, phone, "/exercice")
    return await tap(town, phone, title)


async def breathing(town: Town, phone: Person, mood: str = "Bien") -> Bubble:
    """At the countdown, at its first frame."""
    await opened(town, phone)
    return await tap(town, phone, mood)

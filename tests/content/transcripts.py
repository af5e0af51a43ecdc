"""Golden transcripts: whole conversations as a person sees them, kept for a human to read.

`python -m tests.content.transcripts --update` plays each script anew and rewrites the folder
`transcripts/`; what changed is read in the diff, and only then committed. A published version keeps
its transcripts as long as it is kept itself.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from content.formal import FORMAL
from content.library import Library
from content.play import example_facts
from dialogs import engine
from dialogs.engine import Phrases, Said, State, Tap, Turn
from dialogs.screen import Button, Screen
from dialogs.script import Script, Words

FOLDER = Path(__file__).with_name("transcripts")
KEY = "7"
WORDS = "Avec mes mots."
Given = dict[str, str]
Way = Callable[[Script, Turn, Screen, Phrases], Given]


def first(script: Script, turn: Turn, screen: Screen, phrases: Phrases) -> Given:
    """Always the first answer, and words where they are asked."""
    if isinstance(script.steps[turn.state.step], Words):
        return {"write": WORDS}
    return {"tap": phrases.done if turn.state.ticked else labels(screen)[0]}


def last(script: Script, turn: Turn, screen: Screen, phrases: Phrases) -> Given:
    """Always the last answer."""
    if isinstance(script.steps[turn.state.step], Words):
        return {"write": WORDS}
    if turn.state.ticked:
        return {"tap": phrases.done}
    ways_on = {phrases.skip, phrases.stop, phrases.done}
    return {"tap": [label for label in labels(screen) if label not in ways_on][-1]}


def passing(script: Script, turn: Turn, screen: Screen, phrases: Phrases) -> Given:
    """Nothing answered that can be passed."""
    return {"tap": phrases.skip if phrases.skip in labels(screen) else labels(screen)[0]}


def stopping(script: Script, turn: Turn, screen: Screen, phrases: Phrases) -> Given:
    """Stopped once, three screens in, and taken up again; then as `first`."""
    if turn.outcome == "stopped":
        return {"resume": script.name}
    if turn.state.turn == 3 and phrases.stop in labels(screen) and not turn.state.ticked:
        return {"tap": phrases.stop}
    return first(script, turn, screen, phrases)


WAYS: dict[str, tuple[Way, str]] = {
    "first": (first, "fr"),
    "last": (last, "fr"),
    "passing": (passing, "fr"),
    "stopping": (stopping, "fr"),
    "english": (first, "en"),
    "formal": (first, FORMAL),
}


def labels(screen: Screen) -> list[str]:
    return [button.label for row in screen.rows for button in row]


class Player:
    """Plays a script; the state goes through JSON between every two steps."""

    def __init__(self, library: Library, script: Script, language: str) -> None:
        self.script, self.phrases = script, library.phrases(language)
        self.turn = engine.begin(
            script, self.phrases, KEY, example_facts(library, script, language)
        )
        assert self.turn.screen is not None
        self.screen = self.turn.screen

    def give(self, given: Given) -> None:
        state = State.from_json(json.loads(json.dumps(self.turn.state.to_json())))
        if "resume" in given:
            self.turn = Turn(state, "asking", engine.show(self.script, state, self.phrases, KEY))
        elif "write" in given:
            self.turn = engine.step(self.script, state, Said(given["write"]), self.phrases, KEY)
        else:
            _, _, turn, button = self._named(given["tap"]).act
            self.turn = engine.step(self.script, state, Tap(int(turn), button), self.phrases, KEY)
        assert self.turn.screen is not None, (given, self.turn.outcome)
        self.screen = self.turn.screen

    def seen(self) -> dict[str, Any]:
        """What is kept of one turn."""
        rows = [[button.label for button in row] for row in self.screen.rows]
        return {
            "screen": self.screen.text,
            **({"buttons": rows} if rows else {}),
            **({"saved": dict(self.turn.saved)} if self.turn.saved else {}),
            "outcome": self.turn.outcome,
        }

    def _named(self, label: str) -> Button:
        return next(button for row in self.screen.rows for button in row if button.label == label)


def play(library: Library, script: Script, way: Way, language: str) -> list[dict[str, Any]]:
    player = Player(library, library.script(script.name, script.version, language), language)
    turns = [player.seen()]
    while player.turn.outcome != "done":
        given = way(player.script, player.turn, player.screen, player.phrases)
        player.give(given)
        turns.append(given | player.seen())
        way = first if "resume" in given else way
    return turns


def replayed(library: Library, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The same acts, on the script as it is now."""
    script = library.script(kept["script"], kept["version"], kept["language"])
    player = Player(library, script, kept["language"])
    turns = [player.seen()]
    for turn in kept["turns"][1:]:
        given = {how: turn[how] for how in ("tap", "write", "resume") if how in turn}
        player.give(given)
        turns.append(given | player.seen())
    return turns


def applies(library: Library, script: Script, way: str) -> bool:
    """An enrolment offers no stop; and not every script has words with « vous » yet."""
    if way == "stopping":
        return script.kind != "enrolment"
    own = library.script(script.name, script.version, WAYS[way][1])
    return way != "formal" or own != script


def path(script: Script, way: str) -> Path:
    return FOLDER / f"{script.name}@{script.version}.{way}.yaml"


def read(transcript: Path) -> dict[str, Any]:
    kept: dict[str, Any] = yaml.safe_load(transcript.read_text("utf-8"))
    return kept


def update(library: Library) -> list[str]:
    """Rewrite every transcript; the names of those that changed."""
    FOLDER.mkdir(exist_ok=True)
    texts = {}
    for script in library.every_version():
        for name, (way, language) in WAYS.items():
            if not applies(library, script, name):
                continue
            texts[path(script, name)] = yaml.dump(
                {
                    "script": script.name,
                    "version": script.version,
                    "language": language,
                    "turns": play(library, script, way, language),
                },
                Dumper=_Plain,
                allow_unicode=True,
                sort_keys=False,
                width=10_000,
            )
    changed = [p for p, text in texts.items() if not p.exists() or p.read_text("utf-8") != text]
    for written in changed:
        written.write_text(texts[written], "utf-8")
    gone = [p for p in FOLDER.glob("*.yaml") if p not in texts]
    for old in gone:
        old.unlink()
    return sorted(p.name for p in changed + gone)


class _Plain(yaml.SafeDumper):
    """Texts as blocks, so that a screen reads as a screen."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Plain.add_representer(str, _block)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.content.transcripts")
    parser.add_argument(
        "--update",
        action="store_true",
        required=True,
        help="rewrite the transcripts; read the diff before you commit it",
    )
    parser.parse_args(arguments)
    for name in update(Library.load()):
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

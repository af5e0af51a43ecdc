"""A small script with one step of each kind, and hands to play it with."""

import json

from dialogs import engine
from dialogs.engine import Phrases, Said, State, Tap, Turn
from dialogs.screen import Screen
from dialogs.script import Script

KEY = "9999999999999999999"
PHRASES = Phrases(
    go="Continuer",
    skip="Passer",
    stop="Arrêter",
    done="Valider",
    notice="N'écris ni nom, ni lieu, ni montant.",
    stopped="Mis de côté.",
    tomorrow="Demain",
    in_days="Dans {days} jours",
    no_reminder="Sans rappel",
)

EVERY_KIND = Script.model_validate(
    {
        "name": "essai",
        "version": 1,
        "kind": "exercise",
        "title": "Un essai",
        "minutes": 2,
        "first": "hello",
        "steps": {
            "hello": {"kind": "say", "text": "Bonjour", "next": "mood"},
            "mood": {
                "kind": "scale",
                "text": "Ça va ?",
                "save": "mood",
                "next": "way",
                "points": [
                    {"value": 1, "label": "Mal"},
                    {"value": 2, "label": "Moyen"},
                    {"value": 3, "label": "Bien", "next": "who"},
                ],
            },
            "way": {
                "kind": "choice",
                "text": "Que faire ?",
                "save": "way",
                "next": "who",
                "skip": "words",
                "columns": 2,
                "options": [
                    {"value": "walk", "label": "Marcher", "recalled": "partir marcher"},
                    {"value": "call", "label": "Appeler"},
                    {"value": "wait", "label": "Attendre"},
                ],
            },
            "who": {
                "kind": "several",
                "text": "Avec qui ?",
                "save": "who",
                "next": "words",
                "at_most": 2,
                "options": [
                    {"value": "alone", "label": "Seul"},
                    {"value": "friend", "label": "Un ami"},
                    {"value": "adult", "label": "Un adulte"},
                ],
            },
            "words": {
                "kind": "words",
                "text": "Un mot ?",
                "save": "words",
                "next": "card",
                "at_most": 20,
            },
            "card": {
                "kind": "end",
                "text": "Ta carte\n\nTon idée : {way}\nAvec : {who}\nTes mots : {words}\n\nÀ toi.",
            },
        },
    }
)


BRANCHING = Script.model_validate(
    {
        "name": "chemins",
        "version": 1,
        "kind": "exercise",
        "title": "Des chemins",
        "minutes": 2,
        "recall": {"before": {"script": "autre", "variable": "sky"}},
        "first": "mood",
        "steps": {
            "mood": EVERY_KIND.steps["mood"].model_dump(),
            "way": EVERY_KIND.steps["way"].model_dump() | {"skip": "which"},
            "who": EVERY_KIND.steps["who"].model_dump() | {"next": "which"},
            "which": {
                "kind": "branch",
                "cases": [
                    {"when": {"mood": 1, "way": ["call", "walk"]}, "next": "breathe"},
                    {"when": {"before": "storm"}, "next": "breathe"},
                ],
                "next": "plan",
            },
            "breathe": {
                "kind": "countdown",
                "text": "On souffle.",
                "phases": [
                    {"label": "Inspire", "seconds": 4},
                    {"label": "Souffle", "seconds": 6},
                ],
                "rounds": 2,
                "finished": "Voilà.",
                "next": "plan",
            },
            "plan": {"kind": "plan", "text": "Si {mood}, alors {way}.\nÀ toi.", "next": "card"},
            "card": {"kind": "end", "text": "Ta carte\n\nAvant : {before}\n\nÀ toi."},
        },
    }
)


def kept(state: State) -> State:
    """What comes back from the database: a state is nothing more than its JSON."""
    return State.from_json(json.loads(json.dumps(state.to_json())))


class Hands:
    """Someone who taps and writes; the state is serialised between every two steps."""

    def __init__(
        self,
        script: Script = EVERY_KIND,
        phrases: Phrases = PHRASES,
        known: dict[str, str] | None = None,
        state: State | None = None,
    ) -> None:
        self.script, self.phrases = script, phrases
        self.saved: dict[str, str] = {}
        if state is None:
            self.turn = engine.begin(script, phrases, KEY, known or {})
            self.screen = self._seen()
        else:
            self.turn = Turn(state, "asking")
            self.resume()

    @property
    def state(self) -> State:
        return self.turn.state

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.screen.rows for button in row]

    def button(self, label: str) -> Tap:
        act = next(b.act for row in self.screen.rows for b in row if b.label == label)
        assert act[:2] == ("step", KEY)
        return Tap(int(act[2]), act[3])

    def tap(self, *labels: str) -> Turn:
        for label in labels:
            self.give(self.button(label))
        return self.turn

    def write(self, text: str) -> Turn:
        return self.give(Said(text))

    def give(self, given: Tap | Said) -> Turn:
        self.turn = engine.step(self.script, kept(self.state), given, self.phrases, KEY)
        self.saved |= dict(self.turn.saved)
        if self.turn.screen is not None:
            self.screen = self.turn.screen
        return self.turn

    def resume(self) -> None:
        """Come back days later: the state is read, the screen shown again."""
        self.turn = Turn(
            kept(self.state),
            "asking",
            engine.show(self.script, kept(self.state), self.phrases, KEY),
        )
        self.screen = self._seen()

    def _seen(self) -> Screen:
        assert self.turn.screen is not None
        return self.turn.screen

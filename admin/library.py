"""« Bibliothèque »: every script that a youth may meet, and each of them played in a phone frame.

What is shown is what leaves: the same engine, the same words, this structure's reading hours. Where
the play stands is sealed into the page for whoever plays: nothing of it is stored, and nothing in
it can be made up.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace

from starlette.responses import Response

import content
from admin.visit import PageNotFound, Visit
from admin.wording import _, marked
from content.play import REFUSED, example_facts
from dialogs import engine
from dialogs.engine import Phrases, State
from dialogs.screen import Screen
from dialogs.script import Script
from records.errors import Unusable

KINDS = {
    "checkin": marked("Prises de nouvelles"),
    "exercise": marked("Exercices"),
    "survey": marked("Questionnaires"),
    "enrolment": marked("Premiers écrans"),
}
VOICES = {
    "fr": marked("français"),
    "en": marked("anglais"),
    content.FORMAL: marked("vouvoiement"),
}
_SEALED = "session.played"
_KEY = "0"  # of a conversation that is nobody's


async def show(visit: Visit) -> Response:
    known = content.library()
    shelves = [
        (_(words), [(one, voices_of(one)) for one in known.catalogue(kind)])
        for kind, words in KINDS.items()
    ]
    return visit.page("library.html", shelves=[shelf for shelf in shelves if shelf[1]])


def voices_of(script: Script) -> list[tuple[str, str]]:
    """The words in which a script can be played: those of its own, and French."""
    known = content.library()
    return [
        (voice, _(VOICES.get(voice, voice)))
        for voice in known.voices
        if voice == "fr" or known.script(script.name, script.version, voice) != script
    ]


async def play(visit: Visit) -> Response:
    """One script, screen by screen; a GET begins it."""
    known, name = content.library(), str(visit.request.path_params["name"])
    if not known.has(name):
        raise PageNotFound(visit)
    voices = voices_of(known.script(name))
    asked = visit.form.get("voice") or visit.request.query_params.get("langue", "fr")
    voice = asked if asked in dict(voices) else "fr"
    async with visit.database.read() as tx:
        of = await visit.structure(tx)
    about = content.About(voice, educator=visit.me.name, reading=of.reading_hours)
    played = Play(known.script(name, language=voice), voice, about.phrases)
    if not (visit.posted and played.goes_on(visit)):
        played.begin()
    return visit.page("played.html", played=played, voices=voices, sealed=played.sealed(visit))


@dataclass
class Play:
    """Where a script stands for whoever tries it; `said` is what the bot would answer beside it."""

    script: Script
    voice: str
    phrases: Phrases
    turn: engine.Turn | None = None
    said: str = ""

    @property
    def screen(self) -> Screen:
        assert self.turn is not None
        assert self.turn.screen is not None
        return self.turn.screen

    @property
    def over(self) -> bool:
        return self.turn is not None and self.turn.outcome == "done"

    @property
    def stopped(self) -> bool:
        return self.turn is not None and self.turn.outcome == "stopped"

    @property
    def waits_for_words(self) -> bool:
        state = self.turn.state if self.turn else None
        return not self.stopped and state is not None and engine.waits_for_words(self.script, state)

    def begin(self) -> None:
        facts = example_facts(content.library(), self.script, self.voice)
        self.turn = engine.begin(self.script, self.phrases, _KEY, facts)

    def goes_on(self, visit: Visit) -> bool:
        """One tap or text from where it stood; False when that is not to be known any more."""
        state = self._reopened(visit)
        if state is None:
            return False
        given = _given(visit.form.get("press"), visit.form.get("words"))
        before = engine.show(self.script, state, self.phrases, _KEY)
        self.turn = engine.Turn(state, "asking", before)
        if given is not None:
            self._take(state, given, before)
        return True

    def _take(self, state: State, given: engine.Tap | engine.Said, before: Screen) -> None:
        turn = engine.step(self.script, state, given, self.phrases, _KEY)
        if turn.screen is None:
            limit = getattr(self.script.steps[state.step], "at_most", 0)
            self.said = self._phrase(REFUSED[turn.outcome], limit=limit)
            turn = replace(turn, outcome="asking", screen=before)
        elif turn.remind:
            self.said = _("Le rappel reviendrait dans %(days)s jours.", days=turn.remind.days)
        self.turn = turn

    def _phrase(self, key: str, **facts: int) -> str:
        return content.library().phrase(key, self.voice, **facts)

    @property
    def resume(self) -> str:
        return self._phrase("script.resume")

    def sealed(self, visit: Visit) -> str:
        assert self.turn is not None
        kept = {"of": [self.script.name, self.script.version], "at": self.turn.state.to_json()}
        sealed = visit.database.vault.seal(_SEALED, visit.me.id, json.dumps(kept))
        return b64encode(sealed).decode()

    def _reopened(self, visit: Visit) -> State | None:
        """What we sealed for this person, of this very script; else nothing."""
        try:
            sealed = b64decode(visit.form.get("played"), validate=True)
            kept = json.loads(visit.database.vault.open(_SEALED, visit.me.id, sealed))
        except (ValueError, Unusable):
            return None
        if kept["of"] != [self.script.name, self.script.version]:
            return None
        state = State.from_json(kept["at"])
        return state if engine.stands(self.script, state) else None


def _given(press: str, words: str) -> engine.Tap | engine.Said | None:
    """« 3:on2 », a button as it was drawn; words; or neither, to see the screen again."""
    turn, _colon, button = press.partition(":")
    if button and turn.isdecimal() and len(turn) < 10:
        return engine.Tap(int(turn), button)
    return engine.Said(words) if press == "write" else None

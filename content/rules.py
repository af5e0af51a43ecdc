"""What a script may not do to the person who reads it: leave them stuck, or show them an accident.

The models in `dialogs.script` say what a script is made of; these rules look at it as a whole.
Each yields where, why, and the remedy.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields

from content.errors import NBSP, quoted
from content.texts import texts
from content.ways import Finding, branches, ends_and_ways, saved_before, unknown_steps
from dialogs.engine import Phrases, State, show
from dialogs.script import (
    NAMED,
    Branch,
    Choice,
    Countdown,
    Plan,
    Scale,
    Script,
    Several,
)

Rule = Callable[[Script], Iterator[Finding]]

FACTS = frozenset({"reading_hours", "alert_rule", "notice_link"})
"""What the bot itself fills in, at enrolment."""
OBJECTIVE = "objective"
"""What a follow-up is about: filled in by the bot, from what was set with the educator."""

MARKUP = re.compile(r"</?[a-zA-Z][^<>\n]*>?|&(?:[a-z]+|#\d+);|\*\*|\*\w[^*\n]*\*|__|`|\]\(")
CALLBACK = 64
"""Bytes of a button's callback data (Bot API, InlineKeyboardButton)."""

LONGEST = 300
"""Characters of a screen."""
COUNTDOWN = 180
"""Seconds that a countdown lasts at most."""

_WORDS = Phrases(*["…"] * len(fields(Phrases)))


def findings(script: Script) -> Iterator[Finding]:
    """All that is wrong with a script of correct types. Ways are looked at once all steps exist."""
    wrong = list(unknown_steps(script))
    yield from wrong or ends_and_ways(script)
    for rule in (
        _told_apart,
        _recalled_alike,
        _no_markup,
        _placeholders,
        _never_empty,
        _skipping,
        branches,
        _kept_apart,
        _counted_down,
        _buttons_fit,
        _about_something,
    ):
        yield from rule(script)


def _told_apart(script: Script) -> Iterator[Finding]:
    """Two answers of a question differ in what is stored and in what is read."""
    for name, at in script.steps.items():
        listed = "points" if isinstance(at, Scale) else "options"
        for field in ("value", "label"):
            seen: set[str] = set()
            for place, option in enumerate(script.options_of(name)):
                given = getattr(option, field)
                if given in seen:
                    yield (
                        ("steps", name, listed, place, field),
                        f"deux réponses ont {quoted(given)}.",
                        "changez l'une des deux.",
                    )
                seen.add(given)


def _recalled_alike(script: Script) -> Iterator[Finding]:
    """Steps that save under one name say each value in the same words: a text names it once."""
    said: dict[tuple[str, str], str] = {}
    for name, at in script.steps.items():
        listed = "points" if isinstance(at, Scale) else "options"
        for place, option in enumerate(script.options_of(name)):
            words, key = option.recalled or option.label, (getattr(at, "save", ""), option.value)
            if key[0] and said.setdefault(key, words) != words:
                yield (
                    ("steps", name, listed, place, "value"),
                    f"{quoted(option.value)} se dit déjà {quoted(said[key])} sous ce nom.",
                    "changez la valeur, ou enregistrez sous un autre nom.",
                )


def _no_markup(script: Script) -> Iterator[Finding]:
    for text in texts(script):
        if found := MARKUP.search(text.words):
            yield (
                text.where,
                f"{quoted(found[0])} ressemble à une balise, et se lirait tel quel.",
                "écrivez le texte nu, sans mise en forme.",
            )


def _placeholders(script: Script) -> Iterator[Finding]:
    """An answer can be named after its question only, and in texts only."""
    earlier = saved_before(script)
    for text in texts(script):
        if text.place != "text" or re.search(r"[{}]", NAMED.sub("", text.words)):
            if re.search(r"[{}]", text.words):
                yield (
                    text.where,
                    "une accolade s'y lirait telle quelle.",
                    f"nommez une réponse ainsi{NBSP}: {{nom}}, dans un texte seulement.",
                )
            continue
        for named in NAMED.findall(text.words):
            if named not in FACTS | {script.about} | earlier[str(text.where[1])]:
                yield (
                    text.where,
                    f"{{{named}}} n'est enregistré par aucune étape d'avant.",
                    f"corrigez le nom, ou ajoutez {quoted(f'save: {named}')} avant.",
                )


def _never_empty(script: Script) -> Iterator[Finding]:
    """A line that names an answer is left out without it: one line at least must stay."""
    facts = FACTS if script.kind == "enrolment" else frozenset[str]()
    for text in texts(script):
        if text.place == "text" and not any(
            line.strip() and facts.issuperset(NAMED.findall(line))
            for line in text.words.split("\n")
        ):
            yield (
                text.where,
                "sans la réponse qu'il nomme, l'écran serait vide.",
                "ajoutez une ligne qui ne nomme aucune réponse.",
            )


def _skipping(script: Script) -> Iterator[Finding]:
    """Each question can be passed, but for consents; and a list of ticks has one way on."""
    for name, at in script.steps.items():
        if isinstance(at, Choice) and at.required and script.kind != "enrolment":
            yield (
                ("steps", name, "required"),
                "toute question doit pouvoir se passer.",
                f"retirez {quoted('required')}.",
            )
        if isinstance(at, Several) and any(option.next for option in at.options):
            yield (
                ("steps", name, "options"),
                "une réponse à cocher ne mène pas ailleurs.",
                f"retirez {quoted('next')} des réponses, ou faites-en un choix simple.",
            )


def _kept_apart(script: Script) -> Iterator[Finding]:
    """Anonymous answers are for the evaluation, and only they are. Nothing that is someone's own
    goes into such a script, or comes out of it."""
    for name, at in script.steps.items():
        given = getattr(at, "visibility", None)
        if given == "evaluation" and not script.anonymous:
            yield (
                ("steps", name, "visibility"),
                "ce script garde les réponses au nom du jeune.",
                f"écrivez {quoted('me')} ou {quoted('educator')}, ou rendez-le anonyme.",
            )
        if isinstance(at, Plan) and _is_nobodys(script):
            yield (
                ("steps", name, "kind"),
                "un rappel serait gardé au nom du jeune.",
                "retirez cette étape, ou mettez-la dans un exercice.",
            )
    if script.recall and _is_nobodys(script):
        yield ("recall",), "ici, rien n'est rappelé de ce qu'un jeune a dit.", "retirez-le."


def _is_nobodys(script: Script) -> bool:
    return script.anonymous or script.kind == "enrolment"


def _counted_down(script: Script) -> Iterator[Finding]:
    """A countdown fits a screen with its longest line, and ends within three minutes."""
    for name, at in script.steps.items():
        if not isinstance(at, Countdown):
            continue
        lines = [phase.label for phase in at.phases] + [at.finished]
        if len(at.text) + 2 + at.rounds + 1 + max(map(len, lines)) > LONGEST:
            yield ("steps", name, "text"), f"l'écran dépasse {LONGEST} signes.", "raccourcissez."
        if at.rounds * sum(phase.seconds for phase in at.phases) > COUNTDOWN:
            yield (
                ("steps", name, "rounds"),
                "c'est plus de trois minutes.",
                "ôtez des tours, ou des secondes.",
            )


def _buttons_fit(script: Script) -> Iterator[Finding]:
    """Callback data as the bot packs it: `step:<~base36 of 19 digits>:<turn>:<button>`."""
    longest = f"~{'z' * 13}"
    for name, at in script.steps.items():
        if isinstance(at, Branch):
            continue
        ticked = tuple(option.value for option in script.options_of(name))
        screen = show(script, State(name, turn=9999, ticked=ticked), _WORDS, longest)
        if any(
            len(":".join(button.act).encode()) > CALLBACK for row in screen.rows for button in row
        ):
            yield ("steps", name), f"un bouton dépasse {CALLBACK} octets.", "raccourcissez son nom."


def _about_something(script: Script) -> Iterator[Finding]:
    """What answers are about is something that the bot can fill in."""
    if script.about not in (None, OBJECTIVE):
        told = f"écrivez {quoted(OBJECTIVE)}, ou retirez la ligne."
        yield ("about",), f"le bot ne sait pas remplir {quoted(str(script.about))}.", told

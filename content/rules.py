"""What a script may not do to the person who reads it: leave them stuck, or show them an accident.

The models in `dialogs.script` say what a script is made of; these rules look at it as a whole.
Each yields where, why, and the remedy.
"""

import re
from collections.abc import Callable, Iterator

from content.errors import NBSP, quoted
from content.source import Where
from content.texts import texts
from dialogs.engine import Phrases, State, show
from dialogs.script import NAMED, Choice, End, Say, Scale, Script, Several

Finding = tuple[Where, str, str]
Rule = Callable[[Script], Iterator[Finding]]

FACTS = frozenset({"reading_hours", "alert_rule", "notice_link"})
"""What the bot itself fills in, at enrolment."""

MARKUP = re.compile(r"</?[a-zA-Z][^<>\n]*>|&(?:[a-z]+|#\d+);|\*\*|\]\(")
CALLBACK = 64
"""Bytes of a button's callback data (Bot API, InlineKeyboardButton)."""

_WORDS = Phrases("…", "…", "…", "…", "…", "…")


def findings(script: Script) -> Iterator[Finding]:
    """All that is wrong with a script of correct types. Ways are looked at once all steps exist."""
    wrong = list(_unknown_steps(script))
    yield from wrong or _ways(script)
    for rule in (
        _told_apart,
        _recalled_alike,
        _no_markup,
        _placeholders,
        _never_empty,
        _skipping,
        _buttons_fit,
    ):
        yield from rule(script)


def leads_to(script: Script, name: str) -> set[str]:
    """The steps that can follow one, by whatever button or text."""
    at = script.steps[name]
    if isinstance(at, End):
        return set()
    if isinstance(at, Say):
        return {at.next}
    passed = {at.skip or at.next}
    if isinstance(at, Choice | Scale):
        chosen = {option.next or at.next for option in script.options_of(name)}
        return chosen if isinstance(at, Choice) and at.required else chosen | passed
    return {at.next} | passed


def after(script: Script, name: str) -> set[str]:
    """All the steps that can come after one, however far; itself only by a loop."""
    found: set[str] = set()
    ahead = leads_to(script, name)
    while ahead:
        found |= ahead
        ahead = {far for near in ahead for far in leads_to(script, near)} - found
    return found


def _unknown_steps(script: Script) -> Iterator[Finding]:
    named: list[tuple[Where, str | None]] = [(("first",), script.first)]
    for name, at in script.steps.items():
        named += [(("steps", name, field), getattr(at, field, None)) for field in ("next", "skip")]
        listed = "points" if isinstance(at, Scale) else "options"
        named += [
            (("steps", name, listed, place, "next"), option.next)
            for place, option in enumerate(script.options_of(name))
        ]
    for where, then in named:
        if then is not None and then not in script.steps:
            yield (
                where,
                f"{quoted(then)} n'est pas une étape de ce script.",
                "corrigez le nom, ou écrivez cette étape.",
            )


def _ways(script: Script) -> Iterator[Finding]:
    """Each step can be reached, and from each an end can be."""
    ends = {name for name, at in script.steps.items() if isinstance(at, End)}
    if not ends:
        yield ("steps",), "le script n'a pas de fin.", f"ajoutez une étape {quoted('end')}."
        return
    reached = {script.first} | after(script, script.first)
    for name in script.steps:
        if name not in reached:
            yield (
                ("steps", name),
                "aucune étape n'y mène.",
                "faites-y mener une autre étape, ou retirez-la.",
            )
        elif name not in ends and not after(script, name) & ends:
            yield (
                ("steps", name),
                "on y tourne en rond sans pouvoir finir.",
                "faites mener une de ses suites vers une fin.",
            )


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
    earlier = _saved_before(script)
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
            if named not in FACTS | earlier[str(text.where[1])]:
                yield (
                    text.where,
                    f"{{{named}}} n'est enregistré par aucune étape d'avant.",
                    f"corrigez le nom, ou ajoutez {quoted(f'save: {named}')} avant.",
                )


def _saved_before(script: Script) -> dict[str, set[str]]:
    """By step, the answers that can have been given when it is shown."""
    before: dict[str, set[str]] = {name: set() for name in script.steps}
    if any(_unknown_steps(script)):  # no way can be followed: take the steps as they are written
        return {
            name: {getattr(at, "save", None) or "" for at in script.steps.values()}
            for name in script.steps
        }
    for name, at in script.steps.items():
        if save := getattr(at, "save", None):
            for later in after(script, name):
                before[later].add(save)
    return before


def _never_empty(script: Script) -> Iterator[Finding]:
    """A line that names an answer is left out without it: one line at least must stay."""
    facts = FACTS if script.kind == "enrolment" else frozenset[str]()
    for name, at in script.steps.items():
        if not any(
            line.strip() and facts.issuperset(NAMED.findall(line)) for line in at.text.split("\n")
        ):
            yield (
                ("steps", name, "text"),
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


def _buttons_fit(script: Script) -> Iterator[Finding]:
    """Callback data as the bot packs it: `step:<~base36 of 19 digits>:<turn>:<button>`."""
    longest = f"~{'z' * 13}"
    for name in script.steps:
        ticked = tuple(option.value for option in script.options_of(name))
        screen = show(script, State(name, turn=9999, ticked=ticked), _WORDS, longest)
        if any(
            len(":".join(button.act).encode()) > CALLBACK for row in screen.rows for button in row
        ):
            yield ("steps", name), f"un bouton dépasse {CALLBACK} octets.", "raccourcissez son nom."

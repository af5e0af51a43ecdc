"""Scripts as the desk speaks of them: what can be proposed, and stored answers in their words."""

import re
from collections.abc import Iterable

import content
from admin.wording import gettext
from dialogs.script import Script

_COUNTER = re.compile(r"\A\d+ sur \d+\s+")  # where the youth is in a questionnaire


def script(name: str, version: int | None = None) -> Script | None:
    """A script by its name, or None when this installation has it no longer."""
    library = content.library()
    return library.script(name, version) if library.has(name, version) else None


def on_offer(kinds: Iterable[str], age: int) -> list[Script]:
    """What can be proposed at an age, kind by kind."""
    return [one for kind in kinds for one in content.library().catalogue(kind, age)]


def asked(of: Script | None, variable: str) -> list[tuple[str, dict[str, str]]]:
    """The questions that save this variable, each with its answers: value → label."""
    if of is None:
        return []
    return [
        (_question(of.text_of(name)), {o.value: o.label for o in of.options_of(name)})
        for name, step in of.steps.items()
        if getattr(step, "save", None) == variable
    ]


def _question(text: str) -> str:
    """What was asked, without its lead-in: the last question, else the last line, of those that
    name no earlier answer."""
    lines = [line for line in text.splitlines() if line.strip() and "{" not in line]
    questions = [line[: line.rindex("?") + 1] for line in lines if "?" in line]
    last = (questions or lines or [text])[-1]
    return _COUNTER.sub("", last)


def in_words(of: Script | None, variable: str, value: str) -> tuple[str, str]:
    """The question and the answer as the youth read them; stored values where they are gone."""
    questions = asked(of, variable)
    for question, labels in questions:
        parts = value.split("|")
        if all(part in labels for part in parts):
            return question, ", ".join(labels[part] for part in parts)
    if len(questions) > 1:  # the same words may answer several branches: none is named wrongly
        return gettext("Avec ses mots"), value
    return (questions[0][0] if questions else variable), value

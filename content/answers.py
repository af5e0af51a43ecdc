"""Stored answers in the words of the script that asked: the question, and what was chosen."""

import re

from content.library import library
from dialogs.drawing import in_words as named_in
from dialogs.script import Script, Words

_COUNTER = re.compile(r"\A\d+ sur \d+\s+")  # where the youth is in a questionnaire


def script(name: str, version: int | None = None, language: str = "fr") -> Script | None:
    """A script by its name, or None when this installation has it no longer."""
    known = library()
    return known.script(name, version, language) if known.has(name, version) else None


def asked(of: Script | None, variable: str) -> list[tuple[str, dict[str, str]]]:
    """The questions that save this variable, each with its answers: value → label."""
    if of is None:
        return []
    return [
        (_question(of.text_of(name)), {o.value: o.label for o in of.options_of(name)})
        for name, step in of.steps.items()
        if getattr(step, "save", None) == variable
    ]


def in_words(of: Script | None, variable: str, value: str, own_words: str) -> tuple[str, str]:
    """The question and the answer as the youth read them; stored values where they are gone.

    `own_words` stands for the question where several may have been answered in free text.
    """
    questions = asked(of, variable)
    for question, labels in questions:
        parts = value.split("|")
        if all(part in labels for part in parts):
            return question, ", ".join(labels[part] for part in parts)
    if len(questions) > 1:  # the same words may answer several branches: none is named wrongly
        return own_words, value
    return (questions[0][0] if questions else variable), value


def recalled(
    name: str, version: int, variable: str, value: str, language: str = "fr"
) -> str | None:
    """An answer as a text of another script names it, in the version that was answered, else in
    the newest; None where nobody can tell any more what the value says."""
    for known in (version, None):
        of = script(name, known, language)
        if of is not None and (_is_free(of, variable) or _is_offered(of, variable, value)):
            return named_in(of, variable, value)
    return None


def in_own_words(name: str, version: int, variable: str) -> bool:
    """Whether a variable holds free words; of a script that is gone nobody knows, so it may."""
    of = script(name, version)
    if of is None:
        return True
    saved = any(getattr(step, "save", None) == variable for step in of.steps.values())
    return not saved or _is_free(of, variable)


def _is_free(of: Script, variable: str) -> bool:
    """Whether some step takes free words under this name."""
    return any(isinstance(step, Words) and step.save == variable for step in of.steps.values())


def _is_offered(of: Script, variable: str, value: str) -> bool:
    """Whether some step offers all of what was chosen."""
    return any(labels.keys() >= set(value.split("|")) for _, labels in asked(of, variable))


def _question(text: str) -> str:
    """What was asked, without its lead-in: the last question, else the last line, of those that
    name no earlier answer."""
    lines = [line for line in text.splitlines() if line.strip() and "{" not in line]
    questions = [line[: line.rindex("?") + 1] for line in lines if "?" in line]
    last = (questions or lines or [text])[-1]
    return _COUNTER.sub("", last)

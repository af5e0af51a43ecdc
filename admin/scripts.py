"""Scripts as the desk speaks of them: what can be proposed, and stored answers in their words."""

from collections.abc import Iterable

import content
from admin.wording import gettext
from content import answers
from content.answers import asked, script
from dialogs.script import Script

__all__ = ["asked", "in_words", "on_offer", "script"]


def on_offer(kinds: Iterable[str], age: int) -> list[Script]:
    """What can be proposed at an age, kind by kind."""
    return [one for kind in kinds for one in content.library().catalogue(kind, age)]


def in_words(of: Script | None, variable: str, value: str) -> tuple[str, str]:
    return answers.in_words(of, variable, value, gettext("Avec ses mots"))

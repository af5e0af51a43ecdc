"""A script played in a terminal, for its author: the same engine, with numbered buttons."""

from collections.abc import Callable

from content import recalls
from content.library import Library
from dialogs.engine import Said, Tap, Turn, begin, step
from dialogs.screen import Button, Screen
from dialogs.script import Script

_REFUSED = {
    "too_long": "script.too_long",
    "too_many": "script.too_many",
    "stale": "old_button",
    "unexpected": "old_button",
}


def play(
    library: Library,
    script: Script,
    language: str,
    read: Callable[[], str],
    write: Callable[[str], None],
) -> Turn:
    """Play to the end, or until `read` has no more (EOFError). The last turn."""
    phrases = library.phrases(language)
    turn = begin(script, phrases, "0", example_facts(library, script, language))
    while True:
        if turn.screen is not None:
            write(_drawn(turn.screen))
        if turn.outcome in ("done", "stopped"):
            return turn
        try:
            typed = read().strip()
        except EOFError:
            return turn
        given = _given(typed, turn)
        after = step(script, turn.state, given, phrases, "0")
        if after.screen is None:
            limit = getattr(script.steps[turn.state.step], "at_most", 0)
            write(library.phrase(_REFUSED[after.outcome], language, limit=limit))
            after = Turn(turn.state, "asking", turn.screen)
        turn = after


def example_facts(library: Library, script: Script, language: str) -> dict[str, str]:
    """What the bot would fill in, for a structure that reads on weekdays, and a youth who chose the
    first answer of all that is recalled."""
    from content.dates import reading_hours

    if script.kind != "enrolment":
        known = (
            {script.about: library.phrase("objective.ask_help", language)} if script.about else {}
        )
        return known | _recalled(library, script, language)
    weekdays = {str(day): ["09:00", "18:00"] for day in range(1, 6)}
    return {
        "reading_hours": reading_hours(weekdays, language),
        "alert_rule": library.phrase("alert_rule.ask", language),
        "notice_link": "https://relais.example.org/information/1/15-25",
    }


def _recalled(library: Library, script: Script, language: str) -> dict[str, str]:
    known: dict[str, str] = {}
    folder = [library.script(one.name, one.version, language) for one in library.every_version()]
    for alias in script.recall:
        free = library.phrase("script.recalled_example", language)
        value, words = recalls.example(script, alias, folder) or (free, free)
        known |= {alias: words, f"{alias}=": value}
    return known


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


def _given(typed: str, turn: Turn) -> Tap | Said:
    """A number is a button; anything else, words."""
    assert turn.screen is not None
    offered = buttons(turn.screen)
    if typed.isdecimal() and 1 <= int(typed) <= len(offered):
        _, _, at, button = offered[int(typed) - 1].act
        return Tap(int(at), button)
    return Said(typed)


def _drawn(screen: Screen) -> str:
    lines = [
        f"  {number}. {button.label}" for number, button in enumerate(buttons(screen), start=1)
    ]
    return "\n".join(["", *(f"│ {line}" for line in screen.text.split("\n")), *lines])

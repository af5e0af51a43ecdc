"""A script played in a terminal, for its author: the same engine, with numbered buttons.

What stands between brackets is said to the author, and to no youth.
"""

from collections.abc import Callable

from content import recalls
from content.library import Library
from dialogs.engine import Said, Tap, Turn, begin, step, waits_for_words
from dialogs.screen import Button, Screen
from dialogs.script import Script

REFUSED = {
    "too_long": "script.too_long",
    "too_many": "script.too_many",
    "stale": "old_button",
    "unexpected": "old_button",
}


CHOOSE = "[Tapez le numéro d'un bouton, de 1 à {last}.]"
WRITE = "[Écrivez quelques mots, ou tapez le numéro d'un bouton, de 1 à {last}.]"
LEFT = "\n[Rien de plus n'a été tapé : on s'arrête ici.]"
REMINDED = "[Ce plan reviendrait dans {days} j.]"
LATER = "[La dernière ligne change ensuite : {lines}]"


def play(
    library: Library,
    script: Script,
    language: str,
    read: Callable[[], str],
    write: Callable[[str], None],
) -> Turn:
    """Play to the end, or until `read` has no more (EOFError, Ctrl-C). The last turn."""
    phrases = library.phrases(language)
    turn = begin(script, phrases, "0", example_facts(library, script, language))
    while True:
        if turn.screen is not None:
            write(_drawn(turn.screen))
        if turn.outcome in ("done", "stopped"):
            return turn
        try:
            typed = read().strip()
        except (EOFError, KeyboardInterrupt):
            write(LEFT)
            return turn
        given = _given(typed, turn)
        after = step(script, turn.state, given, phrases, "0")
        if after.remind is not None:
            write(REMINDED.format(days=after.remind.days))
        if after.screen is None:
            write(_refusal(library, script, language, turn, after))
            after = Turn(turn.state, "asking", turn.screen)
        turn = after


def _refusal(library: Library, script: Script, language: str, turn: Turn, after: Turn) -> str:
    """What the bot would say of it; of what nobody can type on a phone, what to type here."""
    if after.outcome in ("stale", "unexpected"):
        assert turn.screen is not None
        asked = waits_for_words(script, turn.state)
        return (WRITE if asked else CHOOSE).format(last=len(buttons(turn.screen)))
    limit = getattr(script.steps[turn.state.step], "at_most", 0)
    return library.phrase(REFUSED[after.outcome], language, limit=limit)


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
    changes = [f"{at} s, {text.rpartition(chr(10))[2]}" for at, text in screen.frames]
    later = [LATER.format(lines="\u00a0; ".join(changes))] if changes else []
    return "\n".join(["", *(f"│ {line}" for line in screen.text.split("\n")), *later, *lines])

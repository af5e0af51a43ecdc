"""A screen survives the database, and knows what a lock screen shows of it."""

import json

from dialogs.screen import Button, Screen


def test_a_screen_comes_back_from_its_json() -> None:
    screen = Screen(
        "RDV mardi\nTu viens ?",
        ((Button("Oui", ("meeting", "7", "0", "coming")),),),
        protect=True,
        menu=(("Aide", "Moi"),),
    )
    assert Screen.from_json(json.loads(json.dumps(screen.to_json()))) == screen


def test_the_first_line_is_what_a_lock_screen_shows() -> None:
    assert Screen("RDV mardi\nTu viens ?").first_line == "RDV mardi"

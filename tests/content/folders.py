"""A content folder of one's own, with one small sound script to break."""

from pathlib import Path

SOUND = """\
name: essai
version: 1
kind: exercise
title: Un essai
minutes: 2
first: start
steps:
  start:
    kind: choice
    text: Ça va\u00a0?
    save: mood
    next: why
    options:
      - {value: good, label: Bien}
      - {value: bad, label: Mal}
  why:
    kind: words
    text: Un mot\u00a0?
    save: why
    next: card
  card:
    kind: end
    text: |-
      Merci.
      Tu as dit\u00a0: {mood}
"""


def written(folder: Path, text: str = SOUND, name: str = "essai") -> Path:
    """The folder, with this script in it."""
    scripts = folder / "scripts"
    scripts.mkdir(exist_ok=True)
    (scripts / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def broken(old: str, new: str) -> str:
    """The sound script with one thing changed, that is there exactly once."""
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def translated(folder: Path, **said: str) -> Path:
    """The folder, with an English catalogue of these French texts."""
    (folder / "locale").mkdir(exist_ok=True)
    entries = [("", "Content-Type: text/plain; charset=UTF-8\\n"), *said.items()]
    (folder / "locale" / "en.po").write_text(
        "\n".join(f'msgid "{french}"\nmsgstr "{other}"\n' for french, other in entries), "utf-8"
    )
    return folder

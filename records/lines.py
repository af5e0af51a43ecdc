"""Short texts that people type — a name, a place — kept as one plain line."""


def one_line(text: str) -> str:
    """Blanks and line breaks become one space; what cannot be shown goes."""
    return " ".join(
        "".join(c for c in word if c.isprintable() or c == _JOINER) for word in text.split()
    ).strip()


_JOINER = "\u200d"  # holds the parts of an emoji together

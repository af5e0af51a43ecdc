"""Every sentence that a youth reads, and what turns a meaning into a screen.

`load()` reads and checks the folder once, at start; `render` gives the words of a message at the
moment it is sent; `phrase` one sentence of the interface.
"""

from content.about import About
from content.consents import mark
from content.dates import clock_time, day, day_and_time, month, reading_hours, short_day, span
from content.distress import heard, together
from content.formal import FORMAL, spoken
from content.library import Library, library, load
from content.render import help_card, help_lines, menu, offered_purpose, render, screen_of

french_day_and_time = day_and_time

__all__ = [
    "FORMAL",
    "About",
    "Library",
    "clock_time",
    "day",
    "day_and_time",
    "french_day_and_time",
    "heard",
    "help_card",
    "help_lines",
    "library",
    "load",
    "mark",
    "menu",
    "month",
    "offered_purpose",
    "reading_hours",
    "render",
    "screen_of",
    "short_day",
    "span",
    "spoken",
    "together",
]

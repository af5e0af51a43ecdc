"""Figures with their spread: median, min and max over the runs, and how they are printed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """One measured quantity over several runs."""

    name: str
    unit: str
    values: tuple[float, ...]
    note: str = ""

    def line(self) -> tuple[str, ...]:
        if not self.values:
            return (self.name, "not measured here", "", "", self.note)
        found = statistics.median(self.values), min(self.values), max(self.values)
        return (self.name, *(f"{_short(value)} {self.unit}" for value in found), self.note)


def table(spreads: Sequence[Spread]) -> str:
    """Names to the left, figures to the right, one line a quantity."""
    lines = [("", "median", "min", "max", ""), *(spread.line() for spread in spreads)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(line[column].rjust(widths[column]) for column in (1, 2, 3)),
                line[4],
            ]
        ).rstrip()
        for line in lines
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"

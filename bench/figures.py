"""Figures with their spread over the runs, their goals, and how they are printed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Goal:
    """What the median must reach, and what it aims at. `most`: it may not exceed them instead."""

    limit: float
    aim: float | None = None
    most: bool = False

    def verdict(self, median: float, unit: str) -> str:
        said = [
            f"{'≤' if self.most else '≥'} {number(self.limit)}{unit}: {self._met(median, self.limit)}"
        ]
        if self.aim is not None:
            said.append(f"aiming at {number(self.aim)}{unit}: {self._met(median, self.aim)}")
        return "; ".join(said)

    def _met(self, median: float, limit: float) -> str:
        return "met" if (median <= limit if self.most else median >= limit) else "MISSED"


@dataclass(frozen=True, slots=True)
class Spread:
    """One measured quantity over several runs."""

    name: str
    unit: str
    values: tuple[float, ...]
    note: str = ""
    goal: Goal | None = None

    def line(self) -> tuple[str, ...]:
        if not self.values:
            return (self.name, "not measured here", "", self.note)
        unit = f" {self.unit}" if self.unit else ""
        goal = self.goal.verdict(self.median, unit) if self.goal else ""
        return (
            self.name,
            f"{number(self.median)}{unit}",
            between(self.values),
            "; ".join(filter(None, (goal, self.note))),
        )

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def table(spreads: Sequence[Spread]) -> str:
    """One line a quantity: its median, its spread, its goal."""
    return columns([("", "median", "min–max", ""), *(spread.line() for spread in spreads)])


def columns(lines: Sequence[Sequence[str]]) -> str:
    """Names to the left, figures to the right, and the last column as it comes."""
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1], strict=True)),
                line[-1],
            ]
        ).rstrip()
        for line in lines
    )


def between(values: Sequence[float]) -> str:
    return f"{number(min(values))}–{number(max(values))}"


def number(value: float) -> str:
    if value == round(value) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
